import { compile, type Filter } from '../../filter/index.ts'
import type { Column, Kind, Store } from './kind.ts'
import { ascending, type Numbers, ordered, spanned, upTo } from './numbers.ts'

/** How many sorted rows are put in order again whenever others arrive; more stay as they were sorted. */
const SORTED_LIVE = 5_000
/** Rows that are asked again; of more, what the filter said first stands. */
const MOST_UNSETTLED = 5_000
/** Matches that are remembered: of more, the last. */
const MOST_MATCHES = 1 << 20
/** Rows looked at between two looks at the clock. */
const STRIDE = 64

export interface Sorting {
  /** Of the kind's columns. */
  readonly column: number
  readonly descending: boolean
}

/**
 * The rows of one kind as a list: filtered and sorted. A filter is not asked when a row arrives but when there is time,
 * in `work`, so that it never holds up the traffic; what left the store before it was looked at is counted.
 */
export class Table<R> {
  readonly kind: Kind<R>
  readonly store: Store<R>
  /** The filter as it was written; empty for none. */
  filter = ''
  #wanted: ((row: R, number: number) => boolean) | undefined
  #matches: number[] = []
  /** Where the matches begin that are still in the store. */
  #from = 0
  /** The first row that the filter was not asked of. */
  #next = 1
  /** The first that came after the filter was set: what left before that is not missed. */
  #begun = 1
  #missed = 0
  /** Rows that may still change, with what the filter said of them last. */
  readonly #unsettled = new Map<number, boolean>()
  #sorting: Sorting | undefined
  #sorted: Numbers | undefined
  /** How many rows there were when they were sorted. */
  #sortedOf = 0
  /** Rows from here on are not shown. */
  #limit: number | undefined

  constructor(kind: Kind<R>, store: Store<R>) {
    this.kind = kind
    this.store = store
  }

  /** Throws a FilterError where it is none. */
  setFilter(text: string): void {
    const filter: Filter<R> | undefined = text.trim() === '' ? undefined : compile(text, this.kind.fields)
    this.filter = filter === undefined ? '' : text
    this.restrict(filter && (row => filter.matches(row)))
  }

  /** Only rows that are wanted. */
  restrict(wanted: ((row: R, number: number) => boolean) | undefined): void {
    this.#wanted = wanted
    this.#matches = []
    this.#from = 0
    this.#unsettled.clear()
    this.#next = 1
    this.#begun = this.#end
    this.#missed = 0
    this.#resort()
  }

  sort(sorting: Sorting | undefined): void {
    this.#sorting = sorting
    this.#resort()
  }

  get sorting(): Sorting | undefined {
    return this.#sorting
  }

  /** Shows nothing that arrives from now on; undefined for all. */
  freeze(limit: number | undefined): void {
    this.#limit = limit
  }

  get frozen(): boolean {
    return this.#limit !== undefined
  }

  /** Rows that arrived and are not shown: after a freeze, or after they were sorted. */
  get behind(): number {
    const seen = this.#limit ?? (this.#sorted === undefined ? undefined : this.#sortedOf)
    return seen === undefined ? 0 : this.store.total - seen
  }

  /** Rows that left the store before the filter was asked. */
  get missed(): number {
    return this.#missed
  }

  get filtered(): boolean {
    return this.#wanted !== undefined
  }

  /** Rows that wait for the filter. */
  get waiting(): number {
    return this.#wanted === undefined ? 0 : this.#end - this.#next
  }

  get numbers(): Numbers {
    if (this.#sorted !== undefined) return this.#sorted
    const { numbers, spans } = this.store
    const all = this.#wanted === undefined ? (numbers ?? spanned(spans)) : ascending(this.#matches, this.#from)
    return this.#limit === undefined ? all : upTo(all, this.#limit)
  }

  /** Goes on with what is to be done, for about `budget` milliseconds. */
  work(budget: number): void {
    if (this.#wanted !== undefined) {
      this.#askAgain(this.#wanted)
      this.#scan(this.#wanted, performance.now() + budget)
    }
    if (this.#sorting === undefined) return
    const grown = this.store.total > this.#sortedOf && this.#limit === undefined
    if (this.#sorted === undefined || (grown && this.#sorted.length <= SORTED_LIVE)) this.#order(this.#sorting)
  }

  get #end(): number {
    return this.store.total + 1
  }

  #scan(wanted: (row: R, number: number) => boolean, until: number): void {
    const { spans, here } = this.store
    const { settled } = this.kind
    this.#forget(spans[0]?.first ?? this.#end)
    for (const span of here) {
      if (span.end <= this.#next) continue
      if (this.#next < span.first) {
        this.#missed += Math.max(0, span.first - Math.max(this.#next, this.#begun))
        this.#next = span.first
      }
      while (this.#next < span.end) {
        const stop = Math.min(span.end, this.#next + STRIDE)
        for (; this.#next < stop; this.#next++) {
          const row = this.store.glance(this.#next)
          if (row === undefined) continue
          const matches = wanted(row, this.#next)
          if (matches) this.#matches.push(this.#next)
          if (settled?.(row) === false && this.#unsettled.size < MOST_UNSETTLED)
            this.#unsettled.set(this.#next, matches)
        }
        if (performance.now() >= until) return
      }
    }
  }

  /** Asks the filter again of rows that may have changed. */
  #askAgain(wanted: (row: R, number: number) => boolean): void {
    for (const [number, before] of this.#unsettled) {
      const row = this.store.glance(number)
      if (row === undefined) {
        this.#unsettled.delete(number)
        continue
      }
      const matches = wanted(row, number)
      if (matches !== before) {
        const at = this.#from + ascending(this.#matches, this.#from).indexOf(number)
        if (matches) this.#matches.splice(at, 0, number)
        else this.#matches.splice(at, 1)
      }
      if (this.kind.settled?.(row) === true) this.#unsettled.delete(number)
      else this.#unsettled.set(number, matches)
    }
  }

  /** Lets go of matches that the store no longer has. */
  #forget(first: number): void {
    while (this.#from < this.#matches.length && (this.#matches[this.#from] as number) < first) this.#from++
    this.#from = Math.max(this.#from, this.#matches.length - MOST_MATCHES)
    if (this.#from > 1_000 && this.#from * 2 > this.#matches.length) {
      this.#matches = this.#matches.slice(this.#from)
      this.#from = 0
    }
  }

  #resort(): void {
    this.#sorted = undefined
    this.#sortedOf = 0
  }

  #order({ column, descending }: Sorting): void {
    const key = (this.kind.columns[column] as Column<R>).key
    if (key === undefined) return
    this.#sorted = undefined
    const { numbers } = this
    const keyed: { readonly number: number; readonly key: number | string }[] = []
    for (let index = 0; index < numbers.length; index++) {
      const number = numbers.at(index)
      const row = this.store.glance(number)
      if (row !== undefined) keyed.push({ number, key: key(row) })
    }
    const sign = descending ? -1 : 1
    keyed.sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : a.number - b.number))
    this.#sorted = ordered(keyed.map(({ number }) => number))
    this.#sortedOf = this.store.total
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a table's rows only ever meet its own kind
export type AnyTable = Table<any>
