import { concat, type DriveOptions, InFlight, type Outgoing, type Pen, type Plate } from '../../core/index.ts'
import type { Amqp10Frame, Attach, Flow, Transfer } from '../frames.ts'
import { bodyAt, fieldAt, isTrue, uintAt } from '../peek.ts'
import { descriptorAt } from '../schema.ts'
import { ACCEPTED, MODIFIED, putDisposition, REJECTED, RELEASED } from './disposition.ts'
import { Fields } from './fields.ts'
import { CHANNEL, senderOf } from './opening.ts'
import { messageOf } from './options.ts'
import type { Session } from './session.ts'

export interface Amqp10Plate extends Plate {
  /** The link that it is for. */
  readonly handle: number
  /** Where the delivery-id and the delivery-tag stand, four octets each. */
  readonly idAt: number
  readonly tagAt: number
  /** How many transfers it takes. */
  readonly transfers: number
  /** It is sent settled: nobody answers. */
  readonly settled: boolean
}

interface Link {
  readonly address: string | undefined
  deliveryCount: number
  credit: number
  /** Answers that there was no credit for; undefined of links that are known from the start. */
  readonly waiting: Amqp10Plate[] | undefined
}

/** Takes four octets as id and as tag, so that any other fits in its place. */
const ANY_ID = 0xffff_ffff
const ANY_TAG = Uint8Array.of(0xff, 0xff, 0xff, 0xff)

/** The links to send on, and what is under way on them. */
export class Senders {
  readonly #options: DriveOptions
  readonly #pen: Pen<Amqp10Frame>
  readonly #session: Session
  readonly #settled: boolean
  readonly #inFlight: InFlight
  readonly #fields = new Fields()
  /** By handle, which it shares with links to receive from. */
  readonly #links: (Link | undefined)[] = []
  #open = 0
  #waiting = 0
  /** The least credit that any link has, but for those of answers. */
  #least = Number.POSITIVE_INFINITY
  /** Most transfers that any plate takes. */
  #transfers = 1

  constructor(options: DriveOptions, pen: Pen<Amqp10Frame>, session: Session) {
    this.#options = options
    this.#pen = pen
    this.#session = session
    this.#settled = options.settings.settled === true
    this.#inFlight = new InFlight(options.inFlight)
  }

