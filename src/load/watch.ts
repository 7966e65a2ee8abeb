import type { Output } from '../output/index.ts'
import type { Gathered } from './gather.ts'
import type { Interval, StageResult } from './result.ts'
import type { Phase } from './run.ts'
import type { Outcome, Prepared } from './steps.ts'

/** Whoever shows how a run goes while it does: line by line, or on a screen of its own. */
export interface Watch {
  /** Something that whoever runs it should know. */
  tell(what: string): void
  step(step: Prepared): void
  /** How far the load of this step is. */
  phase(phase: Phase): void
  /** Another interval, on the timeline of the whole run; `gathered` is the step's so far. */
  interval(interval: Interval, gathered: Gathered): void
  /** A search holds this rate next, in messages a second, for the nth time; and what came of it. */
  trying(rate: number, nth: number): void
  tried(stage: StageResult): void
  over(outcome: Outcome): void
  /** Text for standard output: now, or where it is not free, as soon as it is. */
  print(write: (output: Output) => void): void
  /** Shows nothing more: standard output is free. */
  close(): Promise<void>
}
