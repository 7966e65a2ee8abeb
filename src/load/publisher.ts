import type { Answer, Driver, DriveSettings, Outbox, Plate } from '../../codecs/core/index.ts'
import { randomOf } from './arrivals.ts'
import { Messages, type Prepared } from './messages.ts'
import type { PublishPlan } from './plan.ts'
import { Properties } from './properties.ts'
import { countdown } from './quota.ts'
import { type PortableReceipts, Receipts } from './receipts.ts'
import type { Stalls } from './stalls.ts'
import { placeOf, type Stamper } from './stamp.ts'
import type { Tally } from './tally.ts'
import type { MessageNames, Names } from './template.ts'

/** What one publisher sends to one destination, numbered from 0: what loss is told by. */
export interface Stream {
  readonly id: number
  readonly group: string
  /** As sent, or a template where it differs from message to message. */
  readonly destination: string
  /** How many there were: the next number. */
  sent: number
  /** And how many without a stamp, which have no number. */
  unmarked: number
  /** Numbers of which nobody can expect that they come: refused, returned, or without an answer. */
  excused: Receipts | undefined
  /** Numbers of requests to which an answer came. */
  answered: Receipts | undefined
}

export type PortableStream = Omit<Stream, 'excused' | 'answered'> & {
  readonly excused: PortableReceipts | undefined
  readonly answered: PortableReceipts | undefined
}

export interface PublisherOptions {
  readonly plan: PublishPlan
  readonly names: Names
  /** Of its driver. */
  readonly settings: DriveSettings
  /** Of the group. */
  readonly clients: number
  readonly inFlight: number
  readonly run: number
  readonly stamper: Stamper
  readonly tally: Tally
  readonly stalls: Stalls
  /** A number for a stream that no other has. */
  readonly number: () => number
}

const SEED = 0x9e37_79b9
/** In place of the number of a message without a stamp. */
const UNMARKED = 0xffff_ffff
/** What a slot has in it, beside nothing: a message that may be answered, or one that should have been. */
const OPEN = 1
const EXPIRED = 2

/** What one client publishes, over all the connections that it has in the run. */
export class Publisher {
  /** By destination, as far as something was sent there. */
  readonly #streams: Stream[] = []
  readonly #byId = new Map<number, Stream>()
  readonly #options: PublisherOptions
  readonly #messages: Messages
  readonly #properties: Properties
  readonly #random: () => number
  /** By the driver's slots: when it was due and sent, and which message of which stream it is. */
  readonly #due: Float64Array
  readonly #sent: Float64Array
  readonly #what: Uint32Array
  readonly #sequence: Uint32Array
  readonly #under: Uint8Array
  readonly #message: { -readonly [Name in keyof MessageNames]: MessageNames[Name] }
  #open = 0
  /** Messages that it is still to send; or `ENDLESS`. */
  #left: number

