/** What is compared, in the order in which it is told. */
export const SECTIONS = ['connections', 'topology', 'messages', 'order', 'outcomes', 'latency', 'findings'] as const
export type Section = (typeof SECTIONS)[number]

/** Something in which two runs are not the same. */
export interface Difference {
  readonly section: Section
  /** `missing`: only in A. `extra`: only in B. */
  readonly change: 'missing' | 'extra' | 'changed'
  /** Whether it makes the runs different: latencies and findings are told, and no two runs have the same. */
  readonly counts: boolean
  readonly protocol?: string | undefined
  /** What it is about: `publish orders/eu`, `queue orders`, `connect`. */
  readonly subject: string
  /** Where in it. */
  readonly path?: string | undefined
  readonly a?: unknown
  readonly b?: unknown
  /** How many are so: messages, connections. */
  readonly count: number
  /** The numbers of the first of them: messages, or flows. */
  readonly inA?: readonly number[] | undefined
  readonly inB?: readonly number[] | undefined
}

/** More numbers help nobody. */
export const MOST_NUMBERS = 8