  /** How many more may be sent, whichever link they are for. */
  get room(): number {
    const { inFlight } = this.#options
    if (this.#waiting >= inFlight) return 0
    const granted = Math.max(0, Math.min(this.#least, Math.floor(this.#session.window / this.#transfers)))
    return this.#settled ? granted : Math.min(granted, this.#inFlight.room, inFlight - this.#open)
  }

  /** Asks for a link. There is no credit on it until the peer grants some; answers can wait for that. */
  attach(handle: number, address: string | undefined, answers = false): void {
    this.#links[handle] = { address, deliveryCount: 0, credit: 0, waiting: answers ? [] : undefined }
    if (!answers) this.#least = 0
    this.#pen.send(senderOf(this.#options, handle, address, this.#settled || answers))
  }

  /** The link that messages to `address` go by; -1 where there is none yet. */
  handleFor(address: string): number {
    return this.#links.findIndex(link => link !== undefined && (link.address === undefined || link.address === address))
  }

  plate(message: Outgoing, handle: number, maxFrameSize: number): Amqp10Plate {
    const { address, waiting } = this.#links[handle] as Link
    const { settings } = this.#options
    const settled = this.#settled || waiting !== undefined
    const transfer: Transfer = {
      type: 'transfer',
      channel: CHANNEL,
      handle,
      deliveryId: ANY_ID,
      deliveryTag: ANY_TAG,
      messageFormat: 0,
      settled,
      message: messageOf(message, address === undefined ? message.destination : undefined, settings),
    }
    const whole = this.#pen.encode(transfer)
    const parts = whole.length <= maxFrameSize ? [whole] : this.#split(transfer, whole, maxFrameSize)
    const [first] = parts as [Uint8Array]
    const at = bodyAt(first, 0)
    const bytes = parts.length === 1 ? whole : concat(parts)
    this.#transfers = Math.max(this.#transfers, parts.length)
    const payloadAt = whole.length - message.body.length
    return {
      bytes,
      bodyAt: Math.min(first.length, payloadAt + (parts.length === 1 ? 0 : MORE_TRUE)),
      handle,
      idAt: fieldAt(first, at, first.length, 1) + 1,
      tagAt: fieldAt(first, at, first.length, 2) + 2,
      transfers: parts.length,
      settled,
    }
  }

  publish(plate: Amqp10Plate): number {
    const link = this.#links[plate.handle] as Link
    if (link.waiting !== undefined && link.credit <= 0) {
      link.waiting.push(plate)
      this.#waiting++
      return -1
    }
    return this.#send(plate, link)
  }

  #send({ bytes, bodyAt, idAt, tagAt, transfers, settled }: Amqp10Plate, link: Link): number {
    const { outbox } = this.#options
    const at = outbox.put(bytes)
    outbox.bodyAt = at + bodyAt
    outbox.end()
    const id = this.#inFlight.next
    outbox.view.setUint32(at + idAt, id)
    outbox.view.setUint32(at + tagAt, id)
    this.#session.sent(transfers)
    link.deliveryCount = (link.deliveryCount + 1) >>> 0
    link.credit--
    if (link.waiting === undefined && link.credit < this.#least) this.#least = link.credit
    const slot = this.#inFlight.open()
    if (settled) {
      this.#inFlight.close(slot)
      return -1
    }
    this.#open++
    return slot
  }

  /** Answers that waited go out, as far as there is room for them now. */
  #release(): void {
    for (const link of this.#links) {
      while (link?.waiting !== undefined && link.credit > 0 && this.#inFlight.room > 0) {
        const plate = link.waiting[0]
        if (plate === undefined || plate.transfers > this.#session.window) break
        link.waiting.shift()
        this.#waiting--
        this.#send(plate, link)
      }
    }
  }

  /** The peer attached its end. */
  attached(handle: number, { target }: Attach): boolean {
    return this.#links[handle] !== undefined && target !== undefined
  }

  /** Credit is what the peer grants, less what it had not seen when it did so [2.6.7]. */
  flow(handle: number, { deliveryCount = 0, linkCredit = 0, drain, echo }: Flow): void {
    const link = this.#links[handle]
    if (link === undefined) return
    link.credit = linkCredit - ((link.deliveryCount - deliveryCount) >>> 0)
    if (drain === true && link.credit > 0) {
      // There is nothing that waits to be sent: what is left of the credit is given up.
      link.deliveryCount = (link.deliveryCount + link.credit) >>> 0
      link.credit = 0
    }
    this.#least = Number.POSITIVE_INFINITY
    for (const each of this.#links) {
      if (each !== undefined && each.waiting === undefined) this.#least = Math.min(this.#least, each.credit)
    }
    if (this.#waiting > 0) this.#release()
    if (drain === true || echo === true) {
      const { deliveryCount, credit } = link
      this.#session.tell({ handle, deliveryCount, linkCredit: Math.max(0, credit), drain: drain === true })
    }
  }

  /** A disposition of the peer's, whose body is at `at`: what became of deliveries of ours. */
  disposed(bytes: Uint8Array, at: number, end: number): void {
    const fields = this.#fields.open(bytes, at, end)
    if (!isTrue(bytes, fields.next())) return
    const first = uintAt(bytes, fields.next(), end)
    const lastAt = fields.next()
    const last = lastAt < 0 ? first : uintAt(bytes, lastAt, end)
    const settled = isTrue(bytes, fields.next())
    const stateAt = fields.next()
    const outcome = stateAt < 0 ? ACCEPTED : descriptorAt(bytes, stateAt, end)
    const answer = answerOf(outcome, settled)
    if (first < 0 || answer === undefined) return
    const from = Math.max(this.#numberOf(first), this.#inFlight.first)
    const to = Math.min(this.#numberOf(last), this.#inFlight.next - 1)
    for (let number = from; number <= to; number++) {
      const slot = this.#inFlight.slotOf(number)
      if (slot < 0) continue
      this.#inFlight.close(slot)
      this.#open--
      this.#options.listener.answered(slot, answer)
    }
    if (this.#waiting > 0) this.#release()
    // The receiver said what it did and waits to be told that we know [2.6.12].
    if (!settled && from <= to) putDisposition(this.#options.outbox, 'sender', from, to, outcome)
  }

  /** Delivery-ids begin anew after 2^32 - 1; messages under way are never so many. */
  #numberOf(id: number): number {
    const { first } = this.#inFlight
    return first + ((id - (first >>> 0)) | 0)
  }

  /** The delivery in as many transfers as the peer's frames want; only the first says which it is [2.6.14]. */
  #split(transfer: Transfer, whole: Uint8Array, maxFrameSize: number): Uint8Array[] {
    const { handle } = transfer
    const begin: Transfer = { ...transfer, message: undefined, more: true }
    const goOn: Transfer = { type: 'transfer', channel: CHANNEL, handle, more: true }
    const head = this.#pen.encode(begin).length
    const payload = whole.subarray(head - MORE_TRUE)
    const first = maxFrameSize - head
    const each = maxFrameSize - this.#pen.encode(goOn).length
    const parts = [this.#pen.encode({ ...begin, payload: payload.subarray(0, first) })]
    for (let at = first; at < payload.length; at += each) {
      const more = at + each < payload.length
      parts.push(this.#pen.encode({ ...goOn, more, payload: payload.subarray(at, at + each) }))
    }
    return parts
  }
}

/** What a transfer is longer by that says that more will come. */
const MORE_TRUE = 1

/** What an outcome means to the sender; undefined for a state that is none yet. */
function answerOf(outcome: number, settled: boolean): 'accepted' | 'refused' | 'unroutable' | undefined {
  switch (outcome) {
    case ACCEPTED:
      return 'accepted'
    case RELEASED:
      // The word of RabbitMQ for what no queue gets.
      return 'unroutable'
    case REJECTED:
    case MODIFIED:
      return 'refused'
    default:
      return settled ? 'accepted' : undefined
  }
}
