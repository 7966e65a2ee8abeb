import type { Packet } from '../../core/index.ts'
import { type Expected, Pairs, type Player, type PlayOptions, type Said } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Amqp10Frame, Begin, Open } from '../frames.ts'
import { LogIn } from './login.ts'
import { Names } from './names.ts'
import { after, ORDERLY } from './said.ts'
import { PlayedSession, type SessionFrame } from './session.ts'
import type { Shared } from './shared.ts'
import { Transactions } from './transactions.ts'
import { Asked, type Run, Twins } from './twins.ts'

/** One side of an AMQP 1.0 connection, played again: the protocol is the same for both but for SASL. */
export class Amqp10Player implements Player<Amqp10Frame, Context> {
  readonly #options: PlayOptions
  readonly #logIn: LogIn
  readonly #shared: Shared
  /** By our channel, and by the peer's. */
  readonly #ours = new Map<number, PlayedSession>()
  readonly #theirs: Readonly<Record<Run, Map<number, PlayedSession>>> = { recorded: new Map(), live: new Map() }
  readonly #asked = new Asked<PlayedSession>()
  readonly #offered = new Twins<PlayedSession>()
  /** What to wait for before a session of the peer's is answered, by its channel in the recording. */
  readonly #unanswered = new Map<number, Expected>()
  #count = 0
  /** By the peer. */
  readonly #closed: Record<Run, boolean> = { recorded: false, live: false }
  /** We closed it, as the peer did, though the recording does not. */
  #answered = false
  /** Milliseconds after which the peer takes silence for the end; 0 is never [2.4.5]. */
  #idleTimeOut = 0

