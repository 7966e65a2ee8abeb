import {
  type AnyCodec,
  type Conversation,
  converse,
  type Delivery,
  type Driver,
  Outbox,
  type OutboxMemory,
  type Plate,
} from '../../codecs/core/index.ts'
import type { Address, Connection, Dial } from '../net/index.ts'
import { reason } from '../net/index.ts'
import type { Consumer } from './consumer.ts'
import type { GroupPlan } from './plan.ts'
import type { Publisher } from './publisher.ts'
import type { StampReader } from './stamp.ts'
import type { Tally } from './tally.ts'

/** What all clients of one group have in common. */
export interface ClientContext {
  readonly plan: GroupPlan
  readonly codec: AnyCodec
  readonly dial: Dial
  readonly tally: Tally
  readonly stamps: StampReader
  readonly memory: OutboxMemory
  /** Milliseconds that a connection may take to be ready. */
  readonly timeout: number
  readonly now: () => number
  readonly signal: AbortSignal
  /** There is something to be written by it. */
  readonly wrote: (client: Client) => void
  /** It became ready, has room again, or is lost. */
  readonly changed: (client: Client) => void
  readonly trouble: (why: string) => void
  readonly blocked: (client: Client, why: string | undefined) => void
}

export interface ClientOptions {
  readonly address: Address
  readonly clientId: string
  readonly destinations: readonly string[]
  readonly sources: readonly string[]
  readonly publisher: Publisher | undefined
  readonly consumer: Consumer | undefined
}

export type ClientState = 'idle' | 'connecting' | 'ready' | 'leaving' | 'over'

/** One client of the run, and one connection after the other that it has. */
export class Client {
  readonly publisher: Publisher | undefined
  readonly consumer: Consumer | undefined
  state: ClientState = 'idle'
  /** Answers that came to its requests. */
  replies = 0
  readonly #context: ClientContext
  readonly #options: ClientOptions
  #outbox: Outbox
  #driver: Driver | undefined
  #connection: Connection | undefined
  #conversation: Conversation | undefined
  /** What we say is heard by the conversation until all is agreed: cutting may depend on it. */
  #opening = true
  #full = false
  #keepAlive: NodeJS.Timeout | undefined
  #tick: NodeJS.Timeout | undefined
  /** When it is due. */
  #tickAt: number | undefined
  #life: NodeJS.Timeout | undefined
  #patience: NodeJS.Timeout | undefined
  #began = 0
  /** Answers to requests, which wait for room. */
  #answers: Plate[] = []
  #tries = 0
  #wasReady = false
  #settled: (() => void) | undefined
  /** It leaves as soon as all that it sent is answered. */
  #departing = false

  constructor(context: ClientContext, options: ClientOptions) {
    this.#context = context
    this.#options = options
    this.#outbox = new Outbox(context.memory)
    this.publisher = options.publisher
    this.consumer = options.consumer
  }

  /** How many messages can be published now. */
  get room(): number {
    return this.state === 'ready' && !this.#full ? (this.#driver?.room ?? 0) : 0
  }

  /** Connects, and resolves when it is ready, or when that failed for the first time. */
  connect(): Promise<void> {
    return new Promise(resolve => {
      this.#settled = resolve
      this.#dial().catch((error: unknown) => this.#ended(`cannot connect: ${reason(error)}`))
    })
  }

