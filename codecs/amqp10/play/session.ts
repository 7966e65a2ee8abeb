import type { Expected, Said } from '../../core/index.ts'
import type { Amqp10Frame, Attach, Begin, Detach, Disposition, Flow, Transfer } from '../frames.ts'
import { cut, payloadOf } from './cut.ts'
import { Incoming } from './incoming.ts'
import type { PlayedLink } from './link.ts'
import { Links } from './links.ts'
import { Outgoing } from './outgoing.ts'
import { after } from './said.ts'
import type { Shared } from './shared.ts'
import type { Run } from './twins.ts'
import { SessionWindow } from './window.ts'

/** What is said in a session. */
export type SessionFrame = Attach | Detach | Disposition | Flow | Transfer

/** One session, as it was and as it is. Our channel and handles are what they were. */
export class PlayedSession {
  /** Tells it from all others of its connection. */
  readonly number: number
  channel = 0
  /** The peer's. */
  readonly channels: Record<Run, number | undefined> = { recorded: undefined, live: undefined }
  /** It is not begun in this run, as the peer takes no such channel. */
  refused = false
  /** By the peer. */
  readonly ended: Record<Run, boolean> = { recorded: false, live: false }
  /** We ended it, as the peer did, though the recording does not. */
  answered = false
  readonly #shared: Shared
  readonly #links: Links
  readonly #incoming: Incoming
  readonly #outgoing: Outgoing
  readonly #window = new SessionWindow()
  #outgoingWindow = 0

  constructor(number: number, shared: Shared) {
    this.number = number
    this.#shared = shared
    this.#links = new Links(number, shared)
    this.#incoming = new Incoming(shared.names, shared.transactions)
    this.#outgoing = new Outgoing(shared.transactions)
  }

  /** The peer ended it now and did not then, so far. */
  get dead(): boolean {
    return this.refused || (this.ended.live && !this.ended.recorded)
  }

  get unexpected(): number {
    return this.#incoming.unexpected
  }

  begin(frame: Begin): void {
    this.channel = frame.channel
    this.#outgoingWindow = frame.outgoingWindow
    this.#window.begin(frame)
  }

  begun(run: Run, frame: Begin): void {
    this.channels[run] = frame.channel
    if (run === 'recorded') return
    this.#window.begun(frame)
    this.#links.handleMax = frame.handleMax ?? this.#links.handleMax
  }

  recall(frame: SessionFrame): Expected | undefined {
    if (frame.type === 'attach') return this.#links.recall(frame)
    if (frame.type === 'disposition') {
      return frame.role === 'receiver' ? this.#outgoing.recall(frame) : this.#incoming.recallSettled(frame)
    }
    const link = frame.handle === undefined ? undefined : this.#links.theirs('recorded', frame.handle)
    if (link === undefined) return undefined
    switch (frame.type) {
      case 'transfer':
        return this.#incoming.recall(link, frame)
      case 'flow':
        link.flowed('recorded', frame)
        if (link.owed.recorded === 0) return undefined
        link.owed.recorded--
        return this.#links.recallAnswer('flow', link, true)
      case 'detach':
        this.#links.detached('recorded', frame.handle, link)
        return this.#links.recallAnswer('detach', link, false)
    }
  }

  hear(frame: SessionFrame): readonly Amqp10Frame[] {
    if (frame.type === 'attach') this.#links.hear(frame)
    else if (frame.type === 'disposition') {
      if (frame.role === 'receiver') this.#outgoing.hear(frame)
      else this.#incoming.hearSettled(frame)
    } else {
      const link = frame.handle === undefined ? undefined : this.#links.theirs('live', frame.handle)
      if (frame.type === 'flow') return this.#hearFlow(frame, link)
      if (frame.type === 'transfer') {
        if (link !== undefined) this.#incoming.hear(link, frame)
        // The recording renews its window elsewhere, or not at all, where this peer sends other frames.
        return this.#window.received() ? [this.#ownFlow()] : NOTHING
      }
      if (link !== undefined) {
        this.#links.detached('live', frame.handle, link)
        this.#links.hearAnswer('detach', link)
      }
    }
    return NOTHING
  }

  #hearFlow(frame: Flow, link: PlayedLink | undefined): readonly Amqp10Frame[] {
    this.#window.flow(frame)
    if (link !== undefined) {
      link.flowed('live', frame)
      if (link.owed.live > 0) {
        link.owed.live--
        this.#links.hearAnswer('flow', link)
      }
    }
    return frame.echo === true ? [this.#ownFlow(link)] : NOTHING
  }

  #ownFlow(link?: PlayedLink): Flow {
    const { state } = this.#window
    this.#window.took(state.incomingWindow)
    return { type: 'flow', channel: this.channel, ...state, outgoingWindow: this.#outgoingWindow, ...link?.state }
  }

