import type { Distribution } from '../../histogram.ts'
import type { Counts, Interval, Measure } from '../result.ts'
import { countName, formatCount, formatMicros, formatRate, formatSeconds, perSecond } from './words.ts'

const RATES = ['sent', 'confirmed', 'delivered', 'replies'] as const
const TIMES: readonly (readonly [Measure, string])[] = [
  ['publish-confirm', 'confirm'],
  ['publish-deliver', 'deliver'],
  ['request-reply', 'reply'],
]
/** Told only of the intervals in which they happened. */
const EVENTS = [
  ...(['late', 'dropped', 'refused', 'unroutable', 'duplicates', 'reordered', 'foreign'] as const),
  ...(['connectFailures', 'disconnected', 'reconnected', 'failovers'] as const),
] satisfies (keyof Counts)[]

/**
 * A line an interval, while it runs:
 *
 *     5 s  sent 5,000/s  confirmed 4,998/s  confirm p50 1.2 p99 8.4 ms  lag p50 0.02 p99 0.4 ms
 *
 * What was once seen has its place on every line from then on.
 */
export class IntervalLines {
  readonly #seen = new Set<string>(['sent'])
  /** Seconds. */
  #longest = 0

  line({ from, to, counts, measures, lag, clients }: Interval): string {
    const parts = [formatSeconds(to).padStart(7)]
    if (clients > 0) parts.push(`${formatCount(clients)} clients`)
    this.#longest = Math.max(this.#longest, to - from)
    // What is left over at the end is too short for a rate.
    const short = to - from < this.#longest / 2
    for (const key of RATES) {
      if (this.#known(key, counts[key] > 0))
        parts.push(`${key} ${short ? formatCount(counts[key]) : formatRate(perSecond(counts[key], to - from))}`)
    }
    for (const [measure, name] of TIMES) {
      const found = measures[measure]
      if (this.#known(measure, found !== undefined)) parts.push(`${name} ${timesText(found?.latency)}`)
    }
    parts.push(`lag ${timesText(lag)}`)
    for (const key of EVENTS) {
      if (counts[key] > 0) parts.push(`${countName(key).replaceAll('-', ' ')} ${formatCount(counts[key])}`)
    }
    return parts.join('  ')
  }

  #known(name: string, now: boolean): boolean {
    if (now) this.#seen.add(name)
    return this.#seen.has(name)
  }
}

/** `p50 1.2 p99 8.4 ms`: both in the unit of the larger. */
function timesText(times: Distribution | undefined): string {
  if (times === undefined || times.count === 0) return '–'
  const { p50, p99 } = times
  const [text = '', unit = ''] = formatMicros(p99).split(' ')
  const factor = unit === 's' ? 1e6 : unit === 'ms' ? 1e3 : 1
  return `p50 ${Number((p50 / factor).toPrecision(2))} p99 ${text} ${unit}`
}
