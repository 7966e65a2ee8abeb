import { formatBytes } from './clock.ts'
import { printable } from './escape.ts'
import type { Output } from './output.ts'
import type { RecordFormat } from './record.ts'
import type { StatRow } from './stats.ts'
import type { Style } from './style.ts'
import { type Column, table } from './table.ts'

/** Rows of one kind that a person reads through; machine formats give all. */
const SHOWN = 50

type Kind = StatRow['stat']
type Columns = readonly (Column & { readonly cell: (row: StatRow) => string })[]

const COUNTS: Columns = [
  { title: 'FRAMES →', right: true, cell: row => String(row.frames.client) },
  { title: '←', right: true, cell: row => String(row.frames.server) },
  { title: 'BYTES →', right: true, cell: row => formatBytes(row.bytes.client) },
  { title: '←', right: true, cell: row => formatBytes(row.bytes.server) },
  { title: 'FRAMES/S', right: true, cell: row => rate(row.framesPerSecond, String) },
  { title: 'BYTES/S', right: true, cell: row => rate(row.bytesPerSecond, formatBytes) },
]

const rate = (value: number | undefined, show: (value: number) => string): string =>
  value === undefined ? '' : show(value)

const PROTOCOL: Columns[number] = {
  title: 'PROTOCOL',
  cell: row => (row.stat === 'total' ? 'all' : row.protocol),
}

const TOTALS: Columns = [
  PROTOCOL,
  { title: 'FLOWS', right: true, cell: row => ('flows' in row ? String(row.flows) : '') },
  ...COUNTS,
  { title: 'MALFORMED', right: true, cell: row => ('malformed' in row ? String(row.malformed) : '') },
  { title: 'LOST', right: true, cell: row => ('lost' in row ? formatBytes(row.lost) : '') },
]

const SECTIONS: readonly { readonly kinds: readonly Kind[]; readonly columns: Columns }[] = [
  { kinds: ['total', 'protocol'], columns: TOTALS },
  {
    kinds: ['type'],
    columns: [PROTOCOL, { title: 'TYPE', cell: row => (row.stat === 'type' ? printable(row.type) : '') }, ...COUNTS],
  },
  {
    kinds: ['destination', 'other-destinations'],
    columns: [
      PROTOCOL,
      { title: 'DESTINATION', cell: row => (row.stat === 'destination' ? printable(row.destination) : '(others)') },
      ...COUNTS,
    ],
  },
]

/** A table for each kind of row. */
export function statTables(output: Output, style: Style): RecordFormat<StatRow> {
  return {
    write: rows => {
      const parts: string[] = []
      for (const { kinds, columns } of SECTIONS) {
        const mine = rows.filter(({ stat }) => kinds.includes(stat))
        if (mine.length === 0) continue
        const cells = mine.slice(0, SHOWN).map(row => columns.map(({ cell }) => cell(row)))
        const rest = mine.length > SHOWN ? `… and ${mine.length - SHOWN} more: --format ndjson gives all\n` : ''
        parts.push(table(columns, cells, style) + rest)
      }
      output.write(parts.join('\n'))
    },
  }
}
