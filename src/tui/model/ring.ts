import type { Span } from './kept.ts'
import type { Store } from './kind.ts'
import { ascending, type Numbers } from './numbers.ts'

export interface RingOptions<S, R> {
  /** Records kept; up to twice as many where they are pinned. */
  readonly limit: number
  /** What a record is as a row. */
  readonly row: (record: S, number: number) => R
  /** Bytes that a record keeps from being forgotten, and how many may be; absent where they are small. */
  readonly weight?: { readonly of: (record: S) => number; readonly limit: number }
}

/** The last records of a kind, from which rows are made when somebody looks. Some may be left out, and are counted. */
export class Ring<S, R> implements Store<R> {
  readonly #options: RingOptions<S, R>
  #records: S[] = []
  /** Of the records, in their order: there are gaps where some were left out. */
  #numbers: number[] = []
  #weights: number[] = []
  #weight = 0
  #total = 0
  #skipped = 0
  #pinned = false

  constructor(options: RingOptions<S, R>) {
    this.#options = options
  }

  get total(): number {
    return this.#total
  }

  get skipped(): number {
    return this.#skipped
  }

  get numbers(): Numbers {
    return ascending(this.#numbers)
  }

  get spans(): readonly Span[] {
    const [first] = this.#numbers
    return first === undefined ? [] : [{ first, end: this.#total + 1 }]
  }

  get here(): readonly Span[] {
    return this.spans
  }

  /** Its number is returned. */
  add(record: S): number {
    const { limit, weight } = this.#options
    const share = this.#pinned ? 2 : 1
    this.#total++
    this.#records.push(record)
    this.#numbers.push(this.#total)
    if (weight !== undefined) {
      const more = weight.of(record)
      this.#weights.push(more)
      this.#weight += more
    }
    const full = this.#records.length > limit * share || this.#weight > (weight?.limit ?? 0) * share
    // By a quarter at once, so that the rest is not moved for every record.
    if (full) this.#forget(Math.ceil(this.#records.length / 4))
    return this.#total
  }

  /** Counts one that is not kept. */
  skip(): void {
    this.#total++
    this.#skipped++
  }

  get(number: number): R | undefined {
    const at = this.numbers.indexOf(number)
    const record = this.#numbers[at] === number ? this.#records[at] : undefined
    return record === undefined ? undefined : this.#options.row(record, number)
  }

  glance(number: number): R | undefined {
    return this.get(number)
  }

  pin(on: boolean): void {
    this.#pinned = on
  }

  #forget(count: number): void {
    for (const weight of this.#weights.splice(0, count)) this.#weight -= weight
    this.#records = this.#records.slice(count)
    this.#numbers = this.#numbers.slice(count)
  }
}
