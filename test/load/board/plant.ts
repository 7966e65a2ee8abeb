import type { Scene } from '../../../src/load/board/blocks.ts'
import { Course } from '../../../src/load/board/course.ts'
import { screenOf } from '../../../src/load/board/screen.ts'
import { type Effect, initial, pressed, type State } from '../../../src/load/board/state.ts'
import { Gathered } from '../../../src/load/gather.ts'
import { planOf } from '../../../src/load/planning.ts'
import type { AgentInterval, FromAgent } from '../../../src/load/protocol.ts'
import { parseThreshold } from '../../../src/load/report/index.ts'
import { type LoadRequest, specOf } from '../../../src/load/request.ts'
import type { Span } from '../../../src/load/stalls.ts'
import type { Prepared } from '../../../src/load/steps.ts'
import { Tally } from '../../../src/load/tally.ts'
import type { Screen, Size } from '../../../src/tui/index.ts'
import { said } from '../said.ts'

/** What happens in a second of a run. */
export interface Second {
  readonly sent?: number
  readonly confirmed?: number
  readonly delivered?: number
  /** Milliseconds that each answer took: from due, and from sent. */
  readonly due?: number
  readonly service?: number
  readonly blocked?: string
  readonly trouble?: string
}

/** Somebody at a terminal, and a run that goes as they are told. */
export class Watcher {
  readonly course: Course
  readonly steps: readonly Prepared[]
  readonly effects: Effect[] = []
  state: State
  ending = false
  #gathered: Gathered
  #seconds = 0
  #span: Span | undefined
  #now = 0

  /** A step each; those of several are called `step 1`, `step 2` … */
  static async sits(size: Size, flags: Partial<LoadRequest> = {}, steps = 1): Promise<Watcher> {
    const spec = await specOf(said({ upstream: ['mqtt://127.0.0.1:1883'], rate: '1000', duration: '20s', ...flags }))
    const [step] = spec.steps
    if (step?.kind !== 'load') throw new Error('flags are a load')
    const plan = planOf(step, spec, flags['find-limit'] !== undefined)
    const all = Array.from(
      { length: steps },
      (_, at): Prepared => ({ ...step, name: `step ${at + 1}`, at, of: steps, plan }),
    )
    return new Watcher(size, all, flags.threshold ?? [])
  }

  private constructor(size: Size, steps: readonly Prepared[], thresholds: readonly string[]) {
    this.steps = steps
    this.state = initial(size)
    this.course = new Course(
      thresholds.map(text => parseThreshold(text)),
      () => this.#now,
    )
    this.#gathered = this.#fresh()
  }

  #fresh(): Gathered {
    const gathered: Gathered = new Gathered(1, interval => this.course.interval(interval, gathered))
    gathered.start(this.#now)
    return gathered
  }

  begins(at = 0): this {
    this.course.step(this.steps[at] as Prepared)
    this.course.phase('connecting')
    this.course.phase('running')
    this.#gathered = this.#fresh()
    this.#seconds = 0
    return this
  }

  /** So many seconds, one after the other. */
  passes(...seconds: readonly Second[]): this {
    for (const { sent = 0, confirmed = sent, delivered = sent, due = 1, service = due, ...rest } of seconds) {
      const [publishers, consumers] = [new Tally(), new Tally()]
      Object.assign(publishers.counts, { due: sent, sent, confirmed })
      Object.assign(consumers.counts, { delivered })
      for (let each = 0; each < confirmed; each++) publishers.measured('publish-confirm', due, service)
      for (let each = 0; each < sent; each++) publishers.lag.record((due - service) * 1000)
      const told: AgentInterval = {
        ...({ type: 'interval', last: false, clients: 2, inFlight: 7, busy: 0.25 } satisfies Partial<FromAgent>),
        number: this.#seconds++,
        from: this.#now,
        to: this.#now + 1000,
        tallies: { publishers: publishers.take(), consumers: consumers.take() },
        held: 0,
        blocked: this.#blocked(rest.blocked),
        out: [],
        troubles: rest.trouble === undefined ? [] : [{ reason: rest.trouble, count: 1, first: this.#now }],
      }
      this.#now += 1000
      this.#gathered.add(told)
    }
    return this
  }

  /** What goes on is told from its beginning; what is over, once more with its end. */
  #blocked(reason: string | undefined): Span[] {
    const before = this.#span
    this.#span = reason === undefined ? undefined : { from: before?.from ?? this.#now, reason }
    if (this.#span !== undefined) return [this.#span]
    return before === undefined ? [] : [{ ...before, to: this.#now }]
  }

  press(...keys: readonly string[]): this {
    for (const key of keys) {
      const to = pressed(key, this.state, this.course.seen)
      if (typeof to === 'string') this.effects.push(to)
      else this.state = to
    }
    return this
  }

  scene(unicode = true): Scene {
    const { seen, position } = this.course
    const { state, ending, steps } = this
    return { state, seen: state.frozen ?? seen, position, ending, steps, unicode }
  }

  screen(unicode = true): Screen {
    return screenOf(this.scene(unicode), this.course.seen)
  }
}
