import {
  type DriveOptions,
  type Driver,
  Login,
  type Outgoing,
  type Packet,
  Pen,
  Reader,
  type Settlement,
} from '../../core/index.ts'
import { isProtocolHeader } from '../delimit.ts'
import type { Context } from '../dialogue.ts'
import type { Amqp10Frame, Attach, Begin, Close, Detach, End, Flow, Open, ProtocolHeader } from '../frames.ts'
import { bodyAt, rowAt } from '../peek.ts'
import { readFrame } from '../read.ts'
import { writeFrame } from '../write.ts'
import {
  AMQP_HEADER,
  beginOf,
  CHANNEL,
  LEAST_FRAME_SIZE,
  mechanismOf,
  openOf,
  reasonOf,
  SASL_HEADER,
  saslInit,
  windowOf,
} from './opening.ts'
import type { Amqp10Plate } from './plate.ts'
import { Receivers } from './receivers.ts'
import { Senders } from './senders.ts'
import { Session } from './session.ts'

/** Nobody uses it: what is written of ours does not depend on it. */
const context: Context = { phase: 'amqp', maxFrameSize: undefined, opened: true, continuation: false }

/** What else a server may want [2.2, 5.2, 5.3]. */
const PROTOCOLS: Readonly<Record<number, string>> = { 0: 'AMQP without SASL', 2: 'TLS', 3: 'SASL' }

const TRANSFER = 0x14
const DISPOSITION = 0x15

/** A client of AMQP 1.0: one session, a link for each destination and each source. */
export class Amqp10Driver implements Driver<Context> {
  readonly #options: DriveOptions
  readonly #pen: Pen<Amqp10Frame>
  readonly #session: Session
  readonly #senders: Senders
  readonly #receivers: Receivers
  readonly #login: Login
  #handles = 0
  /** Links that the peer has not attached yet. */
  #awaited = 0
  #isReady = false
  /** The security layer is behind, or there is none. */
  #loggedIn = false
  #leaving = false
  #maxFrameSize = Number.POSITIVE_INFINITY
  #keepAlive: number | undefined
  /** By the peer's handle, ours. */
  readonly #handleOf = new Map<number, number>()

