import type { Answer, Driver, Outbox, Plate } from '../../codecs/core/index.ts'
import { randomOf } from './arrivals.ts'
import type { PublishPlan } from './plan.ts'
import { type PortableReceipts, Receipts } from './receipts.ts'
import { placeOf, STAMP_PLACE, type Stamper, type StampPlace } from './stamp.ts'
import type { Tally } from './tally.ts'
import { expand, expandMessage, isDynamic, type Names } from './template.ts'

/** What one publisher sends to one destination, numbered from 0: what loss is told by. */
export interface Stream {
  readonly id: number
  readonly group: string
  /** As sent, or a template where it differs from message to message. */
  readonly destination: string
  /** How many there were: the next number. */
  sent: number
  /** Numbers of which nobody can expect that they come: refused, returned, or without an answer. */
  excused: Receipts | undefined
}

export type PortableStream = Omit<Stream, 'excused'> & { readonly excused: PortableReceipts | undefined }

/** A message as it is sent again and again: its plate, once the connection is there, and where its stamp goes. */
interface Prepared {
  readonly stream: Stream
  readonly body: Uint8Array
  readonly stamp: StampPlace | undefined
  readonly dynamic: boolean
  plate: Plate | undefined
}

export interface PublisherOptions {
  readonly plan: PublishPlan
  readonly names: Names
  readonly inFlight: number
  readonly stamper: Stamper
  readonly tally: Tally
  /** A number for a stream that no other has. */
  readonly number: () => number
}

/** Plates that are kept for messages that differ, each client. */
const SEED = 0x9e37_79b9

/** What one client publishes, over all the connections that it has in the run. */
export class Publisher {
  readonly streams: Stream[]
  readonly #options: PublisherOptions
  readonly #prepared: readonly Prepared[]
  readonly #random: () => number
  /** By the driver's slots: when it was due and sent, and which message it is. */
  readonly #due: Float64Array
  readonly #sent: Float64Array
  readonly #what: Uint32Array
  readonly #sequence: Uint32Array
  readonly #under: Uint8Array
  #next = 0
  #open = 0

  constructor(options: PublisherOptions) {
    const { plan, names, inFlight, number } = options
    this.#options = options
    this.#random = randomOf(SEED ^ (names.client + 1))
    this.streams = plan.destinations.map(template => ({
      id: number(),
      group: names.group,
      destination: expand(template, names),
      sent: 0,
      excused: undefined,
    }))
    const bodies = plan.bodies.map(body => bodyOf(body, names, this.#random))
    // Every destination with every body, in turn.
    this.#prepared = bodies.flatMap(body =>
      this.streams.map(stream => ({
        stream,
        body,
        stamp: placeOf(body),
        dynamic: isDynamic(stream.destination),
        plate: undefined,
      })),
    )
    const slots = 2 ** Math.ceil(Math.log2(Math.max(1, inFlight)))
    this.#due = new Float64Array(slots)
    this.#sent = new Float64Array(slots)
    this.#what = new Uint32Array(slots)
    this.#sequence = new Uint32Array(slots)
    this.#under = new Uint8Array(slots)
  }

  /** Sent, and not answered. */
  get open(): number {
    return this.#open
  }

  /** Its connection is a new one: what was encoded for the last may not fit. */
  renew(): void {
    for (const prepared of this.#prepared) prepared.plate = undefined
  }

  /** Publishes the next; only where the driver has room. Times are the run's, in milliseconds. */
  send(driver: Driver, outbox: Outbox, due: number, now: number): void {
    const { stamper, tally, plan } = this.#options
    const what = this.#next
    this.#next = what + 1 === this.#prepared.length ? 0 : what + 1
    const prepared = this.#prepared[what] as Prepared
    const { stream, stamp } = prepared
    const sequence = stream.sent++
    const plate = prepared.dynamic
      ? this.#plate(driver, prepared, expandMessage(stream.destination, sequence, this.#random))
      : (prepared.plate ??= this.#plate(driver, prepared, stream.destination))
    const slot = driver.publish(plate)
    if (stamp !== undefined) {
      stamper.write(outbox.bytes, outbox.view, outbox.bodyAt, stamp, stream.id, sequence, due, now)
    }
    const { counts } = tally
    counts.sent++
    counts.bytesSent += prepared.body.length
    const late = now - due
    if (late > LATE) counts.late++
    tally.lag.record(late * 1000)
    if (plan.stages === undefined) counts.due++
    if (slot < 0) return
    this.#open++
    this.#due[slot] = due
    this.#sent[slot] = now
    this.#what[slot] = what
    this.#sequence[slot] = sequence
    this.#under[slot] = 1
  }

  answered(slot: number, answer: Answer, now: number): void {
    const { tally } = this.#options
    this.#under[slot] = 0
    this.#open--
    if (answer === 'accepted') tally.counts.confirmed++
    else {
      if (answer === 'unroutable') tally.counts.unroutable++
      else tally.counts.refused++
      this.#excuse(slot)
    }
    tally.measured('publish-confirm', now - (this.#due[slot] as number), now - (this.#sent[slot] as number))
  }

  /** A message of ours came back. */
  returned(stream: number, sequence: number): void {
    const found = this.streams.find(({ id }) => id === stream)
    if (found === undefined) return
    found.excused ??= new Receipts()
    if (found.excused.note(sequence)) this.#options.tally.counts.returned++
  }

  /** Nothing more is answered on this connection. */
  lost(): void {
    const { tally } = this.#options
    for (const [slot, under] of this.#under.entries()) {
      if (under === 0) continue
      this.#under[slot] = 0
      this.#open--
      tally.counts.unconfirmed++
      this.#excuse(slot)
    }
  }

  #excuse(slot: number): void {
    const { stream } = this.#prepared[this.#what[slot] as number] as Prepared
    stream.excused ??= new Receipts()
    stream.excused.note(this.#sequence[slot] as number)
  }

  #plate(driver: Driver, { body }: Prepared, destination: string): Plate {
    const { contentType, headers, requests } = this.#options.plan
    return driver.plate({ destination, body, contentType, headers, replyTo: requests ? driver.replyTo : undefined })
  }
}

/** Milliseconds after it was due from which on a message counts as late. */
const LATE = 10

const encoder = new TextEncoder()

function bodyOf(body: PublishPlan['bodies'][number], names: Names, random: () => number): Uint8Array {
  if ('bytes' in body) return body.bytes
  if ('text' in body) return encoder.encode(expand(body.text, names).replaceAll('%stamp', STAMP_PLACE))
  // Nothing that could be compressed.
  return Uint8Array.from({ length: body.size }, () => Math.floor(random() * 256))
}
