import type { Delivery, Driver, Settlement } from '../../codecs/core/index.ts'
import { randomOf } from './arrivals.ts'
import { Cycle } from './cycle.ts'
import type { ConsumePlan } from './plan.ts'
import { countdown, ENDLESS } from './quota.ts'
import { Receipts } from './receipts.ts'
import type { StampReader } from './stamp.ts'
import type { Tally } from './tally.ts'

/** What comes to one subscription, or to all that share one queue. */
export interface Subscription {
  readonly group: string
  /** Whose it is; undefined where it is shared. */
  readonly client: number | undefined
  readonly source: string
  /** By stream. */
  readonly receipts: Map<number, Receipts>
  /** Deliveries without a stamp, where somebody publishes such. */
  unmarked: number
}

export interface ConsumerOptions {
  readonly plan: ConsumePlan
  readonly client: number
  /** One for each of the client's sources. */
  readonly subscriptions: readonly Subscription[]
  readonly stamps: StampReader
  /** Whether what comes without a stamp may be of this run. */
  readonly hasUnmarked: boolean
  readonly tally: Tally
  readonly now: () => number
  /** Something was put in the outbox. */
  readonly wrote: () => void
  /** Too much waits to be worked on (true), or no longer. */
  readonly hold: (holding: boolean) => void
  /** Deliveries that all consumers of the group together may still take; or `ENDLESS`. */
  readonly takes: { left: number }
  /** It has all that it is to have, and has settled it. */
  readonly over: () => void
}

/** One stream, as one client gets it. */
interface Heard {
  readonly receipts: Receipts
  /** The highest number so far. */
  last: number
}

/** Deliveries that may wait for their work, before no more are read. */
const MOST_WAITING = 1024

/** What one client consumes, over all the connections that it has in the run. */
export class Consumer {
  readonly #options: ConsumerOptions
  readonly #heard: readonly Map<number, Heard>[]
  readonly #random: () => number
  readonly #work: Cycle<number>
  readonly #works: boolean
  /** Milliseconds of the run's clock. */
  #start = 0
  #driver: Driver | undefined
  /** Deliveries that are being worked on or wait for it: identifiers, and when they came. */
  #waiting: { readonly id: number; readonly came: number }[] = []
  #done = 0
  /** When the one before was done. */
  #free = 0
  #working: NodeJS.Timeout | undefined
  #holding = false
  /** Deliveries that the next acknowledgement is also for. */
  #pending: number[] = []
  #last = -1
  /** Deliveries that it may still take; or `ENDLESS`. */
  #left: number
  /** Not settled on the last connection: they come again. */
  #owed = 0

  constructor(options: ConsumerOptions) {
    this.#options = options
    this.#left = countdown(options.plan.quota.each)
    this.#heard = options.subscriptions.map(() => new Map())
    this.#random = randomOf(options.client + 1)
    const { work } = options.plan
    this.#work = new Cycle(work)
    this.#works = work.some(({ value }) => value > 0)
  }

  /** Deliveries that are being worked on, or wait for it. */
  get waiting(): number {
    return this.#waiting.length - this.#done
  }

  /** Whether what comes to it is of this subscription. */
  has(subscription: Subscription): boolean {
    return this.#options.subscriptions.includes(subscription)
  }

  /** It took all that it was to take, or the others of its group did. */
  get isSated(): boolean {
    return this.#left === 0 || this.#options.takes.left === 0
  }

  /** It is sated, and nothing of it is still to be done. */
  get isOver(): boolean {
    return this.isSated && this.waiting === 0 && this.#owed === 0
  }

  /** The run starts at `at`, milliseconds of its clock. */
  starts(at: number): void {
    this.#start = at
  }

