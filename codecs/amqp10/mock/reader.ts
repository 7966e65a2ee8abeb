import type { Packet, ScriptReader, Spoken } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Amqp10Frame, Attach, Begin, Disposition, Flow, Header, Transfer } from '../frames.ts'
import { payloadOf } from '../play/cut.ts'
import { latest } from '../play/ranges.ts'
import { headerOf } from '../readdress.ts'
import type { Amqp10Act } from './act.ts'
import { Doing } from './doing.ts'

type Words = Spoken<Amqp10Act, Context>

class Link {
  /** What it was attached with, and what was done last on it. */
  readonly attach: Amqp10Act
  last: Amqp10Act
  /** Where its messages come from. */
  address: string
  /** The server gave credit. */
  credited = false
  /** The client asked to drain it. */
  drain: Amqp10Act | undefined
  detached = false
  /** A message that the server is sending. */
  saying: { readonly first: Transfer; readonly packets: Packet<Context>[] } | undefined

  constructor(attach: Amqp10Act) {
    this.attach = attach
    this.last = attach
    this.address = attach.address ?? ''
  }
}

class Session {
  readonly begin: Amqp10Act
  last: Amqp10Act
  ended = false
  /** By the client's handle, and by the server's. */
  readonly ours = new Map<number, Link>()
  readonly theirs = new Map<number, Link>()
  /** Messages that the server has not settled. */
  readonly transfers = new Map<number, Amqp10Act>()
  /** What gave messages back to their node. */
  returned: Amqp10Act | undefined

  constructor(begin: Amqp10Act) {
    this.begin = begin
    this.last = begin
  }
}

/** The id of the protocol itself in protocol headers. */
const AMQP = 0
/** No more settlements of one disposition are looked for than the mock can know of. */
const MOST = 65_536

/** A recorded connection. */
export class Amqp10Reader implements ScriptReader<Amqp10Frame, Amqp10Act, Context> {
  readonly #doing = new Doing(name => name)
  /** By the client's channel, and by the server's. */
  readonly #ours = new Map<number, Session>()
  readonly #theirs = new Map<number, Session>()
  #header: Amqp10Act | undefined
  #security: Amqp10Act | undefined
  #open: Amqp10Act | undefined
  #last: Amqp10Act | undefined
  #closed = false

  did(frame: Amqp10Frame): readonly Amqp10Act[] {
    const acts = this.#doing.did(frame).map(withoutContent)
    for (const act of acts) this.#note(act)
    return acts
  }

