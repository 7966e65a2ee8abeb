import { type Distribution, Histogram } from '../../../histogram.ts'
import { type Counts, type Interval, MEASURES, type Measure } from '../../result.ts'

/** Upper ends of buckets, in microseconds: 1, 2.5 and 5 of every power of ten from 100 µs to 100 s. */
export const BOUNDS: readonly number[] = [2, 3, 4, 5, 6, 7]
  .flatMap(power => [1, 2.5, 5].map(each => each * 10 ** power))
  .concat(1e8)

/** Times in buckets, as monitoring systems want them. */
export class Buckets {
  /** In each bucket; the last is of what is beyond all bounds. */
  readonly counts: number[] = [...BOUNDS, Number.POSITIVE_INFINITY].map(() => 0)
  count = 0
  /** Microseconds. */
  sum = 0

  add(histogram: Histogram): void {
    for (const [value, count] of histogram.recorded()) {
      const bucket = BOUNDS.findIndex(bound => value <= bound)
      this.counts[bucket < 0 ? BOUNDS.length : bucket]! += count
      this.count += count
      this.sum += value * count
    }
  }
}

const NOTHING: Distribution = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }

/** What a run came to so far, and how it is doing: what is exported while it goes on. */
export class Totals {
  readonly counts = new Map<keyof Counts, number>()
  readonly latency = new Map<Measure, Buckets>()
  readonly service = new Map<Measure, Buckets>()
  /** Seconds. */
  elapsed = 0
  cpuSeconds = 0
  /** Of the last interval. */
  clients = 0
  inFlight = 0
  memory = 0
  busy = 0
  /** Messages a second that were due. */
  expectedRate = 0
  lag: Distribution = NOTHING

  add({ from, to, counts, measures, lag, clients, inFlight, cpuSeconds, busy, memory }: Interval): void {
    for (const [key, count] of Object.entries(counts) as [keyof Counts, number][]) {
      this.counts.set(key, (this.counts.get(key) ?? 0) + count)
    }
    for (const measure of MEASURES) {
      const found = measures[measure]
      if (found === undefined) continue
      bucketsOf(this.latency, measure).add(Histogram.decoded(found.latencyHdr))
      bucketsOf(this.service, measure).add(Histogram.decoded(found.serviceHdr))
    }
    this.elapsed = to
    this.cpuSeconds += cpuSeconds
    Object.assign(this, { clients, inFlight, memory, busy, lag })
    if (to > from) this.expectedRate = counts.due / (to - from)
  }

  count(key: keyof Counts): number {
    return this.counts.get(key) ?? 0
  }
}

function bucketsOf(all: Map<Measure, Buckets>, measure: Measure): Buckets {
  let found = all.get(measure)
  if (found === undefined) all.set(measure, (found = new Buckets()))
  return found
}
