import { cpus } from 'node:os'
import { codecs } from '../../codecs/index.ts'
import { formatAddress, parseUpstream } from '../net/index.ts'
import { fully, type Gathered, measured } from './gather.ts'
import { gone } from './gone.ts'
import { whatHeld } from './limit.ts'
import { type Plan, runName } from './plan.ts'
import { account } from './proof.ts'
import { formatSeconds, judged, type Threshold } from './report/index.ts'
import type { Gone, GroupResult, Interval, Limit, LoadResult, Place, StageResult, ThresholdResult } from './result.ts'
import type { Ran } from './run.ts'
import type { Searched } from './search.ts'
import { handled, stagesOf } from './stages.ts'

export interface SummarizeOptions {
  readonly version: string
  readonly words: readonly string[]
  readonly thresholds: readonly Threshold[]
  readonly interrupted: boolean
  /** Of a search for a rate. */
  /** What ended the run before its time. */
  readonly ended: ThresholdResult | undefined
  readonly search: Searched | undefined
  /** Whether what is lost is no failure. */
  readonly allowLoss: boolean
}

/** All that a run came to. */
export function summarize(plan: Plan, ran: Ran, options: SummarizeOptions): LoadResult {
  const { search } = options
  const { gathered, streams, subscriptions, places, started, seconds, workers } = ran
  const { total, intervals, cpuSeconds, memory } = gathered
  const { delivered, duplicates, missing, ...proof } = account(plan, total.counts, streams, subscriptions)
  const counts = { ...total.counts, delivered, duplicates, lost: missing }
  const measures = fully(total.measures)
  const lag = total.lag.distribution
  const evidence = { seconds, counts, measures, lag }
  const thresholds = options.thresholds.map(each => judged(each, evidence, options.ended))
  const held = thresholds.every(({ ok }) => ok)
  const without = goneOf(plan, ran)
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
    stages: search?.stages ?? stages(plan, intervals),
    ...(search !== undefined && { search: search.found }),
    intervals,
    troubles: gathered.told,
    blocked: gathered.blocked,
    gone: without,
    proof: accounted,
    thresholds,
    limit: search?.found.limit ?? lostOne(plan, without) ?? whatHeld(plan, intervals, seconds),
    generator: {
      workers,
      cpuSeconds,
      messagesPerCpuSecond: cpuSeconds === 0 ? 0 : Math.round(handled(counts) / cpuSeconds),
      memory,
      node: process.versions.node,
      cpus: cpus().length,
    },
    // Above the rate that holds, a search loses what it likes.
    ok: (search === undefined ? accounted.ok : search.found.held !== null) && without.length === 0 && held,
  }
}

/** Nothing else matters where publishers had nobody to send to. */
function lostOne({ groups }: Plan, without: readonly Gone[]): Limit | undefined {
  const lost = without.find(({ group }) => groups.some(({ name, publish }) => name === group && publish !== undefined))
  return (
    lost && { what: 'broker', why: `${lost.group} had no connection from ${formatSeconds(Math.max(0, lost.since))} on` }
  )
}

function goneOf(plan: Plan, { out, gathered }: Ran): Gone[] {
  return gone(plan, out).map(({ group, clients, since, why }) => ({
    ...{ group, clients, since: gathered.since(since), reason: why },
    unsent: gathered.group(group).counts.dropped,
  }))
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

const shown = (url: string): string => formatAddress(parseUpstream(url, codecs))

function stages({ groups }: Plan, intervals: readonly Interval[]): StageResult[] {
  const list = groups.find(({ publish }) => publish?.stages !== undefined)?.publish?.stages ?? []
  return list.length > 1 ? stagesOf(list, intervals) : []
}
