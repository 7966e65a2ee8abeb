/**
 * A set and a map for what mostly holds nothing, or one: only from the second on do they take what sets and maps take.
 * A rule has several for each connection, and there may be very many connections.
 */

export class SparseMap<K, V> {
  /** The only one, where there is no `#many`. */
  #one: [K, V] | undefined
  #many: Map<K, V> | undefined

  get size(): number {
    return this.#many?.size ?? (this.#one === undefined ? 0 : 1)
  }

  has(key: K): boolean {
    return this.#many === undefined ? this.#one !== undefined && this.#one[0] === key : this.#many.has(key)
  }

  get(key: K): V | undefined {
    if (this.#many !== undefined) return this.#many.get(key)
    return this.#one !== undefined && this.#one[0] === key ? this.#one[1] : undefined
  }

  set(key: K, value: V): void {
    if (this.#many !== undefined) this.#many.set(key, value)
    else if (this.#one === undefined || this.#one[0] === key) this.#one = [key, value]
    else {
      this.#many = new Map([this.#one, [key, value]])
      this.#one = undefined
    }
  }

  delete(key: K): boolean {
    if (!this.has(key)) return false
    this.#one = undefined
    this.#many?.delete(key)
    return true
  }

  *keys(): Iterable<K> {
    for (const [key] of this) yield key
  }

  *values(): Iterable<V> {
    for (const [, value] of this) yield value
  }

  [Symbol.iterator](): Iterator<[K, V]> {
    const held: Iterable<[K, V]> = this.#many ?? (this.#one === undefined ? [] : [this.#one])
    return held[Symbol.iterator]()
  }
}

export class SparseSet<T> {
  readonly #held = new SparseMap<T, true>()

  get size(): number {
    return this.#held.size
  }

  has(value: T): boolean {
    return this.#held.has(value)
  }

  add(value: T): void {
    this.#held.set(value, true)
  }

  delete(value: T): boolean {
    return this.#held.delete(value)
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.#held.keys()
  }
}