  say(frame: SessionFrame, size: number): Said<Amqp10Frame> {
    if (frame.type === 'attach') return this.#links.attach(frame)
    if (frame.type === 'disposition') {
      return frame.role === 'receiver' ? this.#incoming.dispose(frame) : this.#outgoing.dispose(frame)
    }
    if (frame.type === 'flow' && frame.handle === undefined) return this.#flow(frame)
    const link = frame.handle === undefined ? undefined : this.#links.ours(frame.handle)
    if (link === undefined) return { action: 'same' }
    if (frame.type === 'detach') {
      this.#links.detach(frame.handle)
      return link.refused || link.answered ? { action: 'skip' } : after(this.leave(), frame)
    }
    if (link.dead) return this.#unsaid(link, frame)
    return frame.type === 'flow' ? this.#flow(frame, link) : this.#transfer(link, frame, size)
  }

  /** Not sent, as the peer detached its link now. That is answered, though the recording does not. */
  #unsaid(link: PlayedLink, { type }: SessionFrame): Said<Amqp10Frame> {
    if (link.refused || link.answered) return { action: 'skip', reason: `${type}: ${link.title} is not attached` }
    link.answered = true
    return { action: 'send', frames: [{ type: 'detach', channel: this.channel, handle: link.handle, closed: true }] }
  }

  #flow(frame: Flow, link?: PlayedLink): Said<Amqp10Frame> {
    this.#outgoingWindow = frame.outgoingWindow
    this.#window.took(frame.incomingWindow)
    const { nextIncomingId, nextOutgoingId } = this.#window.state
    const known = frame.nextIncomingId === undefined ? undefined : nextIncomingId
    const changed = { ...frame, nextIncomingId: known, nextOutgoingId, ...link?.flow(frame) }
    const same = FLOW_FIELDS.every(name => changed[name] === frame[name])
    return same ? { action: 'same' } : { action: 'send', frames: [changed] }
  }

  /** Not before the peer gave credit, and has room for it [2.5.6, 2.6.7]. */
  #transfer(link: PlayedLink, frame: Transfer, size: number): Said<Amqp10Frame> {
    const first = link.sending === undefined
    const over = frame.more !== true || frame.aborted === true
    if (link.sending === 'skipped') {
      if (over) link.sending = undefined
      return { action: 'skip' }
    }
    const frames = this.#renewed(link, frame, size, first)
    const waiting = (first ? link.wait() : undefined) ?? this.#window.wait(frames.length)
    if (waiting?.open === true) return { action: 'wait', for: waiting }
    if (waiting !== undefined && first) {
      if (!over) link.sending = 'skipped'
      return { action: 'skip', reason: `a message to ${link.title}: there was no ${waiting.cause}` }
    }
    if (first) {
      link.delivered('live')
      if (frame.deliveryId !== undefined) this.#outgoing.send(frame.deliveryId, frame.settled === true)
    }
    link.sending = over ? undefined : 'sent'
    this.#window.sent(frames.length)
    return frames.length === 1 && frames[0] === frame ? { action: 'same' } : { action: 'send', frames }
  }

  /** A transfer under the names of this run, as this peer takes it. */
  #renewed(link: PlayedLink, frame: Transfer, size: number, first: boolean): readonly Transfer[] {
    const { names, transactions, peer } = this.#shared
    const recorded = payloadOf(frame)
    let payload = recorded
    if (link.coordinator) payload = transactions.content(frame, recorded)
    else if (first) payload = names.content(recorded)
    const id = frame.deliveryId
    const deliveryId = id === undefined ? undefined : first ? this.#outgoing.next(id) : this.#outgoing.live(id)
    const state = transactions.state(frame.state)
    const same = payload === recorded && deliveryId === id && state === frame.state
    const renewed = same ? frame : { ...frame, deliveryId, state, message: undefined, payload }
    const grown = same ? size : size + payload.length - recorded.length + ROOM
    return grown > peer.maxFrameSize ? cut(renewed, payload, peer.maxFrameSize) : [renewed]
  }

  /** Credit, where the peer did without then. */
  urge(): readonly Amqp10Frame[] {
    if (this.dead) return NOTHING
    const flows: Flow[] = []
    for (const link of this.#links.all) if (!link.dead && link.urge()) flows.push(this.#ownFlow(link))
    return flows
  }

  /** What is owed to the peer for what the recording does not have. */
  leave(): readonly Amqp10Frame[] {
    return this.dead ? NOTHING : this.#incoming.leave(this.channel)
  }
}

const NOTHING: readonly Amqp10Frame[] = []
const FLOW_FIELDS = ['nextIncomingId', 'nextOutgoingId', 'deliveryCount', 'linkCredit'] as const
/** Octets by which the fields of a transfer grow at most, where they are written anew, beside its payload. */
const ROOM = 64
