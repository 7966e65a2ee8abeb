import type { Output } from '../../output/index.ts'
import { tell } from '../../tell.ts'
import { type Input, Stage, type Surrounding, surrounding, type ThemeName, themeFor } from '../../tui/index.ts'
import type { Gathered } from '../gather.ts'
import type { Threshold } from '../report/index.ts'
import type { Interval, StageResult } from '../result.ts'
import type { Phase } from '../run.ts'
import type { Outcome, Prepared } from '../steps.ts'
import type { Watch } from '../watch.ts'
import type { Scene } from './blocks.ts'
import { Course } from './course.ts'
import { mostTop, screenOf } from './screen.ts'
import { type Effect, initial, pressed, type State } from './state.ts'

export interface BoardOptions {
  readonly steps: readonly Prepared[]
  /** Of the whole run. */
  readonly thresholds: readonly Threshold[]
  readonly theme: ThemeName | undefined
  readonly noColor: boolean
  /** Ends the run in order. */
  readonly signal: AbortSignal
  /** Free when the board is closed. */
  readonly output: Output
}

/**
 * Milliseconds between two drawings of what has arrived: the load is measured on this machine, and what watches it must
 * not be a part of it.
 */
const PACE = 250
/** The same where nothing but the time has changed: more than an interval usually is, which shows the time too. */
const CLOCK = 1200
/** Lines that one notch of a wheel is. */
const WHEEL = 3

/** A run on a screen of its own. */
export class Board implements Watch {
  readonly #options: BoardOptions
  readonly #around: Surrounding
  readonly #course: Course
  readonly #stage: Stage
  #state: State
  #shown = false
  /** What the screen was drawn from last, and when. */
  #drawn: unknown[] = []
  #at = 0
  /** What is written when the terminal is free. */
  readonly #later: (() => void)[] = []

  constructor(options: BoardOptions) {
    this.#options = options
    this.#around = surrounding(options.noColor, options.theme)
    const { stdin, stdout, theme, depth, unicode } = this.#around
    this.#course = new Course(options.thresholds, () => performance.now())
    this.#stage = new Stage(
      {
        unicode,
        screen: () => screenOf(this.#scene, this.#course.seen),
        theme: () => themeFor(theme, depth),
        look: () => this.#look(),
        input: inputs => this.#input(inputs),
        resized: size => {
          this.#state = { ...this.#state, size }
        },
      },
      stdin,
      stdout,
    )
    this.#state = initial(this.#stage.size)
  }

  tell(what: string): void {
    if (this.#shown) {
      this.#course.told(what)
      this.#later.push(() => tell(what))
    } else tell(what)
  }

  step(step: Prepared): void {
    this.#course.step(step)
    if (this.#shown) return
    this.#shown = true
    this.#stage.start()
  }

  phase(phase: Phase): void {
    this.#course.phase(phase)
  }

  interval(interval: Interval, gathered: Gathered): void {
    this.#course.interval(interval, gathered)
  }

  trying(rate: number, nth: number): void {
    this.#course.trying(rate, nth)
  }

  tried(stage: StageResult): void {
    this.#course.tried(stage)
  }

  over(outcome: Outcome): void {
    this.#course.over(outcome)
  }

  print(write: (output: Output) => void): void {
    this.#later.push(() => write(this.#options.output))
  }

  async close(): Promise<void> {
    if (this.#shown) await this.#stage.stop()
    this.#shown = false
    for (const write of this.#later.splice(0)) write()
  }

  get #scene(): Scene {
    const { position, seen } = this.#course
    const { steps, signal } = this.#options
    const { unicode } = this.#around
    const ending = signal.aborted
    return { state: this.#state, seen: this.#state.frozen ?? seen, position, ending, steps, unicode }
  }

  /** True where there is something new, and the last drawing was long enough ago. */
  #look(): boolean {
    const now = performance.now()
    if (now - this.#at < PACE) return false
    const { seen, position } = this.#course
    const { aborted } = this.#options.signal
    const drawn = [seen, position?.phase, aborted]
    if (now - this.#at < CLOCK && drawn.every((value, at) => value === this.#drawn[at])) return false
    this.#drawn = drawn
    this.#at = now
    return true
  }

  #input(inputs: readonly Input[]): void {
    this.#take(inputs)
    const { top } = this.#state
    if (top > 0) this.#state = { ...this.#state, top: Math.min(top, mostTop(this.#scene, this.#course.seen)) }
  }

  #take(inputs: readonly Input[]): void {
    for (const input of inputs) {
      if (input.type === 'paste') continue
      // Esc and a key, pressed faster than can be told apart.
      if (input.type === 'key') for (const key of input.key.replace(/^alt-/, 'esc ').split(' ')) this.#press(key)
      else if (input.action !== 'press') {
        const by = input.action === 'wheel-up' ? -WHEEL : WHEEL
        this.#state = { ...this.#state, top: Math.max(0, this.#state.top + by) }
      }
    }
  }

  #press(key: string): void {
    const to = pressed(key, this.#state, this.#course.seen)
    if (typeof to === 'string') this.#bringAbout(to)
    else this.#state = to
  }

  #bringAbout(effect: Effect): void {
    switch (effect) {
      case 'end':
        // As the terminal would have done it, were it not in raw mode: the first ends in order, the second at once.
        process.kill(process.pid, 'SIGINT')
        break
      case 'suspend':
        void this.#stage.suspend()
        break
      case 'redraw':
        this.#stage.redraw()
    }
  }
}
