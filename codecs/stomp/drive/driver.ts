import {
  type DriveOptions,
  type Driver,
  InFlight,
  type Outgoing,
  openDelivery,
  type Packet,
  Pen,
  type Plate,
  Reader,
  type Settlement,
  utf8,
} from '../../core/index.ts'
import { dialectOf, unescaped } from '../dialect.ts'
import { type CommandFrame, type StompFrame, stompFrame } from '../frames.ts'
import { Headers } from '../headers.ts'
import { commandLine, nameBytes, valueAt } from '../layout.ts'
import { read } from '../read.ts'
import { type Version, versions } from '../tables.ts'
import type { Context } from '../version.ts'
import { write } from '../write.ts'
import { Incoming } from './incoming.ts'
import { ackModeOf, answersOf, connectOf, sendOf, subscribeAnswers, subscribeOf, subscribesItself } from './options.ts'
import { Acknowledging } from './settling.ts'

/** Room for the number of a message, of which its receipt is called. */
const DIGITS = 10
/** Where it begins in a SEND: its header is the first. */
const RECEIPT_AT = 'SEND\nreceipt:'.length
/** Receipts of other frames. */
const SUBSCRIBED = 'subscribed'
const LEAVING = 'leaving'

/** First letters of what a server says. */
const [C, E, M, R] = [0x43, 0x45, 0x4d, 0x52]
const DIGIT_0 = 0x30

const receiptId = nameBytes('receipt-id')

/** A client of STOMP 1.0, 1.1 or 1.2. */
export class StompDriver implements Driver<Context> {
  readonly #options: DriveOptions
  readonly #pen: Pen<StompFrame>
  readonly #confirms: boolean
  readonly #inFlight: InFlight
  readonly #incoming = new Incoming()
  readonly #acknowledging: Acknowledging
  #version: Version
  #open = 0
  /** Subscriptions whose receipt is still to come. */
  #subscribing = 0
  #leaving = false
  #keepAlive: number | undefined
  readonly #delivery = openDelivery()

  constructor(options: DriveOptions) {
    this.#options = options
    this.#version = versions.find(each => each === options.version) ?? '1.2'
    this.#pen = new Pen(options.outbox, (writer, frame) => write(writer, frame, { version: this.#version }))
    this.#confirms = options.settings.confirms !== false
    this.#inFlight = new InFlight(options.inFlight)
    this.#acknowledging = new Acknowledging(options.outbox)
  }

  get keepAlive(): number | undefined {
    return this.#keepAlive
  }

  get replyTo(): string | undefined {
    return this.#options.requests ? answersOf(this.#options) : undefined
  }

