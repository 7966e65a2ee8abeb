import type { AnyCodec } from '../../../codecs/core/index.ts'
import { type ExchangeRow, exchangeFields } from '../../fields/index.ts'
import type { Flow } from '../../flow.ts'
import { type Clock, formatDuration, printable } from '../../output/index.ts'
import { type Look, type Span, span } from '../kit/text.ts'
import type { Column, Kind } from '../model/kind.ts'
import { flowColumn, jsonTree, sideColumn, timeColumn } from './cells.ts'

/** An exchange as a row, with its connection. */
export interface ExchangeEntry {
  readonly row: ExchangeRow
  readonly flow: Flow
}

export function exchangesKind(codecs: readonly AnyCodec[], clock: () => Clock): Kind<ExchangeEntry> {
  const fields = exchangeFields(codecs)
  return {
    id: 'exchanges',
    title: 'exchanges',
    columns: columnsFor(clock),
    fields: {
      names: fields.names,
      find(path) {
        const field = fields.find(path)
        return field && { ...field, get: ({ row }) => field.get(row) }
      },
      test(path) {
        const test = fields.test(path)
        return test && { ...test, matches: ({ row }) => test.matches(row) }
      },
    },
    sign: ({ row }) => SIGNS[state(row)],
    settled: ({ row }) => row.source.ended > 0,
    details: ({ row }) => Object.entries(row.toJSON()).map(([name, value]) => jsonTree(name, value)),
    flow: ({ flow }) => flow,
    frames: ({ row: { request, reply } }) => (reply === null ? [request] : [request, reply]),
    json: ({ row }) => row.toJSON(),
  }
}

type State = 'open' | 'lost' | 'failed' | 'ok'

function state({ source: { ended, reply, ok } }: ExchangeRow): State {
  if (ended === 0) return 'open'
  if (reply === 0) return 'lost'
  return ok === false ? 'failed' : 'ok'
}

const SIGNS: Readonly<Record<State, { readonly text: string; readonly look: Look } | undefined>> = {
  open: { text: '…', look: 'note' },
  lost: { text: '!', look: 'warning' },
  failed: { text: '✗', look: 'error' },
  ok: undefined,
}

const LOOKS: Readonly<Record<State, Look>> = { open: 'note', lost: 'warning', failed: 'error', ok: 'good' }

function outcome(row: ExchangeRow): Span {
  const now = state(row)
  const word = { open: 'open', lost: 'no answer', failed: 'failed', ok: 'ok' }[now]
  return span(printable(row.outcome === undefined ? word : `${word}, ${row.outcome}`), LOOKS[now])
}

const lasted = ({ row }: ExchangeEntry): number => row.elapsedUs ?? row.openUs ?? 0

const columnsFor = (clock: () => Clock): readonly Column<ExchangeEntry>[] => [
  {
    title: 'Frame',
    width: 7,
    right: true,
    cell: ({ row }) => span(String(row.request), 'dim'),
    key: ({ row }) => row.request,
  },
  timeColumn(({ row }) => row.source.started, clock),
  flowColumn(({ row }) => row.flow),
  sideColumn(({ row }) => row.from),
  { title: 'Kind', width: 16, cell: ({ row }) => span(printable(row.kind), 'bold'), key: ({ row }) => row.kind },
  { title: 'Key', width: 10, spare: 3, cell: ({ row }) => span(printable(row.key)), key: ({ row }) => row.key },
  {
    title: 'Elapsed',
    width: 8,
    right: true,
    cell: entry => span(formatDuration(lasted(entry) * 1000)),
    key: lasted,
  },
  { title: 'Outcome', width: 18, cell: ({ row }) => outcome(row), key: ({ row }) => state(row) },
  {
    title: 'Answer',
    width: 7,
    right: true,
    spare: 1,
    cell: ({ row }) => span(row.reply === null ? '' : String(row.reply), 'dim'),
    key: ({ row }) => row.reply ?? 0,
  },
  {
    title: 'About',
    width: 12,
    grow: true,
    cell: ({ row }) => span(printable(row.address ?? '')),
    key: ({ row }) => row.address ?? '',
  },
]