  #note(act: Amqp10Act): void {
    const { frame, channel } = act
    this.#last = act
    const session = this.#ours.get(channel)
    switch (frame.type) {
      case 'protocol-header':
        this.#header = act
        return
      case 'sasl-init':
      case 'sasl-response':
        this.#security = act
        return
      case 'open':
        this.#open = act
        return
      case 'close':
        this.#closed = true
        return
      case 'begin':
        this.#ours.set(channel, new Session(act))
        return
    }
    if (session === undefined) return
    session.last = act
    if (frame.type === 'end') session.ended = true
    if (frame.type === 'attach') session.ours.set(frame.handle, new Link(act))
    if (frame.type === 'disposition' && GIVES_BACK.test(act.signature)) session.returned = act
    const link = session.ours.get(act.handle)
    if (link === undefined) return
    link.last = act
    if (frame.type === 'transfer' && frame.settled !== true) session.transfers.set(act.id, act)
    else if (frame.type === 'flow') link.drain = act
    else if (frame.type === 'detach') link.detached = true
  }

  said(frame: Amqp10Frame, packet: Packet<Context>): readonly Words[] {
    const packets = [packet]
    const answer = (to: Amqp10Act | undefined): Words[] => [{ packets, to, kind: 'answer' }]
    switch (frame.type) {
      case 'empty':
      case 'unknown':
        return []
      case 'protocol-header':
        return answer(this.#leading(frame.protocolId))
      case 'open':
        return answer(this.#open ?? this.#leading(AMQP))
      case 'sasl-mechanisms':
        return answer(this.#header)
      case 'sasl-challenge':
      case 'sasl-outcome':
        return answer(this.#security)
      case 'close':
        return this.#closed ? [] : answer(this.#last)
      case 'begin':
        return this.#begun(frame, answer)
      case 'sasl-init':
      case 'sasl-response':
        return []
    }
    const session = this.#theirs.get(frame.channel)
    if (session === undefined) return []
    switch (frame.type) {
      case 'end':
        this.#theirs.delete(frame.channel)
        return session.ended ? [] : answer(session.last)
      case 'attach': {
        const to = this.#attached(session, frame)
        return to === undefined ? [] : answer(to)
      }
      case 'disposition':
        return confirmed(session, frame).map(to => ({ packets, to, kind: 'answer' }))
    }
    const link = frame.handle === undefined ? undefined : session.theirs.get(frame.handle)
    if (link === undefined || frame.handle === undefined) return []
    switch (frame.type) {
      case 'flow':
        return credited(link, frame, packets)
      case 'transfer':
        return this.#delivery(session, link, frame, packet)
      case 'detach':
        session.theirs.delete(frame.handle)
        return link.detached ? [] : answer(link.last)
    }
  }

  /** What leads to this protocol: once it has authenticated the client, a server may go on without its header [2.4.1]. */
  #leading(protocolId: number): Amqp10Act | undefined {
    const header = this.#header
    const asked = header?.frame.type === 'protocol-header' && header.frame.protocolId === protocolId
    return asked ? header : (this.#security ?? header)
  }

  /** A session that the server begins of its own accord is not played. */
  #begun({ channel, remoteChannel }: Begin, answer: (to: Amqp10Act) => Words[]): Words[] {
    const session = remoteChannel === undefined ? undefined : this.#ours.get(remoteChannel)
    if (session === undefined) return []
    this.#theirs.set(channel, session)
    return answer(session.begin)
  }

  /** A link that the server attaches of its own accord is not played. */
  #attached(session: Session, { name, role, handle, source, target }: Attach): Amqp10Act | undefined {
    for (const link of session.ours.values()) {
      const { attach, detached } = link
      const { frame, channel } = attach
      if (frame.type !== 'attach' || frame.name !== name || frame.role === role || detached) continue
      session.theirs.set(handle, link)
      const node = role === 'sender' ? source : target
      if (link.address === '' && node !== undefined && 'address' in node && node.address !== undefined) {
        link.address = node.address
        this.#doing.made(channel, attach.handle, node.address)
      }
      return attach
    }
    return undefined
  }

  #delivery(session: Session, link: Link, frame: Transfer, packet: Packet<Context>): Words[] {
    link.saying ??= { first: frame, packets: [] }
    const { first, packets } = link.saying
    packets.push(packet)
    if (frame.more === true && frame.aborted !== true) return []
    link.saying = undefined
    if (frame.aborted === true) return []
    const { channel } = link.attach
    if (first.settled !== true && frame.settled !== true) {
      this.#doing.deliver(channel, first.deliveryId ?? 0, link.address)
    }
    const { returned } = session
    const also = returned !== undefined && isAgain(headerOf(payloadOf(first))) ? [returned] : []
    return [{ packets, to: link.attach, kind: 'event', also }]
  }
}

/** Each message that is settled is by itself: another client's may be settled in other ranges. */
function confirmed(session: Session, { role, first, last = first, settled }: Disposition): Amqp10Act[] {
  // What settles the server's own deliveries is said as the client does its part.
  if (role !== 'receiver') return []
  const acts: Amqp10Act[] = []
  for (const id of latest(first, last, MOST)) {
    const act = session.transfers.get(id)
    if (act === undefined) continue
    if (settled === true) session.transfers.delete(id)
    acts.push(act)
  }
  return acts
}

/** The first credit, and what answers to draining. More credit is given as the client uses it up. */
function credited(link: Link, { linkCredit = 0 }: Flow, packets: readonly Packet<Context>[]): Words[] {
  const { drain, credited, attach } = link
  if (drain !== undefined) {
    link.drain = undefined
    return [{ packets, to: drain, kind: 'answer' }]
  }
  const receives = attach.frame.type === 'attach' && attach.frame.role === 'receiver'
  if (receives || credited || linkCredit === 0) return []
  link.credited = true
  return [{ packets, to: attach, kind: 'event' }]
}

/** It was delivered before, to somebody who gave it back. */
const isAgain = (header: Header | undefined): boolean =>
  header?.firstAcquirer === false || (header?.deliveryCount ?? 0) > 0

const GIVES_BACK = /^disposition (released|modified) /

/** What was sent is in its detail. */
const withoutContent = ({ content: _, ...act }: Amqp10Act): Amqp10Act => act
