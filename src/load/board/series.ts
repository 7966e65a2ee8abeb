import type { Distribution } from '../../histogram.ts'
import { formatBytes } from '../../output/index.ts'
import type { Look } from '../../tui/index.ts'
import { formatCount, formatMicros, formatRate, formatShare, perSecond } from '../report/words.ts'
import type { Counts, Interval, Measure } from '../result.ts'
import type { Seen } from './course.ts'

/** A value over the run, an interval each. */
export interface Series {
  readonly name: string
  readonly look: Look
  readonly of: (interval: Interval) => number | undefined
  /** The same from another moment, which is shown as a number only. */
  readonly beside?: (interval: Interval) => number | undefined
  readonly format: (value: number) => string
  /** What several intervals come to in one column: nothing that was bad may vanish. */
  readonly merge: 'mean' | 'most'
}

const RATES: readonly (readonly [keyof Counts, Look])[] = [
  ['due', 'dim'],
  ['sent', 'client'],
  ['confirmed', 'server'],
  ['delivered', 'good'],
  ['replies', 'accent'],
]

/** Messages a second: those that there were any of. What is due is told where a plan says so. */
export const ratesOf = ({ counts }: Seen): Series[] =>
  RATES.filter(([key]) => key === 'sent' || counts[key] > 0).map(([key, look]) => ({
    name: key,
    look,
    of: ({ counts, from, to }) => perSecond(counts[key], to - from),
    format: formatRate,
    merge: 'mean',
  }))

const TIMES: readonly (readonly [Measure, string, Look])[] = [
  ['publish-confirm', 'confirm', 'server'],
  ['publish-deliver', 'deliver', 'good'],
  ['request-reply', 'reply', 'accent'],
]

const of = (distribution: Distribution | undefined, value: 'p50' | 'p99'): number | undefined =>
  distribution === undefined || distribution.count === 0 ? undefined : distribution[value]

const time = { format: formatMicros, merge: 'most' } as const

/** Latencies from due, with those from sent beside them; where nothing is published, how long connecting takes. */
export function timesOf({ measures }: Seen): Series[] {
  const there = new Set(measures.map(({ measure }) => measure))
  const timed = TIMES.filter(([measure]) => there.has(measure))
  if (timed.length === 0 && there.has('connect')) {
    return (['p50', 'p99'] as const).map(value => ({
      ...{ ...time, name: `connect ${value}`, look: 'server' },
      of: interval => of(interval.measures.connect?.latency, value),
    }))
  }
  return timed.flatMap(([measure, name, look]) =>
    (['p50', 'p99'] as const).map(value => ({
      ...{ ...time, name: `${name} ${value}`, look },
      of: (interval: Interval) => of(interval.measures[measure]?.latency, value),
      beside: (interval: Interval) => of(interval.measures[measure]?.service, value),
    })),
  )
}

export const LAG: Series = { ...time, name: 'lag p99', look: 'warning', of: ({ lag }) => of(lag, 'p99') }

/** What there is of clients, and what the generator itself takes. */
export const GENERATOR: readonly Series[] = [
  { name: 'clients', look: 'plain', of: ({ clients }) => clients, format: formatCount, merge: 'most' },
  { name: 'in flight', look: 'plain', of: ({ inFlight }) => inFlight, format: formatCount, merge: 'most' },
  {
    ...{ name: 'CPU', look: 'note', format: formatShare, merge: 'mean' },
    of: ({ cpuSeconds, from, to }) => perSecond(cpuSeconds, to - from),
  },
  { name: 'busy', look: 'note', of: ({ busy }) => busy, format: formatShare, merge: 'mean' },
  { name: 'memory', look: 'dim', of: ({ memory }) => memory, format: formatBytes, merge: 'most' },
]

/** What each column of a plot shows: the last intervals, or all of the run, several intervals in a column where they must. */
export function valuesOf(series: Series, intervals: readonly Interval[], columns: number, whole: boolean): number[] {
  if (columns <= 0) return []
  if (!whole || intervals.length <= columns) return intervals.slice(-columns).map(each => series.of(each) ?? 0)
  const start = (column: number): number => Math.floor((column * intervals.length) / columns)
  return Array.from({ length: columns }, (_, column) => {
    const values = intervals.slice(start(column), start(column + 1)).map(each => series.of(each) ?? 0)
    if (series.merge === 'most') return Math.max(...values)
    return values.reduce((sum, value) => sum + value, 0) / values.length
  })
}
