import { printableJson } from './escape.ts'
import { writeFields, writeValue } from './json-value.ts'
import { constant, type Lines, NEWLINE, SPACE } from './lines.ts'
import { perType } from './per-type.ts'
import type { Row, RowFormat } from './row.ts'

/** One JSON object a line. */
export const ndjsonRows: RowFormat = {
  row: (row, lines) => {
    writeRow(row, lines)
    lines.byte(NEWLINE)
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
  const { packet } = row
  const constants = constantsOf(row)
  lines.raw(FRAME)
  lines.number(row.number)
  if (packet.record !== 0) {
    lines.raw(PACKET)
    lines.number(packet.record)
  }
  lines.raw(TIME)
  row.clock.writeIso(packet.time, lines)
  lines.raw(FLOW)
  lines.number(row.flow.id)
  lines.raw(constants.origin)
  lines.number(packet.length)
  lines.raw(constants.summary)
  const { summary } = row
  if (summary !== '') {
    lines.byte(SPACE)
    lines.jsonText(summary)
  }
  lines.byte(QUOTE)
  const frame = row.frame
  if (frame !== undefined) {
    lines.raw(constants.fields)
    writeFields(lines, row.codec, frame, row.secrets)
  } else if (packet.kind === 'malformed') {
    lines.ascii(',"bytes":')
    writeValue(lines, packet.bytes, 'bytes')
  }
  const { diagnostics } = row
  if (diagnostics.length > 0) {
    lines.ascii(',"diagnostics":')
    writeValue(lines, diagnostics, 'list')
  }
  lines.byte(CLOSE)
}

const QUOTE = 0x22
const CLOSE = 0x7d
const FRAME = constant('{"frame":')
const PACKET = constant(',"packet":')
const TIME = constant(',"time":"')
const FLOW = constant('","flow":')

/** What is the same in all rows of one type from one side. */
interface Constants {
  readonly origin: Uint8Array
  readonly summary: Uint8Array
  readonly fields: Uint8Array
}

const constantsOf = perType<Constants>(({ packet, protocol, type }) => {
  const name = printableJson(JSON.stringify(type))
  return {
    origin: constant(`,"from":"${packet.side}","protocol":"${protocol}","type":${name},"length":`),
    summary: constant(`,"summary":${name.slice(0, -1)}`),
    fields: constant(`,"${protocol}":`),
  }
})
