import { type Expected, Recent, type Said } from '../../core/index.ts'
import type { Amqp10Frame, Disposition } from '../frames.ts'
import { Confirmations } from './confirmations.ts'
import { disposing } from './dispositions.ts'
import { latest } from './ranges.ts'
import { declaredBy, type Transactions } from './transactions.ts'

/** A delivery of ours. */
interface Sent {
  readonly recordedId: number
  readonly liveId: number
  /** What a coordinator called the transaction that it asked for, then or now. */
  recorded: Uint8Array | undefined
  live: Uint8Array | undefined
}

/** Deliveries that are known, at most. */
const MOST = 65_536

/**
 * What we deliver in one session: delivery-ids are ours, and follow each other also where something was left out
 * [2.7.5].
 */
export class Outgoing {
  readonly #transactions: Transactions
  /** By recorded id, and by that of now. */
  readonly #then = new Recent<number, Sent>(MOST * 2)
  readonly #now = new Recent<number, Sent>(MOST * 2)
  readonly #confirmations = new Confirmations()
  #next: number | undefined

  constructor(transactions: Transactions) {
    this.#transactions = transactions
  }

  /** A delivery is sent, under the id that comes next. */
  send(then: number, settled: boolean): void {
    const now = this.next(then)
    this.#next = (now + 1) >>> 0
    const sent: Sent = { recordedId: then, liveId: now, recorded: undefined, live: undefined }
    this.#then.set(then, sent)
    this.#now.set(now, sent)
    if (!settled) this.#confirmations.add(then)
  }

  /** The id of the next delivery, which had this one. */
  next(then: number): number {
    return this.#next ?? then
  }

  /** The id of one that was sent. */
  live(then: number): number {
    return this.#then.get(then)?.liveId ?? then
  }

  /** The peer tells what became of our deliveries [2.7.6]. A transaction is named there: nothing of it may come before. */
  recall({ first, last = first, state }: Disposition): Expected | undefined {
    const declared = declaredBy(state)
    const sent = declared === undefined ? undefined : this.#then.get(first)
    if (sent !== undefined) {
      sent.recorded = declared
      this.#transactions.learn(sent.recorded, sent.live)
    }
    const cause = last === first ? `disposition of ${first}` : `disposition of ${first} to ${last}`
    return this.#confirmations.recall(first, last, cause, declared === undefined)
  }

  hear({ first, last = first, state }: Disposition): void {
    const declared = declaredBy(state)
    for (const id of latest(first, last, MOST)) {
      const sent = this.#now.get(id)
      if (sent === undefined) continue
      if (declared !== undefined) {
        sent.live = declared.slice()
        this.#transactions.learn(sent.recorded, sent.live)
      }
      this.#confirmations.hear(sent.recordedId)
    }
  }

  /** We settle what we delivered, after its receiver has said what became of it. */
  dispose(frame: Disposition): Said<Amqp10Frame> {
    const { first, last = first } = frame
    const those: Sent[] = []
    for (const id of latest(first, last, MOST)) {
      const sent = this.#then.get(id)
      if (sent === undefined) continue
      const awaited = this.#confirmations.awaited(id)
      if (awaited?.open === true) return { action: 'wait', for: awaited }
      those.push(sent)
    }
    if (those.length === 0) return { action: 'skip', reason: `delivery ${first} was not sent` }
    return disposing(
      frame,
      those.map(({ liveId }) => liveId),
      this.#transactions.state(frame.state),
    )
  }
}
