import { type Distribution, Histogram } from '../../../histogram.ts'
import { formatBytes } from '../../../output/index.ts'
import { type Counts, type Interval, type LoadResult, MEASURES, type Measure } from '../../result.ts'
import { condensed, withoutStub } from '../condense.ts'
import { parseThreshold } from '../threshold.ts'
import {
  countName,
  formatCount,
  formatMicros,
  formatRate,
  formatSeconds,
  formatShare,
  MEASURE_TITLES,
  perSecond,
  TIMED_TWICE,
} from '../words.ts'
import type { Axis, Band, Plot, Series } from './plot.ts'
import { linear, moments } from './scale.ts'

/** More points than a screen is wide tell nothing more. */
const MOST_POINTS = 600
/** Fewer tell nothing over time: all clients connect at the beginning. */
const FEWEST_POINTS = 2

/** All that is drawn of a run. */
export function plotsOf(result: LoadResult): readonly Plot[] {
  const intervals = condensed(withoutStub(result.intervals), MOST_POINTS)
  const axis = timeAxis(result, intervals)
  const over = (name: string, of: (interval: Interval) => number | undefined): Series => ({
    name,
    values: intervals.map(of),
  })
  const rate = (key: keyof Counts): Series =>
    over(countName(key), ({ counts, from, to }) => perSecond(counts[key], to - from))
  const used = (...keys: (keyof Counts)[]): Series[] => keys.filter(key => result.counts[key] > 0).map(rate)
  const percentiles = (of: (interval: Interval) => Distribution | undefined): Series[] =>
    (['p50', 'p90', 'p99', 'max'] as const).map(value =>
      over(value, interval => {
        const found = of(interval)
        return found === undefined || found.count === 0 ? undefined : found[value]
      }),
    )
  const time = { axis, format: formatMicros, logarithmic: true }
  const plots: Plot[] = [
    {
      title: 'Rate',
      axis,
      format: formatRate,
      series: [{ ...rate('due'), area: true }, ...used('sent', 'confirmed', 'delivered', 'replies')],
    },
    ...MEASURES.filter(
      measure => intervals.filter(({ measures }) => measures[measure] !== undefined).length >= FEWEST_POINTS,
    ).map(measure => ({
      ...time,
      title: MEASURE_TITLES[measure],
      note: TIMED_TWICE.has(measure) ? 'from when the message was due; service: from when it was sent' : undefined,
      series: [
        ...percentiles(({ measures }) => measures[measure]?.latency),
        ...(TIMED_TWICE.has(measure) ? [over('service p99', ({ measures }) => measures[measure]?.service.p99)] : []),
      ],
      marks: marksOf(result, measure),
    })),
    { ...curve(result), format: formatMicros, logarithmic: true },
    { ...byRate(result), format: formatMicros, logarithmic: true },
    { ...time, title: 'Schedule lag', note: 'sent after it was due', series: percentiles(({ lag }) => lag) },
    {
      title: 'What went wrong',
      axis,
      format: formatRate,
      series: used('late', 'dropped', 'refused', 'unroutable', 'lost', 'duplicates', 'reordered', 'disconnected'),
    },
    {
      title: 'Clients, and messages under way',
      axis,
      format: formatCount,
      series: [over('clients', ({ clients }) => clients), over('in flight', ({ inFlight }) => inFlight)],
    },
    {
      title: 'The generator',
      note: 'processor time, of one CPU; busy: share of the time that its event loop had work',
      axis,
      format: formatShare,
      series: [
        over('CPU', ({ cpuSeconds, from, to }) => perSecond(cpuSeconds, to - from)),
        over('busy', ({ busy }) => busy),
      ],
    },
    { title: 'Memory of the generator', axis, format: formatBytes, series: [over('memory', ({ memory }) => memory)] },
  ]
  return plots.filter(({ series }) => series.some(({ values }) => values.some(value => value !== undefined)))
}

function timeAxis({ seconds, stages, blocked }: LoadResult, intervals: readonly Interval[]): Axis {
  // Clients connect before the start, and what is under way at the end is waited for.
  const [begin, end] = [Math.min(0, intervals[0]?.from ?? 0), Math.max(seconds, intervals.at(-1)?.to ?? 0)]
  const place = (at: number): number => Math.min(1, Math.max(0, (at - begin) / (end - begin)))
  const band = (from: number, to: number, name: string, kind: Band['kind']): Band => ({
    from: place(from),
    to: place(to),
    name,
    kind,
  })
  return {
    id: 'time',
    places: intervals.map(({ from, to }) => place((from + to) / 2)),
    names: intervals.map(({ from, to }) => `${Number(from.toFixed(1))}–${formatSeconds(to)}`),
    ticks: moments(end).map(at => ({ at: place(at), text: formatSeconds(at) })),
    bands: [
      ...stages.map(({ from, to, name }) => band(from, to, name, 'stage')),
      ...blocked.map(({ from, to = end }) => band(from, to, 'blocked', 'blocked')),
    ],
  }
}

