import type { Distribution, Histogram } from '../../histogram.ts'
import { evidenceOf, runSoFar } from '../evidence.ts'
import type { Gathered } from '../gather.ts'
import type { Plan } from '../plan.ts'
import { evaluate, parseThreshold, type Threshold } from '../report/index.ts'
import type {
  Blocked,
  Counts,
  GroupResult,
  Interval,
  Measure,
  StageResult,
  ThresholdResult,
  Trouble,
} from '../result.ts'
import type { Phase } from '../run.ts'
import type { Outcome, Prepared } from '../steps.ts'
import { groupsOf } from '../summarize.ts'
import { noCounts, type Pair } from '../tally.ts'

/** All that there is to be seen of a run at one moment: it does not change any more. */
export interface Seen {
  /** Of the whole run. */
  readonly intervals: readonly Interval[]
  /** Of the step that is being done, or was last: seconds of it, and what it came to so far. */
  readonly seconds: number
  readonly counts: Counts
  readonly measures: readonly MeasureSeen[]
  readonly lag: Distribution | undefined
  readonly groups: readonly GroupResult[]
  readonly thresholds: readonly ThresholdResult[]
  /** Of the whole run. */
  readonly troubles: readonly Trouble[]
  readonly blocked: readonly Blocked[]
  /** What was told besides, the last one at the end. */
  readonly told: readonly string[]
  /** What came of the steps that are done, and of the rates that a search tried. */
  readonly outcomes: readonly Outcome[]
  readonly tried: readonly StageResult[]
}

export interface MeasureSeen {
  readonly measure: Measure
  readonly latency: Distribution
  readonly service: Distribution
  /** Values with how often they were, ascending: from due, and from sent. */
  readonly spread: Pair<readonly (readonly [us: number, count: number])[]>
}

/** Where a run is now. */
export interface Position {
  readonly step: Prepared
  readonly phase: Phase | undefined
  /** Seconds since the step began, or since its clients were ready. */
  readonly elapsed: number
  /** Messages a second that a search holds. */
  readonly rate: number | undefined
  /** For so manieth a time. */
  readonly trying: number
}

/** So much of what was told is kept. */
const MOST_TOLD = 50

interface Past {
  readonly troubles: readonly Trouble[]
  readonly blocked: readonly Blocked[]
}

/** How a run goes, as it is told of it. */
export class Course {
  readonly #thresholds: readonly Threshold[]
  /** Milliseconds. */
  readonly #now: () => number
  readonly #intervals: Interval[] = []
  readonly #outcomes: Outcome[] = []
  readonly #told: string[] = []
  #tried: StageResult[] = []
  #past: Past = { troubles: [], blocked: [] }
  #step: Prepared | undefined
  /** Of the load that is being done, or was last, and what must hold of it. */
  #plan: Plan | undefined
  #own: readonly Threshold[] = []
  #phase: Phase | undefined
  #began = 0
  #rate: number | undefined
  #nth = 0
  #gathered: Gathered | undefined
  /** Seconds from the beginning of all until that of the step. */
  #offset = 0
  #seen: Seen | undefined

  /** `thresholds` are those of the whole run. */
  constructor(thresholds: readonly Threshold[], now: () => number) {
    this.#thresholds = thresholds
    this.#now = now
  }

  step(step: Prepared): void {
    if (step.kind === 'load') {
      this.#past = { troubles: this.#troubles(), blocked: this.#blocked() }
      this.#gathered = undefined
      this.#tried = []
      this.#plan = step.plan
      this.#own = (step.threshold ?? []).map(text => parseThreshold(text))
    }
    this.#step = step
    this.#phase = undefined
    this.#rate = undefined
    this.#began = this.#now()
    this.#changed()
  }

  phase(phase: Phase): void {
    this.#phase = phase
    if (phase === 'running') this.#began = this.#now()
    this.#changed()
  }

  interval(interval: Interval, gathered: Gathered): void {
    this.#intervals.push(interval)
    this.#gathered = gathered
    this.#offset = interval.to - (gathered.intervals.at(-1)?.to ?? interval.to)
    this.#changed()
  }

  trying(rate: number, nth: number): void {
    this.#rate = rate
    this.#nth = nth
    this.#changed()
  }

  tried(stage: StageResult): void {
    this.#tried.push(stage)
    this.#changed()
  }

  over(outcome: Outcome): void {
    this.#outcomes.push(outcome)
    this.#changed()
  }

  told(what: string): void {
    this.#told.push(what)
    if (this.#told.length > MOST_TOLD) this.#told.shift()
    this.#changed()
  }

  get position(): Position | undefined {
    if (this.#step === undefined) return undefined
    const elapsed = (this.#now() - this.#began) / 1000
    return { step: this.#step, phase: this.#phase, elapsed, rate: this.#rate, trying: this.#nth }
  }

  /** Put together by who looks first, not by what happens: there may be many intervals between two drawings. */
  get seen(): Seen {
    this.#seen ??= this.#look()
    return this.#seen
  }

  #changed(): void {
    this.#seen = undefined
  }

  #look(): Seen {
    const gathered = this.#gathered
    const total = gathered?.total
    const seconds = gathered?.intervals.at(-1)?.to ?? 0
    return {
      intervals: this.#intervals.slice(),
      seconds,
      counts: total?.counts ?? noCounts(),
      measures: [...(total?.measures ?? [])].map(([measure, pair]) => measureSeen(measure, pair)),
      lag: total?.lag.distribution,
      groups: gathered === undefined || this.#plan === undefined ? [] : groupsOf(this.#plan, gathered),
      thresholds: gathered === undefined ? [] : this.#held(gathered, seconds),
      troubles: this.#troubles(),
      blocked: this.#blocked(),
      told: this.#told.slice(),
      outcomes: this.#outcomes.slice(),
      tried: this.#tried.slice(),
    }
  }

  /** Thresholds of the run against all of it so far, and those of the step against the step. */
  #held(gathered: Gathered, seconds: number): ThresholdResult[] {
    const own = this.#own
    if (own.length + this.#thresholds.length === 0) return []
    const step = evidenceOf(gathered, seconds)
    const run = runSoFar(
      this.#outcomes.flatMap(({ result }) => result ?? []),
      step,
    )
    return [
      ...this.#thresholds.map(threshold => evaluate(threshold, run)),
      ...own.map(threshold => evaluate(threshold, step)),
    ]
  }

  #troubles(): Trouble[] {
    const now = (this.#gathered?.told ?? []).map(trouble => ({ ...trouble, first: trouble.first + this.#offset }))
    return [...this.#past.troubles, ...now]
  }

  #blocked(): Blocked[] {
    const now = (this.#gathered?.blocked ?? []).map(({ from, to, reason }) => ({
      from: from + this.#offset,
      ...(to !== undefined && { to: to + this.#offset }),
      reason,
    }))
    return [...this.#past.blocked, ...now]
  }
}

const measureSeen = (measure: Measure, { latency, service }: Pair<Histogram>): MeasureSeen => ({
  measure,
  latency: latency.distribution,
  service: service.distribution,
  spread: { latency: [...latency.recorded()], service: [...service.recorded()] },
})
