import {
  type Answer,
  type AnyCodec,
  type Conversation,
  converse,
  type Delivery,
  type DriveOptions,
  type Driver,
  type DriverListener,
  type Made,
  Outbox,
  type OutboxMemory,
  type Plate,
} from '../../codecs/core/index.ts'
import { advice, type Connection, reason } from '../net/index.ts'
import type { Publisher } from './publisher.ts'

/** Whose connection it is: told what the driver is, and what befalls the connection. */
export interface LinkOwner extends Omit<DriverListener, 'failed'> {
  /** There is something to be written. */
  wrote(): void
  /** All that came was worked off, or it can write again: there may be room. */
  changed(): void
  /** The peer ended it, or is of no use; nothing more is told. */
  lost(why: string, next?: string): void
}

export interface LinkOptions {
  readonly codec: AnyCodec
  readonly connection: Connection
  /** Whether each frame is written by itself: as a datagram, as a WebSocket's message. */
  readonly units: boolean
  readonly memory: OutboxMemory
  readonly driven: Omit<DriveOptions, 'outbox' | 'listener'>
  readonly owner: LinkOwner
  readonly now: () => number
}

/** Bytes that are written as soon as there are so many: what an outbox holds without growing, but for one message. */
const BATCH = 48 << 10
/** Milliseconds that a peer may take to end its side after ours has ended. */
const LINGER = 1000

/**
 * One connection of a client, as long as it lasts: the driver, and what goes between it and the socket. There may be tens
 * of thousands, so what it hears it is told as methods of its own, which cost no closures.
 */
export class Link implements DriverListener {
  readonly #connection: Connection
  readonly #owner: LinkOwner
  readonly #now: () => number
  readonly #outbox: Outbox
  readonly #driver: Driver
  readonly #conversation: Conversation
  /** What we say is heard by the conversation until all is agreed: cutting may depend on it. */
  #opening = true
  /** The peer said something. */
  heard = false
  #full = false
  #over = false
  /** What is in the outbox is known to be there, and will be flushed. */
  #waits = false
  /** When what is being heard came, or what is being published was; milliseconds of the run's clock. */
  at = 0
  #keepAlive: NodeJS.Timeout | undefined
  #rest: NodeJS.Timeout | undefined
  #tick: NodeJS.Timeout | undefined
  /** When it is due. */
  #tickAt: number | undefined

