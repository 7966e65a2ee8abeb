import type { Distribution } from '../../histogram.ts'
import { type Column, formatBytes } from '../../output/index.ts'
import { type Counts, type LoadResult, MEASURES, type Measure } from '../result.ts'
import { SHARE_OF } from './threshold.ts'
import {
  countName,
  formatCount,
  formatMicros,
  formatRate,
  formatShare,
  formatSpan,
  MEASURE_TITLES,
  perSecond,
  TIMED_TWICE,
} from './words.ts'

/** The tables of a run: text, Markdown and HTML show the same ones. */
export interface Table {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly string[])[]
}

const left = (...titles: string[]): Column[] => titles.map(title => ({ title }))
const right = (...titles: string[]): Column[] => titles.map(title => ({ title, right: true }))

/** Shown also where they are 0: that nothing was lost is worth a line. */
const ALWAYS: readonly (keyof Counts)[] = [
  'due',
  'sent',
  'late',
  'dropped',
  'delivered',
  'lost',
  'duplicates',
  'reordered',
]
/** So many a second say nothing of connections. */
const UNHURRIED: ReadonlySet<keyof Counts> = new Set([
  ...(['connected', 'connectFailures', 'disconnected', 'reconnected', 'failovers'] as const),
])
const BYTES: ReadonlySet<keyof Counts> = new Set(['bytesSent', 'bytesReceived'])

export function countsTable({ counts, seconds }: Pick<LoadResult, 'counts' | 'seconds'>): Table {
  const shown = (Object.keys(counts) as (keyof Counts)[]).filter(key => counts[key] > 0 || ALWAYS.includes(key))
  const rows = shown.map(key => {
    const whole = SHARE_OF[key]?.reduce((sum, each) => sum + counts[each], 0) ?? 0
    const rate = perSecond(counts[key], seconds)
    return [
      countName(key).replaceAll('-', ' '),
      BYTES.has(key) ? formatBytes(counts[key]) : formatCount(counts[key]),
      counts[key] === 0 || UNHURRIED.has(key)
        ? ''
        : BYTES.has(key)
          ? `${formatBytes(Math.round(rate))}/s`
          : formatRate(rate),
      whole === 0 || counts[key] === 0 ? '' : `${formatShare(counts[key] / whole)} of ${wholeName(key)}`,
    ]
  })
  return { columns: [...left('count'), ...right('all', 'a second'), ...left('share')], rows }
}

/** What a share is of, in a word. */
function wholeName(key: keyof Counts): string {
  const whole = SHARE_OF[key] ?? []
  if (whole.length === 1) return countName(whole[0] as keyof Counts)
  return whole.includes('lost') ? 'expected' : whole.includes('foreign') ? 'all that came' : 'tried'
}

const percentiles = ({ count, mean, p50, p90, p99, p999, max }: Distribution): string[] => [
  formatCount(count),
  ...[mean, p50, p90, p99, p999, max].map(formatMicros),
]

