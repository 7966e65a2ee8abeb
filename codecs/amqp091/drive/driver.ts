import {
  type DriveOptions,
  type Driver,
  type Login,
  type Outgoing,
  type Packet,
  Pen,
  Reader,
  type Settlement,
  u16At,
  u32At,
  utf8,
} from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import type { AmqpFrame, MethodOf } from '../frames.ts'
import { read } from '../read.ts'
import { BODY, FRAME_MIN_SIZE, HEADER, METHOD } from '../tables.ts'
import { write } from '../write.ts'
import { Asking } from './asking.ts'
import { channelsOf } from './channels.ts'
import { BASIC_ACK, BASIC_NACK, Consuming } from './consuming.ts'
import { Content } from './content.ts'
import { loginOf, PROTOCOL_HEADER, startOk, tuneOk } from './opening.ts'
import { Polling, polls } from './polling.ts'
import { type AmqpPlate, Publishing } from './publishing.ts'
import { transactionOf } from './transactions.ts'

/** How what ends in order is closed. */
const DONE = { replyCode: 200, replyText: 'done', classId: 0, methodId: 0 } as const

/** Class and method in one number, of the methods that come with every message. */
const BASIC_DELIVER = 0x003c_003c
const BASIC_RETURN = 0x003c_0032
const BASIC_GET_OK = 0x003c_0047
const BASIC_GET_EMPTY = 0x003c_0048
/** What a protocol header begins with, which is the answer to one of another version [4.2.2]. */
const PROTOCOL = 0x41

/** A client of AMQP 0-9-1: channels to publish on, and channels to consume on. */
export class AmqpDriver implements Driver<Context> {
  readonly #options: DriveOptions
  readonly #pen: Pen<AmqpFrame>
  readonly #publishing: Publishing
  readonly #consuming: Consuming
  readonly #login: Login
  /** What comes back, by channel: frames of different channels may be mixed [4.2.6]. */
  readonly #returns = new Map<number, Content>()
  readonly #asking: Asking
  readonly #polling: Polling | undefined
  readonly tick: Driver['tick']
  #isReady = false
  #frameMax = 0
  /** It came before we were ready. */
  #token: string | undefined
  #blocked = false
  #leaving = false
  /** Those that are consumed on. */
  readonly #channels: readonly number[]
  /** Channels that are to be closed before the connection is. */
  readonly #closing = new Set<number>()
  #keepAlive: number | undefined
  #replyTo: string | undefined

  constructor(options: DriveOptions) {
    this.#options = options
    this.#pen = new Pen(options.outbox, write)
    const channels = channelsOf(options)
    this.#publishing = new Publishing(options, this.#pen, channels.publishing)
    this.#consuming = new Consuming(options, channels.consuming)
    this.#channels = channels.consuming
    for (const channel of channels.publishing) this.#returns.set(channel, new Content(options.listener))
    this.#asking = new Asking(options, this.#pen, channels)
    if (polls(options)) this.#polling = new Polling(options, this.#pen, channels.consuming)
    // Only where something depends on time: it is a call for whatever is sent or heard.
    if (polls(options) || transactionOf(options.settings) > 0) this.tick = now => this.#tick(now)
    this.#login = loginOf(options, response => this.#pen.send({ type: 'connection.secure-ok', channel: 0, response }))
  }

  get keepAlive(): number | undefined {
    return this.#keepAlive
  }

  get replyTo(): string | undefined {
    return this.#replyTo
  }

  get room(): number {
    return this.#blocked ? 0 : this.#publishing.room
  }

  start(): void {
    this.#pen.send(PROTOCOL_HEADER)
  }

  plate(message: Outgoing): AmqpPlate {
    return this.#publishing.plate(message, this.#frameMax)
  }

  publish(plate: AmqpPlate): number {
    return this.#publishing.publish(plate)
  }

  hear(packet: Packet<Context>): void {
    const { buffer, start, end } = packet
    switch (buffer[start]) {
      case METHOD:
        this.#method(packet, u32At(buffer, start + 7))
        break
      case HEADER:
        this.#contentOf(buffer, start)?.header(packet)
        break
      case BODY:
        this.#contentOf(buffer, start)?.body(buffer, start + 7, end - 1)
        break
      case PROTOCOL:
        this.#told(frameOf(packet))
        break
    }
  }

