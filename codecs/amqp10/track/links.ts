import { Exchange, other, type Packet, type Tracked } from '../../core/index.ts'
import type { Attach, Detach, Flow } from '../frames.ts'
import type { Deliveries } from './deliveries.ts'
import { answer, ask, failure } from './goodbye.ts'
import { type Delivery, Link, type LinkOptions } from './link.ts'
import type { Session } from './session.ts'

/** Links, or addresses, of a connection that are followed; more are not. */
const MOST_LINKS = 8192

/** What is attached, how much it may carry, and how it is detached. */
export class Links {
  readonly #out: Tracked
  readonly #deliveries: Deliveries
  readonly #addresses = new Set<string>()
  #count = 0

  constructor(out: Tracked, deliveries: Deliveries) {
    this.#out = out
    this.#deliveries = deliveries
  }

  attach(session: Session, packet: Packet, frame: Attach, number: number): void {
    const { name, handle, role } = frame
    if (name === undefined || handle === undefined) return
    const { side } = packet
    const sender = role === 'sender' ? side : other(side)
    // The name is a link's for one direction; in the other it is another's [2.6.1].
    const key = `${sender}:${name}`
    const known = session.links.get(key)
    if (known !== undefined && known.opener !== side && !known.answered) {
      this.#answer(session, known, packet, frame, number)
      return
    }
    if (known !== undefined) this.#gone(session, known, packet, number, 'superseded')
    const link = this.#open(session, { key, name, sender: session.ends[sender], opener: side, handle }, packet, number)
    if (link === undefined) return
    link.lead(frame)
    link.wanted = (role === 'sender' ? frame.target : frame.source) !== undefined
    const { scope } = session
    const exchange = new Exchange({ kind: 'attach', id: handle, scope, address: link.address }, packet, number)
    session.attaches.begin(link, exchange)
  }

  #answer(session: Session, link: Link, packet: Packet, frame: Attach, number: number): void {
    link.answered = true
    link.lead(frame)
    session.ends[packet.side].handles.set(frame.handle, link)
    // A link that is refused is first attached without the terminus that there is not [2.6.3].
    const own = frame.role === 'sender' ? frame.source : frame.target
    if (own === undefined && link.wanted) {
      link.doubtful = { time: packet.time, number }
    } else this.#attached(session, link, packet, number)
  }

  /** A link whose attach was not seen: `side` sends over it. */
  implicit(session: Session, handle: number, packet: Packet, number: number): Link | undefined {
    const { side } = packet
    const options = { key: `${side}#${handle}`, name: '', sender: session.ends[side], opener: side, handle }
    const link = this.#open(session, options, packet, number)
    const peer = session.ends[other(side)].handles
    // Most answer with the number that the other side chose.
    if (link !== undefined && !peer.has(handle)) peer.set(handle, link)
    return link
  }

  #open(session: Session, options: LinkOptions, packet: Packet, number: number): Link | undefined {
    const { handles } = session.ends[options.opener]
    const former = handles.get(options.handle)
    if (former !== undefined) this.#gone(session, former, packet, number, 'superseded')
    if (this.#count >= MOST_LINKS) return undefined
    this.#count++
    const link = new Link(options)
    session.links.set(link.key, link)
    handles.set(link.handle, link)
    return link
  }

  /** The link is used: it was not refused. */
  confirm(session: Session, link: Link): void {
    const { doubtful } = link
    if (doubtful === undefined) return
    link.doubtful = undefined
    this.#attached(session, link, doubtful, doubtful.number)
  }

  #attached(session: Session, link: Link, when: { readonly time: number }, frame: number): void {
    session.attaches.settle(link, when, frame, true, 'attach')
    link.told = true
    const { time } = when
    const { name, details, address } = link
    this.#out.topology({ action: 'add', kind: 'link', name, parent: session.scope, details, frame, time })
    if (address === undefined || this.#addresses.has(address) || this.#addresses.size >= MOST_LINKS) return
    this.#addresses.add(address)
    this.#out.topology({ action: link.dynamic ? 'add' : 'use', kind: 'address', name: address, frame, time })
  }

  /** Link flow [2.6.7]: the receiver's word on how many deliveries may come, or the sender's on how many it began. */
  flow(session: Session, packet: Packet, frame: Flow, number: number): void {
    const { handle, deliveryCount, linkCredit, available } = frame
    const link = handle === undefined ? undefined : session.ends[packet.side].handles.get(handle)
    if (link === undefined) return
    if (packet.side !== link.opener) this.confirm(session, link)
    if (packet.side === link.sender.side) {
      if (available !== undefined) this.#out.level(link.subject, 'available', available, packet, number)
      const passed = deliveryCount === undefined ? 0 : (deliveryCount - link.deliveryCount) | 0
      link.deliveryCount = (link.deliveryCount + passed) >>> 0
      if (link.credit === undefined || passed === 0) return
      // Drained: what was not used is used up.
      link.credit -= passed
    } else {
      if (linkCredit === undefined) return
      // Less what is on its way to the receiver, which has no count to give before it knows the sender's.
      const sent = deliveryCount === undefined ? 0 : (link.deliveryCount - deliveryCount) | 0
      link.credit = linkCredit - sent
    }
    this.#out.level(link.subject, 'credit', link.credit, packet, number)
  }

  detach(session: Session, packet: Packet, { handle, error }: Detach, number: number): void {
    const { handles } = session.ends[packet.side]
    const link = handles.get(handle)
    if (link === undefined) return
    handles.delete(handle)
    const text = failure(error)
    const { doubtful } = link
    if (doubtful !== undefined && packet.side !== link.opener) {
      link.doubtful = undefined
      session.attaches.get(link)?.step('attach', doubtful, doubtful.number)
      session.attaches.settle(link, packet, number, false, text ?? 'detach')
    }
    if (link.detaching) {
      answer(session.detaches, link, packet, number, text)
      this.#gone(session, link, packet, number, 'link detached')
      return
    }
    link.detaching = true
    const { scope } = session
    const exchange = new Exchange({ kind: 'detach', id: link.handle, scope, address: link.address }, packet, number)
    ask(session.detaches, link, exchange, text)
    this.#deliveries.cut(link, packet.time)
  }

  #gone(session: Session, link: Link, packet: Packet, frame: number, outcome: string): void {
    const { time } = packet
    this.#count--
    session.links.delete(link.key)
    for (const side of ['client', 'server'] as const) {
      const { handles } = session.ends[side]
      for (const [handle, at] of handles) if (at === link) handles.delete(handle)
    }
    this.#deliveries.cut(link, time)
    session.attaches.abandon(link, time, outcome)
    session.detaches.abandon(link, time, outcome)
    if (link.unsettled > 0) {
      const { unsettled } = link.sender
      for (const [id, delivery] of unsettled.entries()) {
        if ((delivery as Delivery).link === link) unsettled.abandon(id, time, outcome)
      }
      this.#deliveries.levels(packet, frame)
    }
    const { name, told } = link
    if (told) this.#out.topology({ action: 'remove', kind: 'link', name, parent: session.scope, frame, time })
  }

  /** Links of a session that is over. */
  release(session: Session, time: number): void {
    for (const link of session.links.values()) this.#deliveries.cut(link, time)
    this.#count -= session.links.size
    session.links.clear()
  }
}