  constructor(options: PlayOptions) {
    this.#options = options
    this.#logIn = new LogIn(options)
    this.#shared = {
      names: new Names(options),
      transactions: new Transactions(),
      answers: new Pairs(() => {}),
      peer: { maxFrameSize: 0xffffffff, channelMax: 0xffff },
    }
  }

  get keepAlive(): number | undefined {
    return this.#idleTimeOut === 0 ? undefined : Math.max(LEAST_KEEP_ALIVE, this.#idleTimeOut / 2)
  }

  get unexpected(): number {
    let sum = 0
    for (const session of this.#ours.values()) sum += session.unexpected
    return sum
  }

  alive(): readonly Amqp10Frame[] {
    return [{ type: 'empty', channel: 0 }]
  }

  urge(): readonly Amqp10Frame[] {
    return this.#closed.live ? [] : [...this.#ours.values()].flatMap(session => session.urge())
  }

  leave(): readonly Amqp10Frame[] {
    return this.#closed.live ? [] : [...this.#ours.values()].flatMap(session => session.leave())
  }

  recall(frame: Amqp10Frame): Expected | undefined {
    switch (frame.type) {
      case 'empty':
      case 'unknown':
        return undefined
      case 'protocol-header':
        return frame.protocolId === TLS ? undefined : this.#answer(frame.type)
      case 'sasl-challenge':
        return this.#logIn.challenged ? this.#answer(frame.type) : undefined
      case 'sasl-mechanisms':
      case 'sasl-init':
      case 'sasl-response':
      case 'sasl-outcome':
      case 'open':
        return this.#answer(frame.type)
      case 'close':
        this.#closed.recorded = true
        return this.#answer(frame.type)
      case 'begin':
        return this.#recallBegin(frame)
    }
    const session = this.#theirs.recorded.get(frame.channel)
    if (session === undefined) return undefined
    const { dead } = session
    const expected = frame.type === 'end' ? this.#recallEnd(session) : session.recall(frame)
    // Nothing more is to come of it.
    if (dead || (this.#closed.live && !this.#closed.recorded)) expected?.giveUp()
    return expected
  }

  #answer(type: string, cause = type): Expected {
    return this.#shared.answers.recall(type, undefined, cause, false)
  }

  #recallBegin(frame: Begin): Expected {
    const { channel, remoteChannel } = frame
    const session =
      remoteChannel === undefined ? this.#offer('recorded') : this.#asked.take('recorded', String(remoteChannel))
    const expected = this.#answer(`begin ${session?.number}`, `begin on channel ${remoteChannel ?? channel}`)
    if (session === undefined) return expected
    if (remoteChannel === undefined) this.#unanswered.set(channel, expected)
    session.begun('recorded', frame)
    this.#theirs.recorded.set(channel, session)
    if (session.refused) expected.giveUp()
    return expected
  }

  #recallEnd(session: PlayedSession): Expected {
    session.ended.recorded = true
    return this.#answer(`end ${session.number}`, `end on channel ${session.channel}`)
  }

  hear(frame: Amqp10Frame): readonly Amqp10Frame[] {
    switch (frame.type) {
      case 'empty':
      case 'unknown':
        return NOTHING
      case 'begin':
        this.#hearBegin(frame)
        return NOTHING
      case 'open':
        this.#opened(frame)
        break
      case 'close':
        this.#closed.live = true
        break
    }
    if (!('channel' in frame) || frame.type === 'open' || frame.type === 'close') {
      this.#shared.answers.hear(frame.type, undefined)
      return NOTHING
    }
    const session = this.#theirs.live.get(frame.channel)
    if (session === undefined) return NOTHING
    if (frame.type !== 'end') return session.hear(frame)
    session.ended.live = true
    this.#theirs.live.delete(frame.channel)
    this.#shared.answers.hear(`end ${session.number}`, undefined)
    return NOTHING
  }

  #opened({ maxFrameSize = 0xffffffff, channelMax = 0xffff, idleTimeOut = 0 }: Open): void {
    const { peer } = this.#shared
    peer.maxFrameSize = Math.max(LEAST_FRAME, maxFrameSize)
    peer.channelMax = channelMax
    this.#idleTimeOut = idleTimeOut
  }

  #hearBegin(frame: Begin): void {
    const { channel, remoteChannel } = frame
    const session = remoteChannel === undefined ? this.#offer('live') : this.#asked.take('live', String(remoteChannel))
    if (session === undefined) return
    session.begun('live', frame)
    this.#theirs.live.set(channel, session)
    this.#shared.answers.hear(`begin ${session.number}`, undefined)
  }

  /** The peer begins first. */
  #offer(run: Run): PlayedSession {
    return this.#offered.take(run, '', () => new PlayedSession(++this.#count, this.#shared))
  }

  say(frame: Amqp10Frame, packet: Packet<Context>): Said<Amqp10Frame> {
    switch (frame.type) {
      case 'empty':
        return { action: 'skip' }
      case 'protocol-header':
        // Whether there is TLS is settled before anything of AMQP is said.
        return frame.protocolId === TLS ? { action: 'skip' } : ORDERLY
      case 'sasl-init':
        return this.#logIn.init(frame)
      case 'sasl-response':
        return this.#logIn.response()
      case 'close':
        return this.#answered ? { action: 'skip' } : after(this.leave(), frame)
    }
    if (this.#closed.live && !this.#closed.recorded) return this.#unsaid(frame)
    switch (frame.type) {
      case 'open':
        return this.#open(frame)
      case 'begin':
        return this.#begin(frame)
      case 'sasl-mechanisms':
      case 'sasl-challenge':
      case 'sasl-outcome':
      case 'unknown':
        return ORDERLY
    }
    const session = this.#ours.get(frame.channel)
    if (session === undefined) return { action: 'same' }
    if (frame.type === 'end') {
      this.#ours.delete(frame.channel)
      return session.refused || session.answered ? { action: 'skip' } : after(session.leave(), frame)
    }
    return session.dead ? unsaid(session, frame) : session.say(frame, packet.length)
  }

  /** Not sent, as the peer closed now. That is answered, though the recording does not. */
  #unsaid({ type }: Amqp10Frame): Said<Amqp10Frame> {
    if (this.#answered) return { action: 'skip', reason: `${type}: the peer closed the connection` }
    this.#answered = true
    return { action: 'send', frames: [{ type: 'close', channel: 0 }] }
  }

  #open(frame: Open): Said<Amqp10Frame> {
    const { virtualHost: hostname = frame.hostname } = this.#options
    const containerId = this.#shared.names.own(frame.containerId)
    if (hostname === frame.hostname && containerId === frame.containerId) return ORDERLY
    return { action: 'send', orderly: true, frames: [{ ...frame, containerId, hostname }] }
  }

  #begin(frame: Begin): Said<Amqp10Frame> {
    const { channel, remoteChannel } = frame
    if (remoteChannel !== undefined) return this.#answerBegin(frame, remoteChannel)
    const session = new PlayedSession(++this.#count, this.#shared)
    session.begin(frame)
    this.#ours.set(channel, session)
    this.#asked.add('recorded', String(channel), session)
    const { channelMax } = this.#shared.peer
    session.refused = channel > channelMax
    if (session.refused) return { action: 'skip', reason: `channel ${channel}: the peer takes ${channelMax}` }
    this.#asked.add('live', String(channel), session)
    return ORDERLY
  }

  #answerBegin(frame: Begin, remoteChannel: number): Said<Amqp10Frame> {
    const session = this.#theirs.recorded.get(remoteChannel)
    const expected = this.#unanswered.get(remoteChannel)
    if (session === undefined || expected === undefined) return ORDERLY
    if (expected.open) return { action: 'wait', for: expected }
    this.#unanswered.delete(remoteChannel)
    this.#ours.set(frame.channel, session)
    const { live } = session.channels
    session.refused = live === undefined
    if (live === undefined) return { action: 'skip', reason: `${expected.cause} did not come` }
    session.begin(frame)
    return live === remoteChannel
      ? ORDERLY
      : { action: 'send', orderly: true, frames: [{ ...frame, remoteChannel: live }] }
  }
}

/** Not sent, as the peer ended its session now. That is answered, though the recording does not. */
function unsaid(session: PlayedSession, { type }: SessionFrame): Said<Amqp10Frame> {
  const { refused, answered, channel } = session
  if (refused || answered) return { action: 'skip', reason: `${type}: there is no session on channel ${channel}` }
  session.answered = true
  return { action: 'send', frames: [{ type: 'end', channel }] }
}

const TLS = 2
/** Octets that any frame may have [2.8.19]. */
const LEAST_FRAME = 512
/** Milliseconds: a peer that asks for more than this is not kept alive. */
const LEAST_KEEP_ALIVE = 10
const NOTHING: readonly Amqp10Frame[] = []
