import type { Attach, Begin, Detach, Flow, Role, Transfer } from '../frames.ts'
import { SessionWindow } from '../play/window.ts'

/** A link of a live client, as its server sees it. Handles are the client's, both ways. */
export class LiveLink {
  /** The client's. */
  readonly role: Role
  readonly handle: number
  /** Where its messages come from, as acknowledgements have it in the recording. */
  address = ''
  /** Whether it wants to answer to what it is delivered; undefined where it takes either [2.8.2]. */
  readonly #settled: boolean | undefined
  attached = false
  /** We detached it, and the client has not answered: whatever comes before that is not looked at. */
  closing = false
  /** Deliveries that its sender began [2.6.7]. */
  count: number
  /** What that may come to. */
  limit: number
  /** A client that sends is given so much credit again when half of it is used up; 0 while it has none. */
  granted = 0

  constructor({ role, handle, initialDeliveryCount = 0, sndSettleMode }: Attach) {
    this.role = role
    this.handle = handle
    this.#settled = sndSettleMode === SETTLED ? true : sndSettleMode === UNSETTLED ? false : undefined
    this.count = role === 'sender' ? initialDeliveryCount : 0
    this.limit = this.count
  }

  /** Whether what was sent settled, or not, is so now. */
  settled(recorded: boolean): boolean {
    return this.#settled ?? recorded
  }

  get credit(): number {
    return (this.limit - this.count) | 0
  }

  /** The client's word on it. */
  flow({ deliveryCount, linkCredit }: Flow): void {
    if (this.role !== 'receiver' || linkCredit === undefined) return
    this.limit = ((deliveryCount ?? this.count) + linkCredit) >>> 0
  }

  grant(credit: number): void {
    this.granted = credit
    this.limit = (this.count + credit) >>> 0
  }
}

const UNSETTLED = 0
const SETTLED = 1

/** Links of a session at once, at most. */
const MOST_LINKS = 65_536

/** A session of a live client. Its channel is the client's, both ways. */
export class LiveSession {
  readonly channel: number
  readonly window = new SessionWindow()
  /** We ended it, and the client has not answered: whatever comes before that is not looked at. */
  closing = false
  begun = false
  #deliveryId = 0
  #outgoingWindow = 0
  readonly #links = new Map<number, LiveLink>()

  constructor(frame: Begin) {
    this.channel = frame.channel
    this.window.begun(frame)
  }

  begin(frame: Begin): void {
    this.begun = true
    this.#deliveryId = frame.nextOutgoingId
    this.#outgoingWindow = frame.outgoingWindow
    this.window.begin(frame)
  }

  link(handle: number | undefined): LiveLink | undefined {
    return handle === undefined ? undefined : this.#links.get(handle)
  }

  attach(frame: Attach): void {
    if (this.#links.size < MOST_LINKS) this.#links.set(frame.handle, new LiveLink(frame))
  }

  /** Nothing where it answers to a detach of ours. */
  detach({ handle, closed }: Detach): readonly Detach[] {
    const link = this.#links.get(handle)
    this.#links.delete(handle)
    return link === undefined || link.closing ? [] : [{ type: 'detach', channel: this.channel, handle, closed }]
  }

  /** What must be said so that a client that sends can go on. */
  received(link: LiveLink | undefined, frame: Transfer): readonly Flow[] {
    const full = this.window.received()
    if (link !== undefined && frame.more !== true) link.count = (link.count + 1) >>> 0
    if (link !== undefined && link.granted > 0 && link.credit * 2 <= link.granted) {
      link.grant(link.granted)
      return [this.state(link)]
    }
    return full ? [this.state()] : []
  }

  /** What is so now, of the session and of a link. */
  state(link?: LiveLink): Flow {
    const { state } = this.window
    this.window.took(state.incomingWindow)
    const { channel } = this
    const flow: Flow = { type: 'flow', channel, ...state, outgoingWindow: this.#outgoingWindow }
    if (link === undefined) return flow
    return { ...flow, handle: link.handle, deliveryCount: link.count, linkCredit: Math.max(0, link.credit) }
  }

  /** What was not used of a link's credit is used up [2.6.7]. */
  drained(link: LiveLink): Flow {
    link.count = link.limit
    return { ...this.state(link), drain: true }
  }

  /** Of the next delivery. */
  get deliveryId(): number {
    return this.#deliveryId
  }

  /** It is delivered, in so many transfers. */
  deliver(link: LiveLink, transfers: number): void {
    this.#deliveryId = (this.#deliveryId + 1) >>> 0
    link.count = (link.count + 1) >>> 0
    this.window.sent(transfers)
  }
}