  get room(): number {
    if (!this.#confirms) return Number.POSITIVE_INFINITY
    return Math.min(this.#inFlight.room, this.#options.inFlight - this.#open)
  }

  start(): void {
    this.#pen.send(connectOf(this.#options, this.#version))
  }

  plate(message: Outgoing): Plate {
    const receipt = this.#confirms ? '0'.repeat(DIGITS) : undefined
    const bytes = this.#pen.encode(sendOf(message, receipt, message.settings ?? this.#options.settings))
    return { bytes, bodyAt: bytes.length - 1 - message.body.length }
  }

  publish({ bytes, bodyAt }: Plate): number {
    const { outbox } = this.#options
    const at = outbox.put(bytes)
    outbox.bodyAt = at + bodyAt
    outbox.end()
    if (!this.#confirms) return -1
    let digit = at + RECEIPT_AT + DIGITS
    for (let left = this.#inFlight.next; left > 0; left = Math.floor(left / 10)) {
      outbox.bytes[--digit] = DIGIT_0 + (left % 10)
    }
    this.#open++
    return this.#inFlight.open()
  }

  hear(packet: Packet<Context>): void {
    const { buffer, start, end } = packet
    switch (buffer[start]) {
      case M:
        this.#message(packet)
        break
      case R:
        this.#receipt(buffer, start, end)
        break
      case C:
        this.#connected(frameOf(packet))
        break
      case E:
        this.#error(packet)
        break
    }
  }

  settle(id: number, how: Settlement, upTo: boolean): void {
    if (!this.#leaving) this.#acknowledging.settle(id, how, upTo)
  }

  alive(): void {
    this.#pen.send({ type: 'heartbeat' })
  }

  /** All that was said is heard when the receipt is there. */
  leave(): void {
    this.#leaving = true
    for (const [at, destination] of this.#options.sources.entries()) {
      this.#pen.send(stompFrame('UNSUBSCRIBE', Headers.of(['id', String(at)], ['destination', destination])))
    }
    this.#pen.send(stompFrame('DISCONNECT', Headers.of(['receipt', LEAVING])))
  }

  #connected({ version: said = '1.0', heartBeat = '0,0', server = '' }: CommandFrame): void {
    const { listener, sources, requests, settings, keepAlive } = this.#options
    const version = versions.find(each => each === said)
    if (version === undefined) {
      listener.failed(`the server speaks STOMP ${said}`)
      return
    }
    this.#version = version
    // What it wants to hear from us, and how often at most we said that we can [STOMP 1.2, Heart-beating].
    const wanted = Number(heartBeat.split(',')[1] ?? 0)
    this.#keepAlive = keepAlive === 0 || !(wanted > 0) ? undefined : Math.max(keepAlive * 1000, wanted) / 2
    this.#acknowledging.agree(version, ackModeOf(settings, version))
    for (const at of sources.keys()) this.#pen.send(subscribeOf(this.#options, at, SUBSCRIBED, version))
    const answers = requests && !subscribesItself(server)
    if (answers) this.#pen.send(subscribeAnswers(this.#options, SUBSCRIBED))
    this.#subscribing = sources.length + (answers ? 1 : 0)
    if (this.#subscribing === 0) listener.ready()
  }

  /** RECEIPT: the number of a message, or what we called another frame. */
  #receipt(bytes: Uint8Array, start: number, end: number): void {
    const { listener } = this.#options
    const at = valueAt(bytes, commandLine(bytes, start, end) + 1, end, receiptId)
    if (this.#answered(bytes, at, 'accepted')) return
    if (startsWith(bytes, at, LEAVING)) listener.left()
    else if (startsWith(bytes, at, SUBSCRIBED) && --this.#subscribing === 0) listener.ready()
  }

  /** Whether a message that is under way has the receipt at `at`. */
  #answered(bytes: Uint8Array, at: number, answer: 'accepted' | 'refused'): boolean {
    if (at === 0) return false
    let number = 0
    let to = at
    for (; to < at + DIGITS; to++) {
      const digit = (bytes[to] as number) - DIGIT_0
      if (!(digit >= 0 && digit <= 9)) return false
      number = number * 10 + digit
    }
    const slot = this.#inFlight.slotOf(number)
    if (slot < 0) return false
    this.#inFlight.close(slot)
    this.#open--
    this.#options.listener.answered(slot, answer)
    return true
  }

  /** The server ends the connection after it [STOMP 1.2, ERROR]. */
  #error(packet: Packet<Context>): void {
    const { buffer, start, end } = packet
    this.#answered(buffer, valueAt(buffer, commandLine(buffer, start, end) + 1, end, receiptId), 'refused')
    const { message = 'ERROR', body = new Uint8Array(0) } = frameOf(packet)
    // RabbitMQ has the title in the header, and what was wrong in the body.
    const [details = ''] = utf8(body, 0, Math.min(body.length, MOST_DETAILS)).trim().split('\n')
    this.#options.listener.failed(details === '' || message.includes(details) ? message : `${message}: ${details}`)
  }

  #message(packet: Packet<Context>): void {
    const { buffer, start, end } = packet
    const { settles, listener, sources } = this.#options
    const incoming = this.#incoming
    incoming.look(packet)
    const delivery = this.#delivery
    delivery.source = sourceAt(buffer, incoming.subscriptionAt, incoming.subscriptionEnd)
    // Version 1.0 need not say which, and then there may be one only that it can be.
    if (delivery.source >= sources.length) delivery.source = 0
    const unsettled = settles && delivery.source >= 0
    // It can be acknowledged no more, and so it is not ours.
    if (unsettled && this.#leaving) return
    delivery.id = unsettled ? this.#acknowledging.add(buffer, incoming, delivery.source) : -1
    if (unsettled && delivery.id < 0) {
      listener.failed('a message came that cannot be acknowledged')
      return
    }
    const size = start + packet.length - 1 - incoming.bodyAt
    delivery.bytes = buffer
    delivery.start = incoming.bodyAt
    delivery.size = Math.max(0, size)
    delivery.end = Math.min(end, incoming.bodyAt + delivery.size)
    delivery.redelivered = incoming.redelivered
    delivery.replyTo =
      incoming.replyToAt === 0 ? undefined : this.#text(buffer, incoming.replyToAt, incoming.replyToEnd)
    listener.delivered(delivery)
  }

  #text(bytes: Uint8Array, start: number, end: number): string {
    const { escapes } = dialectOf('MESSAGE', this.#version)
    const text = utf8(bytes, start, end)
    return escapes === undefined ? text : unescaped(text, escapes)
  }
}

/** Of what an ERROR says in its body, how much is looked at. */
const MOST_DETAILS = 512

const reader = new Reader()
const frameOf = (packet: Packet<Context>): CommandFrame =>
  read(reader.open(packet), packet.context, packet.side) as CommandFrame

function startsWith(bytes: Uint8Array, at: number, word: string): boolean {
  for (let each = 0; each < word.length; each++) if (bytes[at + each] !== word.charCodeAt(each)) return false
  return at > 0
}

/** The source that a subscription at [start, end) is called after; -1 for that of answers. */
function sourceAt(bytes: Uint8Array, start: number, end: number): number {
  let number = 0
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - DIGIT_0
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number
}