  settle(id: number, how: Settlement, upTo: boolean): void {
    if (!this.#leaving) this.#consuming.settle(id, how, upTo)
  }

  alive(): void {
    this.#pen.send({ type: 'heartbeat', channel: 0 })
  }

  /** RabbitMQ's own [update-secret]: it closes connections whose token is no longer good. */
  renew(token: string): void {
    this.#token = token
    if (!this.#isReady || this.#leaving) return
    const newSecret = new TextEncoder().encode(token)
    this.#pen.send({ type: 'connection.update-secret', channel: 0, newSecret, reason: 'the token was renewed' })
  }

  /**
   * What is delivered from here on cannot be acknowledged any more [1.4.2.10]; it goes back to its queue. What was
   * acknowledged is surely so once its channel is closed: RabbitMQ ends channels with their connection, whatever it has
   * not read of them.
   */
  leave(): void {
    this.#leaving = true
    this.#polling?.end()
    if (this.#options.settles) this.#consuming.end()
    if (this.#isReady && this.#options.settles) for (const channel of this.#channels) this.#closing.add(channel)
    for (const channel of this.#closing) this.#pen.send({ type: 'channel.close', channel, ...DONE })
    this.#leave()
  }

  #leave(): void {
    if (this.#closing.size === 0) this.#pen.send({ type: 'connection.close', channel: 0, ...DONE })
  }

  #method(packet: Packet<Context>, method: number): void {
    const { buffer, start } = packet
    switch (method) {
      case BASIC_ACK:
      case BASIC_NACK:
        this.#publishing.confirmed(u16At(buffer, start + 1), buffer, start, method === BASIC_ACK)
        break
      case BASIC_DELIVER:
        this.#contentOf(buffer, start)?.deliver(buffer, start + 11)
        break
      case BASIC_RETURN:
        this.#contentOf(buffer, start)?.returned()
        break
      case BASIC_GET_OK:
        this.#contentOf(buffer, start)?.got(buffer, start + 11, this.#asked(buffer, start))
        break
      case BASIC_GET_EMPTY:
        this.#asked(buffer, start)
        this.#options.listener.empty()
        break
      default:
        this.#told(frameOf(packet))
    }
  }

  #contentOf(bytes: Uint8Array, start: number): Content | undefined {
    const channel = u16At(bytes, start + 1)
    return this.#returns.get(channel) ?? this.#consuming.contentOf(channel)
  }

  #told(frame: AmqpFrame): void {
    const { listener } = this.#options
    switch (frame.type) {
      case 'connection.start':
        this.#logIn(frame)
        break
      case 'connection.secure':
        this.#login.answer(frame.challenge)
        break
      case 'connection.tune': {
        if (!this.#login.finish()) break
        const agreed = tuneOk(frame, this.#options)
        this.#frameMax = agreed.frameMax === 0 ? 0 : Math.max(FRAME_MIN_SIZE, agreed.frameMax)
        this.#keepAlive = agreed.heartbeat === 0 ? undefined : agreed.heartbeat * 500
        this.#pen.send(agreed)
        this.#next()
        break
      }
      case 'connection.update-secret-ok':
        break
      case 'connection.close':
        this.#pen.send({ type: 'connection.close-ok', channel: 0 })
        listener.failed(`${frame.replyCode} ${textOf(frame.replyText)}`)
        break
      case 'channel.close':
        this.#pen.send({ type: 'channel.close-ok', channel: frame.channel })
        if (this.#asking.refused(frame)) this.#next()
        else listener.failed(`${frame.replyCode} ${textOf(frame.replyText)}`)
        break
      case 'channel.close-ok':
        if (this.#closing.delete(frame.channel)) this.#leave()
        break
      case 'tx.commit-ok':
        this.#publishing.committed(frame.channel)
        break
      case 'basic.cancel':
        listener.failed(`consumer ${textOf(frame.consumerTag)} was cancelled: its queue is gone`)
        break
      case 'connection.blocked':
        this.#blocked = true
        listener.blocked(textOf(frame.reason))
        break
      case 'connection.unblocked':
        this.#blocked = false
        listener.unblocked()
        break
      case 'channel.flow':
        this.#blocked = !frame.active
        this.#pen.send({ type: 'channel.flow-ok', channel: frame.channel, active: frame.active })
        if (frame.active) listener.unblocked()
        else listener.blocked('channel.flow')
        break
      case 'queue.declare-ok':
        // Answers have the first queue that is declared on their channel.
        if (this.#options.requests && this.#consuming.contentOf(frame.channel) !== undefined) {
          this.#replyTo ??= textOf(frame.queue)
        }
        this.#answered(frame)
        break
      case 'connection.close-ok':
        listener.left()
        break
      case 'protocol-header':
        listener.failed(`the server speaks AMQP ${frame.major}.${frame.minor}.${frame.revision}`)
        break
      default:
        if (frame.type.endsWith('-ok')) this.#answered(frame)
    }
  }

  #logIn({ mechanisms }: MethodOf<'connection.start'>): void {
    const first = this.#login.begin(textOf(mechanisms).split(' '))
    if (first !== undefined) this.#pen.send(startOk(this.#options, this.#login.mechanism, first))
  }

  /** To what was asked before it is ready. */
  #answered(frame: AmqpFrame): void {
    if (this.#isReady) return
    this.#asking.answered(frame)
    this.#next()
  }

  /** Asks for the next of what is needed. */
  #next(): void {
    if (this.#asking.next()) return
    this.#isReady = true
    this.#options.listener.ready()
    if (this.#token !== undefined) this.renew(this.#token)
  }

  /** A question for a message is answered on the channel of this frame: the source that it was for. */
  #asked(bytes: Uint8Array, start: number): number {
    return this.#polling?.answered(u16At(bytes, start + 1)) ?? -1
  }

  #tick(now: number): number | undefined {
    if (!this.#isReady || this.#leaving) return undefined
    return earlier(this.#polling?.tick(now), this.#publishing.tick(now))
  }
}

const earlier = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a

const reader = new Reader()
const frameOf = (packet: Packet<Context>): AmqpFrame => read(reader.open(packet), packet.context)

const textOf = (text: string | Uint8Array): string => (typeof text === 'string' ? text : utf8(text, 0, text.length))
