import { cpus } from 'node:os'
import { codecs } from '../../codecs/index.ts'
import { formatAddress, parseUpstream } from '../net/index.ts'
import { fully, type Gathered, measured } from './gather.ts'
import type { GroupPlan, Plan } from './plan.ts'
import { account } from './proof.ts'
import { judged, type Threshold } from './report/index.ts'
import type { GroupResult, Interval, Limit, LoadResult, Place, StageResult, ThresholdResult } from './result.ts'
import type { Ran } from './run.ts'
import { limitOf } from './search.ts'
import { stagesOf } from './stages.ts'

export interface SummarizeOptions {
  readonly version: string
  readonly words: readonly string[]
  readonly thresholds: readonly Threshold[]
  readonly interrupted: boolean
  /** Of a search for a rate. */
  readonly steps: readonly StageResult[] | undefined
  /** What ended the run before its time. */
  readonly ended: ThresholdResult | undefined
  /** Whether what is lost is no failure. */
  readonly allowLoss: boolean
}

/** All that a run came to. */
export function summarize(plan: Plan, ran: Ran, options: SummarizeOptions): LoadResult {
  const { gathered, streams, subscriptions, places, started, seconds, workers } = ran
  const { total, intervals, cpuSeconds, memory } = gathered
  const { delivered, duplicates, missing, ...proof } = account(plan, total.counts, streams, subscriptions)
  const counts = { ...total.counts, delivered, duplicates, lost: missing }
  const measures = fully(total.measures)
  const lag = total.lag.distribution
  const evidence = { seconds, counts, measures, lag }
  const thresholds = options.thresholds.map(each => judged(each, evidence, options.ended))
  const held = thresholds.every(({ ok }) => ok)
  const accounted = { ...proof, ok: proof.ok || (options.allowLoss && counts.unconfirmed === 0) }
  return {
    mqinspect: options.version,
    run: runName(plan),
    started: new Date(started).toISOString(),
    seconds,
    interrupted: options.interrupted,
    plan: options.words,
    counts,
    measures,
    lag,
    groups: groupsOf(plan, gathered, places),
    stages: options.steps ?? stages(plan, intervals),
    intervals,
    troubles: gathered.told,
    blocked: gathered.blocked,
    proof: accounted,
    thresholds,
    limit: whatHeld(plan, intervals, seconds),
    generator: {
      workers,
      cpuSeconds,
      messagesPerCpuSecond: cpuSeconds === 0 ? 0 : Math.round((counts.sent + counts.delivered) / cpuSeconds),
      memory,
      node: process.versions.node,
      cpus: cpus().length,
    },
    // Above the rate that holds, a search loses what it likes.
    ok: (options.steps === undefined ? accounted.ok : limitOf(options.steps) !== undefined) && held,
  }
}

/** What each part of the plan came to, so far. */
export const groupsOf = (
  { groups }: Plan,
  gathered: Gathered,
  places: Readonly<Record<string, readonly Place[]>> = {},
): GroupResult[] =>
  groups.map(({ name, protocol, urls, clients }) => {
    const { counts, measures } = gathered.group(name)
    const url = urls.map(shown).join(' ')
    return { name, protocol, url, clients, places: places[name] ?? [], counts, measures: measured(measures) }
  })

/** As people and monitoring tell runs apart. */
export const runName = ({ run }: Pick<Plan, 'run'>): string => run.toString(16).padStart(8, '0')

const shown = (url: string): string => formatAddress(parseUpstream(url, codecs))

function stages({ groups }: Plan, intervals: readonly Interval[]): StageResult[] {
  const list = groups.find(({ publish }) => publish?.stages !== undefined)?.publish?.stages ?? []
  return list.length > 1 ? stagesOf(list, intervals) : []
}

/** An event loop that is busy for more than this share of its time is the limit itself. */
const BUSY = 0.85
/** A run that sends so much of what is due, and is answered, is held back by nothing. */
const KEPT_UP = 0.99
/** Microseconds by which the usual message may be late, and is still as good as in time. */
const PROMPT = 10_000

/** What held the rate where it was. */
function whatHeld(plan: Plan, intervals: readonly Interval[], seconds: number): Limit {
  const within = intervals.filter(({ from, to }) => from >= 0 && to <= seconds + 0.5)
  const sum = (of: (interval: Interval) => number): number => within.reduce((total, each) => total + of(each), 0)
  const [due, sent, late, dropped] = [
    sum(({ counts }) => counts.due),
    sum(({ counts }) => counts.sent),
    sum(({ counts }) => counts.late),
    sum(({ counts }) => counts.dropped),
  ]
  const busy = within.length === 0 ? 0 : sum(each => each.busy) / within.length
  const open = plan.groups.some(({ publish }) => publish?.stages !== undefined)
  const percent = `${Math.round(busy * 100)} %`
  if (due + sent === 0) return { what: 'plan', why: 'nothing was to be published' }
  const unanswered = intervals.reduce((total, { counts }) => total + counts.unconfirmed, 0)
  if (sent - unanswered < sent * KEPT_UP) {
    const some = `${unanswered.toLocaleString('en')} of ${sent.toLocaleString('en')} messages`
    const isLate = intervals.some(({ counts }) => counts.answeredLate > 0)
    return {
      what: 'broker',
      why: `it ${isLate ? `did not answer ${some} in time` : `never answered ${some}`}; the generator was busy for ${percent} of the time`,
    }
  }
  const median = middle(within.map(({ lag }) => lag.p50))
  if (open && dropped === 0 && sent >= due * KEPT_UP && median < PROMPT) {
    const some = late === 0 ? 'in time' : `all but ${late.toLocaleString('en')} in time`
    return { what: 'plan', why: `all that was due was sent, ${some}; the generator was busy for ${percent} of it` }
  }
  if (busy > BUSY) {
    return { what: 'generator', why: `its event loops were busy for ${percent} of the time; give it more --workers` }
  }
  const room = windowOf(plan.groups)
  const most = Math.max(0, ...within.map(({ inFlight }) => inFlight))
  if (room > 0 && most >= room * FILLED) {
    const why = `${most.toLocaleString('en')} messages were under way, which is all of --in-flight; the generator was busy for ${percent}`
    return { what: 'window', why }
  }
  return {
    what: 'broker',
    why: `it took ${Math.round(sent / Math.max(seconds, 1e-9)).toLocaleString('en')} messages a second; the generator was busy for ${percent} of the time`,
  }
}

const FILLED = 0.9

/** The one in the middle; 0 of none. */
const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** How many messages can be under way, in all. */
const windowOf = (groups: readonly GroupPlan[]): number =>
  groups.reduce((sum, { publish, inFlight, clients }) => sum + (publish === undefined ? 0 : inFlight * clients), 0)
