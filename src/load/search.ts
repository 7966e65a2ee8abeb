import { whatFailed } from './limit.ts'
import type { Plan } from './plan.ts'
import { evaluate, type Threshold } from './report/index.ts'
import type { Limit, SearchedRate, SearchResult, StageResult } from './result.ts'
import type { Steering } from './run.ts'
import { type StageEvidence, stageOf } from './stages.ts'

export interface SearchOptions {
  readonly plan: Plan
  /** Messages a second to begin with. */
  readonly from: number
  /** Seconds that each rate is held. */
  readonly step: number
  /** What must hold at a rate. */
  readonly threshold: Threshold
  /** A rate is next, for so manieth a time; and what came of it. */
  readonly trying: (rate: number, nth: number) => void
  readonly tried: (stage: StageResult) => void
  readonly signal: AbortSignal
}

/** What a search came to, and each of its tries as a stage. */
export interface Searched {
  readonly found: SearchResult
  readonly stages: readonly StageResult[]
}

/** A rate, and whether it held. */
export interface Try {
  readonly rate: number
  readonly held: boolean
}

interface Judged extends Try {
  /** What made it fail. */
  readonly limit: Limit | undefined
}

/** Most seconds without any load before each rate: what waits in queues from the last one is not this one's. */
const MOST_SETTLING = 2
/** A rate that does not get through is not held, whatever the latencies of what does. */
const THROUGH = 0.95
/** The search ends when the highest rate that held and the lowest that did not are so near. */
const NEAR = 1.05
const MOST_TRIES = 60
/** So many rates that fail for the generator, where none holds, are enough. */
const HOPELESS = 3
/** So many tries of at most one more make a rate one that holds, or one that does not. */
const ENOUGH = 2

/**
 * Searches for the highest rate that holds: doubles it until one does not, then halves the distance. One bad moment
 * decides nothing: what fails is tried again, and the highest that held, too; of three tries, two count.
 */
export async function search(steering: Steering, options: SearchOptions): Promise<Searched> {
  const { from, step, signal, plan, threshold } = options
  // As whole intervals as the steps are.
  const settling = Math.round(Math.min(MOST_SETTLING, step) / plan.interval) * plan.interval
  const tries: Judged[] = []
  const stages: StageResult[] = []
  for (
    let rate = nextRate(tries, from);
    rate !== undefined && tries.length < MOST_TRIES;
    rate = nextRate(tries, from)
  ) {
    const nth = tries.filter(each => each.rate === rate).length + 1
    options.trying(rate, nth)
    const intervals = await steering.stage({ from: rate, to: rate, seconds: step }, settling)
    // What was cut short says nothing, nor what nobody was there for.
    if (intervals.length === 0 || signal.aborted || steering.lost) break
    const { evidence, result } = stageOf(nth === 1 ? `${rate}/s` : `${rate}/s, try ${nth}`, rate, intervals)
    const held = through(rate, evidence, result.achieved) && evaluate(threshold, evidence).ok
    const stage = { ...result, held }
    tries.push({ rate, held, limit: held ? undefined : whatFailed(plan, intervals, inTime(rate, evidence, options)) })
    stages.push(stage)
    options.tried(stage)
    if (isHopeless(tries)) break
  }
  return { found: foundOf(options, tries), stages }
}

/** The rate to be tried next, by what came of those before; undefined where all is known. */
export function nextRate(tries: readonly Try[], from: number): number | undefined {
  if (tries.length === 0) return from
  const rates = ratesOf(tries)
  const open = rates.find(each => !holds(each) && !fails(each))
  if (open !== undefined) return open.rate
  const { low, high } = boundsOf(rates)
  const rate = round(high === undefined ? low.rate * 2 : low.rate === 0 ? high / 2 : Math.sqrt(low.rate * high))
  const isNear = high !== undefined && high <= low.rate * NEAR
  if (!isNear && rate >= 1 && rate !== low.rate && rate !== high) return rate
  return low.rate > 0 && low.held < ENOUGH ? low.rate : undefined
}