  publish(due: number, now: number): void {
    const driver = this.#driver as Driver
    this.publisher?.send(driver, this.#outbox, due, now)
    this.#context.wrote(this)
  }

  /** What was put in the outbox goes out. */
  flush(): void {
    const outbox = this.#outbox
    const { stream } = this.#connection ?? {}
    if (outbox.length === 0 || stream === undefined || stream.destroyed) return
    const ends = outbox.ends?.splice(0)
    const bytes = outbox.take()
    if (this.#opening) this.#hearOurs(bytes, ends)
    const reuse = (): void => outbox.reuse(bytes)
    if (ends === undefined) this.#full = !stream.write(bytes, reuse)
    else {
      let start = 0
      for (const end of ends) {
        this.#full = !stream.write(bytes.subarray(start, end), end === bytes.length ? reuse : undefined)
        start = end
      }
    }
    this.#ticking()
  }

  /** Ends the connection in order, for good; resolves when it is over. */
  async leave(): Promise<void> {
    if (this.state === 'ready') {
      this.consumer?.flush()
      this.state = 'leaving'
      const over = new Promise<void>(resolve => {
        this.#settled = resolve
      })
      this.#driver?.leave()
      this.flush()
      const timer = setTimeout(() => this.#finish(), LEAVING)
      await over
      clearTimeout(timer)
    } else this.#finish()
  }

  async #dial(): Promise<void> {
    const { plan, codec, dial, timeout, signal, now } = this.#context
    const { address, clientId, destinations, sources, publisher, consumer } = this.#options
    this.state = 'connecting'
    this.#began = now()
    const connection = await dial(address, { timeout, signal, codec })
    if ((this.state as ClientState) === 'over') {
      connection.stream.destroy()
      return
    }
    this.#connection = connection
    // A WebSocket's message is one frame each, as some servers want it.
    const units = codec.transport !== 'stream' || address.transport === 'ws' || address.transport === 'wss'
    this.#outbox = new Outbox(this.#context.memory, units)
    this.#conversation = converse(codec)
    this.#opening = true
    this.#full = false
    this.#patience = setTimeout(() => this.#lose(`no answer in ${timeout / 1000} s`), timeout)
    this.#driver = codec.drive?.open({
      clientId,
      user: plan.user ?? address.user,
      password: plan.password ?? address.password,
      virtualHost: plan.virtualHost,
      host: address.host,
      version: plan.version,
      keepAlive: plan.keepAlive,
      publishes: publisher !== undefined || plan.consume?.replies === true,
      destinations,
      inFlight: plan.inFlight,
      sources,
      requests: plan.publish?.requests === true,
      credit: plan.credit,
      settles: plan.consume?.settles === true,
      settings: plan.settings,
      outbox: this.#outbox,
      listener: {
        ready: () => this.#ready(),
        answered: (slot, answer) => publisher?.answered(slot, answer, now()),
        returned: (bytes, start, end) => {
          const { stamps } = this.#context
          if (stamps.read(bytes, start, end)) publisher?.returned(stamps.stream, stamps.sequence)
        },
        delivered: delivery => this.#delivered(delivery, consumer),
        blocked: why => this.#context.blocked(this, why),
        unblocked: () => {
          this.#context.blocked(this, undefined)
          this.#context.changed(this)
        },
        failed: why => this.#lose(why),
        left: () => this.#left(),
      },
    })
    const { stream } = connection
    stream.on('drain', () => {
      this.#full = false
      this.#context.changed(this)
    })
    stream.on('end', () => this.#hungUp(connection))
    stream.on('close', () => this.#hungUp(connection))
    connection.read(bytes => this.#heard(connection, bytes))
    this.#driver?.start()
    this.flush()
  }

  #heard(connection: Connection, bytes: Uint8Array): void {
    const conversation = this.#conversation
    if (connection !== this.#connection || conversation === undefined) return
    conversation.push('server', bytes, 0)
    this.#drain(conversation)
    this.#after()
  }

  #drain(conversation: Conversation): void {
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) {
      if (packet.side !== 'server') continue
      if (packet.kind === 'malformed') {
        this.#lose('it sent what is not of the protocol')
        return
      }
      this.#driver?.hear(packet)
      if (this.#conversation !== conversation) return
    }
  }

  #hearOurs(bytes: Uint8Array, ends: readonly number[] | undefined): void {
    const conversation = this.#conversation
    if (conversation === undefined) return
    let start = 0
    for (const end of ends ?? [bytes.length]) {
      conversation.push('client', bytes.slice(start, end), 0)
      while (conversation.next() !== undefined);
      start = end
    }
  }

  /** Something was heard: answers go out, and there may be room. */
  #after(): void {
    if (this.#answers.length > 0) this.#answer()
    if (this.#outbox.length > 0) this.#context.wrote(this)
    this.#ticking()
    if (this.publisher !== undefined) this.#context.changed(this)
    this.#departed()
  }

  #ready(): void {
    const { tally, now, plan } = this.#context
    clearTimeout(this.#patience)
    this.#opening = false
    this.state = 'ready'
    this.#tries = 0
    if (this.#wasReady) tally.counts.reconnected++
    else tally.counts.connected++
    this.#wasReady = true
    const took = now() - this.#began
    tally.measured('connect', took, took)
    const driver = this.#driver as Driver
    this.publisher?.renew()
    this.consumer?.begin(driver)
    if (driver.keepAlive !== undefined) {
      this.#keepAlive = setInterval(() => {
        driver.alive()
        this.flush()
      }, driver.keepAlive)
    }
    if (Number.isFinite(plan.lifetime)) this.#life = setTimeout(() => this.#renew(), plan.lifetime * 1000)
    this.#done()
    this.#context.changed(this)
  }

  #delivered(delivery: Delivery, consumer: Consumer | undefined): void {
    const { now, stamps, tally, plan } = this.#context
    const time = now()
    if (delivery.source < 0) {
      if (!stamps.read(delivery.bytes, delivery.start, delivery.end)) return
      this.replies++
      tally.counts.replies++
      tally.measured('request-reply', time - stamps.due, time - stamps.sent)
      return
    }
    consumer?.delivered(delivery, time)
    if (plan.consume?.replies === true && delivery.replyTo !== undefined) {
      const body = delivery.bytes.slice(delivery.start, delivery.end)
      const answer = this.#driver?.plate({ destination: delivery.replyTo, answers: true, body })
      if (answer !== undefined) this.#answers.push(answer)
    }
  }

