import { changes } from './changes.ts'
import { compareConnections } from './connections.ts'
import type { Difference } from './difference.ts'
import { compareMessages } from './messages.ts'
import type { Run } from './run.ts'
import type { ExchangesSeen, FindingsSeen, TopologySeen } from './seen.ts'

/** In what two runs differ, section by section. */
export function compareRuns(a: Run, b: Run, { latency }: { readonly latency?: number | undefined } = {}): Difference[] {
  const messages = compareMessages(a.messages, b.messages)
  return [
    ...compareConnections(a.connections.values(), b.connections.values()),
    ...both(a.things, b.things, topology),
    ...messages.filter(({ section }) => section === 'messages'),
    ...messages.filter(({ section }) => section === 'order'),
    ...both(a.exchanges, b.exchanges, outcomes),
    ...both(a.exchanges, b.exchanges, (a, b) => latencies(a, b, latency)),
    ...both(a.findings, b.findings, findings),
  ]
}

function both<V>(
  a: ReadonlyMap<string, V>,
  b: ReadonlyMap<string, V>,
  compare: (a: V | undefined, b: V | undefined) => Iterable<Difference>,
): Difference[] {
  return [...new Set([...a.keys(), ...b.keys()])].flatMap(key => [...compare(a.get(key), b.get(key))])
}

/** Where only one run has something: which. */
const change = (a: unknown, b: unknown): Difference['change'] =>
  a === undefined ? 'extra' : b === undefined ? 'missing' : 'changed'

function* topology(a: TopologySeen | undefined, b: TopologySeen | undefined): Iterable<Difference> {
  const { protocol, kind, name, parent } = (a ?? b) as TopologySeen
  const subject = `${kind} ${parent === undefined ? name : `${parent} → ${name}`}`
  const about = { section: 'topology', change: change(a, b), counts: true, protocol, subject, count: 1 } as const
  if (a === undefined || b === undefined) yield { ...about, a: a?.details, b: b?.details }
  else for (const { path, a: was, b: is } of changes(a.details, b.details)) yield { ...about, path, a: was, b: is }
}

function* outcomes(a: ExchangesSeen | undefined, b: ExchangesSeen | undefined): Iterable<Difference> {
  const { protocol, kind, address } = (a ?? b) as ExchangesSeen
  const subject = address === '' ? kind : `${kind} ${address}`
  const about = { section: 'outcomes', change: change(a, b), counts: true, protocol, subject } as const
  const [was, is] = [countsOf(a), countsOf(b)]
  if (a === undefined || b === undefined) yield { ...about, a: was, b: is, count: total(was ?? is) }
  else
    for (const { path, a: had = 0, b: has = 0 } of changes(was, is)) {
      yield { ...about, path, a: had, b: has, count: Math.abs((has as number) - (had as number)) }
    }
}

const countsOf = (seen: ExchangesSeen | undefined): Record<string, number> | undefined =>
  seen && Object.fromEntries([...seen.outcomes].sort(([a], [b]) => (a < b ? -1 : 1)))

const total = (counts: Record<string, number> = {}): number => Object.values(counts).reduce((sum, n) => sum + n, 0)

/** Fewer tell nothing of how long something takes. */
const ENOUGH = 5
/** Shorter differences are the machine's. In microseconds. */
const NOTABLE = 500
/** Told from this ratio of the medians on. */
const SHIFTED = 1.5

/** `bound`: the ratio from which on it counts. */
function* latencies(
  a: ExchangesSeen | undefined,
  b: ExchangesSeen | undefined,
  bound: number | undefined,
): Iterable<Difference> {
  if (a === undefined || b === undefined) return
  const [was, is] = [a.latency.row, b.latency.row]
  if (was.count < ENOUGH || is.count < ENOUGH) return
  for (const percentile of ['p50Us', 'p99Us'] as const) {
    const [had, has] = [Math.max(1, was[percentile] ?? 0), Math.max(1, is[percentile] ?? 0)]
    const ratio = Math.max(had / has, has / had)
    const counts = bound !== undefined && has / had > bound && has - had >= NOTABLE
    if (!counts && (ratio < SHIFTED || Math.abs(has - had) < NOTABLE)) continue
    const subject = a.address === '' ? a.kind : `${a.kind} ${a.address}`
    const { protocol } = a
    const about = { section: 'latency', change: 'changed', counts, protocol, subject } as const
    yield { ...about, path: percentile, a: had, b: has, count: is.count }
    return
  }
}

function* findings(a: FindingsSeen | undefined, b: FindingsSeen | undefined): Iterable<Difference> {
  if (a?.count === b?.count) return
  const { rule, severity, title } = (a ?? b) as FindingsSeen
  const about = { section: 'findings', change: change(a, b), counts: false } as const
  yield { ...about, subject: `${severity} ${rule}: ${title}`, a: a?.count, b: b?.count, count: (b ?? a)?.count ?? 0 }
}
