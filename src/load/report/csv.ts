import type { Distribution } from '../../histogram.ts'
import { csvLine } from '../../output/index.ts'
import { type Counts, type Interval, type LoadResult, MEASURES } from '../result.ts'

/** A line an interval; a column is called as the path of its value in the JSON of an interval. */
export function loadCsv({ intervals, counts, measures }: LoadResult): string {
  const columns: [string, (interval: Interval) => unknown][] = [
    ['from', ({ from }) => from],
    ['to', ({ to }) => to],
    ['clients', ({ clients }) => clients],
    ['inFlight', ({ inFlight }) => inFlight],
  ]
  for (const key of Object.keys(counts) as (keyof Counts)[]) columns.push([`counts.${key}`, each => each.counts[key]])
  for (const measure of MEASURES) {
    if (measures[measure] === undefined) continue
    for (const basis of ['latency', 'service'] as const) {
      for (const value of VALUES) {
        columns.push([`measures.${measure}.${basis}.${value}`, each => each.measures[measure]?.[basis][value]])
      }
    }
  }
  for (const value of VALUES) columns.push([`lag.${value}`, ({ lag }) => (lag.count === 0 ? undefined : lag[value])])
  for (const key of ['cpuSeconds', 'busy', 'memory'] as const) columns.push([key, each => each[key]])
  const head = csvLine(columns.map(([name]) => name))
  return head + intervals.map(interval => csvLine(columns.map(([, get]) => get(interval)))).join('')
}

const VALUES = ['count', 'mean', 'p50', 'p90', 'p99', 'p999', 'max'] as const satisfies (keyof Distribution)[]
