import { type Distribution, Histogram } from '../../histogram.ts'
import type { Counts, Measure, MeasuredFully, ThresholdResult } from '../result.ts'
import { COMPARISONS, SHARE_OF, type Statistic, type Subject, type Threshold } from './threshold.ts'
import { formatCount, formatMicros, formatRate, formatShare, perSecond } from './words.ts'

/** What thresholds are held against: a run, or a part of it. */
export interface Evidence {
  readonly seconds: number
  readonly counts: Counts
  readonly measures: Partial<Record<Measure, MeasuredFully>>
  readonly lag: Distribution
}

/** A threshold on what was never measured does not hold. */
export function evaluate({ text, subject, comparison, bound }: Threshold, evidence: Evidence): ThresholdResult {
  const actual = actualOf(subject, evidence)
  if (actual === undefined) return { threshold: text, ok: false, actual: null, shown: 'nothing was measured' }
  return { threshold: text, ok: COMPARISONS[comparison](actual, bound), actual, shown: SHOWN[subject.kind](actual) }
}

/** The same in the end; one that ended the run did not hold, whatever there is now. */
export const judged = (
  threshold: Threshold,
  evidence: Evidence,
  ended: ThresholdResult | undefined,
): ThresholdResult => (ended?.threshold === threshold.text ? ended : evaluate(threshold, evidence))

const SHOWN: Readonly<Record<Subject['kind'], (value: number) => string>> = {
  time: formatMicros,
  count: formatCount,
  rate: formatRate,
  share: formatShare,
}

function actualOf(subject: Subject, evidence: Evidence): number | undefined {
  const { measures, lag } = evidence
  if (subject.kind !== 'time') return counted(subject, evidence)
  const { of, basis, statistic } = subject
  if (of === 'lag') return statisticOf(lag, '', statistic)
  const found = of === 'answer' ? (measures['publish-confirm'] ?? measures['publish-deliver']) : measures[of]
  if (found === undefined) return undefined
  return basis === 'latency'
    ? statisticOf(found.latency, found.latencyHdr, statistic)
    : statisticOf(found.service, found.serviceHdr, statistic)
}

function counted({ kind, of }: Exclude<Subject, { kind: 'time' }>, { seconds, counts }: Evidence): number | undefined {
  if (kind === 'count') return counts[of]
  if (kind === 'rate') return perSecond(counts[of], seconds)
  const whole = SHARE_OF[of]?.reduce((sum, each) => sum + counts[each], 0) ?? 0
  return whole === 0 ? undefined : counts[of] / whole
}

const KNOWN: ReadonlyMap<Statistic, keyof Distribution> = new Map<Statistic, keyof Distribution>([
  [50, 'p50'],
  [90, 'p90'],
  [99, 'p99'],
  [99.9, 'p999'],
  [100, 'max'],
  ['max', 'max'],
  ['mean', 'mean'],
])

function statisticOf(distribution: Distribution, hdr: string, statistic: Statistic): number | undefined {
  if (distribution.count === 0) return undefined
  const known = KNOWN.get(statistic)
  return known === undefined ? Histogram.decoded(hdr).at(statistic as number) : distribution[known]
}
