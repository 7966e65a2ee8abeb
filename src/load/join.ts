import { fully, measured } from './gather.ts'
import { judged, type Threshold } from './report/index.ts'
import type { Blocked, Counts, Limit, LoadResult, StageResult, Trouble } from './result.ts'
import { achieved, handled, sumOf, worst } from './stages.ts'
import type { Outcome } from './steps.ts'
import { added, noCounts } from './tally.ts'

/** A step that loaded, and when it began: seconds since the first did. */
interface Part {
  readonly name: string
  readonly offset: number
  readonly result: LoadResult
}

/**
 * One result of a run of several steps: on one timeline, groups named `step/group`, a stage each step. `thresholds` are
 * held against all of it; those of a step were. Undefined where nothing was loaded. Those that were not begun count.
 */
export function joined(
  outcomes: readonly Outcome[],
  thresholds: readonly Threshold[],
  interrupted: boolean,
): LoadResult | undefined {
  const [first] = outcomes.flatMap(({ result, started }) => (result === undefined ? [] : { result, started }))
  if (first === undefined || outcomes.length === 1) return first?.result
  const origin = first.started
  const parts = outcomes.flatMap(({ name, started, result }) =>
    result === undefined ? [] : { name, result, offset: (started - origin) / 1000 },
  )
  const results = parts.map(({ result }) => result)
  const sum = (of: (result: LoadResult) => number): number => results.reduce((all, each) => all + of(each), 0)
  const seconds = sum(result => result.seconds)
  const counts = results.reduce<Counts>((all, each) => added(all, each.counts), noCounts())
  const measures = fully(sumOf(results))
  const lag = worst(results)
  const own = parts.flatMap(({ name, result }) =>
    result.thresholds.map(each => ({ ...each, threshold: `${name}: ${each.threshold}` })),
  )
  const ended = outcomes.find(outcome => outcome.ended !== undefined)?.ended
  const all = [...thresholds.map(each => judged(each, { seconds, counts, measures, lag }, ended)), ...own]
  const proof = {
    ok: outcomes.every(({ ok, result }) => result?.proof.ok ?? ok),
    lines: outcomes.flatMap(({ name, result, words }) =>
      (result?.proof.lines ?? [words ?? '']).map(line => `${name}: ${line}`),
    ),
    lost: parts.flatMap(({ name, result }) => result.proof.lost.map(each => `${name}/${each}`)),
  }
  const gone = parts.flatMap(({ name, offset, result }) =>
    result.gone.map(each => ({ ...each, group: `${name}/${each.group}`, since: each.since + offset })),
  )
  const cpuSeconds = sum(({ generator }) => generator.cpuSeconds)
  return {
    ...first.result,
    started: new Date(origin).toISOString(),
    seconds,
    interrupted,
    plan: outcomes.flatMap(({ name, result, words }) =>
      (result?.plan ?? [words ?? '']).map(line => `${name}: ${line}`),
    ),
    counts,
    measures,
    lag,
    groups: parts.flatMap(({ name, result }) =>
      result.groups.map(group => ({ ...group, name: `${name}/${group.name}` })),
    ),
    stages: parts.map(stageOf),
    intervals: parts.flatMap(({ offset, result }) => result.intervals.map(each => shifted(each, offset))),
    troubles: troublesOf(parts),
    blocked: parts.flatMap(({ offset, result }) => result.blocked.map(each => blockedAt(each, offset))),
    gone,
    proof,
    thresholds: all,
    limit: limitOf(parts),
    generator: {
      ...first.result.generator,
      workers: Math.max(0, ...results.map(({ generator }) => generator.workers)),
      cpuSeconds,
      messagesPerCpuSecond: cpuSeconds === 0 ? 0 : Math.round(handled(counts) / cpuSeconds),
      memory: Math.max(0, ...results.map(({ generator }) => generator.memory)),
    },
    ok: proof.ok && gone.length === 0 && all.every(({ ok }) => ok),
  }
}

const shifted = <T extends { readonly from: number; readonly to: number }>(span: T, by: number): T => ({
  ...span,
  from: span.from + by,
  to: span.to + by,
})

const blockedAt = ({ from, to, reason }: Blocked, by: number): Blocked => ({
  from: from + by,
  ...(to !== undefined && { to: to + by }),
  reason,
})

function stageOf({ name, offset, result }: Part): StageResult {
  const { counts, seconds } = result
  const rate = seconds > 0 ? counts.due / seconds : 0
  return {
    name,
    from: offset,
    to: offset + seconds,
    rate,
    achieved: achieved(counts, seconds),
    measures: measured(sumOf([result])),
  }
}

function troublesOf(parts: readonly Part[]): Trouble[] {
  const known = new Map<string, Trouble>()
  for (const { offset, result } of parts) {
    for (const { count, first, ...trouble } of result.troubles) {
      const { reason } = trouble
      const before = known.get(reason)
      known.set(reason, {
        ...trouble,
        count: count + (before?.count ?? 0),
        first: Math.min(first + offset, before?.first ?? Number.POSITIVE_INFINITY),
      })
    }
  }
  return [...known.values()]
}

/** What says most of a run comes first. */
const TELLING: readonly Limit['what'][] = ['generator', 'window', 'broker', 'plan']

/** What held the rate in any of the steps. */
function limitOf(parts: readonly Part[]): Limit {
  for (const what of TELLING) {
    const part = parts.find(({ result }) => result.limit.what === what)
    if (part !== undefined) return { what, why: `${part.name}: ${part.result.limit.why}` }
  }
  return { what: 'plan', why: 'nothing was loaded' }
}
