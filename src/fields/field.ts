import type { FieldKind, TimeUnit } from '../../codecs/core/index.ts'

/**
 * What a row must be asked for to tell a value: what cutting knows, some of its frame, all of its frame, what the frames
 * around it tell.
 */
export type Cost = 0 | 1 | 2 | 3

/** A value that rows have, by its path. */
export interface Field<R> {
  /** `address` is a host's, as text. */
  readonly kind: FieldKind | 'address'
  readonly unit?: TimeUnit | undefined
  readonly cost: Cost
  /** As the row's JSON has it; undefined where the row has none. */
  get(row: R): unknown
  /** The number of what is a name, for who asks with a number. */
  readonly code?: ((name: string) => number | undefined) | undefined
  /** What the value can be, where that is known; all of it, unless it is open. */
  readonly words?: readonly string[] | undefined
  readonly open?: boolean | undefined
}

/** The values that rows of one kind have. What selects columns, filters and completes asks here, and only here. */
export interface Fields<R> {
  /** Undefined where no row can have such a value. */
  find(path: readonly string[]): Field<R> | undefined
  /** What a name that is no value stands for: `mqtt`, `mqtt.publish`. */
  test(path: readonly string[]): Test<R> | undefined
  /** Every name there is. */
  readonly names: readonly Name[]
}

export interface Test<R> {
  readonly cost: Cost
  matches(row: R): boolean
}

export interface Name {
  readonly name: string
  /** For people. */
  readonly detail: string
  /** It stands for a test, and has no value to compare. */
  readonly test?: boolean
  /** Another tool's name: understood, but not offered before ours. */
  readonly alias?: boolean
}
