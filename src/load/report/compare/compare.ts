import { type Counts, type LoadResult, MEASURES, type Measure, type SearchResult } from '../../result.ts'
import { handled } from '../../stages.ts'
import { SHARE_OF } from '../threshold.ts'
import { countName, formatCount, formatMicros, formatRate, formatShare, MEASURE_TITLES, TIMED_TWICE } from '../words.ts'
import { type Blocks, blocksOf, drawings, interval, SEED } from './bootstrap.ts'
import type { Basis, Sample } from './sample.ts'

export type Verdict = 'better' | 'worse' | 'no difference' | 'unknown'

/** Something of two runs, beside each other. */
export interface Compared {
  readonly what: string
  /** As people read them. */
  readonly shown: readonly [a: string, b: string]
  /** Microseconds, a number a second, or a share from 0 to 1; null where it is not known. */
  readonly a: number | null
  readonly b: number | null
  /** From A to B: 0.1 is a tenth more; of shares the difference itself, 0.01 is one of a hundred more. */
  readonly change: number | null
  /** In which the change lies with 95 % confidence; null where these runs cannot tell. */
  readonly interval: readonly [from: number, to: number] | null
  readonly of: 'ratio' | 'share'
  readonly verdict: Verdict
}

/** What can be worked out of a run, and of a drawing of its blocks: one value, or several at once. */
interface Question {
  readonly names: readonly string[]
  readonly better: 'less' | 'more'
  readonly of: Compared['of']
  readonly format: (value: number) => string
  readonly values: (sample: Sample, weights: Float64Array) => readonly number[]
}

const PERCENTILES = [50, 90, 99, 99.9] as const
/** So many messages beyond a percentile make it worth telling. */
const BEYOND = 10
/** Where few connect, how long that took is no matter of load. */
const MANY_CLIENTS = 100
const RATES = ['sent', 'confirmed', 'delivered', 'replies'] as const
const SHARES = ['late', 'dropped', 'refused', 'unroutable', 'unconfirmed', 'duplicates', 'reordered'] as const

export function compare(a: LoadResult, b: LoadResult): readonly Compared[] {
  const measures = MEASURES.filter(measure => [a, b].every(run => has(run, measure)))
  const [blocksA, blocksB] = [blocksOf(a, measures), blocksOf(b, measures)]
  const happened = (key: keyof Counts): boolean => a.counts[key] > 0 || b.counts[key] > 0
  const questions = [
    ...measures.flatMap(measure => times(a, b, measure)),
    ...RATES.filter(happened).map(rate),
    EFFORT,
    ...SHARES.filter(happened).map(share),
  ]
  const drawn = draw(questions, blocksA, blocksB)
  const rows = questions.flatMap((question, at) => rowsOf(question, blocksA, blocksB, drawn[at] ?? []))
  return [...rows, ...(happened('lost') ? [lost(a, b)] : []), ...limits(a, b)]
}

const OF_CONNECTIONS: ReadonlySet<Measure> = new Set(['connect', 'tls-handshake', 'login'])

const has = ({ measures }: LoadResult, measure: Measure): boolean =>
  (measures[measure]?.latency.count ?? 0) >= (OF_CONNECTIONS.has(measure) ? MANY_CLIENTS : 1)

function times(a: LoadResult, b: LoadResult, measure: Measure): Question[] {
  const bases: Basis[] = TIMED_TWICE.has(measure) ? ['latency', 'service'] : ['latency']
  const fewest = Math.min(...[a, b].map(run => run.measures[measure]?.latency.count ?? 0))
  const told = PERCENTILES.filter(percentile => percentile === 50 || fewest * (1 - percentile / 100) >= BEYOND)
  return bases.map(basis => ({
    names: told.map(each => `${MEASURE_TITLES[measure]}${basis === 'service' ? ', service' : ''} p${each}`),
    better: 'less',
    of: 'ratio',
    format: formatMicros,
    values: (sample, weights) => sample.percentiles(weights, measure, basis, told),
  }))
}

const rate = (key: (typeof RATES)[number]): Question => ({
  names: [`${key} a second`],
  better: 'more',
  of: 'ratio',
  format: formatRate,
  values: (sample, weights) => [sample.count(weights, key) / sample.seconds(weights)],
})