/** Thresholds on the latency of a measure, as lines across its plot. */
function marksOf({ thresholds, measures }: LoadResult, measure: Measure): NonNullable<Plot['marks']> {
  const answer = measures['publish-confirm'] === undefined ? 'publish-deliver' : 'publish-confirm'
  return thresholds.flatMap(({ threshold }) => {
    // Of a step, its name stands before it.
    const { subject, bound } = parseThreshold(threshold.slice(threshold.lastIndexOf(': ') + 1).trim())
    if (subject.kind !== 'time' || (subject.of === 'answer' ? answer : subject.of) !== measure) return []
    return [{ value: bound, text: threshold.replace(measure, '').trim() }]
  })
}

/** How latency grows with the rate, of as many stages as make a line. */
function byRate({ stages, search }: LoadResult): Pick<Plot, 'title' | 'note' | 'axis' | 'series'> {
  const answered = stages.flatMap(stage => {
    const answer = stage.measures['publish-confirm'] ?? stage.measures['publish-deliver']
    return answer === undefined ? [] : [{ ...stage, answer }]
  })
  // Of the tries of one rate, the middle one.
  const tried = [...Map.groupBy(answered, ({ rate }) => rate).values()].flatMap(
    tries => tries.toSorted((a, b) => a.answer.latency.p99 - b.answer.latency.p99)[tries.length >> 1] ?? [],
  )
  const points = search === undefined ? answered : tried
  const found = points.length < FEWEST_STAGES ? [] : points.sort((a, b) => a.rate - b.rate)
  const scale = linear(found.at(-1)?.rate ?? 0)
  return {
    title: 'Latency by rate',
    note: `a point a ${search === undefined ? 'stage' : 'rate'}, from when the message was due; service: from when it was sent`,
    axis: {
      id: 'rate',
      places: found.map(({ rate }) => scale.place(rate)),
      names: found.map(
        ({ rate, held }) => `${formatRate(rate)}${held === undefined ? '' : held ? ', held' : ', crossed'}`,
      ),
      ticks: scale.ticks.map(rate => ({ at: scale.place(rate), text: formatRate(rate) })),
      bands: [],
    },
    series: [
      { name: 'p50', values: found.map(({ answer }) => answer.latency.p50) },
      { name: 'p90', values: found.map(({ answer }) => answer.latency.p90) },
      { name: 'p99', values: found.map(({ answer }) => answer.latency.p99) },
      { name: 'service p99', values: found.map(({ answer }) => answer.service.p99) },
    ],
  }
}

const FEWEST_STAGES = 3

/** As far as there are messages to tell of, and no further than seven nines. */
const NINES = 7
const POINTS = 40

/** Latency by percentile; the axis stretches towards the slowest, as that is where it matters. */
function curve({ measures }: LoadResult): Pick<Plot, 'title' | 'note' | 'axis' | 'series'> {
  const found = MEASURES.flatMap(measure => {
    const of = measures[measure]
    if (of === undefined || measure === 'connect') return []
    const title = MEASURE_TITLES[measure]
    const latency = { name: title, of: Histogram.decoded(of.latencyHdr) }
    if (!TIMED_TWICE.has(measure)) return [latency]
    return [latency, { name: `${title}, service`, of: Histogram.decoded(of.serviceHdr) }]
  })
  const most = found.reduce((count, { of }) => Math.max(count, of.count), 0)
  const nines = Math.min(NINES, Math.max(1, Math.log10(Math.max(1, most))))
  const places = Array.from({ length: Math.ceil(nines * POINTS) + 1 }, (_, at) => at / Math.ceil(nines * POINTS))
  const percentileAt = (place: number): number => 100 * (1 - 10 ** (-place * nines))
  const whole = Array.from({ length: Math.floor(nines) }, (_, at) => at + 1)
  const name = (percentile: number, digits: number): string => `${Number(percentile.toFixed(digits))} %`
  return {
    title: 'Latency by percentile',
    note: 'of so many messages at least, it was no more',
    axis: {
      id: 'percentile',
      places,
      names: places.map(place => name(percentileAt(place), 1 + Math.ceil(place * nines))),
      ticks: [
        { at: Math.log10(2) / nines, text: '50 %' },
        ...whole.map(at => ({ at: at / nines, text: name(100 * (1 - 10 ** -at), at) })),
      ],
      bands: [],
    },
    series: found.map(({ name: of, of: histogram }) => ({
      name: of,
      values: places.map(place =>
        // Beyond as many as there were, nothing is known.
        10 ** (place * nines) > histogram.count * (1 + 1e-9) ? undefined : histogram.at(percentileAt(place)),
      ),
    })),
  }
}