  /** `codec` can be driven. */
  constructor(options: LinkOptions) {
    const { codec, connection, units, memory, driven, owner, now } = options
    this.#connection = connection
    this.#owner = owner
    this.#now = now
    this.#outbox = new Outbox(memory, units)
    this.#conversation = converse(codec)
    this.#driver = (codec.drive as NonNullable<AnyCodec['drive']>).open({
      ...driven,
      outbox: this.#outbox,
      listener: this,
    })
    const { stream } = connection
    stream.on('drain', () => {
      this.#full = false
      owner.changed()
    })
    const ended = (): void => {
      const { failure } = connection
      if (failure === undefined) this.failed('it hung up')
      else this.failed(reason(failure), advice(failure))
    }
    stream.on('end', ended).on('close', ended)
    connection.read(bytes => this.#heard(bytes))
  }

  ready(): void {
    this.#opening = false
    // We are not heard any more.
    this.#conversation.surrender('client')
    this.#keepingAlive()
    this.#owner.ready()
  }

  answered(slot: number, answer: Answer): void {
    this.#owner.answered(slot, answer)
  }

  returned(bytes: Uint8Array, start: number, end: number): void {
    this.#owner.returned(bytes, start, end)
  }

  delivered(delivery: Delivery): void {
    this.#owner.delivered(delivery)
  }

  blocked(why: string): void {
    this.#owner.blocked(why)
  }

  unblocked(): void {
    this.#owner.unblocked()
  }

  left(): void {
    this.#owner.left()
  }

  empty(): void {
    this.#owner.empty()
  }

  made(made: Made): void {
    this.#owner.made(made)
  }

  removed(made: Made, why: string | undefined): void {
    this.#owner.removed(made, why)
  }

  /** `next`: what to do about it, where that is known. */
  failed(why: string, next?: string): void {
    if (this.#over) return
    this.end()
    this.#owner.lost(why, next)
  }

  /** Begins the conversation. */
  start(): void {
    this.#driver.start()
    this.flush()
  }

  get connection(): Connection {
    return this.#connection
  }

  get driver(): Driver {
    return this.#driver
  }

  /** How many messages can be published now, once it is ready. */
  get room(): number {
    return this.#full ? 0 : this.#driver.room
  }

  /** Nothing more is taken for now: the peer reads too little. */
  get full(): boolean {
    return this.#full
  }

  /** The publisher's next message. */
  publish(publisher: Publisher, due: number, now: number): void {
    this.at = now
    publisher.send(this.#driver, this.#outbox, due, now)
    if (this.#outbox.length < BATCH) this.wrote()
    else this.flush()
  }

  /** There is something in the outbox. */
  wrote(): void {
    if (this.#waits || this.#over) return
    this.#waits = true
    this.#owner.wrote()
  }

  /** A message that no publisher counts. */
  send(plate: Plate): void {
    this.#driver.publish(plate)
  }

  /** What was put in the outbox goes out. */
  flush(): void {
    const outbox = this.#outbox
    const { stream } = this.#connection
    this.#waits = false
    if (outbox.length === 0 || stream.destroyed) return
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

  /** Ends the conversation in order; its listener hears when that is done. */
  leave(): void {
    this.#driver.leave()
    this.flush()
  }

  /** Reads nothing for now, where there is too much to do already. */
  hold(holding: boolean): void {
    const { stream } = this.#connection
    if (holding) stream.pause()
    else stream.resume()
  }

  /** Reads nothing for so many milliseconds. */
  rest(time: number): void {
    const { stream } = this.#connection
    stream.pause()
    this.#rest = setTimeout(() => stream.resume(), time)
  }

  /** Ends the connection. */
  end(): void {
    if (this.#over) return
    this.flush()
    this.#over = true
    clearTimeout(this.#tick)
    clearTimeout(this.#rest)
    clearInterval(this.#keepAlive)
    const { stream } = this.#connection
    // What comes is nobody's; but its end is to be noticed.
    stream.resume()
    stream.end()
    setTimeout(() => stream.destroy(), LINGER).unref()
  }

  #heard(bytes: Uint8Array): void {
    if (this.#over) return
    this.heard = true
    const conversation = this.#conversation
    // Of all that came at once, whatever it takes us to read it.
    this.at = this.#now()
    conversation.push('server', bytes, 0)
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) {
      if (packet.side !== 'server') continue
      if (packet.kind === 'malformed') {
        this.failed('it sent what is not of the protocol')
        return
      }
      this.#driver.hear(packet)
      if (this.#over) return
    }
    if (this.#outbox.length > 0) this.wrote()
    this.#ticking()
    this.#owner.changed()
  }

  #hearOurs(bytes: Uint8Array, ends: readonly number[] | undefined): void {
    let start = 0
    for (const end of ends ?? [bytes.length]) {
      this.#conversation.push('client', bytes.slice(start, end), 0)
      while (this.#conversation.next() !== undefined);
      start = end
    }
  }

  #keepingAlive(): void {
    const { keepAlive } = this.#driver
    if (keepAlive === undefined) return
    this.#keepAlive = setInterval(() => {
      this.#driver.alive()
      this.flush()
    }, keepAlive)
  }

  /** Something was sent or heard, or it is time: what must be sent again is. */
  #ticking(): void {
    const driver = this.#driver
    if (driver.tick === undefined || this.#over) return
    const now = this.#now()
    this.at = now
    const next = driver.tick(now)
    if (this.#outbox.length > 0) this.wrote()
    if (next === this.#tickAt) return
    clearTimeout(this.#tick)
    this.#tickAt = next
    if (next === undefined) return
    this.#tick = setTimeout(
      () => {
        this.#tickAt = undefined
        this.#ticking()
        this.#owner.changed()
      },
      Math.max(1, next - now),
    )
  }
}
