import { Body, Budget, Recent } from '../../core/index.ts'
import type { Amqp10Frame, Attach, Disposition, Flow, Transfer } from '../frames.ts'
import { payloadOf } from '../play/cut.ts'
import { latest } from '../play/ranges.ts'
import { Value } from '../value.ts'
import {
  type Amqp10Act,
  attachAct,
  type ClientLink,
  frameAct,
  headerAct,
  type Recorded,
  settleAct,
  transferAct,
} from './act.ts'

/** A message that is being sent. */
interface Sending {
  readonly first: Transfer
  readonly body: Body
  settled: boolean
}

class DoneLink implements ClientLink {
  readonly role: ClientLink['role']
  address: string | undefined
  readonly coordinator: boolean
  sending: Sending | undefined

  constructor({ role, source, target }: Attach) {
    this.role = role
    const end = role === 'sender' ? target : source
    const known = end === undefined || end instanceof Value ? undefined : end
    this.coordinator = known !== undefined && 'type' in known && known.type === 'coordinator'
    this.address = known !== undefined && 'address' in known ? known.address : undefined
  }
}

class DoneSession {
  readonly links = new Map<number, DoneLink>()
  /** By delivery-id, what the client got and has not settled: where it came from. */
  readonly delivered = new Recent<number, string>(MOST * 2)
}

/** Deliveries that are known of a session, and its links, at most. */
const MOST = 65_536
/** Bytes of messages that one client sends and that are not whole yet. */
const MOST_BYTES = 32 << 20

/** What the frames of one client do. */
export class Doing {
  readonly #sessions = new Map<number, DoneSession>()
  readonly #budget = new Budget(MOST_BYTES)
  readonly #recorded: Recorded

  constructor(recorded: Recorded) {
    this.#recorded = recorded
  }

  /** The client is to settle this. */
  deliver(channel: number, id: number, address: string): void {
    this.#sessions.get(channel)?.delivered.set(id, address)
  }

  /** A node was made for this link of the client's. */
  made(channel: number, handle: number, address: string): void {
    const link = this.#sessions.get(channel)?.links.get(handle)
    if (link !== undefined) link.address = address
  }

  did(frame: Amqp10Frame): Amqp10Act[] {
    switch (frame.type) {
      case 'empty':
      case 'unknown':
        return []
      case 'protocol-header':
        return [headerAct(frame)]
      case 'begin':
        this.end(frame.channel)
        this.#sessions.set(frame.channel, new DoneSession())
        return [frameAct(frame)]
      case 'end':
        this.end(frame.channel)
        return [frameAct(frame)]
      case 'attach':
        return [this.#attach(frame)]
      case 'flow':
        return this.#flow(frame)
      case 'transfer':
        return this.#transfer(frame)
      case 'disposition':
        return frame.role === 'receiver' ? this.#settle(frame) : []
      case 'detach': {
        const session = this.#sessions.get(frame.channel)
        const link = session?.links.get(frame.handle)
        if (session === undefined || link === undefined) return []
        drop(link)
        session.links.delete(frame.handle)
        return [frameAct(frame, this.#recorded(link.address ?? ''))]
      }
      default:
        return [frameAct(frame)]
    }
  }

  /** What is known of the session means nothing any more. */
  end(channel: number): void {
    for (const link of this.#sessions.get(channel)?.links.values() ?? []) drop(link)
    this.#sessions.delete(channel)
  }

  #attach(frame: Attach): Amqp10Act {
    const link = new DoneLink(frame)
    const links = this.#sessions.get(frame.channel)?.links
    const former = links?.get(frame.handle)
    if (former !== undefined) drop(former)
    if (links !== undefined && links.size < MOST) links.set(frame.handle, link)
    return attachAct(frame, link, this.#recorded)
  }

  /** Credit is no act by itself; to drain is to ask for something [2.6.7]. */
  #flow(frame: Flow): Amqp10Act[] {
    const link = this.#link(frame.channel, frame.handle)
    if (frame.drain !== true || link?.role !== 'receiver') return []
    return [{ ...frameAct(frame, this.#recorded(link.address ?? '')), signature: `drain ${link.address ?? ''}` }]
  }

  #transfer(frame: Transfer): Amqp10Act[] {
    const link = this.#link(frame.channel, frame.handle)
    if (link?.role !== 'sender') return []
    link.sending ??= { first: frame, body: new Body(this.#budget), settled: false }
    const { sending } = link
    const { body, first } = sending
    const part = payloadOf(frame)
    const over = frame.more !== true
    body.add(part, part.length, over)
    if (frame.settled === true) sending.settled = true
    if (!over && frame.aborted !== true) return []
    link.sending = undefined
    if (frame.aborted === true) {
      body.drop()
      return []
    }
    const { size } = body
    return [transferAct(first, sending.settled, body.finish(), size, link, this.#recorded)]
  }

  #settle(frame: Disposition): Amqp10Act[] {
    const { channel, first, last = first } = frame
    const delivered = this.#sessions.get(channel)?.delivered
    const acts: Amqp10Act[] = []
    if (delivered === undefined) return acts
    for (const id of latest(first, last, MOST)) {
      const address = delivered.get(id)
      if (address === undefined) continue
      delivered.delete(id)
      acts.push(settleAct(frame, id, address))
    }
    return acts
  }

  #link(channel: number, handle: number | undefined): DoneLink | undefined {
    return handle === undefined ? undefined : this.#sessions.get(channel)?.links.get(handle)
  }
}

function drop(link: DoneLink): void {
  link.sending?.body.drop()
  link.sending = undefined
}
