import type { Distribution } from '../histogram.ts'
import { Histogram } from '../histogram.ts'
import type { Stage } from './arrivals.ts'
import { fully, measured } from './gather.ts'
import { type Counts, type Interval, MEASURES, type Measure, type MeasuredFully, type StageResult } from './result.ts'
import { added, noCounts, type Pair } from './tally.ts'

/** What a part of a run came to: what thresholds are held against. */
export interface StageEvidence {
  readonly seconds: number
  readonly counts: Counts
  readonly measures: Partial<Record<Measure, MeasuredFully>>
  readonly lag: Distribution
}

/** Some intervals as one. `rate` is what was asked for. */
export function stageOf(
  name: string,
  rate: number,
  intervals: readonly Interval[],
): { readonly evidence: StageEvidence; readonly result: StageResult } {
  const [from, to] = [intervals[0]?.from ?? 0, intervals.at(-1)?.to ?? 0]
  const sums = sumOf(intervals)
  const counts = intervals.reduce<Counts>((sum, interval) => added(sum, interval.counts), noCounts())
  const seconds = to - from
  return {
    evidence: { seconds, counts, measures: fully(sums), lag: worst(intervals) },
    result: { name, from, to, rate, achieved: achieved(counts, seconds), measures: measured(sums) },
  }
}

/** Messages that the generator sent or was given. */
export const handled = ({ sent, delivered, duplicates, foreign, replies }: Counts): number =>
  sent + delivered + duplicates + foreign + replies

/** Messages a second that got through: what is answered counts; without answers, what was sent. */
export function achieved({ confirmed, unroutable, sent }: Counts, seconds: number): number {
  const through = confirmed + unroutable > 0 ? confirmed + unroutable : sent
  return seconds > 0 ? through / seconds : 0
}

/** What was measured in all of these: exactly, as histograms add. */
export function sumOf(parts: readonly Pick<Interval, 'measures'>[]): ReadonlyMap<Measure, Pair<Histogram>> {
  const sums = new Map<Measure, Pair<Histogram>>()
  for (const { measures } of parts) {
    for (const measure of MEASURES) {
      const one = measures[measure]
      if (one === undefined) continue
      let sum = sums.get(measure)
      if (sum === undefined) sums.set(measure, (sum = { latency: new Histogram(), service: new Histogram() }))
      sum.latency.add(Histogram.decoded(one.latencyHdr))
      sum.service.add(Histogram.decoded(one.serviceHdr))
    }
  }
  return sums
}

/** The stages of a plan, each as it went. */
export function stagesOf(stages: readonly Stage[], intervals: readonly Interval[]): StageResult[] {
  let start = 0
  return stages.map(({ from, to, seconds }) => {
    const end = start + seconds
    const within = intervalsOf(intervals, start, end)
    const name = from === to ? `${from}/s` : `${from}..${to}/s`
    const { result } = stageOf(name, (from + to) / 2, within)
    const stage = { ...result, from: start, to: Math.min(end, intervals.at(-1)?.to ?? end) }
    start = end
    return stage
  })
}

/** The intervals whose middle lies in a span of seconds: where they end is not exact to the millisecond. */
export const intervalsOf = (intervals: readonly Interval[], from: number, to: number): Interval[] =>
  intervals.filter(interval => {
    const middle = (interval.from + interval.to) / 2
    return middle >= from && middle < to
  })

/** Lag is kept as numbers only: of several parts of a run, the worst of each. */
export function worst(parts: readonly Pick<Interval, 'lag'>[]): Distribution {
  const of = (name: keyof Distribution): number => Math.max(0, ...parts.map(({ lag }) => lag[name]))
  const count = parts.reduce((sum, { lag }) => sum + lag.count, 0)
  return { count, mean: of('mean'), p50: of('p50'), p90: of('p90'), p99: of('p99'), p999: of('p999'), max: of('max') }
}
