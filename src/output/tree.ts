import { type Field, FrameReader, walk } from '../../codecs/core/index.ts'
import type { Lines } from './lines.ts'
import type { Row, RowFormat } from './row.ts'
import { painted, type Style } from './style.ts'
import { TextLine, writeDiagnostics } from './text.ts'
import { formatValue } from './value.ts'

/** As much of one value as helps; JSON has the whole. */
const VALUE_LIMIT = 240

/** The row, then every field of its packet with its byte range, one a line. */
export function treeRows(style: Style): RowFormat {
  const reader = new FrameReader()
  const line = new TextLine(style)
  return {
    row: (row, lines) => {
      line.write(row, lines)
      if (row.packet.kind === 'frame') writeTree(row, reader.trace(row.codec, row.packet).field, lines, style)
      writeDiagnostics(row.diagnostics, lines, style)
    },
  }
}

/**
 *      0..8     amqp091
 *      0..1       type: 1 (method)
 *      1..2       flags: 0x1c
 *      1.4        retain: false        one bit of byte 1
 */
function writeTree(row: Row, root: Field, lines: Lines, { palette }: Style): void {
  for (const { field, depth } of walk(root)) {
    const value = formatValue(field, row.secrets, VALUE_LIMIT)
    const name = '  '.repeat(depth) + (field.children === undefined ? field.name : painted(palette.bold, field.name))
    const where = painted(palette.dim, range(field).padStart(14))
    lines.text(`${where}  ${name}${value === '' ? '' : `: ${value}`}\n`)
  }
}

/** `4..12`, the end exclusive; for part of one byte its bits: `4 ....11..`. */
function range({ start, end, mask }: Field): string {
  return mask === undefined ? `${start}..${end}` : `${start} ${bits(mask)}`
}

function bits(mask: number): string {
  let text = ''
  for (let bit = 0x80; bit > 0; bit >>= 1) text += (mask & bit) === 0 ? '.' : 'x'
  return text
}
