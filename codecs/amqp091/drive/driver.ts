import {
  type DriveOptions,
  type Driver,
  InFlight,
  type Outgoing,
  type Packet,
  Pen,
  type Plate,
  Reader,
  type Settlement,
  u16At,
  u32At,
  utf8,
} from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import { Table } from '../field-table.ts'
import type { AmqpFrame, ContentBody } from '../frames.ts'
import { read } from '../read.ts'
import { BASIC, BODY, FRAME_END, FRAME_MIN_SIZE, FRAME_OVERHEAD, HEADER, METHOD } from '../tables.ts'
import { write } from '../write.ts'
import { Content } from './content.ts'
import { CONSUMING, PROTOCOL_HEADER, PUBLISHING, requests, startOk, tuneOk } from './opening.ts'
import { exchangeOf, propertiesOf } from './options.ts'

/** Class and method in one number, of the methods that come with every message. */
const BASIC_ACK = 0x003c_0050
const BASIC_NACK = 0x003c_0078
const BASIC_DELIVER = 0x003c_003c
const BASIC_RETURN = 0x003c_0032

/** What a protocol header begins with, which is the answer to one of another version [4.2.2]. */
const PROTOCOL = 0x41

/** A client of AMQP 0-9-1: one channel to publish on, one to consume on. */
export class AmqpDriver implements Driver<Context> {
  readonly #options: DriveOptions
  readonly #pen: Pen<AmqpFrame>
  readonly #confirms: boolean
  readonly #inFlight: InFlight
  /** What comes back, and what is delivered: frames of their channels may be mixed [4.2.6]. */
  readonly #returns: Content
  readonly #deliveries: Content
  #requests: AmqpFrame[]
  #open = 0
  #frameMax = 0
  #blocked = false
  #leaving = false
  #keepAlive: number | undefined
  #replyTo: string | undefined

  constructor(options: DriveOptions) {
    this.#options = options
    this.#pen = new Pen(options.outbox, write)
    this.#confirms = options.publishes && options.settings.confirms !== false
    this.#inFlight = new InFlight(options.inFlight)
    this.#returns = new Content(options.listener)
    this.#deliveries = new Content(options.listener)
    this.#requests = requests(options)
  }

  get keepAlive(): number | undefined {
    return this.#keepAlive
  }

  get replyTo(): string | undefined {
    return this.#replyTo
  }

