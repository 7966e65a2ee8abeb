import type { Fields } from '../../fields/index.ts'
import type { Flow } from '../../flow.ts'
import type { Payload } from '../../payload/index.ts'
import type { Look, Span } from '../kit/text.ts'
import type { Span as Stretch } from './kept.ts'
import type { Numbers } from './numbers.ts'
import type { Tree } from './tree.ts'

export type KindId = 'frames' | 'messages' | 'exchanges' | 'findings' | 'flows'

export type TimeFormat = 'clock' | 'start' | 'delta'

/** What a cell may depend on beside its row. */
export interface Setting<R> {
  readonly time: TimeFormat
  /** The row above it in the list. */
  readonly above: R | undefined
}

export interface Column<R> {
  readonly title: string
  /** Columns of the terminal at least; where `grow`, it takes what the others leave. */
  readonly width: number
  readonly right?: boolean
  readonly grow?: boolean
  /** Left out before others where there is little room: the highest first. */
  readonly spare?: number
  /** Free of controls. */
  cell(row: R, setting: Setting<R>): Span
  /** What rows are sorted by; absent where they are not. */
  readonly key?: (row: R) => number | string
}

/** A body as it went, and what it holds. */
export interface Body {
  readonly bytes: Uint8Array
  readonly content: Payload
}

/** The bytes of a row, and which of them are not to be seen. */
export interface Bytes {
  readonly bytes: Uint8Array
  readonly hidden: readonly { readonly start: number; readonly end: number }[]
}

/** What rows there are, and everything that panes ask of one. */
export interface Kind<R> {
  readonly id: KindId
  /** `frames`: what they are called. */
  readonly title: string
  readonly columns: readonly Column<R>[]
  readonly fields: Fields<R>
  /** Where in the list it is put, beside by number: a sign and its look. */
  readonly sign?: (row: R) => { readonly text: string; readonly look: Look } | undefined
  /** Whether it stays as it is; absent: always. One that does not is asked again by filters. */
  readonly settled?: (row: R) => boolean
  details(row: R): readonly Tree[]
  bytes?(row: R): Bytes
  body?(row: R): Body | undefined
  /** The connection that it belongs to. */
  flow(row: R): Flow
  /** The frames that show it, by number. */
  frames(row: R): readonly number[]
  /** As NDJSON has it. */
  json(row: R): unknown
}

/** Where rows of one kind are. Numbers count from 1 and are never used again. */
export interface Store<R> {
  /** All that there were, kept or not. */
  readonly total: number
  /** Those that can be had. */
  readonly spans: readonly Stretch[]
  /** How many were never remembered, as too much came at once; absent where that does not happen. */
  readonly skipped?: number
  /** Those of `spans` that there are, where they have gaps. */
  readonly numbers?: Numbers
  /** Those of them that can be had at once. */
  readonly here: readonly Stretch[]
  /** Undefined where it is no longer, or not yet, here. */
  get(number: number): R | undefined
  /** The same for who looks at it and lets it go: good until the next call. */
  glance(number: number): R | undefined
  /** Keeps what is there, for as long as `on`. */
  pin(on: boolean): void
  /** Sees to it that a row which is not here comes; it is then had by `get`. */
  want?(number: number): void
}
