import type { Actor, Heard, Line, MockOptions } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Amqp10Frame, Attach, Disposition, Transfer } from '../frames.ts'
import { cut } from '../play/cut.ts'
import type { Amqp10Act } from './act.ts'
import { contentFor, tagOf } from './content.ts'
import { Doing } from './doing.ts'
import { CREDIT, improvised, refusing } from './improvise.ts'
import { type LiveLink, LiveSession } from './live.ts'
import { Names } from './names.ts'

type Saying = readonly Amqp10Frame[] | 'later' | 'never'

/** Octets that any frame may have [2.8.19]. */
const LEAST_FRAME = 512
/** Milliseconds: a client that asks for more than this is not kept alive. */
const LEAST_KEEP_ALIVE = 10

/** A server of AMQP 1.0, to one client. */
export class Amqp10Actor implements Actor<Amqp10Frame, Amqp10Act, Context> {
  readonly #names: Names
  readonly #doing: Doing
  readonly #sessions = new Map<number, LiveSession>()
  /** What the client takes. */
  #maxFrameSize = 0xffffffff
  #idleTimeOut = 0
  /** We closed it, and the client has not answered: whatever comes before that is not looked at [2.4.3]. */
  #closing = false

  constructor(options: MockOptions) {
    this.#names = new Names(options)
    this.#doing = new Doing(name => this.#names.recorded(name))
  }

  get keepAlive(): number | undefined {
    return this.#idleTimeOut === 0 ? undefined : Math.max(LEAST_KEEP_ALIVE, this.#idleTimeOut / 2)
  }

  alive(): readonly Amqp10Frame[] {
    return [{ type: 'empty', channel: 0 }]
  }

