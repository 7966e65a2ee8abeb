/**
 * A map of bounded size: what was set long ago goes first. It keeps the last half of `limit` entries at least, and all of
 * it at most: they go half by half, as a `Map` that is emptied from its oldest end is walked over all that is gone.
 */
export class Recent<K, V> {
  readonly #half: number
  // Made when there is something to hold: there may be very many that never have.
  #young: Map<K, V> | undefined
  #old: Map<K, V> | undefined

  constructor(limit: number) {
    this.#half = Math.max(1, limit >>> 1)
  }

  get(key: K): V | undefined {
    return this.#young?.get(key) ?? this.#old?.get(key)
  }

  set(key: K, value: V): void {
    this.#young ??= new Map()
    this.#young.set(key, value)
    if (this.#young.size < this.#half) return
    this.#old = this.#young
    this.#young = undefined
  }

  delete(key: K): void {
    this.#young?.delete(key)
    this.#old?.delete(key)
  }
}
