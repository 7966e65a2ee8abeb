import type { Act, Actor, AnyCodec } from '../../codecs/core/index.ts'
import type { Casting } from './casting.ts'
import type { Member } from './ensemble.ts'
import type { Events } from './events.ts'
import type { Past, Role } from './role.ts'
import type { Schedule } from './schedule.ts'
import type { Part } from './script.ts'
import type { Stage } from './stage.ts'

export interface ReactionsOptions {
  readonly member: Member
  readonly stage: Stage
  readonly codec: AnyCodec
  readonly actor: Actor
  readonly role: Role
  readonly schedule: Schedule
  readonly events: Events
}

/** What one client's acts bring about: answers, what they make possible, and what is told of them. */
export class Reactions {
  readonly #options: ReactionsOptions
  /** Bytes of the act that is looked at. */
  #size = 0

  constructor(options: ReactionsOptions) {
    this.#options = options
  }

  /** An act of so many bytes. False where it is refused in a way that ends the connection. */
  did(act: Act, size: number): boolean {
    const { stage, codec, actor, role, schedule } = this.#options
    const at = performance.now()
    this.#size = size
    const part = role.meet({ act, at }, size)
    if (part !== undefined) {
      stage.tally.add(codec, 'client', act, 'recorded')
      this.#answer(part, act, at)
      return true
    }
    if (act.farewell === true) return true
    const flow = role.casting?.script.flow
    const last = role.last(act)
    if (last !== undefined) {
      stage.tally.add(codec, 'client', act, 'again', flow)
      this.#repeat(last, act, at)
      return true
    }
    const near = role.near(act)
    stage.tally.add(codec, 'client', act, 'unknown', flow, near?.act.signature)
    if (stage.strict) {
      const { frames, end } = actor.refuse(act)
      schedule.standIn(frames)
      return !end
    }
    if (near === undefined || near.answers.length === 0) schedule.standIn(actor.improvise(act))
    if (near !== undefined) this.#answer(near, act, at)
    return true
  }

  /** The client is taken for another, or for the first: what it did so far, the recorded one did, too. */
  recast(before: Casting | undefined, past: readonly Past[]): void {
    const { stage, member, role, events } = this.#options
    const { casting } = role
    if (casting === undefined) return
    if (before?.spent === false) stage.ensemble.leave(before.script, member)
    if (!casting.spent) stage.ensemble.enter(casting.script, member)
    events.restart()
    for (const line of casting.script.opening) events.add(line, performance.now())
    for (const { act, at } of past) {
      const part = role.take(act)
      if (part !== undefined) this.#do(part, act, at)
    }
  }

  #answer(part: Part, act: Act, at: number): void {
    for (const line of part.answers) this.#options.schedule.answer(line, part, act, at)
    this.#do(part, act, at)
  }

  /** A part of the recording is done: what it makes possible follows. */
  #do(part: Part, act: Act, at: number): void {
    const { stage, member, actor, role, events } = this.#options
    actor.recognise(part.act, act)
    role.progress?.done(part, act, at)
    if (part.echoed) stage.ensemble.keep(part, member, act, this.#size)
    for (const line of part.events) events.possible(line)
    if (part.elsewhere.length > 0) stage.ensemble.did(part, member, at)
  }

  /** As it was answered the last time, where that can be said twice. */
  #repeat(last: Part, act: Act, at: number): void {
    const { actor, schedule } = this.#options
    actor.recognise(last.act, act)
    const answers = last.answers.filter(({ once }) => !once)
    if (answers.length === 0 && last.answers.length > 0) schedule.standIn(actor.improvise(act))
    for (const line of answers) schedule.answer(line, last, act, at)
  }
}
