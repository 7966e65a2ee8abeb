import type { Act, Frame } from '../../codecs/core/index.ts'
import { Agenda, type Due } from './due.ts'
import { Held } from './held.ts'
import type { Part, ScriptLine } from './script.ts'

/** Timers are no finer, in milliseconds: what is due by then is due. */
const SLACK = 1

/** What is still to be said to one client, and when. Times are milliseconds of `performance.now()`. */
export class Schedule {
  /** Answers that are still to be said. */
  owed = 0
  readonly #scaled: (recorded: number) => number
  readonly #agenda = new Agenda()
  #held = new Held()
  #lastAnswer: Due | undefined
  /** When what was done is answered: nothing that it made possible comes before. */
  readonly #answered = new WeakMap<Act, number>()
  /** Of what was published, which comes last, by what it is said for. */
  readonly #lastCaused = new Map<Act | undefined, Due>()

  /** `scaled`: milliseconds for nanoseconds of the recording. */
  constructor(scaled: (recorded: number) => number) {
    this.#scaled = scaled
  }

  /** When the next is due. */
  get next(): number | undefined {
    return this.#agenda.first?.at
  }

  /** An answer to what was done `at`, as long after as it came after `part`. */
  answer(line: ScriptLine, part: Part, now: Act, at: number): void {
    const last = this.#lastAnswer
    const due = at + this.#scaled(line.time - part.time)
    // As the client may be quicker than it was, what took long then is not to be overtaken.
    const least = last !== undefined && last.order < line.index ? last.at : 0
    const then = Math.max(due, least)
    this.#answered.set(now, then)
    this.#owe({ at: then, order: line.index, answer: true, what: line, now })
  }

  /** In place of an answer that is not recorded: after all that is owed already. */
  standIn(frames: readonly Frame[] | undefined): void {
    if (frames === undefined || frames.length === 0) return
    const { at = 0, order = 0 } = this.#lastAnswer ?? {}
    this.#owe({ at: Math.max(at, performance.now()), order, answer: true, what: frames, now: undefined })
  }

  /** What `now` made possible. */
  event(line: ScriptLine, now: Act | undefined, at: number): void {
    const { index: order, after, cause } = line
    const because = cause !== undefined || after.length > 1
    // What is published quicker than it was comes in its order all the same, to each consumer.
    const last = because ? this.#lastCaused.get(now) : undefined
    const least = last !== undefined && last.order < order ? last.at : 0
    const answered = (now === undefined ? undefined : this.#answered.get(now)) ?? 0
    const due: Due = { at: Math.max(at, least, answered), order, answer: false, what: line, now }
    if (because) this.#lastCaused.set(now, due)
    this.#agenda.add(due)
  }

  /** Forgets what was made possible. What is owed for what was done is owed. */
  restart(): void {
    this.#agenda.retain(({ answer }) => answer)
    this.#held = new Held()
    this.#lastCaused.clear()
  }

  /** Hands on what is due. `say` answers false where the client takes no more for now; answers are not held back. */
  run(say: (due: Due) => boolean): void {
    this.#held.retry(say)
    for (let due = this.#agenda.first; due !== undefined && due.at <= performance.now() + SLACK; ) {
      this.#agenda.take()
      if (due.answer) {
        this.owed--
        say(due)
      } else if (this.#held.blocks(due) || !say(due)) this.#held.add(due)
      due = this.#agenda.first
    }
  }

  #owe(due: Due): void {
    this.owed++
    this.#lastAnswer = due
    this.#agenda.add(due)
  }
}
