import { type DriveOptions, openDelivery, type Packet, type Pen, type Settlement } from '../../core/index.ts'
import type { Amqp10Frame, Attach, Source } from '../frames.ts'
import { bodyAt, isTrue, uintAt } from '../peek.ts'
import { skip } from '../types.ts'
import { ACCEPTED, MODIFIED, putDisposition, REJECTED, RELEASED } from './disposition.ts'
import { Fields } from './fields.ts'
import { missingFilter } from './filter.ts'
import { answersOf, receiverOf } from './opening.ts'
import { Sections } from './sections.ts'
import type { Session } from './session.ts'
import { Unsettled } from './unsettled.ts'

/** Credit where nobody says how much. */
const CREDIT = 100
/** Of the front of a message that comes in several transfers, how much is kept until its end. */
const FRONT = 4096

interface Link {
  readonly handle: number
  readonly source: number
  deliveryCount: number
  credit: number
  unsettled: number
  /** What came of a message whose last transfer is still to come; allocated when the first such comes. */
  front: Uint8Array | undefined
  kept: number
  size: number
  /** A message is under way: its delivery-id, what it is settled by (-1 for not at all), whether it came settled. */
  open: boolean
  deliveryId: number
  id: number
  settled: boolean
}

/** The links to receive from, what comes on them, and what of it is not settled. */
export class Receivers {
  readonly #options: DriveOptions
  readonly #pen: Pen<Amqp10Frame>
  readonly #session: Session
  readonly #credit: number
  /** In the order of the sources. That of answers comes last, whose source is -1. */
  readonly #links: Link[] = []
  #replyTo: string | undefined
  #leaving = false
  /** By the peer's handle. */
  readonly #byHandle = new Map<number, Link>()
  readonly #unsettled = new Unsettled()
  readonly #fields = new Fields()
  readonly #sections = new Sections()
  readonly #delivery = openDelivery()

  constructor(options: DriveOptions, pen: Pen<Amqp10Frame>, session: Session) {
    this.#options = options
    this.#pen = pen
    this.#session = session
    this.#credit = options.credit === 0 ? CREDIT : options.credit
  }

  /** Where answers come, once the peer said. */
  get replyTo(): string | undefined {
    return this.#replyTo
  }