  get room(): number {
    if (this.#blocked) return 0
    if (!this.#confirms) return Number.POSITIVE_INFINITY
    return Math.min(this.#inFlight.room, this.#options.inFlight - this.#open)
  }

  start(): void {
    this.#pen.send(PROTOCOL_HEADER)
  }

  plate({ destination, body, contentType, replyTo, headers, answers }: Outgoing): Plate {
    const { settings } = this.#options
    const most = this.#frameMax === 0 ? body.length : this.#frameMax - FRAME_OVERHEAD
    const bodies: ContentBody[] = []
    for (let at = 0; at < body.length; at += most) {
      bodies.push({ type: 'body', channel: PUBLISHING, body: body.subarray(at, at + most) })
    }
    const front = this.#pen.encode(
      {
        type: 'basic.publish',
        channel: PUBLISHING,
        // Answers go to queues, whatever messages go to.
        exchange: answers === true ? '' : exchangeOf(settings),
        routingKey: destination,
        mandatory: settings.mandatory === true,
        immediate: false,
      },
      {
        type: 'header',
        channel: PUBLISHING,
        classId: BASIC,
        bodySize: body.length,
        properties: {
          ...(contentType === undefined ? {} : { contentType }),
          ...(headers === undefined ? {} : { headers: Table.of(headers) }),
          ...propertiesOf(settings),
          ...(replyTo === undefined ? {} : { replyTo }),
        },
      },
    )
    const bytes = this.#pen.encode(...bodies)
    const whole = new Uint8Array(front.length + bytes.length)
    whole.set(front)
    whole.set(bytes, front.length)
    return { bytes: whole, bodyAt: Math.min(whole.length, front.length + FRAME_OVERHEAD - 1) }
  }

  publish({ bytes, bodyAt }: Plate): number {
    const { outbox } = this.#options
    const at = outbox.put(bytes)
    outbox.bodyAt = at + bodyAt
    outbox.end()
    if (!this.#confirms) return -1
    this.#open++
    return this.#inFlight.open()
  }

  hear(packet: Packet<Context>): void {
    const { buffer, start, end } = packet
    switch (buffer[start]) {
      case METHOD:
        this.#method(packet, u32At(buffer, start + 7))
        break
      case HEADER:
        this.#contentOf(buffer, start).header(packet)
        break
      case BODY:
        this.#contentOf(buffer, start).body(buffer, start + 7, end - 1)
        break
      case PROTOCOL:
        this.#told(frameOf(packet))
        break
    }
  }

  /** Class 60: ack (method 80), or nack (120) with whether it goes back to the queue. */
  settle(id: number, how: Settlement, upTo: boolean): void {
    if (this.#leaving) return
    const { outbox } = this.#options
    const at = outbox.room(ACK_LENGTH)
    const { bytes, view } = outbox
    bytes[at] = METHOD
    view.setUint16(at + 1, CONSUMING)
    view.setUint32(at + 3, ACK_LENGTH - FRAME_OVERHEAD)
    view.setUint32(at + 7, how === 'accept' ? BASIC_ACK : BASIC_NACK)
    view.setUint32(at + 11, Math.floor(id / 2 ** 32))
    view.setUint32(at + 15, id)
    bytes[at + 19] = (upTo ? 1 : 0) | (how === 'release' ? 2 : 0)
    bytes[at + 20] = FRAME_END
    outbox.end()
  }

  alive(): void {
    this.#pen.send({ type: 'heartbeat', channel: 0 })
  }

  /** What is delivered from here on cannot be acknowledged any more [1.4.2.10]; it goes back to its queue. */
  leave(): void {
    this.#leaving = true
    if (this.#options.settles) this.#deliveries.end()
    const replyText = 'done'
    this.#pen.send({ type: 'connection.close', channel: 0, replyCode: 200, replyText, classId: 0, methodId: 0 })
  }

  #method(packet: Packet<Context>, method: number): void {
    const { buffer, start } = packet
    switch (method) {
      case BASIC_ACK:
        this.#confirmed(buffer, start, true)
        break
      case BASIC_NACK:
        this.#confirmed(buffer, start, false)
        break
      case BASIC_DELIVER:
        this.#deliveries.deliver(buffer, start + 11)
        break
      case BASIC_RETURN:
        this.#returns.returned()
        break
      default:
        this.#told(frameOf(packet))
    }
  }

  #contentOf(bytes: Uint8Array, start: number): Content {
    return u16At(bytes, start + 1) === PUBLISHING ? this.#returns : this.#deliveries
  }

  #confirmed(bytes: Uint8Array, start: number, accepted: boolean): void {
    // Tags of publishes count from 1 in the order of publishing.
    const number = u32At(bytes, start + 11) * 2 ** 32 + u32At(bytes, start + 15) - 1
    const first = ((bytes[start + 19] as number) & 1) === 1 ? this.#inFlight.first : number
    const last = Math.min(number, this.#inFlight.next - 1)
    for (let each = first; each <= last; each++) {
      const slot = this.#inFlight.slotOf(each)
      if (slot < 0) continue
      this.#inFlight.close(slot)
      this.#open--
      this.#options.listener.answered(slot, accepted ? 'accepted' : 'refused')
    }
  }

  #told(frame: AmqpFrame): void {
    const { listener } = this.#options
    switch (frame.type) {
      case 'connection.start':
        this.#pen.send(startOk(this.#options))
        break
      case 'connection.tune': {
        const agreed = tuneOk(frame, this.#options)
        this.#frameMax = agreed.frameMax === 0 ? 0 : Math.max(FRAME_MIN_SIZE, agreed.frameMax)
        this.#keepAlive = agreed.heartbeat === 0 ? undefined : agreed.heartbeat * 500
        this.#pen.send(agreed)
        this.#next()
        break
      }
      case 'connection.secure':
        listener.failed('the server wants another step to log in')
        break
      case 'connection.close':
        this.#pen.send({ type: 'connection.close-ok', channel: 0 })
        listener.failed(`${frame.replyCode} ${textOf(frame.replyText)}`)
        break
      case 'channel.close':
        this.#pen.send({ type: 'channel.close-ok', channel: frame.channel })
        listener.failed(`${frame.replyCode} ${textOf(frame.replyText)}`)
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
        if (this.#options.requests && frame.channel === CONSUMING) this.#replyTo ??= textOf(frame.queue)
        this.#next()
        break
      case 'connection.close-ok':
        listener.left()
        break
      case 'protocol-header':
        listener.failed(`the server speaks AMQP ${frame.major}.${frame.minor}.${frame.revision}`)
        break
      default:
        if (frame.type.endsWith('-ok')) this.#next()
    }
  }

  /** Asks for the next of what is needed. */
  #next(): void {
    const next = this.#requests.shift()
    if (next !== undefined) this.#pen.send(next)
    else this.#options.listener.ready()
  }
}

const ACK_LENGTH = 21

const reader = new Reader()
const frameOf = (packet: Packet<Context>): AmqpFrame => read(reader.open(packet), packet.context)

const textOf = (text: string | Uint8Array): string => (typeof text === 'string' ? text : utf8(text, 0, text.length))
