import { type Expected, Pairs, Recent, type Said } from '../../core/index.ts'
import type { Amqp10Frame, Disposition, Transfer } from '../frames.ts'
import { replyToOf } from '../readdress.ts'
import { Confirmations } from './confirmations.ts'
import { payloadOf } from './cut.ts'
import { disposing } from './dispositions.ts'
import type { PlayedLink } from './link.ts'
import type { Names } from './names.ts'
import { latest, rangesOf, within } from './ranges.ts'
import type { Transactions } from './transactions.ts'

/** A delivery of the recording. */
export interface Then {
  readonly id: number
  readonly replyTo: string | undefined
  now: Now | undefined
  expected: Expected | undefined
}

/** A live one. */
export interface Now {
  readonly id: number
  readonly link: PlayedLink
  readonly replyTo: string | undefined
  recorded: Then | undefined
  /** Its sender wants no answer. */
  settled: boolean
}

/** Deliveries that are known, at most. */
const MOST = 65_536

/** What the peer delivers in one session: delivery-ids are its own choice, and what is acknowledged is what came. */
export class Incoming {
  readonly #transactions: Transactions
  /** By recorded id. */
  readonly #then = new Recent<number, Then>(MOST * 2)
  /** Not settled, by live id. */
  readonly #unsettled = new Map<number, Now>()
  readonly #pairs: Pairs<Then, Now>
  /** Dispositions of the peer for what it delivered, where its receiver settles second [2.8.3]. */
  readonly #settlements = new Confirmations()
  /** The recording has acknowledged something here. */
  #acknowledges = false

  constructor(names: Names, transactions: Transactions) {
    this.#transactions = transactions
    this.#pairs = new Pairs((then, now) => {
      then.now = now
      now.recorded = then
      names.learn(then.replyTo, now.replyTo)
    })
  }

  get unexpected(): number {
    return [...this.#pairs.unexpected()].length
  }

  /** It counts once it is whole. */
  recall(link: PlayedLink, frame: Transfer): Expected | undefined {
    const begun = link.receiving.recorded
    if (begun === undefined) link.delivered('recorded')
    const then = begun ?? {
      id: frame.deliveryId ?? 0,
      replyTo: replyToOf(payloadOf(frame)),
      now: undefined,
      expected: undefined,
    }
    const over = frame.more !== true || frame.aborted === true
    link.receiving.recorded = over ? undefined : then
    if (!over || frame.aborted === true) return undefined
    this.#then.set(then.id, then)
    then.expected = this.#pairs.recall(String(link.number), then, `a message from ${link.title}`, true)
    return then.expected
  }

  hear(link: PlayedLink, frame: Transfer): void {
    const begun = link.receiving.live
    if (begun === undefined) link.delivered('live')
    const now: Now = begun ?? {
      id: frame.deliveryId ?? 0,
      link,
      replyTo: replyToOf(payloadOf(frame)),
      recorded: undefined,
      settled: false,
    }
    if (frame.settled === true) now.settled = true
    const over = frame.more !== true || frame.aborted === true
    link.receiving.live = over ? undefined : now
    if (!over || frame.aborted === true) return
    if (!now.settled && this.#unsettled.size < MOST) this.#unsettled.set(now.id, now)
    this.#pairs.hear(String(link.number), now)
  }

  /** The peer settles what it delivered. */
  recallSettled({ first, last = first }: Disposition): Expected | undefined {
    return this.#settlements.recall(first, last, `settlement of ${first}`, true)
  }

  hearSettled({ first, last = first }: Disposition): void {
    for (const id of within(first, last, this.#unsettled)) {
      const then = this.#unsettled.get(id)?.recorded
      this.#unsettled.delete(id)
      if (then !== undefined) this.#settlements.hear(then.id)
    }
  }

  /** Our acknowledgement goes to what stands now for what it was for. */
  dispose(frame: Disposition): Said<Amqp10Frame> {
    const { first, last = first, settled } = frame
    const those: Then[] = []
    for (const id of latest(first, last, MOST)) {
      const then = this.#then.get(id)
      if (then !== undefined) those.push(then)
    }
    // Of what was never delivered: a fault then, and so again.
    if (those.length === 0) return { action: 'same' }
    const waiting = those.find(({ expected }) => expected?.open === true)?.expected
    if (waiting !== undefined) return { action: 'wait', for: waiting }
    this.#acknowledges = true
    const came = those.flatMap(({ now }) => now ?? [])
    if (came.length === 0) return { action: 'skip', reason: `delivery ${first} did not come` }
    const ids: number[] = []
    for (const { id, recorded, settled: over } of came) {
      if (over) continue
      ids.push(id)
      if (settled === true) this.#unsettled.delete(id)
      else if (recorded !== undefined) this.#settlements.add(recorded.id)
    }
    if (ids.length === 0) return { action: 'skip' }
    return disposing(frame, ids, this.#transactions.state(frame.state))
  }

  /** What came and the recording has not: accepted as the others were, so that its queue drains. */
  leave(channel: number): Amqp10Frame[] {
    if (!this.#acknowledges) return []
    const ids = [...this.#unsettled.values()]
      .filter(({ recorded, link }) => recorded === undefined && !link.detached.live)
      .map(({ id }) => id)
    for (const id of ids) this.#unsettled.delete(id)
    return rangesOf(ids).map(([first, last]) => ({
      type: 'disposition',
      channel,
      role: 'receiver',
      first,
      last,
      settled: true,
      state: { type: 'accepted' },
    }))
  }
}
