import type { Diagnostic } from '../../codecs/core/index.ts'
import { printable } from './escape.ts'
import { constant, Lines, NEWLINE, SPACE } from './lines.ts'
import { perType } from './per-type.ts'
import type { Row, RowFormat } from './row.ts'
import { PLAIN_STYLE, painted, type Style } from './style.ts'
import { columns, cut } from './width.ts'

const FRAME_WIDTH = 6
const TIME_WIDTH = '06:46:00.123456'.length
const FLOW_WIDTH = 4
const PROTOCOL_WIDTH = 8
const TYPE_WIDTH = 19
const LENGTH_WIDTH = 6
/** Below this, nothing of the summary could be seen. */
const NARROW = 76
const INDENT = ' '.repeat(FRAME_WIDTH + 2)

/** One line a row, its diagnostics below it. */
export function textRows(style: Style): RowFormat {
  const line = new TextLine(style)
  return {
    row: (row, lines) => {
      line.write(row, lines)
      writeDiagnostics(row.diagnostics, lines, style)
    },
  }
}

/**
 * Writes `    12  06:46:00.123456   #3 → amqp091  basic.publish           61  ch=1 exchange=orders key=eu.new`.
 * What recurs from row to row is made into bytes once.
 */
export class TextLine {
  readonly #style: Style
  readonly #middle: (row: Row) => Middle
  #flow = 0
  #flowText = ''

  constructor(style: Style) {
    this.#style = style
    this.#middle = perType(row => middleOf(row, style))
  }

  write(row: Row, lines: Lines): void {
    const { palette, width } = this.#style
    const { packet } = row
    if (width !== undefined && width < NARROW) {
      writeNarrow(row, lines, width)
      return
    }
    lines.number(row.number, FRAME_WIDTH, SPACE)
    lines.ascii(palette.dim.before)
    lines.ascii('  ')
    row.clock.writeTimeOfDay(packet.time, lines)
    lines.ascii(palette.dim.after)
    if (row.flow.id !== this.#flow) {
      this.#flow = row.flow.id
      this.#flowText = ` ${`#${row.flow.id}`.padStart(FLOW_WIDTH)}`
    }
    lines.ascii(this.#flowText)
    const middle = this.#middle(row)
    lines.raw(middle.bytes)
    lines.number(packet.length, LENGTH_WIDTH, SPACE)
    const { summary } = row
    if (summary !== '') {
      lines.ascii('  ')
      if (width === undefined) lines.printable(summary)
      else lines.text(cut(printable(summary), Math.max(0, width - this.#columns(row, middle))))
    }
    lines.byte(NEWLINE)
  }

  /** Columns that stand before the summary. */
  #columns({ number, packet }: Row, middle: Middle): number {
    const before = Math.max(FRAME_WIDTH, String(number).length) + 2 + TIME_WIDTH + this.#flowText.length
    return before + middle.columns + Math.max(LENGTH_WIDTH, String(packet.length).length) + 2
  }
}

/** What stands between flow and length: arrow, protocol, type. */
interface Middle {
  readonly bytes: Uint8Array
  readonly columns: number
}

function middleOf({ packet, protocol, type }: Row, { palette }: Style): Middle {
  const arrow = packet.side === 'client' ? painted(palette.client, '→') : painted(palette.server, '←')
  const name = printable(type).padEnd(TYPE_WIDTH)
  const where = protocol.padEnd(PROTOCOL_WIDTH)
  const text = ` ${arrow} ${where} ${painted(packet.kind === 'frame' ? palette.bold : palette.error, name)} `
  return { bytes: constant(text), columns: 5 + where.length + columns(name) }
}

/** On a terminal too narrow for the columns, as much of them as there is room for, and no colours. */
function writeNarrow(row: Row, lines: Lines, width: number): void {
  const whole = new Lines()
  new TextLine(PLAIN_STYLE).write(row, whole)
  lines.text(`${cut(whole.take().toString().trimEnd(), width)}\n`)
}

/** `        warning reserved-flags at 0..1: flags must be 0010 (MQTT-3.8.1-1)` */
export function writeDiagnostics(diagnostics: readonly Diagnostic[], lines: Lines, { palette }: Style): void {
  for (const { severity, code, message, rule, start, end } of diagnostics) {
    const clause = rule === undefined ? '' : ` (${rule})`
    const what = painted(palette[severity], severity)
    lines.text(`${INDENT}${what} ${code} at ${start}..${end}: ${printable(message)}${clause}\n`)
  }
}
