import type { Expected, Said } from '../../core/index.ts'
import type { Amqp10Frame, Attach, Role } from '../frames.ts'
import { PlayedLink } from './link.ts'
import { ORDERLY } from './said.ts'
import type { Shared } from './shared.ts'
import { Asked, type Run, Twins } from './twins.ts'

/** The links of one session: who attached which, and what each side calls it by [2.6.1, 2.6.3]. */
export class Links {
  /** Of the live peer. */
  handleMax = 0xffffffff
  readonly #shared: Shared
  /** Of the session. */
  readonly #scope: number
  #count = 0
  readonly #ours = new Map<number, PlayedLink>()
  readonly #theirs: Readonly<Record<Run, Map<number, PlayedLink>>> = { recorded: new Map(), live: new Map() }
  readonly #asked = new Asked<PlayedLink>()
  readonly #offered = new Twins<PlayedLink>()
  /** What the peer attached first and we did not answer, by its name in the recording, with what to wait for. */
  readonly #unanswered = new Map<string, { readonly link: PlayedLink; readonly expected: Expected }>()

  constructor(scope: number, shared: Shared) {
    this.#scope = scope
    this.#shared = shared
  }

  /** All that we attached. */
  get all(): Iterable<PlayedLink> {
    return this.#ours.values()
  }

  /** By our handle. */
  ours(handle: number): PlayedLink | undefined {
    return this.#ours.get(handle)
  }

  /** By the peer's. */
  theirs(run: Run, handle: number): PlayedLink | undefined {
    return this.#theirs[run].get(handle)
  }

  attach(frame: Attach): Said<Amqp10Frame> {
    const key = keyOf(frame.name, frame.role)
    const offered = this.#unanswered.get(key)
    if (offered !== undefined) {
      const { link, expected } = offered
      if (expected.open) return { action: 'wait', for: expected }
      this.#unanswered.delete(key)
      if (link.name === undefined) return { action: 'skip', reason: `${expected.cause} did not come` }
    }
    const { names } = this.#shared
    const link = offered?.link ?? new PlayedLink(++this.#count, frame.role)
    link.attach(frame)
    this.#ours.set(frame.handle, link)
    const name = link.name ?? names.own(frame.name)
    link.refused = frame.handle > this.handleMax
    if (offered === undefined) {
      this.#asked.add('recorded', key, link)
      if (!link.refused) this.#asked.add('live', keyOf(name, frame.role), link)
    }
    if (link.refused) return { action: 'skip', reason: `handle ${frame.handle}: the peer takes ${this.handleMax}` }
    const named = names.attach(frame)
    if (named === frame && name === frame.name) return ORDERLY
    return { action: 'send', orderly: true, frames: [{ ...named, name }] }
  }

  /** The peer detaches it. */
  detached(run: Run, handle: number, link: PlayedLink): void {
    link.detached[run] = true
    this.#theirs[run].delete(handle)
  }

  /** We detach it. */
  detach(handle: number): void {
    this.#ours.delete(handle)
  }

  recall(frame: Attach): Expected {
    const asked = this.#asked.take('recorded', keyOf(frame.name, opposite(frame.role)))
    const link = asked ?? this.#offer('recorded', frame)
    const expected = this.recallAnswer('attach', link, false)
    if (asked === undefined) this.#unanswered.set(keyOf(frame.name, link.role), { link, expected })
    this.#attached('recorded', link, frame)
    return expected
  }

  hear(frame: Attach): void {
    const link = this.#asked.take('live', keyOf(frame.name, opposite(frame.role))) ?? this.#offer('live', frame)
    link.name = frame.name
    this.#attached('live', link, frame)
    this.hearAnswer('attach', link)
  }

  /** Something that the peer says once of a link. */
  recallAnswer(type: string, link: PlayedLink, loose: boolean): Expected {
    const cause = `${type} of ${link.title}`
    const expected = this.#shared.answers.recall(this.#signature(type, link), undefined, cause, loose)
    // Nothing more is to come of it.
    if (link.dead) expected.giveUp()
    return expected
  }

  hearAnswer(type: string, link: PlayedLink): void {
    this.#shared.answers.hear(this.#signature(type, link), undefined)
  }

  #signature(type: string, link: PlayedLink): string {
    return `${type} ${this.#scope} ${link.number}`
  }

  /** The peer attaches first: a link of the same kind then and now. */
  #offer(run: Run, { role, source, target }: Attach): PlayedLink {
    const kind = JSON.stringify([role, addressOf(source), addressOf(target)])
    return this.#offered.take(run, kind, () => new PlayedLink(++this.#count, opposite(role)))
  }

  #attached(run: Run, link: PlayedLink, frame: Attach): void {
    if (this.#theirs[run].size < MOST) this.#theirs[run].set(frame.handle, link)
    const nodes = link.attached(run, frame)
    if (nodes !== undefined) this.#shared.names.learn(...nodes)
  }
}

/** Links that the peer has attached, at most. */
const MOST = 65_536

const opposite = (role: Role): Role => (role === 'sender' ? 'receiver' : 'sender')
/** Links are known by their name and direction. */
const keyOf = (name: string, role: Role): string => `${role} ${name}`

function addressOf(terminus: Attach['source']): string | undefined {
  return terminus !== undefined && 'address' in terminus ? terminus.address : undefined
}
