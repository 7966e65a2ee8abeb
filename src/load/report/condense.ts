import { type Distribution, Histogram } from '../../histogram.ts'
import { type Counts, type Interval, MEASURES, type Measure, type MeasuredFully } from '../result.ts'

/** No more intervals than `most`: neighbours are made one. Their histograms are added up, so that percentiles stay true. */
export function condensed(intervals: readonly Interval[], most: number): readonly Interval[] {
  if (intervals.length <= most) return intervals
  const start = (group: number): number => Math.floor((group * intervals.length) / most)
  return Array.from({ length: most }, (_, group) => joined(intervals.slice(start(group), start(group + 1))))
}

/** With what is left over at the end, of which a rate would say nothing, made part of the interval before it. */
export function withoutStub(intervals: readonly Interval[]): readonly Interval[] {
  const [before, last] = [intervals.at(-2), intervals.at(-1)]
  if (before === undefined || last === undefined) return intervals
  if (last.to - last.from >= (before.to - before.from) / 2) return intervals
  return [...intervals.slice(0, -2), joined([before, last])]
}

function joined(parts: readonly Interval[]): Interval {
  const [first, last] = [parts[0] as Interval, parts.at(-1) as Interval]
  const sum = (of: (part: Interval) => number): number => parts.reduce((total, part) => total + of(part), 0)
  const seconds = last.to - first.from
  const counts = Object.keys(first.counts).map(key => [key, sum(part => part.counts[key as keyof Counts])])
  return {
    from: first.from,
    to: last.to,
    counts: Object.fromEntries(counts) as Counts,
    measures: Object.fromEntries(
      MEASURES.flatMap(measure => {
        const found = parts.flatMap(({ measures }) => measures[measure] ?? [])
        return found.length === 0 ? [] : [[measure, added(found)]]
      }),
    ) as Partial<Record<Measure, MeasuredFully>>,
    lag: worst(parts.map(({ lag }) => lag)),
    clients: last.clients,
    inFlight: Math.max(...parts.map(({ inFlight }) => inFlight)),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
    busy: sum(({ busy, from, to }) => busy * (to - from)) / seconds,
    held: sum(({ held, from, to }) => held * (to - from)) / seconds,
    memory: Math.max(...parts.map(({ memory }) => memory)),
  }
}

function added(parts: readonly MeasuredFully[]): MeasuredFully {
  const of = (encoded: readonly string[]): Histogram => {
    const all = new Histogram()
    for (const each of encoded) all.add(Histogram.decoded(each))
    return all
  }
  const latency = of(parts.map(({ latencyHdr }) => latencyHdr))
  const service = of(parts.map(({ serviceHdr }) => serviceHdr))
  return {
    latency: latency.distribution,
    service: service.distribution,
    latencyHdr: latency.encoded,
    serviceHdr: service.encoded,
  }
}

/** Distributions whose histograms are not known: the largest of each value, so that nothing is made better. */
function worst(parts: readonly Distribution[]): Distribution {
  const most = (key: keyof Distribution): number => Math.max(...parts.map(part => part[key]))
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    mean: most('mean'),
    p50: most('p50'),
    p90: most('p90'),
    p99: most('p99'),
    p999: most('p999'),
    max: most('max'),
  }
}