  hear(frame: Amqp10Frame): Heard<Amqp10Frame, Amqp10Act> {
    if (this.#closing && frame.type !== 'close') return NOTHING
    if (this.#isPast(frame)) return NOTHING
    const acts = this.#doing.did(frame)
    switch (frame.type) {
      case 'open':
        this.#maxFrameSize = Math.max(LEAST_FRAME, frame.maxFrameSize ?? this.#maxFrameSize)
        this.#idleTimeOut = frame.idleTimeOut ?? 0
        return { acts }
      case 'close':
        return { acts, send: this.#closing ? [] : [{ type: 'close', channel: 0 }], end: true }
      case 'begin':
        this.#sessions.set(frame.channel, new LiveSession(frame))
        return { acts }
      case 'end': {
        const asked = this.#sessions.get(frame.channel)?.closing === true
        this.#sessions.delete(frame.channel)
        return { acts, send: asked ? [] : [{ type: 'end', channel: frame.channel }] }
      }
      case 'attach':
      case 'flow':
      case 'transfer':
      case 'disposition':
      case 'detach': {
        const session = this.#sessions.get(frame.channel)
        return { acts, send: session === undefined ? [] : this.#within(session, frame) }
      }
      default:
        return { acts }
    }
  }

  /** Whoever is told that something ended may say more before it is heard. */
  #isPast(frame: Amqp10Frame): boolean {
    if (!('channel' in frame) || frame.type === 'begin' || frame.type === 'end') return false
    const session = this.#sessions.get(frame.channel)
    if (session?.closing === true) return true
    return (frame.type === 'flow' || frame.type === 'transfer') && session?.link(frame.handle)?.closing === true
  }

  /** What is answered at once. */
  #within(session: LiveSession, frame: SessionFrame): readonly Amqp10Frame[] {
    switch (frame.type) {
      case 'attach':
        session.attach(frame)
        return []
      case 'flow': {
        session.window.flow(frame)
        const link = session.link(frame.handle)
        link?.flow(frame)
        return frame.echo === true ? [session.state(link)] : []
      }
      case 'transfer':
        return session.received(session.link(frame.handle), frame)
      case 'disposition':
        return frame.role === 'receiver' && frame.settled !== true && isOutcome(frame) ? [settling(frame)] : []
      case 'detach':
        return session.detach(frame)
    }
  }

  recognise(then: Amqp10Act, now: Amqp10Act): void {
    this.#names.recognise(then, now)
  }

  say({ frames }: Line<Amqp10Frame>, now: Amqp10Act | undefined, echo: Amqp10Act | undefined): Saying {
    const [frame] = frames
    if (frame === undefined || !('channel' in frame)) return frames
    if (this.#closing) return 'never'
    if (frame.type === 'close') this.#closing = true
    if (frame.type === 'open' || frame.type === 'close' || now === undefined) return frames
    const session = this.#sessions.get(now.channel)
    if (session === undefined || session.closing) return 'never'
    const { channel } = session
    switch (frame.type) {
      case 'begin':
        session.begin(frame)
        return [{ ...frame, channel, remoteChannel: channel }]
      case 'end':
        session.closing = true
        return [{ ...frame, channel }]
      case 'disposition':
        return isSettled(now) ? [] : [{ ...frame, channel, first: now.id, last: undefined }]
    }
    const link = session.link(now.handle)
    if (link === undefined || link.closing) return 'never'
    switch (frame.type) {
      case 'attach':
        return [this.#attach(session, link, frame, now)]
      case 'flow':
        if (now.frame.type === 'flow') return [session.drained(link)]
        link.grant(frame.linkCredit ?? 0)
        return [session.state(link)]
      case 'detach':
        link.closing = true
        return [{ ...frame, channel, handle: link.handle }]
      case 'transfer':
        return this.#deliver(session, link, frames as readonly Transfer[], echo)
      default:
        return []
    }
  }

  #attach(session: LiveSession, link: LiveLink, frame: Attach, { frame: asked, address }: Amqp10Act): Attach {
    link.attached = true
    link.address = this.#names.recorded(address ?? '')
    if (frame.role === 'sender') {
      link.count = frame.initialDeliveryCount ?? 0
      // Credit that came before it was without a count to add to.
      link.limit = (link.limit + link.count) >>> 0
    }
    if (asked.type !== 'attach') return frame
    const node = frame.role === 'sender' ? frame.source : frame.target
    const wanted = asked.role === 'receiver' ? asked.source : asked.target
    const made = isDynamic(wanted) && hasAddress(node) ? this.#names.madeUp(node.address) : undefined
    if (made !== undefined) {
      link.address = this.#names.recorded(made)
      this.#doing.made(session.channel, link.handle, made)
    }
    const live = hasAddress(node) ? { ...node, address: made ?? this.#names.address(node.address) } : node
    const ends = frame.role === 'sender' ? { source: live } : { target: live }
    return { ...frame, channel: session.channel, handle: link.handle, name: asked.name, ...ends }
  }

  #deliver(session: LiveSession, link: LiveLink, then: readonly Transfer[], echo: Amqp10Act | undefined): Saying {
    if (!link.attached || link.credit <= 0) return 'later'
    const { channel, deliveryId } = session
    const { handle } = link
    const settled = link.settled(then.some(frame => frame.settled === true))
    const deliveryTag = tagOf(deliveryId)
    const messageFormat = then[0]?.messageFormat
    const whole = { type: 'transfer', channel, handle, deliveryId, deliveryTag, messageFormat, settled } as const
    const frames = cut(whole, contentFor(then, echo, this.#names), this.#maxFrameSize)
    if (!session.window.fits(frames.length)) return 'later'
    session.deliver(link, frames.length)
    if (!settled) this.#doing.deliver(channel, deliveryId, link.address)
    return frames
  }

  improvise(now: Amqp10Act): readonly Amqp10Frame[] {
    const frames = improvised(now)
    const session = this.#sessions.get(now.channel)
    const link = session?.link(now.handle)
    for (const frame of frames) if (frame.type === 'begin') session?.begin(frame)
    if (session === undefined || link === undefined) return frames
    if (now.frame.type === 'flow') return [session.drained(link)]
    if (now.frame.type !== 'attach') return frames
    link.attached = true
    link.address = this.#names.recorded(now.address ?? '')
    if (link.role === 'receiver') return frames
    link.grant(CREDIT)
    return [...frames, session.state(link)]
  }

  refuse(now: Amqp10Act): { frames: readonly Amqp10Frame[]; end: boolean } {
    const frames = refusing(now)
    const session = this.#sessions.get(now.channel)
    for (const { type } of frames) {
      const link = session?.link(now.handle)
      if (type === 'detach' && link !== undefined) link.closing = true
      else if (type === 'end' && session !== undefined) session.closing = true
      else if (type === 'close') this.#closing = true
    }
    return { frames, end: ENDS.has(now.frame.type) }
  }
}

type SessionFrame = Extract<Amqp10Frame, { type: 'attach' | 'flow' | 'transfer' | 'disposition' | 'detach' }>

const NOTHING = { acts: [] }
/** Who is refused this has nothing to close. */
const ENDS: ReadonlySet<string> = new Set(['protocol-header', 'sasl-init', 'sasl-response'])

/** A receiver that settles second is told that its sender did first [2.8.3]. */
const settling = ({ channel, first, last, state }: Disposition): Disposition => ({
  type: 'disposition',
  channel,
  role: 'sender',
  first,
  last,
  settled: true,
  state,
})

const isOutcome = ({ state }: Disposition): boolean =>
  state !== undefined && 'type' in state && state.type !== 'received'

const isSettled = ({ frame }: Amqp10Act): boolean => frame.type === 'transfer' && frame.settled === true

type End = Attach['source']
const isDynamic = (end: End): boolean => end !== undefined && 'dynamic' in end && end.dynamic === true
const hasAddress = (end: End): end is End & { readonly address: string } =>
  end !== undefined && 'address' in end && typeof end.address === 'string'