/** Each measure from the moment its message was due, and below it from the moment it was sent. */
export function latencyTable({ measures, lag }: Pick<LoadResult, 'measures' | 'lag'>): Table {
  const rows = MEASURES.flatMap(measure => {
    const found = measures[measure]
    if (found === undefined || found.latency.count === 0) return []
    const title = MEASURE_TITLES[measure]
    if (!TIMED_TWICE.has(measure)) return [[title, '', ...percentiles(found.latency)]]
    return [
      [title, 'due', ...percentiles(found.latency)],
      ['', 'sent', ...percentiles(found.service)],
    ]
  })
  if (lag.count > 0) rows.push(['schedule lag', 'due', ...percentiles(lag)])
  return {
    columns: [...left('time', 'from'), ...right('count', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max')],
    rows,
  }
}

export function stagesTable({ stages }: Pick<LoadResult, 'stages'>): Table {
  const searched = stages.some(({ held }) => held !== undefined)
  const rows = stages.map(({ name, from, to, rate, achieved, measures, held }) => {
    const answer = measures['publish-confirm'] ?? measures['publish-deliver']
    const times = answer === undefined ? ['', ''] : [answer.latency.p50, answer.latency.p99].map(formatMicros)
    const verdict = searched ? [held === undefined ? '' : held ? '✓ held' : '✗ crossed'] : []
    return [name, formatSpan({ from, to }), formatRate(rate), formatRate(achieved), ...times, ...verdict]
  })
  const columns = [...left('stage', 'time'), ...right('due', 'achieved', 'p50', 'p99')]
  return { columns: searched ? [...columns, ...left('threshold')] : columns, rows }
}

/** Where connections went, and what was agreed on there; nothing where that is as it was asked for. */
export function placesTable({ groups }: Pick<LoadResult, 'groups'>): Table {
  const isSecure = groups.some(({ places }) => places.some(({ tls }) => tls !== undefined))
  const isSpread = groups.some(({ places }) => new Set(places.map(({ url }) => url)).size > 1)
  const rows = groups.flatMap(({ name, places }) =>
    places.map(({ url, connections, clients, tls }) => [
      ...[name, url, formatCount(connections), formatCount(clients)],
      ...(isSecure ? [tls?.version ?? 'none', tls?.cipher ?? '', tls?.protocol ?? ''] : []),
    ]),
  )
  const secure = isSecure ? left('TLS', 'cipher', 'ALPN') : []
  return {
    columns: [...left('group', 'address'), ...right('connections', 'clients at last'), ...secure],
    rows: isSecure || isSpread || hasMoved(groups) ? rows : [],
  }
}

/** Whether somebody ended elsewhere than planned. */
const hasMoved = (groups: LoadResult['groups']): boolean => groups.some(({ counts }) => counts.failovers > 0)

/** Each rate that a search tried, and how often. */
export function searchTable({ search, stages }: Pick<LoadResult, 'search' | 'stages'>): Table {
  const rows = (search?.rates ?? []).map(({ rate, tries, held, limit }) => {
    const p99s = stages.flatMap(stage => {
      const answer = stage.measures['publish-confirm'] ?? stage.measures['publish-deliver']
      return stage.rate === rate && answer !== undefined ? [answer.latency.p99] : []
    })
    const [least, most] = [Math.min(...p99s), Math.max(...p99s)].map(formatMicros)
    const spread = p99s.length === 0 ? '' : least === most ? most : `${least} to ${most}`
    const verdict =
      rate === search?.held ? '✓ highest that held' : rate === search?.failed ? '✗ lowest that did not' : ''
    return [
      formatRate(rate),
      `${tries}`,
      `${held}`,
      spread ?? '',
      verdict,
      limit === undefined ? '' : `the ${limit.what}`,
    ]
  })
  return { columns: [...right('rate', 'tried', 'held', 'p99'), ...left('', 'failed for')], rows }
}

export function groupsTable({ groups, seconds }: Pick<LoadResult, 'groups' | 'seconds'>): Table {
  const rows = groups.map(({ name, protocol, url, clients, counts, measures }) => {
    const p99 = (measure: Measure): string => {
      const found = measures[measure]
      return found === undefined ? '' : formatMicros(found.latency.p99)
    }
    return [
      ...[name, protocol, url, formatCount(clients), formatRate(perSecond(counts.sent, seconds))],
      ...[formatCount(counts.sent), formatCount(counts.confirmed), formatCount(counts.delivered)],
      ...[formatCount(counts.lost), p99('publish-confirm'), p99('publish-deliver')],
    ]
  })
  const numbers = ['clients', 'rate', 'sent', 'confirmed', 'delivered', 'lost', 'confirm p99', 'deliver p99']
  return { columns: [...left('group', 'protocol', 'address'), ...right(...numbers)], rows }
}
