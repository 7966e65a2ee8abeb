import type { Span } from './kept.ts'
import type { Store } from './kind.ts'

export interface RingOptions<S, R> {
  /** Records kept; up to twice as many where they are pinned. */
  readonly limit: number
  /** What a record is as a row. */
  readonly row: (record: S, number: number) => R
  /** Bytes that a record keeps from being forgotten, and how many may be now; absent where they are small. */
  readonly weight?: { readonly of: (record: S) => number; readonly limit: () => number }
}

/** The last records of a kind, from which rows are made when somebody looks. */
export class Ring<S, R> implements Store<R> {
  readonly #options: RingOptions<S, R>
  #records: S[] = []
  #weights: number[] = []
  #weight = 0
  #first = 1
  #pinned = false

  constructor(options: RingOptions<S, R>) {
    this.#options = options
  }

  get total(): number {
    return this.#first + this.#records.length - 1
  }

  get spans(): readonly Span[] {
    return this.#records.length === 0 ? [] : [{ first: this.#first, end: this.#first + this.#records.length }]
  }

  get here(): readonly Span[] {
    return this.spans
  }

  /** Its number is returned. */
  add(record: S): number {
    const { limit, weight } = this.#options
    const share = this.#pinned ? 2 : 1
    this.#records.push(record)
    if (weight !== undefined) {
      const more = weight.of(record)
      this.#weights.push(more)
      this.#weight += more
    }
    const full = this.#records.length > limit * share || this.#weight > (weight?.limit() ?? 0) * share
    // By a quarter at once, so that the rest is not moved for every record.
    if (full) this.#forget(Math.ceil(this.#records.length / 4))
    return this.total
  }

  get(number: number): R | undefined {
    const record = this.#records[number - this.#first]
    return record === undefined ? undefined : this.#options.row(record, number)
  }

  glance(number: number): R | undefined {
    return this.get(number)
  }

  /** The records themselves, the oldest first. */
  get records(): readonly S[] {
    return this.#records
  }

  pin(on: boolean): void {
    this.#pinned = on
  }

  #forget(count: number): void {
    for (const weight of this.#weights.splice(0, count)) this.#weight -= weight
    this.#records = this.#records.slice(count)
    this.#first += count
  }
}
