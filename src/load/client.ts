import type { Answer, Delivery, Made } from '../../codecs/core/index.ts'
import { advice, reason } from '../net/index.ts'
import { Answering } from './answering.ts'
import type { ClientContext, ClientOptions } from './client-context.ts'
import type { Consumer } from './consumer.ts'
import { Gathering, PAUSE } from './gathering.ts'
import { drivenAs, isInUnits } from './identity.ts'
import { Link, type LinkOwner } from './link.ts'
import type { Publisher } from './publisher.ts'
import type { Measure } from './result.ts'
import { Rounds } from './whereabouts.ts'

export type ClientState = 'idle' | 'connecting' | 'ready' | 'leaving' | 'over'

/** Milliseconds that a peer may take to say good-bye. */
export const LEAVING = 1000

/** One client of the run, and one connection after the other that it has. */
export class Client implements LinkOwner {
  /** In its group, from 0. */
  readonly number: number
  readonly publisher: Publisher | undefined
  readonly consumer: Consumer | undefined
  state: ClientState = 'idle'
  /** It was, on one connection or another. */
  wasReady = false
  /** Whether there was anybody at all where it connects to. */
  reached = false
  /** Since when it has no connection that it should have: milliseconds of the run's clock. And why. */
  out: { readonly since: number; readonly why: string } | undefined
  readonly #context: ClientContext
  readonly #options: ClientOptions
  #link: Link | undefined
  /** Until a connection is ready, until its time is over, until the next is tried. */
  #timer: NodeJS.Timeout | undefined
  #began = 0
  /** Since when there is a connection. */
  #there = 0
  /** Of who answers requests. */
  readonly #answering: Answering | undefined
  #tries = 0
  readonly #rounds: Rounds
  /** Of a closed run that times nothing but answers: others are read at once, for the sake of their times. */
  readonly #gathering: Gathering | undefined
  /** Messages that were answered by what is being heard. */
  #answered = 0
  /** It leaves as soon as what it sent is answered. */
  #departing = false
  /** It leaves for good as soon as its answers are given. */
  #retiring = false
  #resolve: (() => void) | undefined

  constructor(context: ClientContext, options: ClientOptions) {
    this.#context = context
    this.#options = options
    this.number = options.number
    this.#rounds = new Rounds(options.addresses)
    this.publisher = options.publisher
    this.consumer = options.consumer
    const { plan, codec } = context
    const { publish, consume, inFlight } = plan
    const isClosed = publish !== undefined && publish.stages === undefined
    const gathers = isClosed && !publish.requests && consume === undefined && codec.transport === 'stream'
    this.#answering = consume?.replies === true ? new Answering() : undefined
    this.#gathering = gathers ? new Gathering(inFlight) : undefined
  }

