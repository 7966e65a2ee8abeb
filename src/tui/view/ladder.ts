import type { Exchange } from '../../../codecs/core/index.ts'
import { formatEndpoint } from '../../flow.ts'
import { columns, cut, formatDuration, printable, type Row } from '../../output/index.ts'
import { fitted, fittedLine } from '../kit/cells.ts'
import { type Line, type Span, span } from '../kit/text.ts'
import { type ListState, windowOf } from '../model/list.ts'
import type { AnyTable } from '../model/table.ts'
import type { Ties } from '../model/ties.ts'
import { moment } from '../rows/cells.ts'
import type { ListSetting } from './list.ts'

/** The time and the pointer before the client's line. */
const BEFORE = 18

/**
 * The frames of one connection as arrows between its ends, in the order in which they passed:
 *
 *     06:46:00.123456  │── connect clientId=sensor-1 ─────────────────▶│
 *                      │◀──────────────────────────────── connack 0 ──│
 */
export function ladderLines(table: AnyTable, list: ListState, ties: Ties, setting: ListSetting): Line[] {
  const { width, height, time } = setting
  const { numbers } = table
  const { top, selected } = windowOf(numbers, list, height)
  const room = Math.max(10, width - BEFORE - 3)
  const lines: Line[] = []
  for (let index = top; index < Math.min(numbers.length, top + height); index++) {
    const number = numbers.at(index)
    const row = table.store.get(number) as Row | undefined
    const chosen = index === selected
    const look = chosen ? (setting.active ? 'selected' : 'marked') : undefined
    const pointer = span(chosen ? '▶' : ' ', 'bold')
    if (row === undefined) {
      lines.push(fittedLine({ spans: [pointer, span('… being read', 'dim')], look }, width))
      continue
    }
    const above = index > 0 ? (table.store.get(numbers.at(index - 1)) as Row | undefined) : undefined
    const { text } = moment(row, ({ packet }) => packet.time, row.clock, { time, above })
    lines.push(
      fittedLine(
        { spans: [pointer, span(fitted(text, BEFORE - 2), 'dim'), ...rung(row, ties.of(number), room)], look },
        width,
      ),
    )
  }
  return lines
}

function rung(row: Row, answered: readonly Exchange[], room: number): Span[] {
  const client = row.from === 'client'
  const side = client ? 'client' : 'server'
  const wrong = row.packet.kind !== 'frame' || row.diagnostics.length > 0
  const sign = row.diagnostics.length > 0 || row.packet.kind === 'malformed' ? '! ' : ''
  // Shafts of two at either end, and the arrow's head.
  const answer = answerText(answered)
  const label = ` ${sign}${cut(printable(row.title), room - 7 - sign.length - answer.length)}${answer} `
  const shaft = '─'.repeat(Math.max(0, room - columns(label) - 3))
  const name = span(label, wrong ? 'error' : 'plain')
  const spans = client
    ? [span('──', side), name, span(`${shaft}▶`, side)]
    : [span(`◀${shaft}`, side), name, span('──', side)]
  return [span('│', 'dim'), ...spans, span('│', 'dim')]
}

/** What a frame is the answer to, and how long that took. */
function answerText(answered: readonly Exchange[]): string {
  const [first] = answered
  if (first === undefined) return ''
  const more = answered.length > 1 ? ` and ${answered.length - 1} more` : ''
  return `  ↩ ${first.request}${more}, ${formatDuration(first.ended - first.started)}`
}

/** Who stands at the ends of the ladder. */
export function ladderTitle(row: Row | undefined): string {
  if (row === undefined) return ''
  const { flow } = row
  return `flow ${flow.id}  ${formatEndpoint(flow.client)} ⇄ ${formatEndpoint(flow.server)}`
}
