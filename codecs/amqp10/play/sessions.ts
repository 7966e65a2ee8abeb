import type { Expected, Said } from '../../core/index.ts'
import type { Amqp10Frame, Begin } from '../frames.ts'
import { ORDERLY } from './said.ts'
import { PlayedSession } from './session.ts'
import type { Shared } from './shared.ts'
import { Asked, type Run, Twins } from './twins.ts'

/** The sessions of one connection: who began which, and on which channel each side sends [2.5.1]. */
export class Sessions {
  readonly #shared: Shared
  readonly #ours = new Map<number, PlayedSession>()
  readonly #theirs: Readonly<Record<Run, Map<number, PlayedSession>>> = { recorded: new Map(), live: new Map() }
  readonly #asked = new Asked<PlayedSession>()
  readonly #offered = new Twins<PlayedSession>()
  /** What to wait for before a session of the peer's is answered, by its channel in the recording. */
  readonly #unanswered = new Map<number, Expected>()
  #count = 0

  constructor(shared: Shared) {
    this.#shared = shared
  }

  /** All that we began and did not end. */
  get all(): Iterable<PlayedSession> {
    return this.#ours.values()
  }

  /** By our channel. */
  ours(channel: number): PlayedSession | undefined {
    return this.#ours.get(channel)
  }

  /** By the peer's. */
  theirs(run: Run, channel: number): PlayedSession | undefined {
    return this.#theirs[run].get(channel)
  }

  begin(frame: Begin): Said<Amqp10Frame> {
    const { channel, remoteChannel } = frame
    if (remoteChannel !== undefined) return this.#answer(frame, remoteChannel)
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

  #answer(frame: Begin, remoteChannel: number): Said<Amqp10Frame> {
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
    if (live === remoteChannel) return ORDERLY
    return { action: 'send', orderly: true, frames: [{ ...frame, remoteChannel: live }] }
  }

  /** We end it. */
  end(channel: number): void {
    this.#ours.delete(channel)
  }

  recall(frame: Begin): Expected {
    const { channel, remoteChannel } = frame
    const session = this.#begun('recorded', frame)
    const cause = `begin on channel ${remoteChannel ?? channel}`
    const expected = this.#shared.answers.recall(`begin ${session?.number}`, undefined, cause, false)
    if (session !== undefined && remoteChannel === undefined) this.#unanswered.set(channel, expected)
    if (session?.refused === true) expected.giveUp()
    return expected
  }

  recallEnd(session: PlayedSession): Expected {
    session.ended.recorded = true
    const cause = `end on channel ${session.channel}`
    return this.#shared.answers.recall(`end ${session.number}`, undefined, cause, false)
  }

  hear(frame: Begin): void {
    const session = this.#begun('live', frame)
    if (session !== undefined) this.#shared.answers.hear(`begin ${session.number}`, undefined)
  }

  hearEnd(session: PlayedSession, channel: number): void {
    session.ended.live = true
    this.#theirs.live.delete(channel)
    this.#shared.answers.hear(`end ${session.number}`, undefined)
  }

  /** In answer to ours, or of the peer's own accord. */
  #begun(run: Run, frame: Begin): PlayedSession | undefined {
    const { channel, remoteChannel } = frame
    const session =
      remoteChannel === undefined
        ? this.#offered.take(run, '', () => new PlayedSession(++this.#count, this.#shared))
        : this.#asked.take(run, String(remoteChannel))
    session?.begun(run, frame)
    if (session !== undefined) this.#theirs[run].set(channel, session)
    return session
  }
}