  /** How many messages can be published now. */
  get room(): number {
    return this.state === 'ready' ? (this.#link?.room ?? 0) : 0
  }

  /** Its peer reads too little for anything more to be sent. */
  get full(): boolean {
    return this.#link?.full === true
  }

  /** Connects, and resolves when it is ready, or when that failed for the first time. */
  connect(): Promise<void> {
    return new Promise(resolve => {
      this.#resolve = resolve
      this.#dial()
    })
  }

  /** Only where there is room, and a publisher. */
  publish(due: number, now: number): void {
    this.#link?.publish(this.publisher as Publisher, due, now)
  }

  /** There is something to be written. */
  wrote(): void {
    this.#context.wrote(this)
  }

  /** A delivery was settled: so there is. */
  settled(): void {
    this.#link?.wrote()
  }

  flush(): void {
    this.#link?.flush()
  }

  /** The token is another. */
  renew(token: string): void {
    const link = this.#link
    if (link?.driver.renew === undefined) return
    link.driver.renew(token)
    link.wrote()
  }

  hold(holding: boolean): void {
    this.#link?.hold(holding)
  }

  /** Leaves as soon as all is said: it has what it was to consume. Who publishes, too, stays. */
  retire(): void {
    if (this.publisher !== undefined || this.#retiring || this.state === 'over') return
    this.#retiring = true
    // Not in the middle of what is being heard.
    setImmediate(() => this.#retire())
  }

  /** Where it is not connected yet, it will not be. */
  giveUp(): void {
    if (this.state !== 'ready' && this.state !== 'leaving') this.#finish()
  }

  /** Ends the connection in order, for good; resolves when it is over. */
  async leave(): Promise<void> {
    if (this.state !== 'ready') {
      this.#finish()
      return
    }
    this.state = 'leaving'
    const over = new Promise<void>(resolve => {
      this.#resolve = resolve
    })
    this.#depart()
    const timer = setTimeout(() => this.#finish(), LEAVING)
    await over
    clearTimeout(timer)
  }

  #dial(): void {
    this.#open().catch((error: unknown) => this.lost(`cannot connect: ${reason(error)}`, advice(error)))
  }

  async #open(): Promise<void> {
    const { plan, codec, dial, timeout, signal, now, memory } = this.#context
    const { localAddress, clientId, destinations, sources, publisher } = this.#options
    const { address } = this.#rounds
    this.state = 'connecting'
    this.#began = now()
    const connection = await dial(address, { timeout, signal, codec, localAddress })
    // Of datagrams, nobody need be there.
    if (codec.transport !== 'datagram') this.reached = true
    if ((this.state as ClientState) === 'over') {
      connection.stream.destroy()
      return
    }
    this.#there = now()
    this.#timer = setTimeout(() => this.lost(`no answer in ${timeout / 1000} s`), timeout)
    const publishes = publisher !== undefined || plan.consume?.replies === true
    this.#link = new Link({
      codec,
      connection,
      units: isInUnits(codec, address),
      memory,
      driven: {
        ...drivenAs(plan, clientId, address, this.#context),
        publishes,
        destinations,
        // There may be very many that never publish.
        inFlight: publishes ? plan.inFlight : 1,
        sources,
        requests: plan.publish?.requests === true,
        credit: plan.credit,
        settles: plan.consume?.settles === true,
        tellsMade: plan.cleanup,
        removes: [],
      },
      owner: this,
      now,
    })
    this.#link.start()
  }

  answered(slot: number, answer: Answer): void {
    this.#answered++
    this.publisher?.answered(slot, answer, this.#at)
  }

  returned(bytes: Uint8Array, start: number, end: number): void {
    const { stamps } = this.#context
    if (stamps.read(bytes, start, end)) this.publisher?.returned(stamps.stream, stamps.sequence)
  }

  delivered(delivery: Delivery): void {
    if (delivery.source < 0) this.#replied(delivery)
    else {
      this.consumer?.delivered(delivery, this.#at)
      this.#answering?.asked(delivery, this.#link)
    }
  }

  empty(): void {
    this.#context.tally.counts.empty++
  }

  made(made: Made): void {
    this.#context.made(this.number, made)
  }

  /** It is there for other things. */
  removed(): void {}

  blocked(why: string): void {
    this.#context.blocked(this, why)
  }

  unblocked(): void {
    this.#context.blocked(this, undefined)
    this.#context.changed(this)
  }

  left(): void {
    this.#finish()
  }

  ready(): void {
    const { tally, whereabouts, now, plan, changed } = this.#context
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.state = 'ready'
    this.out = undefined
    this.#tries = 0
    const { carriers, handshake } = (this.#link as Link).connection
    if (this.wasReady) tally.counts.reconnected++
    else tally.counts.connected++
    this.wasReady = true
    if (this.#rounds.arrived(whereabouts, carriers)) tally.counts.failovers++
    const at = now()
    const took = (measure: Measure, time: number): void => tally.measured(measure, time, time)
    took('connect', at - this.#began)
    if (handshake !== undefined) took('tls-handshake', handshake)
    took('login', at - this.#there)
    this.publisher?.renew()
    if (this.#link !== undefined) this.consumer?.begin(this.#link.driver)
    if (this.consumer?.isOver) this.retire()
    if (Number.isFinite(plan.lifetime)) this.#timer = setTimeout(() => this.#renew(), plan.lifetime * 1000)
    this.#done()
    changed(this)
  }

  /** When what is being heard came. */
  get #at(): number {
    return this.#link?.at ?? 0
  }

  changed(): void {
    if (this.#answered > 0 && this.#gathering?.heard(this.#answered, this.#at)) this.#link?.rest(PAUSE)
    this.#answered = 0
    if (this.#link !== undefined) this.#answering?.send(this.#link)
    if (this.publisher !== undefined) this.#context.changed(this)
    this.#departed()
    if (this.#retiring) this.#retire()
  }

  #replied({ bytes, start, end }: Delivery): void {
    const { stamps, tally } = this.#context
    if (!stamps.read(bytes, start, end)) return
    const time = this.#at
    if (this.publisher?.replied(stamps.stream, stamps.sequence) !== true) return
    tally.counts.replies++
    tally.measured('request-reply', time - stamps.due, time - stamps.sent)
  }

  /** The connection has lasted as long as it was to; the next one follows. */
  #renew(): void {
    if (this.state !== 'ready') return
    this.state = 'leaving'
    this.#resolve = () => {
      if (!this.#context.signal.aborted) void this.connect()
    }
    // What it sent may still be answered.
    this.#departing = true
    this.#timer = setTimeout(() => this.#depart(), this.#context.timeout)
    this.#departed()
  }

  #retire(): void {
    if (this.#answering?.waits) return
    if (this.state !== 'ready') {
      if (this.state !== 'leaving') this.#finish()
      return
    }
    this.state = 'leaving'
    this.#depart()
    this.#timer = setTimeout(() => this.#finish(), LEAVING)
  }

  #departed(): void {
    if (this.#departing && (this.publisher?.open ?? 0) === 0) this.#depart()
  }

  #depart(): void {
    this.#departing = false
    clearTimeout(this.#timer)
    this.consumer?.flush()
    this.#link?.leave()
  }

  /** The peer is gone, or of no use; or was never there. */
  lost(why: string, next?: string): void {
    if (this.state === 'leaving') this.#finish()
    if (this.state === 'over' || this.state === 'idle') return
    const { tally, trouble, plan, signal, changed, now } = this.#context
    const wasReady = this.state === 'ready'
    if (wasReady) tally.counts.disconnected++
    else tally.counts.connectFailures++
    this.#close()
    this.state = 'idle'
    this.out = { since: this.out?.since ?? now(), why }
    trouble(why, { next })
    changed(this)
    if (!wasReady && !signal.aborted && this.#rounds.next()) {
      this.#dial()
      return
    }
    // It goes on trying, but nobody waits for it.
    this.#done()
    const { delay, most } = plan.reconnect
    if (signal.aborted || this.#tries >= most) {
      this.state = 'over'
      return
    }
    this.#tries++
    this.#timer = setTimeout(() => {
      if (this.state === 'idle' && !signal.aborted) this.#dial()
    }, delay)
  }

  #finish(): void {
    if (this.state === 'over') return
    this.#close()
    this.state = 'over'
    this.#done()
  }

  #close(): void {
    clearTimeout(this.#timer)
    this.consumer?.end()
    this.publisher?.lost(this.#context.now())
    this.#context.blocked(this, undefined)
    this.#departing = false
    this.#answering?.clear()
    const link = this.#link
    if (link?.heard === true) this.reached = true
    this.#link = undefined
    link?.end()
  }

  #done(): void {
    const resolve = this.#resolve
    this.#resolve = undefined
    resolve?.()
  }
}
