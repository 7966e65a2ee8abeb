import { fully, type Gathered } from './gather.ts'
import type { Evidence } from './report/index.ts'
import type { Counts, LoadResult } from './result.ts'
import { sumOf, worst } from './stages.ts'
import { added, noCounts } from './tally.ts'

/** What a run, or one of its steps, came to so far, in its first `seconds`. */
export function evidenceOf({ total }: Gathered, seconds: number): Evidence {
  const { counts, measures, lag } = total
  return { seconds, counts, measures: fully(measures), lag: lag.distribution }
}

/** Of several steps, those that are over and the one that is not. */
export function runSoFar(before: readonly LoadResult[], step: Evidence): Evidence {
  if (before.length === 0) return step
  const all = [...before, step]
  return {
    seconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
    counts: all.reduce<Counts>((sum, { counts }) => added(sum, counts), noCounts()),
    measures: fully(sumOf(all)),
    lag: worst(all),
  }
}
