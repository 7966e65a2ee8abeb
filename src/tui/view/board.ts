import { columns, type ExchangeCounts, formatBytes, formatDuration, printable } from '../../output/index.ts'
import { fitted, sparkline } from '../kit/cells.ts'
import { type Line, type Look, line, span } from '../kit/text.ts'
import type { Latencies } from '../model/latencies.ts'
import { HISTORY, type TypeCount } from '../model/rates.ts'
import type { Traffic } from '../model/traffic.ts'
import { grouped } from '../rows/cells.ts'

export interface BoardSetting {
  readonly width: number
  readonly unicode: boolean
  /** The second that was last is over: nothing more comes. */
  readonly over: boolean
}

/** What passes a second, each way and by type, with how it was over the last minutes. */
export function boardLines({ rates, latencies }: Traffic, { width, unicode, over }: BoardSetting): Line[] {
  const room = Math.min(HISTORY - 1, Math.max(10, width - LABEL - NOW - NOW - 2))
  const series: readonly (readonly [string, readonly number[], Look, (value: number) => string])[] = [
    ['→ frames/s', rates.client.last(room, over), 'client', grouped],
    ['← frames/s', rates.server.last(room, over), 'server', grouped],
    ['→ bytes/s', rates.clientBytes.last(room, over), 'client', formatBytes],
    ['← bytes/s', rates.serverBytes.last(room, over), 'server', formatBytes],
  ]
  return [
    line(span(`${' '.repeat(LABEL)} ${fitted('now', NOW, true)}${fitted('most', NOW, true)}`, 'dim')),
    ...series.map(([name, values, look, format]) =>
      line(
        span(` ${fitted(name, LABEL)}`, 'bold'),
        span(fitted(format(values.at(-1) ?? 0), NOW, true)),
        span(fitted(format(Math.max(0, ...values)), NOW, true), 'dim'),
        span(` ${sparkline(values, room, unicode)}`, look),
      ),
    ),
    line(),
    ...latencyLines(latencies),
    line(span(` ${fitted('type', TYPE)}${fitted('per second', NOW, true)}${fitted('in all', NOW + 2, true)}`, 'dim')),
    ...[...rates.types].sort(busiest).map(counted => typeLine(counted, width)),
  ]
}

/** How long answers took, by what was asked; none where nothing was. */
function latencyLines({ kinds, open }: Latencies): Line[] {
  if (kinds.length === 0 && open === 0) return []
  const titles = ['p50', 'p99', 'most', 'answered', 'failed', 'none']
  const rows = kinds
    .map(({ kind, tally }) => ({ kind, counts: tally.row }))
    .sort((a, b) => b.counts.count - a.counts.count)
  return [
    line(span(` ${fitted('exchange', EXCHANGE)}${titles.map(right).join('')}`, 'dim')),
    ...rows.map(({ kind, counts }) => latencyLine(kind, counts)),
    line(span(` ${grouped(open)} open now`, open === 0 ? 'dim' : 'note')),
    line(),
  ]
}

function latencyLine(kind: string, { count, failed, open, p50Us, p99Us, maxUs }: ExchangeCounts): Line {
  const times = [p50Us, p99Us, maxUs].map(time => right(time === undefined ? '' : formatDuration(time * 1000)))
  return line(
    span(` ${fitted(printable(kind), EXCHANGE)}`),
    span(times.join(''), 'bold'),
    span(right(grouped(count))),
    span(right(failed === 0 ? '' : `✗ ${grouped(failed)}`), 'error'),
    span(right(open === 0 ? '' : `! ${grouped(open)}`), 'warning'),
  )
}

const EXCHANGE = 20
const right = (text: string): string => fitted(text, 9, true)

const LABEL = 11
const NOW = 11
const TYPE = 30

const busiest = (a: TypeCount, b: TypeCount): number => b.rate - a.rate || b.count - a.count

function typeLine({ protocol, type, count, bytes, rate }: TypeCount, width: number): Line {
  const name = fitted(`${protocol} ${type}`, TYPE)
  const left = width - columns(name) - NOW - NOW - 2 - NOW - 2
  return line(
    span(` ${name}`),
    span(fitted(grouped(Math.round(rate)), NOW, true), 'bold'),
    span(fitted(grouped(count), NOW + 2, true)),
    span(left < 0 ? '' : fitted(formatBytes(bytes), NOW, true), 'dim'),
  )
}
