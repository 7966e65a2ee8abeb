import { writeFields, writeValue } from './json-value.ts'
import type { Lines } from './lines.ts'
import type { Row, RowFormat } from './row.ts'

/** One JSON object a line. */
export const ndjsonRows: RowFormat = {
  row: (row, lines) => {
    writeRow(row, lines)
    lines.ascii('\n')
  },
}

/** All rows in one array, an item a line. */
export function jsonRows(): RowFormat {
  const comma = commas()
  return {
    open: lines => lines.ascii('['),
    row: (row, lines) => {
      lines.ascii(comma())
      writeRow(row, lines)
    },
    close: lines => lines.ascii('\n]\n'),
  }
}

/** What stands before each item of an array. */
export function commas(): () => string {
  let next = '\n'
  return () => {
    const now = next
    next = ',\n'
    return now
  }
}

/** The row as one JSON object. */
function writeRow(row: Row, lines: Lines): void {
  const { packet, codec, type } = row
  lines.ascii('{"frame":')
  lines.number(row.number)
  if (packet.record !== 0) {
    lines.ascii(',"packet":')
    lines.number(packet.record)
  }
  lines.ascii(',"time":"')
  row.clock.writeIso(packet.time, lines)
  lines.ascii('","flow":')
  lines.number(row.flow.id)
  lines.ascii(packet.side === 'client' ? ',"from":"client","protocol":"' : ',"from":"server","protocol":"')
  lines.ascii(codec.id)
  lines.ascii('","type":"')
  lines.jsonText(type)
  lines.ascii('","length":')
  lines.number(packet.length)
  lines.ascii(',"summary":"')
  lines.jsonText(type)
  const { summary } = row
  if (summary !== '') {
    lines.ascii(' ')
    lines.jsonText(summary)
  }
  lines.ascii('"')
  const frame = row.frame
  if (frame !== undefined) {
    lines.ascii(',"')
    lines.ascii(codec.id)
    lines.ascii('":')
    writeFields(lines, codec, frame, row.secrets)
  } else if (packet.kind === 'malformed') {
    lines.ascii(',"bytes":')
    writeValue(lines, packet.bytes, 'bytes')
  }
  const { diagnostics } = row
  if (diagnostics.length > 0) {
    lines.ascii(',"diagnostics":')
    writeValue(lines, diagnostics, 'list')
  }
  lines.ascii('}')
}

/** A summary that stands alone names its type too. */
export const title = (type: string, summary: string): string => (summary === '' ? type : `${type} ${summary}`)