/** A generator that comes too late for rates of which one is a quarter of the other, or less, does so at any. */
function isHopeless(tries: readonly Judged[]): boolean {
  if (boundsOf(ratesOf(tries)).low.rate > 0) return false
  const limits = ratesOf(tries)
    .filter(fails)
    .map(({ rate }) => most(limitsOf(tries, rate))?.what)
  const generator = limits.filter(what => what === 'generator').length
  return generator >= HOPELESS && generator * 2 > limits.length
}

type Rate = Omit<SearchedRate, 'limit'>

function ratesOf(tries: readonly Try[]): Rate[] {
  const byRate = Map.groupBy(tries, ({ rate }) => rate)
  return [...byRate]
    .map(([rate, all]) => ({ rate, tries: all.length, held: all.filter(({ held }) => held).length }))
    .sort((a, b) => a.rate - b.rate)
}

/** One try is enough on the way up. */
const holds = ({ tries, held }: Rate): boolean => held >= ENOUGH || held === tries
const fails = ({ tries, held }: Rate): boolean => tries - held >= ENOUGH

/** The highest rate that held (0: none did) below the lowest that did not. */
function boundsOf(rates: readonly Rate[]): { readonly low: Rate; readonly high: number | undefined } {
  const high = rates.find(fails)?.rate
  const low = rates.findLast(each => holds(each) && (high === undefined || each.rate < high))
  return { low: low ?? { rate: 0, tries: 0, held: 0 }, high }
}

/** Where a search stands: each rate, the highest that held, and the lowest that did not. */
export function standingOf(tries: readonly Try[]): Pick<SearchResult, 'rates' | 'held' | 'failed'> {
  const rates = ratesOf(tries)
  const { low, high } = boundsOf(rates)
  return { rates, held: low.rate === 0 ? null : low.rate, failed: high ?? null }
}

function foundOf({ threshold, step }: SearchOptions, tries: readonly Judged[]): SearchResult {
  const { rates, held, failed } = standingOf(tries)
  return {
    threshold: threshold.text,
    step,
    rates: rates.map(each => {
      const limit = most(limitsOf(tries, each.rate))
      return { ...each, ...(limit !== undefined && { limit }) }
    }),
    ...{ held, failed },
    limit: (failed === null ? undefined : most(limitsOf(tries, failed))) ?? {
      what: 'plan',
      why: 'the search ended before a rate failed for sure',
    },
  }
}

const limitsOf = (tries: readonly Judged[], rate: number): Limit[] =>
  tries.flatMap(each => (each.rate === rate ? (each.limit ?? []) : []))

/** What most of them say; where it is even, the generator is suspected first: it says little of the broker then. */
function most(limits: readonly Limit[]): Limit | undefined {
  const number = (limit: Limit): number => limits.filter(({ what }) => what === limit.what).length
  return limits.toSorted(
    (a, b) => number(b) - number(a) || Number(b.what === 'generator') - Number(a.what === 'generator'),
  )[0]
}

/** Messages are whole, and one at the edge may be of the next stage. */
const through = (rate: number, { seconds }: StageEvidence, achieved: number): boolean =>
  achieved * seconds + 1 >= rate * seconds * THROUGH

/** Whether a rate failed for nothing but what was sent late, or not at all. */
function inTime(rate: number, evidence: StageEvidence, { threshold }: SearchOptions): boolean {
  const { seconds, counts } = evidence
  if (!through(rate, evidence, counts.sent / seconds)) return true
  const { subject } = threshold
  if (subject.kind !== 'time') return false
  return subject.of === 'lag' || evaluate({ ...threshold, subject: { ...subject, basis: 'service' } }, evidence).ok
}

/** To three digits: nobody asks for 1414.2 messages a second. */
const round = (rate: number): number => Number(rate.toPrecision(3))