  /** Sends the answers to requests that there is room for. */
  #answer(): void {
    const driver = this.#driver
    let sent = 0
    while (driver !== undefined && sent < this.#answers.length && driver.room > 0) {
      driver.publish(this.#answers[sent++] as Plate)
    }
    if (sent > 0) this.#answers = this.#answers.slice(sent)
  }

  /** The connection has lasted as long as it was to; the next one follows. */
  #renew(): void {
    if (this.state !== 'ready') return
    this.state = 'leaving'
    this.#settled = () => {
      if (!this.#context.signal.aborted) void this.connect()
    }
    // What it sent may still be answered.
    this.#departing = true
    this.#life = setTimeout(() => this.#depart(), this.#context.timeout)
    this.#departed()
  }

  #departed(): void {
    if (this.#departing && (this.publisher?.open ?? 0) === 0) this.#depart()
  }

  #depart(): void {
    this.#departing = false
    clearTimeout(this.#life)
    this.consumer?.flush()
    this.#driver?.leave()
    this.flush()
  }

  #left(): void {
    this.flush()
    this.#finish()
  }

  #hungUp(connection: Connection): void {
    if (connection !== this.#connection) return
    if (this.state === 'leaving') this.#finish()
    else if (this.state !== 'over')
      this.#lose(connection.failure === undefined ? 'it hung up' : reason(connection.failure))
  }

  /** The peer is gone, or of no use. */
  #lose(why: string): void {
    if (this.state === 'leaving') this.#finish()
    else this.#ended(why)
  }

  #ended(why: string): void {
    if (this.state === 'over' || this.state === 'idle') return
    const { tally, trouble, plan, signal } = this.#context
    if (this.state === 'ready') tally.counts.disconnected++
    else tally.counts.connectFailures++
    this.#close()
    this.state = 'idle'
    trouble(why)
    this.#context.changed(this)
    // It goes on trying, but nobody waits for it.
    this.#done()
    const { delay, most } = plan.reconnect
    if (signal.aborted || this.#tries >= most) {
      this.state = 'over'
      return
    }
    this.#tries++
    this.#life = setTimeout(() => {
      if (this.state !== 'idle' || signal.aborted) return
      this.#dial().catch((error: unknown) => this.#ended(`cannot connect: ${reason(error)}`))
    }, delay)
  }

  #finish(): void {
    if (this.state === 'over') return
    this.#close()
    this.state = 'over'
    this.#done()
  }

  #close(): void {
    for (const timer of [this.#patience, this.#life, this.#tick]) clearTimeout(timer)
    this.#tickAt = undefined
    clearInterval(this.#keepAlive)
    this.consumer?.end()
    this.publisher?.lost()
    this.#context.blocked(this, undefined)
    this.#departing = false
    const connection = this.#connection
    this.#connection = undefined
    this.#conversation = undefined
    this.#driver = undefined
    this.#answers = []
    if (connection === undefined) return
    connection.stream.end()
    setTimeout(() => connection.stream.destroy(), LEAVING).unref()
  }

  #done(): void {
    const settled = this.#settled
    this.#settled = undefined
    settled?.()
  }

  /** Something was sent or heard, or it is time: what must be sent again is. */
  #ticking(): void {
    const driver = this.#driver
    if (driver?.tick === undefined) return
    const now = this.#context.now()
    const next = driver.tick(now)
    if (this.#outbox.length > 0) this.#context.wrote(this)
    if (next === this.#tickAt) return
    clearTimeout(this.#tick)
    this.#tickAt = next
    if (next === undefined) return
    this.#tick = setTimeout(
      () => {
        this.#tickAt = undefined
        this.#ticking()
        this.#context.changed(this)
      },
      Math.max(1, next - now),
    )
  }

  /** Reads nothing for now, where it has too much to do already. */
  hold(holding: boolean): void {
    const { stream } = this.#connection ?? {}
    if (holding) stream?.pause()
    else stream?.resume()
  }
}

/** Milliseconds that a peer may take to say good-bye. */
const LEAVING = 1000
