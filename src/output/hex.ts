import { type Field, FrameReader, secretRanges, walk } from '../../codecs/core/index.ts'
import type { Lines } from './lines.ts'
import type { Row, RowFormat } from './row.ts'
import { type Paint, painted, type Style } from './style.ts'
import { TextLine, writeDiagnostics } from './text.ts'
import { formatValue } from './value.ts'

const PER_LINE = 16
const VALUE_LIMIT = 32

/**
 * The row, then its bytes, sixteen a line. A `|` stands where a field begins; which, and what it holds, beside:
 *
 *     0000 |10|0c|00 04 4d 51 54 54|04|02|00 3c|00 00         ..MQTT...<..    type=1 …
 */
export function hexRows(style: Style): RowFormat {
  const reader = new FrameReader()
  const line = new TextLine(style)
  return {
    row: (row, lines) => {
      const { packet } = row
      line.write(row, lines)
      if (packet.kind === 'frame') {
        const { field } = reader.trace(row.codec, packet)
        dump(row, leaves(field), row.secrets ? [] : secretRanges(field), lines, style)
      } else if (packet.kind === 'malformed') dump(row, [], [], lines, style)
      writeDiagnostics(row.diagnostics, lines, style)
    },
  }
}

/** Fields that are not made of others, in the order of their bytes. */
function leaves(root: Field): Field[] {
  const found: Field[] = []
  for (const { field } of walk(root)) if (field.children === undefined) found.push(field)
  return found
}

interface Range {
  readonly start: number
  readonly end: number
}

function dump(row: Row, fields: readonly Field[], hidden: readonly Range[], lines: Lines, { palette }: Style): void {
  const bytes = row.packet.bytes
  const paints = palette.fields
  let next = 0
  let secret = 0
  let paint: Paint = palette.dim
  for (let start = 0; start < bytes.length; start += PER_LINE) {
    const end = Math.min(start + PER_LINE, bytes.length)
    let digits = ''
    let characters = ''
    let beside = ''
    for (let at = start; at < end; at++) {
      let begins = false
      // An empty field at the very end begins at no byte: it is told with the last.
      const reach = at === bytes.length - 1 ? bytes.length : at
      for (let field = fields[next]; field !== undefined && field.start <= reach; field = fields[++next]) {
        if (field.start < field.end) begins = true
        paint = paints[next % paints.length] as Paint
        beside += `  ${painted(paint, field.name)}=${formatValue(field, row.secrets, VALUE_LIMIT)}`
      }
      while (secret < hidden.length && hidden[secret]!.end <= at) secret++
      const byte = secret < hidden.length && hidden[secret]!.start <= at ? undefined : (bytes[at] as number)
      digits += (begins ? '|' : ' ') + painted(paint, byte === undefined ? '**' : byte.toString(16).padStart(2, '0'))
      characters += painted(paint, byte === undefined ? '*' : character(byte))
    }
    const missing = PER_LINE - (end - start)
    const offset = painted(palette.dim, start.toString(16).padStart(4, '0'))
    if (beside !== '') beside = ' '.repeat(missing) + beside
    lines.text(`${INDENT}${offset} ${digits}${' '.repeat(3 * missing)}  ${characters}${beside}\n`)
  }
}

const character = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')

/** So many lines of one body. */
const MOST_LINES = 32

/** Bytes that have no fields: `0000  41 4d 51 50 00 00 09 01                          AMQP....` */
export function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length && lines.length < MOST_LINES; at += PER_LINE) {
    const row = Array.from(bytes.subarray(at, at + PER_LINE))
    const digits = row.map(byte => byte.toString(16).padStart(2, '0')).join(' ')
    const offset = at.toString(16).padStart(4, '0')
    lines.push(`${offset}  ${digits.padEnd(PER_LINE * 3)} ${row.map(character).join('')}`)
  }
  const left = bytes.length - MOST_LINES * PER_LINE
  return left > 0 ? [...lines, `… ${left} more bytes`] : lines
}

const INDENT = ' '.repeat(8)
