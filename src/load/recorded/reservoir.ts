import { randomOf } from '../arrivals.ts'

export interface ReservoirLimits {
  readonly count: number
  readonly bytes: number
}

interface Kept<T> {
  readonly number: number
  readonly size: number
  readonly item: T
}

/**
 * Of however many that come, some that stand for all: each has the same chance to be among them (Vitter's algorithm R).
 * Where they are more bytes than allowed, some of them go, whichever. The same input leaves the same.
 */
export class Reservoir<T> {
  readonly #random = randomOf(0x5eed)
  readonly #bytes: number
  readonly #kept: Kept<T>[] = []
  #count: number
  #held = 0
  /** How many came. */
  seen = 0

  constructor({ count, bytes }: ReservoirLimits) {
    this.#count = count
    this.#bytes = bytes
  }

  /** `make` is called where it is kept. */
  add(size: number, make: () => T): void {
    const number = this.seen++
    const full = this.#kept.length >= this.#count
    const at = full ? Math.floor(this.#random() * (number + 1)) : this.#kept.length
    if (at >= this.#count) return
    this.#held += size - (this.#kept[at]?.size ?? 0)
    this.#kept[at] = { number, size, item: make() }
    while (this.#held > this.#bytes && this.#kept.length > 1) this.#drop()
  }

  /** In the order in which they came. */
  get items(): T[] {
    return this.#kept.toSorted((a, b) => a.number - b.number).map(({ item }) => item)
  }

  #drop(): void {
    const at = Math.floor(this.#random() * this.#kept.length)
    const last = this.#kept.pop() as Kept<T>
    const gone = this.#kept[at] ?? last
    if (gone !== last) this.#kept[at] = last
    this.#held -= gone.size
    this.#count = this.#kept.length
  }
}
