import { Awaited } from './awaited.ts'
import type { Ensemble, Member } from './ensemble.ts'
import type { Role } from './role.ts'
import type { Schedule } from './schedule.ts'
import type { Part, ScriptLine } from './script.ts'

export interface EventsOptions {
  readonly member: Member
  readonly ensemble: Ensemble
  readonly role: Role
  readonly schedule: Schedule
  readonly loop: boolean
  /** Milliseconds for nanoseconds of the recording. */
  readonly scaled: (recorded: number) => number
}

/** What one client's acts, and what others published, make possible: each said once, or with `loop` as often as it is. */
export class Events {
  readonly #options: EventsOptions
  /** By line, whether it passed on what another client published now. */
  readonly #said = new Map<ScriptLine, boolean>()
  /** What is to be said as another client published it now. */
  readonly #passing = new Set<ScriptLine>()
  /** What another client is still to publish. */
  readonly #awaited = new Awaited()

  constructor(options: EventsOptions) {
    this.#options = options
  }

  /** Its client did something that it takes, perhaps the last of it. */
  possible(line: ScriptLine): void {
    const { role, ensemble, member, scaled } = this.#options
    const { progress } = role
    if (progress?.isReady(line) !== true) return
    // What came last then is what it waited for.
    const base = line.after.reduce((a, b) => (b.time > a.time ? b : a))
    const at = (progress.doneOf(base)?.at ?? 0) + scaled(line.time - base.time)
    this.#said.delete(line)
    const caused = ensemble.causedAt(line, member)
    if (caused !== undefined) this.#passing.add(line)
    const since = caused === undefined ? at : caused + scaled(line.time - (line.cause as Part).time)
    this.add(line, Math.min(at, since))
  }

  /** Another client published what `line` passes on. True where something is to be said for it. */
  caused(line: ScriptLine, part: Part, at: number): boolean {
    const { role, loop, scaled } = this.#options
    const passedOn = this.#said.get(line)
    if (role.progress?.isReady(line) !== true || (passedOn === true && !loop)) return false
    if (passedOn === false) {
      // It came by itself, when nobody was there; this is what it stood for.
      this.#said.set(line, true)
      return false
    }
    this.#said.delete(line)
    this.#awaited.delete(line)
    this.#passing.add(line)
    this.add(line, at + scaled(line.time - part.time))
    this.release()
    return true
  }

  /** Whether something waits for what another client is still to publish. */
  get isWaiting(): boolean {
    return !this.#awaited.isEmpty
  }

  /** What is awaited no longer is due. True where there is something. */
  release(): boolean {
    const released = this.#awaited.release(line => this.#awaits(line))
    for (const line of released) this.add(line, performance.now())
    return released.length > 0
  }

  /** Whether a line that is due has to wait for what another client is still to publish. */
  mustWait(line: ScriptLine): boolean {
    if (this.#passing.has(line) || !(this.#awaited.blocks(line) || this.#awaits(line))) return false
    this.#awaited.add(line)
    return true
  }

  add(line: ScriptLine, at: number): void {
    const { role, schedule } = this.#options
    schedule.event(line, role.progress?.doneOf(line.after[0])?.now, at)
  }

  said(line: ScriptLine): void {
    this.#said.set(line, this.#passing.delete(line))
    this.#options.ensemble.said(line)
  }

  isSaid(line: ScriptLine): boolean {
    return this.#said.has(line)
  }

  /** The client is taken for another. */
  restart(): void {
    this.#options.schedule.restart()
    this.#awaited.clear()
  }

  /** Whether somebody is here who will publish what it passes on. */
  #awaits({ cause, script }: ScriptLine): boolean {
    const { ensemble, member } = this.#options
    return cause !== undefined && ensemble.awaits(cause, member, script)
  }
}
