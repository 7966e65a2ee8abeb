import { evidenceOf, runSoFar } from './evidence.ts'
import type { Gathered } from './gather.ts'
import { evaluate, type Threshold } from './report/index.ts'
import { formatSeconds } from './report/words.ts'
import type { LoadResult, ThresholdResult } from './result.ts'

export interface EndingOptions {
  /** Of the run, and of the step. */
  readonly thresholds: readonly Threshold[]
  readonly own: readonly Threshold[]
  /** Of the steps that are over. */
  readonly before: readonly LoadResult[]
}

/** Watches the thresholds of which one that does not hold ends the run. */
export class Ending {
  readonly #options: EndingOptions
  /** Whether there is nothing to watch. */
  readonly isIdle: boolean

  constructor({ thresholds, own, before }: EndingOptions) {
    const ends = ({ endsAfter }: Threshold): boolean => endsAfter !== undefined
    this.#options = { thresholds: thresholds.filter(ends), own: own.filter(ends), before }
    this.isIdle = this.#options.thresholds.length + this.#options.own.length === 0
  }

  /**
   * The first that does not hold so far, at `seconds` of the step, which are `placed` of the run; one that was never
   * measured is still open.
   */
  crossed(gathered: Gathered, seconds: number, placed: number): ThresholdResult | undefined {
    const { thresholds, own, before } = this.#options
    const step = evidenceOf(gathered, seconds)
    const judged = [
      ...own.map(threshold => ({ threshold, at: seconds, evidence: () => step })),
      ...thresholds.map(threshold => ({ threshold, at: placed, evidence: () => runSoFar(before, step) })),
    ]
    for (const { threshold, at, evidence } of judged) {
      if (at <= 0 || at < (threshold.endsAfter ?? 0)) continue
      const result = evaluate(threshold, evidence())
      if (result.ok || result.actual === null) continue
      return { ...result, shown: `${result.shown} at ${formatSeconds(at)}, where it ended the run`, endedAt: at }
    }
    return undefined
  }
}
