import { type DriveOptions, InFlight, type Outgoing, type Pen } from '../../core/index.ts'
import type { Amqp10Frame, Attach, Flow } from '../frames.ts'
import { isTrue, uintAt } from '../peek.ts'
import { descriptorAt } from '../schema.ts'
import { ACCEPTED, MODIFIED, putDisposition, REJECTED, RELEASED } from './disposition.ts'
import { Fields } from './fields.ts'
import { senderOf } from './opening.ts'
import { messageOf } from './options.ts'
import { type Amqp10Plate, plateOf } from './plate.ts'
import type { Session } from './session.ts'

interface Link {
  readonly address: string | undefined
  deliveryCount: number
  credit: number
  /** Answers that there was no credit for; undefined of links that are known from the start. */
  readonly waiting: Amqp10Plate[] | undefined
}

interface Held {
  readonly link: Link
  /** In the outbox, until that is taken. */
  readonly at: number
  bytes: Uint8Array
  readonly transfers: number
  withheld: boolean
}

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
  readonly #handles = new Map<string | undefined, number>()
  #open = 0
  #waiting = 0
  /** The first message to a destination that was not known before: it has its number, and waits for credit. */
  #held: Held | undefined
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
    options.outbox.taking = () => this.#withhold()
  }

  /** How many more may be sent, whichever link they are for. */
  get room(): number {
    const { inFlight } = this.#options
    if (this.#waiting >= inFlight || this.#held !== undefined) return 0
    const granted = Math.max(0, Math.min(this.#least, Math.floor(this.#session.window / this.#transfers)))
    return this.#settled ? granted : Math.min(granted, this.#inFlight.room, inFlight - this.#open)
  }

  /** Asks for a link. There is no credit on it until the peer grants some; answers can wait for that. */
  attach(handle: number, address: string | undefined, answers = false): void {
    this.#links[handle] = { address, deliveryCount: 0, credit: 0, waiting: answers ? [] : undefined }
    this.#handles.set(address, handle)
    if (!answers) this.#least = 0
    this.#pen.send(senderOf(this.#options, handle, address, this.#settled || answers))
  }

  /** The link that messages to `address` go by; -1 where there is none yet. */
  handleFor(address: string): number {
    return this.#handles.get(address) ?? this.#handles.get(undefined) ?? -1
  }

  plate(message: Outgoing, handle: number, maxFrameSize: number): Amqp10Plate {
    const { address, waiting } = this.#links[handle] as Link
    const settings = message.settings ?? this.#options.settings
    const settled = this.#settled || waiting !== undefined
    const content = messageOf(message, address === undefined ? message.destination : undefined, settings)
    const plate = plateOf(this.#pen, handle, settled, content, message.body.length, maxFrameSize)
    this.#transfers = Math.max(this.#transfers, plate.transfers)
    return plate
  }

  publish(plate: Amqp10Plate): number {
    const link = this.#links[plate.handle] as Link
    if (link.waiting !== undefined && (link.credit <= 0 || this.#held !== undefined)) {
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
    if (link.waiting === undefined && link.credit <= 0) this.#held = { link, at, bytes, transfers, withheld: false }
    else this.#count(link, transfers)
    const slot = this.#inFlight.open()
    if (settled) {
      this.#inFlight.close(slot)
      return -1
    }
    this.#open++
    return slot
  }

  #count(link: Link, transfers: number): void {
    this.#session.sent(transfers)
    link.deliveryCount = (link.deliveryCount + 1) >>> 0
    link.credit--
    if (link.waiting === undefined && link.credit < this.#least) this.#least = link.credit
  }

  /** What has no credit yet is not sent with the rest. Meanwhile there is no room: it keeps its place in the order. */
  #withhold(): void {
    const held = this.#held
    if (held === undefined || held.withheld) return
    const { outbox } = this.#options
    const end = held.at + held.bytes.length
    held.bytes = outbox.bytes.slice(held.at, end)
    outbox.bytes.copyWithin(held.at, end, outbox.length)
    outbox.length -= held.bytes.length
    held.withheld = true
  }

  /** What waited goes out, as far as there is room for it now. */
  #release(): void {
    const held = this.#held
    if (held !== undefined && held.link.credit > 0 && held.transfers <= this.#session.window) {
      this.#held = undefined
      if (held.withheld) this.#options.outbox.put(held.bytes)
      this.#count(held.link, held.transfers)
    }
    // Answers have later numbers.
    if (this.#held !== undefined) return
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
    if (this.#waiting > 0 || this.#held !== undefined) this.#release()
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
    if (this.#waiting > 0 || this.#held !== undefined) this.#release()
    // The receiver said what it did and waits to be told that we know [2.6.12].
    if (!settled && from <= to) putDisposition(this.#options.outbox, 'sender', from, to, outcome)
  }

  /** Delivery-ids begin anew after 2^32 - 1; messages under way are never so many. */
  #numberOf(id: number): number {
    const { first } = this.#inFlight
    return first + ((id - (first >>> 0)) | 0)
  }
}

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