  constructor(options: DriveOptions) {
    this.#options = options
    this.#pen = new Pen(options.outbox, (writer, frame) => writeFrame(writer, frame, context))
    this.#login = new Login(mechanismOf(options), options, response =>
      this.#pen.send({ type: 'sasl-response', response }),
    )
    this.#session = new Session(this.#pen, windowOf(options.settings))
    this.#senders = new Senders(options, this.#pen, this.#session)
    this.#receivers = new Receivers(options, this.#pen, this.#session)
  }

  get keepAlive(): number | undefined {
    return this.#keepAlive
  }

  get replyTo(): string | undefined {
    return this.#receivers.replyTo
  }

  get room(): number {
    return this.#senders.room
  }

  start(): void {
    if (this.#login.mechanism === 'none') this.#open()
    else this.#pen.send(SASL_HEADER)
  }

  /** Where there is no link to its destination yet, one is asked for. */
  plate(message: Outgoing): Amqp10Plate {
    let handle = this.#senders.handleFor(message.destination)
    if (handle < 0) {
      handle = this.#handles++
      this.#awaited++
      this.#senders.attach(handle, message.destination, message.answers === true)
    }
    return this.#senders.plate(message, handle, this.#maxFrameSize)
  }

  publish(plate: Amqp10Plate): number {
    return this.#senders.publish(plate)
  }

  hear(packet: Packet<Context>): void {
    const { buffer, start, end } = packet
    if (isProtocolHeader(buffer, start, end)) {
      this.#header(read(packet) as ProtocolHeader)
      return
    }
    const at = bodyAt(buffer, start)
    switch (rowAt(buffer, at, end)?.code) {
      case TRANSFER:
        this.#receivers.transfer(packet)
        break
      case DISPOSITION:
        this.#senders.disposed(buffer, at, end)
        break
      default:
        this.#read(packet)
    }
  }

  settle(id: number, how: Settlement, upTo: boolean): void {
    this.#receivers.settle(id, how, upTo)
  }

  alive(): void {
    this.#pen.send({ type: 'empty', channel: 0 })
  }

  leave(): void {
    this.#leaving = true
    this.#receivers.leave()
    this.#pen.send({ type: 'close', channel: 0 })
  }

  /** Headers must agree; a peer that wants another protocol answers with that one's [2.2]. */
  #header({ protocolId, major, minor, revision }: ProtocolHeader): void {
    const wanted = this.#loggedIn ? AMQP_HEADER : SASL_HEADER
    if (major === 1 && minor === 0 && protocolId === wanted.protocolId) return
    const what =
      major === 1 ? (PROTOCOLS[protocolId] ?? `protocol ${protocolId}`) : `AMQP ${major}.${minor}.${revision}`
    this.#options.listener.failed(`the server wants ${what}`)
  }

  /** What is wrong in it ends all: a field that must be there may not be. */
  #read(packet: Packet<Context>): void {
    const frame = read(packet)
    const wrong = reader.diagnostics.find(({ severity }) => severity === 'error')
    if (wrong === undefined) this.#told(frame)
    else this.#options.listener.failed(`it sent a malformed frame: ${wrong.message}`)
  }

  #told(frame: Amqp10Frame): void {
    const { listener } = this.#options
    switch (frame.type) {
      case 'sasl-mechanisms':
        this.#logIn(frame.saslServerMechanisms)
        break
      case 'sasl-challenge':
        this.#login.answer(frame.challenge)
        break
      case 'sasl-outcome':
        if (frame.code !== 0) this.#login.refused(`not logged in: SASL outcome ${frame.code}`)
        else if (this.#login.finish(frame.additionalData)) this.#open()
        break
      case 'open':
        this.#opened(frame)
        break
      case 'begin':
        this.#session.began(frame)
        this.#attach(frame)
        break
      case 'attach':
        this.#attached(frame)
        break
      case 'flow':
        this.#flow(frame)
        break
      case 'detach':
        this.#ended({ ...frame, handle: this.#handleOf.get(frame.handle) ?? 0, closed: true }, 'a link')
        break
      case 'end':
        this.#ended(frame, 'the session')
        break
      case 'close':
        if (this.#leaving) listener.left()
        else this.#ended(frame, 'the connection')
        break
    }
  }

  #logIn(offered: readonly string[]): void {
    const first = this.#login.begin(offered)
    if (first !== undefined) this.#pen.send(saslInit(this.#options, this.#login.mechanism, first))
  }

  #open(): void {
    this.#loggedIn = true
    this.#pen.send(AMQP_HEADER)
    this.#pen.send(openOf(this.#options))
  }

  /** Half of what the peer takes for death [2.4.5]. */
  #opened({ maxFrameSize = Number.POSITIVE_INFINITY, idleTimeOut = 0 }: Open): void {
    this.#maxFrameSize = Math.max(LEAST_FRAME_SIZE, maxFrameSize)
    this.#keepAlive = idleTimeOut === 0 ? undefined : Math.max(1, idleTimeOut / 2)
    this.#pen.send(beginOf(this.#options))
  }

  #attach({ handleMax = Number.POSITIVE_INFINITY }: Begin): void {
    const { publishes, destinations, sources, requests, settings, listener } = this.#options
    const addresses = !publishes ? [] : settings.anonymous === true ? [undefined] : [...new Set(destinations)]
    const links = addresses.length + sources.length + (requests ? 1 : 0)
    if (links > handleMax + 1) {
      listener.failed(`the server has no more than ${handleMax + 1} links in a session`)
      return
    }
    for (const address of addresses) this.#senders.attach(this.#handles++, address)
    for (const source of sources.keys()) this.#receivers.attach(this.#handles++, source)
    if (requests) this.#receivers.attach(this.#handles++, -1)
    this.#awaited = links
    if (links === 0) listener.ready()
  }

  #attached(attach: Attach): void {
    // Links are named by their handle, so that the peer's end of it can be told.
    const handle = Number(attach.name.slice(attach.name.lastIndexOf('-') + 1))
    this.#handleOf.set(attach.handle, handle)
    const ours = attach.role === 'sender' ? this.#receivers : this.#senders
    // What has no end is refused, and the detach that follows says why [2.6.3].
    if (!ours.attached(handle, attach) || --this.#awaited > 0 || this.#isReady) return
    this.#isReady = true
    this.#options.listener.ready()
  }

  #flow(flow: Flow): void {
    this.#session.flow(flow)
    if (flow.handle === undefined) {
      if (flow.echo === true) this.#session.tell()
      return
    }
    const handle = this.#handleOf.get(flow.handle)
    if (handle === undefined) return
    this.#senders.flow(handle, flow)
    if (flow.echo === true) this.#receivers.tell(handle)
  }

  /** The peer ended something: it is answered in kind, and all that was to go on is over. */
  #ended({ error, ...frame }: Detach | End | Close, what: string): void {
    if (this.#leaving) return
    this.#pen.send({ ...frame, channel: CHANNEL, wire: undefined })
    this.#options.listener.failed(reasonOf(error) ?? `the server ended ${what}`)
  }
}

const reader = new Reader()
const read = (packet: Packet<Context>): Amqp10Frame => readFrame(reader.open(packet), packet.context, packet.side)