  /** A new connection: what was not settled on the last comes again. */
  begin(driver: Driver): void {
    this.end()
    const { takes } = this.#options
    if (this.#left !== ENDLESS) this.#left += this.#owed
    if (takes.left !== ENDLESS) takes.left += this.#owed
    this.#owed = 0
    this.#driver = driver
  }

  end(): void {
    if (this.#options.plan.settles) this.#owed += this.waiting + this.#pending.length
    clearTimeout(this.#working)
    this.#working = undefined
    this.#waiting = []
    this.#done = 0
    this.#pending = []
    this.#driver = undefined
  }

  delivered(delivery: Delivery, now: number): void {
    if (this.isSated) return
    const { tally, takes } = this.#options
    if (this.#left > 0) this.#left--
    if (takes.left > 0) takes.left--
    this.#note(delivery, now)
    tally.counts.bytesReceived += delivery.size
    if (delivery.redelivered) tally.counts.redelivered++
    const { settles } = this.#options.plan
    if (this.#works) this.#queue(delivery.id, now)
    else if (settles && delivery.id >= 0) this.#settle(delivery.id, now)
    if (this.isSated) this.#ending()
  }

  /** Acknowledges what waits for others to be acknowledged with. */
  flush(): void {
    if (this.#pending.length === 0 || this.#driver === undefined) return
    this.#driver.settle(this.#last, 'accept', this.#pending.length > 1)
    const now = this.#options.now()
    for (const came of this.#pending) this.#acknowledged(now - came)
    this.#pending = []
    this.#options.wrote()
  }

  /** No more is taken; what was is settled. */
  #ending(): void {
    if (!this.isOver) return
    this.flush()
    this.#options.over()
  }

  #note({ bytes, start, end, source, redelivered }: Delivery, now: number): void {
    const { stamps, subscriptions, tally } = this.#options
    const { counts } = tally
    const subscription = subscriptions[source]
    if (subscription === undefined || !stamps.read(bytes, start, end)) {
      if (subscription !== undefined && this.#options.hasUnmarked) {
        subscription.unmarked++
        counts.delivered++
      } else counts.foreign++
      return
    }
    const { stream, sequence, due, sent } = stamps
    const map = this.#heard[source] as Map<number, Heard>
    let heard = map.get(stream)
    if (heard === undefined) {
      let receipts = subscription.receipts.get(stream)
      if (receipts === undefined) subscription.receipts.set(stream, (receipts = new Receipts()))
      map.set(stream, (heard = { receipts, last: -1 }))
    }
    if (!heard.receipts.note(sequence)) {
      counts.duplicates++
      return
    }
    counts.delivered++
    if (sequence > heard.last) heard.last = sequence
    else if (!redelivered) counts.reordered++
    tally.measured('publish-deliver', now - due, now - sent)
  }

  #queue(id: number, now: number): void {
    this.#waiting.push({ id, came: now })
    this.#working ??= setTimeout(this.#workOff, this.#next()[1] - now)
    if (!this.#holding && this.waiting > MOST_WAITING) this.#hold(true)
  }

  /** One is done, and perhaps, as timers are coarse, the next ones too. */
  readonly #workOff = (): void => {
    const { plan, now } = this.#options
    const { settles } = plan
    const time = now()
    let [next, done] = this.#next()
    while (next !== undefined && done <= time) {
      this.#free = done
      this.#done++
      if (settles && next.id >= 0) this.#settle(next.id, next.came)
      ;[next, done] = this.#next()
    }
    if (this.#done * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#done)
      this.#done = 0
    }
    if (this.#holding && this.waiting < MOST_WAITING / 2) this.#hold(false)
    this.#working = next === undefined ? undefined : setTimeout(this.#workOff, Math.max(0, done - time))
    if (next === undefined && this.isSated) this.#ending()
  }

  /** What is to be worked on next, and when that is done. */
  #next(): [{ readonly id: number; readonly came: number } | undefined, number] {
    const next = this.#waiting[this.#done]
    const begins = Math.max(this.#free, next?.came ?? 0)
    return [next, begins + this.#work.at((begins - this.#start) / 1000)]
  }

  #hold(holding: boolean): void {
    this.#holding = holding
    this.#options.hold(holding)
  }

  #settle(id: number, came: number): void {
    const { plan } = this.#options
    const how = this.#outcome()
    if (how !== 'accept') {
      // Those before it first: they are acknowledged all up to the last of them.
      this.flush()
    }
    if (how !== 'accept' || plan.every <= 1) {
      this.#driver?.settle(id, how, false)
      this.#acknowledged(this.#options.now() - came)
      this.#options.wrote()
      return
    }
    this.#last = id
    this.#pending.push(came)
    if (this.#pending.length >= plan.every) this.flush()
  }

  #acknowledged(took: number): void {
    this.#options.tally.counts.acked++
    this.#options.tally.measured('deliver-ack', took, took)
  }

  #outcome(): Settlement {
    const { rejects, releases } = this.#options.plan
    if (rejects === 0 && releases === 0) return 'accept'
    const drawn = this.#random()
    if (drawn < rejects) return 'reject'
    return drawn < rejects + releases ? 'release' : 'accept'
  }
}