const EFFORT: Question = {
  names: ['messages per CPU-second'],
  better: 'more',
  of: 'ratio',
  format: formatCount,
  values: (sample, weights) => [
    sample.sum(weights, ({ counts }) => handled(counts)) / sample.sum(weights, ({ cpuSeconds }) => cpuSeconds),
  ],
}

function share(key: (typeof SHARES)[number]): Question {
  const whole = SHARE_OF[key] ?? []
  return {
    names: [`${countName(key)} of ${whole.map(countName).join(' + ')}`],
    better: 'less',
    of: 'share',
    format: formatShare,
    values: (sample, weights) => [
      sample.count(weights, key) / whole.reduce((sum, each) => sum + sample.count(weights, each), 0),
    ],
  }
}

/** For each question, change by change of each of its values. Runs that are too short are not drawn from. */
function draw(questions: readonly Question[], a: Blocks, b: Blocks): readonly number[][][] {
  const changes = questions.map(({ names }) => names.map((): number[] => []))
  if (!a.enough || !b.enough) return changes
  const others = drawings(b, SEED + 1)
  for (const weightsA of drawings(a, SEED)) {
    const weightsB = others.next().value as Float64Array
    for (const [at, { of, values }] of questions.entries()) {
      const now = values(b.sample, weightsB)
      for (const [name, was] of values(a.sample, weightsA).entries()) {
        changes[at]?.[name]?.push(changeOf(of, was, now[name] as number))
      }
    }
  }
  return changes
}

const changeOf = (of: Compared['of'], a: number, b: number): number => (of === 'ratio' ? b / a - 1 : b - a)

function rowsOf(question: Question, a: Blocks, b: Blocks, drawn: readonly number[][]): Compared[] {
  const { names, better, of, format, values } = question
  const once = (blocks: Blocks): readonly number[] => values(blocks.sample, new Float64Array(blocks.count).fill(1))
  const [before, after] = [once(a), once(b)]
  const known = (number: number): number | null => (Number.isFinite(number) ? number : null)
  const show = (number: number): string => (Number.isFinite(number) ? format(number) : '–')
  return names.map((what, at) => {
    const [was, is] = [before[at] as number, after[at] as number]
    const between = interval(drawn[at] ?? [], Math.min(a.count, b.count))
    return {
      what,
      shown: [show(was), show(is)],
      a: known(was),
      b: known(is),
      change: known(changeOf(of, was, is)),
      interval: between ?? null,
      of,
      verdict: between === undefined ? 'unknown' : verdictOf(between, better),
    }
  })
}

function verdictOf([from, to]: readonly [number, number], better: Question['better']): Verdict {
  if (from <= 0 && to >= 0) return 'no difference'
  return from > 0 === (better === 'more') ? 'better' : 'worse'
}

/** What is lost is known in the end alone. That anything is lost where nothing was needs no statistics. */
function lost(a: LoadResult, b: LoadResult): Compared {
  const of = ({ counts }: LoadResult): number => counts.lost / (counts.delivered + counts.lost)
  const [was, is] = [of(a), of(b)]
  const verdict = was === 0 ? 'worse' : is === 0 ? 'better' : 'unknown'
  const shown = [a, b].map(({ counts }) => formatCount(counts.lost)) as [string, string]
  return { what: 'lost', shown, a: was, b: is, change: is - was, interval: null, of: 'share', verdict }
}

/**
 * What searches for the same found. Each limit lies between the highest rate that held and the lowest that did not: where
 * these spans have rates in common, there may be no difference.
 */
function limits({ search: a }: LoadResult, { search: b }: LoadResult): Compared[] {
  if (a === undefined || b === undefined || a.threshold !== b.threshold) return []
  const change = a.held === null || b.held === null ? null : b.held / a.held - 1
  const show = ({ held }: SearchResult): string => (held === null ? 'none' : formatRate(held))
  const above = (one: SearchResult, other: SearchResult): boolean =>
    one.held !== null && other.failed !== null && one.held >= other.failed
  const generator = [a, b].some(({ limit }) => limit.what === 'generator')
  const verdict = generator ? 'unknown' : above(b, a) ? 'better' : above(a, b) ? 'worse' : 'no difference'
  const row = { what: 'highest rate that held', shown: [show(a), show(b)] as const, a: a.held, b: b.held }
  return [{ ...row, change, interval: null, of: 'ratio', verdict }]
}
