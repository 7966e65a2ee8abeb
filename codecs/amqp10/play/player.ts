import type { Packet } from '../../core/index.ts'
import { type Expected, Pairs, type Player, type PlayOptions, type Said } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Amqp10Frame, Open } from '../frames.ts'
import { LogIn } from './login.ts'
import { Names } from './names.ts'
import { after, ORDERLY } from './said.ts'
import type { PlayedSession, SessionFrame } from './session.ts'
import { Sessions } from './sessions.ts'
import type { Shared } from './shared.ts'
import { Transactions } from './transactions.ts'
import type { Run } from './twins.ts'

/** One side of an AMQP 1.0 connection, played again: the protocol is the same for both but for SASL. */
export class Amqp10Player implements Player<Amqp10Frame, Context> {
  readonly #options: PlayOptions
  readonly #logIn: LogIn
  /** What the server has to log in, as far as the recording has that. */
  #mechanisms: Expected | undefined
  readonly #shared: Shared
  readonly #sessions: Sessions
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
    this.#sessions = new Sessions(this.#shared)
  }

  get keepAlive(): number | undefined {
    return this.#idleTimeOut === 0 ? undefined : Math.max(LEAST_KEEP_ALIVE, this.#idleTimeOut / 2)
  }

  get unexpected(): number {
    let sum = 0
    for (const session of this.#sessions.all) sum += session.unexpected
    return sum
  }

  alive(): readonly Amqp10Frame[] {
    return [{ type: 'empty', channel: 0 }]
  }

  urge(): readonly Amqp10Frame[] {
    return this.#closed.live ? [] : [...this.#sessions.all].flatMap(session => session.urge())
  }

  leave(): readonly Amqp10Frame[] {
    return this.#closed.live ? [] : [...this.#sessions.all].flatMap(session => session.leave())
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
        this.#mechanisms = this.#answer(frame.type)
        return this.#mechanisms
      case 'sasl-init':
      case 'sasl-response':
      case 'sasl-outcome':
      case 'open':
        return this.#answer(frame.type)
      case 'close':
        this.#closed.recorded = true
        return this.#answer(frame.type)
      case 'begin':
        return this.#sessions.recall(frame)
    }
    const session = this.#sessions.theirs('recorded', frame.channel)
    if (session === undefined) return undefined
    const { dead } = session
    const expected = frame.type === 'end' ? this.#sessions.recallEnd(session) : session.recall(frame)
    // Nothing more is to come of it.
    if (dead || (this.#closed.live && !this.#closed.recorded)) expected?.giveUp()
    return expected
  }

  #answer(type: string): Expected {
    return this.#shared.answers.recall(type, undefined, type, false)
  }

  hear(frame: Amqp10Frame): readonly Amqp10Frame[] {
    switch (frame.type) {
      case 'empty':
      case 'unknown':
        return NOTHING
      case 'begin':
        this.#sessions.hear(frame)
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
      const isSasl =
        frame.type === 'sasl-mechanisms' || frame.type === 'sasl-challenge' || frame.type === 'sasl-outcome'
      return isSasl ? this.#logIn.hear(frame) : NOTHING
    }
    const session = this.#sessions.theirs('live', frame.channel)
    if (session === undefined) return NOTHING
    if (frame.type !== 'end') return session.hear(frame)
    this.#sessions.hearEnd(session, frame.channel)
    return NOTHING
  }

  #opened({ maxFrameSize = 0xffffffff, channelMax = 0xffff, idleTimeOut = 0 }: Open): void {
    const { peer } = this.#shared
    peer.maxFrameSize = Math.max(LEAST_FRAME, maxFrameSize)
    peer.channelMax = channelMax
    this.#idleTimeOut = idleTimeOut
  }

  say(frame: Amqp10Frame, packet: Packet<Context>): Said<Amqp10Frame> {
    const { refused } = this.#logIn
    if (refused !== undefined) return refused
    switch (frame.type) {
      case 'empty':
        return { action: 'skip' }
      case 'protocol-header':
        // Whether there is TLS is settled before anything of AMQP is said.
        return frame.protocolId === TLS ? { action: 'skip' } : ORDERLY
      case 'sasl-init':
        if (this.#mechanisms?.open === true) return { action: 'wait', for: this.#mechanisms }
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
        return this.#sessions.begin(frame)
      case 'sasl-mechanisms':
      case 'sasl-challenge':
      case 'sasl-outcome':
      case 'unknown':
        return ORDERLY
    }
    const session = this.#sessions.ours(frame.channel)
    if (session === undefined) return { action: 'same' }
    if (frame.type === 'end') {
      this.#sessions.end(frame.channel)
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
