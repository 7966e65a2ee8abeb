import type { DriveSettings, Pen } from '../../core/index.ts'
import type { AmqpFrame } from '../frames.ts'

/** Milliseconds without another message after which those are committed that wait for others to be committed with. */
const PATIENCE = 100

interface Transaction {
  readonly channel: number
  /** Messages of the channel, and those of them that are committed. */
  published: number
  committed: number
  /** A commit is not answered yet: servers want to hear nothing else on the channel meanwhile. */
  committing: boolean
}

/** How many messages a transaction is to have; 0: there are none. */
export const transactionOf = ({ transaction }: DriveSettings): number => Number(transaction ?? 0)

/** Messages that are published in transactions, of so many each; the answer to a commit is theirs [1.9.2]. */
export class Transactions {
  readonly #pen: Pen<AmqpFrame>
  readonly #most: number
  readonly #transactions: readonly Transaction[]
  #published = 0
  /** What was published, and when that was seen last to have grown. */
  #seen = 0
  #since = 0

  constructor(pen: Pen<AmqpFrame>, channels: readonly number[], most: number) {
    this.#pen = pen
    this.#most = most
    this.#transactions = channels.map(channel => ({ channel, published: 0, committed: 0, committing: false }))
  }

  /** Whether messages can be published on the channel now. */
  isOpen(which: number): boolean {
    return this.#transactions[which]?.committing === false
  }

  /** One more is published; `full`: and no other before some are answered. */
  published(which: number, full: boolean): void {
    const transaction = this.#transactions[which] as Transaction
    this.#published++
    if (++transaction.published - transaction.committed >= this.#most) this.#commit(transaction)
    if (full) this.#commitAll()
  }

  /** The server answered a commit: so many messages of the channel, from the first on, are there for good. */
  committed(which: number): number {
    const transaction = this.#transactions[which]
    if (transaction === undefined) return 0
    transaction.committing = false
    return transaction.committed
  }

  tick(now: number): number | undefined {
    if (this.#transactions.every(({ published, committed }) => published === committed)) return undefined
    if (this.#seen !== this.#published) {
      this.#seen = this.#published
      this.#since = now
    }
    if (now < this.#since + PATIENCE) return this.#since + PATIENCE
    this.#commitAll()
    return undefined
  }

  #commitAll(): void {
    for (const transaction of this.#transactions) {
      if (transaction.published > transaction.committed && !transaction.committing) this.#commit(transaction)
    }
  }

  #commit(transaction: Transaction): void {
    transaction.committed = transaction.published
    transaction.committing = true
    this.#pen.send({ type: 'tx.commit', channel: transaction.channel })
  }
}