  /** Asks for a link to one of the sources; -1 for one to a node that is made for answers. */
  attach(handle: number, source: number): void {
    this.#links.push({
      handle,
      source,
      deliveryCount: 0,
      credit: 0,
      unsettled: 0,
      front: undefined,
      kept: 0,
      size: 0,
      open: false,
      deliveryId: 0,
      id: -1,
      settled: false,
    })
    const { sources, settles } = this.#options
    const address = source < 0 ? answersOf(this.#options) : sources[source]
    this.#pen.send(receiverOf(this.#options, handle, address, source < 0 || !settles, source < 0))
  }

  /** The peer attached its end, if there is a source to it: what there is may come. */
  attached(handle: number, { handle: peers, source, initialDeliveryCount = 0 }: Attach): boolean {
    const link = this.#links.find(each => each.handle === handle)
    if (link === undefined || source === undefined) return false
    const missing = link.source < 0 ? undefined : missingFilter(this.#options.settings, source as Source)
    if (missing !== undefined) this.#options.listener.failed(`the server does not filter by ${missing}`)
    this.#byHandle.set(peers, link)
    if (link.source < 0) this.#replyTo = (source as Source).address
    link.deliveryCount = initialDeliveryCount
    this.#topUp(link)
    return true
  }

  /** Says how things stand with one of these links. */
  tell(handle: number): void {
    const link = this.#links.find(each => each.handle === handle)
    if (link !== undefined) this.#tell(link)
  }

  transfer({ buffer, start, end, length }: Packet): void {
    this.#session.received()
    const at = bodyAt(buffer, start)
    const fields = this.#fields.open(buffer, at, end)
    const link = this.#byHandle.get(uintAt(buffer, fields.next(), end))
    if (link === undefined || (this.#leaving && this.#options.settles)) return
    const idAt = fields.next()
    if (!link.open && !this.#begin(link, uintAt(buffer, idAt, end))) return
    // The tag, and the message's format.
    fields.next()
    fields.next()
    if (isTrue(buffer, fields.next())) link.settled = true
    const more = isTrue(buffer, fields.next())
    for (let passed = 0; passed < BETWEEN; passed++) fields.next()
    if (isTrue(buffer, fields.next())) {
      this.#aborted(link)
      return
    }
    const payload = skip(buffer, at, end)
    const from = payload < 0 ? end : payload
    const cut = length - (end - start)
    if (more || link.size > 0) this.#keep(link, buffer, from, end, cut)
    if (more) return
    if (link.size > 0) this.#done(link, link.front as Uint8Array, 0, link.kept, link.size - link.kept)
    else this.#done(link, buffer, from, end, cut)
  }

  /** Nothing more can be settled: what is not, and what comes, is the peer's. */
  leave(): void {
    this.#leaving = true
  }

  settle(id: number, how: Settlement, upTo: boolean): void {
    if (this.#leaving || this.#unsettled.sourceOf(id) < 0) return
    const outcome = how === 'release' && this.#options.settings.release === 'modified' ? MODIFIED : OUTCOMES[how]
    // One range for all but where there are some of which not everything came.
    let from = -1
    for (let each = upTo ? this.#unsettled.first : id; each <= id; each++) {
      const source = this.#unsettled.sourceOf(each)
      if (source < 0) continue
      const link = this.#links[source] as Link
      if (link.open && link.id === each) {
        if (from >= 0) this.#say(from, each - 1, outcome)
        from = -1
      } else {
        if (from < 0) from = each
        this.#settled(link, each)
      }
    }
    if (from >= 0) this.#say(from, id, outcome)
    for (const link of this.#links) this.#topUp(link)
  }

  #settled(link: Link, id: number): void {
    this.#unsettled.settle(id)
    link.unsettled--
  }

  #say(first: number, last: number, outcome: number): void {
    putDisposition(this.#options.outbox, 'receiver', first, last, outcome)
  }

  /** Its first transfer says which it is; ids are taken in their order, however transfers of links are mixed. */
  #begin(link: Link, deliveryId: number): boolean {
    const { settles, listener } = this.#options
    link.id = -1
    if (settles && link.source >= 0) {
      link.id = deliveryId < 0 ? -1 : this.#unsettled.add(deliveryId, link.source)
      if (link.id < 0) {
        listener.failed(`delivery ${deliveryId} cannot be kept apart from those that are not settled`)
        return false
      }
      link.unsettled++
    }
    link.open = true
    link.deliveryId = deliveryId
    link.kept = 0
    link.size = 0
    link.settled = false
    link.deliveryCount = (link.deliveryCount + 1) >>> 0
    link.credit--
    return true
  }

  /** It needs no settling by us. */
  #forget(link: Link): void {
    if (link.id < 0) return
    this.#settled(link, link.id)
    link.id = -1
  }

  /** What was aborted is no message, and settled [2.6.14]. */
  #aborted(link: Link): void {
    link.open = false
    this.#forget(link)
    this.#topUp(link)
  }

  #keep(link: Link, bytes: Uint8Array, from: number, end: number, cut: number): void {
    link.front ??= new Uint8Array(FRONT)
    const taken = Math.min(end - from, link.kept < link.size ? 0 : FRONT - link.kept)
    link.front.set(bytes.subarray(from, from + taken), link.kept)
    link.kept += taken
    link.size += end - from + cut
  }

  #done(link: Link, bytes: Uint8Array, start: number, end: number, beyond: number): void {
    const delivery = this.#delivery
    link.open = false
    if (link.settled) this.#forget(link)
    else if (link.id < 0 && !this.#leaving) this.#say(link.deliveryId, link.deliveryId, ACCEPTED)
    delivery.id = link.id
    this.#sections.look(bytes, start, end, beyond)
    const { size, redelivered, replyTo } = this.#sections
    delivery.bytes = bytes
    delivery.start = this.#sections.start
    delivery.end = this.#sections.end
    delivery.size = size
    delivery.redelivered = redelivered
    delivery.replyTo = replyTo
    delivery.source = link.source
    this.#options.listener.delivered(delivery)
    if (delivery.id < 0) this.#topUp(link)
  }

  /** Grants again what is used up, a half at a time; what is not settled counts as used. */
  #topUp(link: Link): void {
    const most = this.#credit - link.unsettled
    if (this.#leaving || most - link.credit < Math.max(1, this.#credit >> 1)) return
    link.credit = most
    this.#tell(link)
  }

  #tell({ handle, deliveryCount, credit }: Link): void {
    this.#session.tell({ handle, deliveryCount, linkCredit: credit })
  }
}

/** Fields of a transfer between `more` and `aborted` [2.7.5]. */
const BETWEEN = 3

const OUTCOMES: Readonly<Record<Settlement, number>> = { accept: ACCEPTED, reject: REJECTED, release: RELEASED }