  constructor(options: PublisherOptions) {
    const { plan, names, inFlight } = options
    this.#options = options
    this.#left = countdown(plan.quota.each)
    this.#random = randomOf(SEED ^ (names.client + 1))
    this.#properties = new Properties(plan, options.settings, names)
    this.#messages = new Messages(plan, names, options.clients, this.#properties.isDynamic, this.#random)
    this.#message = {
      sequence: 0,
      random: this.#random,
      run: options.run,
      columns: plan.columns,
      row: names.client - options.clients,
    }
    const slots = 2 ** Math.ceil(Math.log2(Math.max(1, inFlight)))
    this.#due = new Float64Array(slots)
    this.#sent = new Float64Array(slots)
    this.#what = new Uint32Array(slots)
    this.#sequence = new Uint32Array(slots)
    this.#under = new Uint8Array(slots)
  }

  get streams(): Stream[] {
    return this.#streams.filter(stream => stream !== undefined)
  }

  /** Those that are known before there is a message. */
  get destinations(): string[] {
    return this.#messages.destinations.flatMap(({ text, isDynamic }) => (isDynamic ? [] : text))
  }

  /** Sent, and not answered. */
  get open(): number {
    return this.#open
  }

  /** It has sent all that it was to. */
  get isSpent(): boolean {
    return this.#left === 0
  }

  /** The run starts at `at`, milliseconds of its clock. */
  starts(at: number): void {
    this.#messages.starts(at)
  }

  /** Its connection is a new one: what was encoded for the last may not fit. */
  renew(): void {
    this.#messages.renew()
  }

  /** Publishes the next; only where the driver has room. Times are the run's, in milliseconds. */
  send(driver: Driver, outbox: Outbox, due: number, now: number): void {
    const { stamper, tally, plan, stalls } = this.#options
    const prepared = this.#messages.next(due)
    const stream = this.#streamOf(prepared)
    let { stamp, plate, body } = prepared
    if (plate === undefined) {
      const message = this.#named(stream)
      if (typeof body === 'function') {
        body = body(message)
        stamp = placeOf(body, prepared.stampsFront)
      }
      plate = this.#plate(driver, prepared, message, body)
      if (prepared.isKept) prepared.plate = plate
    }
    const sequence = stamp === undefined ? UNMARKED : stream.sent++
    if (stamp === undefined) stream.unmarked++
    const slot = driver.publish(plate)
    if (stamp !== undefined) {
      stamper.write(outbox.bytes, outbox.view, outbox.bodyAt, stamp, stream.id, sequence, due, now)
    }
    const { counts } = tally
    if (this.#left > 0) this.#left--
    counts.sent++
    counts.bytesSent += (body as Uint8Array).length
    const late = now - due
    if (late > LATE) counts.late++
    tally.lag.record(late * 1000)
    if (plan.stages === undefined) counts.due++
    if (slot < 0) return
    this.#open++
    stalls.sent(now)
    this.#due[slot] = due
    this.#sent[slot] = now
    this.#what[slot] = prepared.to
    this.#sequence[slot] = sequence
    this.#under[slot] = OPEN
  }

  answered(slot: number, answer: Answer, now: number): void {
    const { tally, stalls } = this.#options
    const isLate = this.#under[slot] === EXPIRED
    this.#under[slot] = 0
    stalls.answered(now)
    if (!isLate) this.#open--
    if (isLate) tally.counts.answeredLate++
    else if (answer === 'accepted') tally.counts.confirmed++
    else {
      if (answer === 'unroutable') tally.counts.unroutable++
      else tally.counts.refused++
      this.#excuse(slot)
    }
    tally.measured('publish-confirm', now - (this.#due[slot] as number), now - (this.#sent[slot] as number))
  }

  /** Those that have waited for longer than they may, at `now`, are not waited for any more. Answers with how many. */
  expire(now: number): number {
    if (this.#open === 0) return 0
    const { tally, plan } = this.#options
    let count = 0
    for (const [slot, under] of this.#under.entries()) {
      if (under !== OPEN || now - (this.#sent[slot] as number) <= plan.answerTimeout) continue
      this.#under[slot] = EXPIRED
      this.#open--
      this.#excuse(slot)
      count++
    }
    tally.counts.unconfirmed += count
    return count
  }

  /** A message of ours came back. */
  returned(stream: number, sequence: number): void {
    const found = this.#byId.get(stream)
    if (found === undefined) return
    found.excused ??= new Receipts()
    if (found.excused.note(sequence)) this.#options.tally.counts.returned++
  }

  /** An answer came to a request of ours. False: another did before, or it is none of ours. */
  replied(stream: number, sequence: number): boolean {
    const found = this.#byId.get(stream)
    if (found === undefined) return false
    found.answered ??= new Receipts()
    return found.answered.note(sequence)
  }

  /** Requests that were answered. */
  get replies(): number {
    return this.streams.reduce((sum, { answered }) => sum + (answered?.count ?? 0), 0)
  }

  /** Nothing more is answered on this connection. */
  lost(now: number): void {
    const { tally, stalls } = this.#options
    for (const [slot, under] of this.#under.entries()) {
      if (under === 0) continue
      this.#under[slot] = 0
      stalls.answered(now)
      // It was counted already.
      if (under === EXPIRED) continue
      this.#open--
      tally.counts.unconfirmed++
      this.#excuse(slot)
    }
  }

  #excuse(slot: number): void {
    const stream = this.#streams[this.#what[slot] as number] as Stream
    const sequence = this.#sequence[slot] as number
    if (sequence === UNMARKED) {
      stream.unmarked--
      return
    }
    stream.excused ??= new Receipts()
    stream.excused.note(sequence)
  }

  #streamOf({ to, destination }: Prepared): Stream {
    const known = this.#streams[to]
    if (known !== undefined) return known
    const { names, number } = this.#options
    const stream = {
      id: number(),
      group: names.group,
      destination: destination.text,
      sent: 0,
      unmarked: 0,
      excused: undefined,
      answered: undefined,
    }
    this.#streams[to] = stream
    this.#byId.set(stream.id, stream)
    return stream
  }

  /** What the templates of the next message of a stream name. */
  #named(stream: Stream): MessageNames {
    const message = this.#message
    message.sequence = stream.sent + stream.unmarked
    message.row += this.#options.clients
    return message
  }

  #plate(driver: Driver, prepared: Prepared, message: MessageNames, body: Uint8Array): Plate {
    const destination = prepared.destination.fill(message)
    const { contentType = prepared.contentType, headers, settings } = this.#properties.of(message)
    const replyTo = this.#options.plan.requests ? driver.replyTo : undefined
    return driver.plate({ destination, body, contentType, headers, settings, replyTo })
  }
}

/** Milliseconds after it was due from which on a message counts as late. */
const LATE = 10
