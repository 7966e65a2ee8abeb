import type { Pairs } from '../../core/index.ts'
import type { Names } from './names.ts'
import type { Transactions } from './transactions.ts'

/** What the sessions of a connection share. */
export interface Shared {
  readonly names: Names
  readonly transactions: Transactions
  /** What the peer says back, by what it answers. */
  readonly answers: Pairs<undefined, undefined>
  /** What the live peer takes. */
  readonly peer: { maxFrameSize: number; channelMax: number }
}
