import { formatBytes, formatDuration } from './clock.ts'
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

type Counted = Extract<StatRow, { readonly frames: unknown }>
type Timed = Extract<StatRow, { readonly failed: unknown }>
type Sized = Extract<StatRow, { readonly stat: 'message-size' }>

/** A column of the rows that have such a value. */
const of =
  <R extends StatRow>(is: (row: StatRow) => row is R) =>
  (title: string, cell: (row: R) => string): Columns[number] => ({
    title,
    right: true,
    cell: row => (is(row) ? cell(row) : ''),
  })
const counted = of((row): row is Counted => 'frames' in row)
const timed = of((row): row is Timed => 'failed' in row)
const sized = of((row): row is Sized => row.stat === 'message-size')

const COUNTS: Columns = [
  counted('FRAMES →', row => String(row.frames.client)),
  counted('←', row => String(row.frames.server)),
  counted('BYTES →', row => formatBytes(row.bytes.client)),
  counted('←', row => formatBytes(row.bytes.server)),
  counted('FRAMES/S', row => rate(row.framesPerSecond, String)),
  counted('BYTES/S', row => rate(row.bytesPerSecond, formatBytes)),
]

const micro = (value: number | undefined): string => (value === undefined ? '' : formatDuration(value * 1000))
const LATENCIES: Columns = [
  timed('ANSWERED', row => String(row.count)),
  timed('FAILED', row => (row.failed === 0 ? '' : String(row.failed))),
  timed('OPEN', row => (row.open === 0 ? '' : String(row.open))),
  timed('P50', row => micro(row.p50Us)),
  timed('P90', row => micro(row.p90Us)),
  timed('P99', row => micro(row.p99Us)),
  timed('P99.9', row => micro(row.p999Us)),
  timed('MAX', row => micro(row.maxUs)),
]
const KIND: Columns[number] = { title: 'EXCHANGE', cell: row => ('kind' in row ? printable(row.kind) : '') }

const SIZES: Columns = [
  sized('MESSAGES', row => String(row.count)),
  sized('MEAN', row => formatBytes(row.mean)),
  sized('P50', row => formatBytes(row.p50)),
  sized('P90', row => formatBytes(row.p90)),
  sized('P99', row => formatBytes(row.p99)),
  sized('MAX', row => formatBytes(row.max)),
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
  {
    kinds: ['flow'],
    columns: [
      { title: 'FLOW', right: true, cell: row => (row.stat === 'flow' ? String(row.flow) : '') },
      PROTOCOL,
      { title: 'CLIENT', cell: row => (row.stat === 'flow' ? row.client : '') },
      { title: 'SERVER', cell: row => (row.stat === 'flow' ? row.server : '') },
      ...COUNTS.slice(0, 4),
      { title: 'PRODUCT', cell: row => (row.stat === 'flow' ? printable(row.product ?? '') : '') },
    ],
  },
  {
    kinds: ['message-size'],
    columns: [
      PROTOCOL,
      { title: 'DIRECTION', cell: row => (row.stat === 'message-size' ? row.direction : '') },
      ...SIZES,
    ],
  },
  { kinds: ['latency'], columns: [PROTOCOL, KIND, ...LATENCIES] },
  {
    kinds: ['destination-latency'],
    columns: [
      PROTOCOL,
      KIND,
      { title: 'DESTINATION', cell: row => ('destination' in row ? printable(row.destination ?? '') : '') },
      ...LATENCIES,
    ],
  },
  {
    kinds: ['flow-latency'],
    columns: [
      { title: 'FLOW', right: true, cell: row => ('flow' in row ? String(row.flow) : '') },
      PROTOCOL,
      KIND,
      ...LATENCIES,
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
