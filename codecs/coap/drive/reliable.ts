import { type DriveOptions, type Driver, type Outgoing, type Packet, Pen, utf8, type Writer } from '../../core/index.ts'
import { lengthExtension } from '../delimit.ts'
import type { Connection } from '../dialogue.ts'
import { type Content, Message, type ReliableFrame, Signal } from '../frames.ts'
import { Options } from '../options.ts'
import { REQUEST, SIGNAL, SIGNAL_TYPES, SUCCESS } from '../tables.ts'
import { writeReliable, writeWebSocket } from '../write.ts'
import { Incoming } from './incoming.ts'
import { Observations } from './observations.ts'
import { requestOf } from './options.ts'
import { Removing } from './removing.ts'
import { type CoapPlate, Requests } from './requests.ts'
import { MAKING_TOKEN, MESSAGE_TOKEN, messageAt, REMOVING_TOKEN, SOURCE_TOKEN } from './tokens.ts'

/** Bytes of a message that we take. */
const MAX_MESSAGE_SIZE = 1 << 20

/** A client of CoAP over TCP, TLS or WebSocket [RFC 8323]. */
export class ReliableDriver implements Driver<Connection> {
  readonly #options: DriveOptions
  readonly #pen: Pen<ReliableFrame>
  /** Each message says how long it is, as a stream needs it. */
  readonly #framed: boolean
  readonly #requests: Requests
  readonly #observations: Observations
  readonly #removing: Removing | undefined
  readonly #incoming = new Incoming()
  readonly keepAlive: number | undefined
  readonly replyTo = undefined
  #greeted = false

  constructor(options: DriveOptions, framed: boolean) {
    this.#options = options
    this.#framed = framed
    const write: (writer: Writer, frame: ReliableFrame) => void = framed ? writeReliable : writeWebSocket
    this.#pen = new Pen(options.outbox, write)
    this.#requests = new Requests(options)
    const ask = (content: Content): void => this.#pen.send(new Message(content))
    this.#observations = new Observations(options, ask)
    if (options.removes.length > 0) this.#removing = new Removing(options, ask)
    this.keepAlive = options.keepAlive === 0 ? undefined : options.keepAlive * 500
  }

  get room(): number {
    return this.#requests.room
  }

  start(): void {
    this.#signal('csm', Options.of([['Max-Message-Size', MAX_MESSAGE_SIZE]], CODES.csm))
  }

  plate(message: Outgoing): CoapPlate {
    const content = requestOf(message, this.#options, new Uint8Array(MESSAGE_TOKEN))
    const bytes = this.#pen.encode(new Message(content))
    const sent = content.payload?.length ?? 0
    const tokenAt = 2 + (this.#framed ? lengthExtension((bytes[0] as number) >> 4) : 0)
    return {
      bytes,
      bodyAt: bytes.length - sent,
      tokenAt,
      destination: message.destination,
      unsent: message.body.length - sent,
    }
  }

  publish(plate: CoapPlate): number {
    this.#requests.put(plate)
    this.#options.outbox.end()
    return this.#requests.open()
  }

  hear(packet: Packet<Connection>): void {
    const incoming = this.#incoming
    if (!incoming.reliable(packet, this.#framed)) return
    const { code, tokenLength } = incoming
    if (code >> 5 === SIGNAL) this.#signalled(packet, incoming)
    else if (code >> 5 === REQUEST) return
    else if (tokenLength === MESSAGE_TOKEN) this.#response(packet, incoming)
    else if (tokenLength === SOURCE_TOKEN || tokenLength === MAKING_TOKEN) this.#observations.heard(packet, incoming)
    else if (tokenLength === REMOVING_TOKEN) this.#removing?.heard(packet, incoming)
  }

  settle(): void {
    // The connection is reliable, and a notification is not acknowledged.
  }

  alive(): void {
    this.#signal('ping')
  }

  /** What ends with the connection: the observations [RFC 8323 §7.4]. */
  leave(): void {
    this.#signal('release')
    this.#options.listener.left()
  }

  #response(packet: Packet<Connection>, incoming: Incoming): void {
    const slot = this.#requests.inFlight.slotOf(this.#requests.numberOf(messageAt(packet.buffer, incoming.tokenAt)))
    if (slot < 0) return
    if (incoming.code >> 5 === SUCCESS && this.#options.requests)
      this.#observations.deliver(packet.buffer, incoming, -1)
    this.#requests.responded(slot, incoming.code)
  }

  #signalled({ buffer }: Packet<Connection>, { code, tokenAt, tokenLength, payloadAt, end }: Incoming): void {
    const { listener } = this.#options
    switch (SIGNAL_TYPES[(code & 31) - 1]) {
      case 'csm':
        if (this.#greeted) return
        this.#greeted = true
        ;(this.#removing ?? this.#observations).begin()
        break
      case 'ping':
        this.#signal('pong', Options.none, buffer.slice(tokenAt, tokenAt + tokenLength))
        break
      case 'release':
        listener.failed('the server wants to end the connection')
        break
      case 'abort':
        listener.failed(payloadAt < end ? utf8(buffer, payloadAt, end) : 'the server ended the connection')
        break
    }
  }

  #signal(type: keyof typeof CODES, options?: Options, token?: Uint8Array): void {
    this.#pen.send(
      new Signal({
        type,
        code: CODES[type],
        ...(options === undefined ? {} : { options }),
        ...(token === undefined ? {} : { token }),
      }),
    )
  }
}

/** Of signalling messages [RFC 8323 §5.1]. */
const CODES = { csm: '7.01', ping: '7.02', pong: '7.03', release: '7.04' } as const
