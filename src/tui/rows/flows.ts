import type { AnyCodec } from '../../../codecs/core/index.ts'
import type { Fields } from '../../fields/index.ts'
import { type Flow, formatEndpoint, protocolOf } from '../../flow.ts'
import { type Clock, type FlowRow, flowFields, flowRow, formatBytes, printable } from '../../output/index.ts'
import { span } from '../kit/text.ts'
import type { Column, Kind } from '../model/kind.ts'
import { elapsed, flowColumn, grouped, jsonTree, timeColumn } from './cells.ts'

/** A connection as a row: what is known of it when somebody looks. */
export interface FlowEntry {
  readonly flow: Flow
  readonly clock: Clock
}

export function flowsKind(codecs: readonly AnyCodec[]): Kind<FlowEntry> {
  const row = ({ flow, clock }: FlowEntry): FlowRow => flowRow(flow, clock)
  return {
    id: 'flows',
    title: 'flows',
    columns: COLUMNS,
    fields: onRows(flowFields(codecs), row),
    sign: ({ flow }) => (flow.malformed > 0 || flow.ending === 'reset' ? { text: '!', look: 'warning' } : undefined),
    settled: ({ flow }) => flow.ending !== undefined,
    details: entry => {
      const { route } = entry.flow
      const told = { ...row(entry), ...(route === undefined ? {} : { route }) }
      return Object.entries(told).map(([name, value]) => jsonTree(name, value))
    },
    flow: ({ flow }) => flow,
    frames: () => [],
    json: row,
  }
}

/** What is said of a flow's summary, asked of its entry. */
function onRows(fields: Fields<FlowRow>, row: (entry: FlowEntry) => FlowRow): Fields<FlowEntry> {
  return {
    names: fields.names,
    find(path) {
      const field = fields.find(path)
      return field && { ...field, get: entry => field.get(row(entry)) }
    },
    test(path) {
      const test = fields.test(path)
      return test && { ...test, matches: entry => test.matches(row(entry)) }
    },
  }
}

/** A connection that ended is told by a sign, not by a colour alone. */
const state = (flow: Flow): string => (flow.ending === undefined ? '●' : flow.ending === 'reset' ? '✗' : '○')

const total = ({ client, server }: Flow['frames']): number => client + server

const COLUMNS: readonly Column<FlowEntry>[] = [
  flowColumn(({ flow }) => flow.id, 'bold'),
  {
    title: ' ',
    width: 1,
    cell: ({ flow }) =>
      span(state(flow), flow.ending === undefined ? 'good' : flow.ending === 'reset' ? 'error' : 'dim'),
    key: ({ flow }) => flow.ending ?? '',
  },
  { title: 'Protocol', width: 8, cell: ({ flow }) => span(protocolOf(flow)), key: ({ flow }) => protocolOf(flow) },
  {
    title: 'Client',
    width: 15,
    grow: true,
    cell: ({ flow }) => {
      const { clientId, product } = flow.facts.client
      const name = clientId ?? product
      const where = formatEndpoint(flow.client)
      return span(name === undefined || name === '' ? where : printable(`${name}  ${where}`))
    },
    key: ({ flow }) => flow.facts.client.clientId ?? formatEndpoint(flow.client),
  },
  {
    title: 'Server',
    width: 15,
    spare: 5,
    cell: ({ flow }) => span(formatEndpoint(flow.server)),
    key: ({ flow }) => formatEndpoint(flow.server),
  },
  {
    ...timeColumn<FlowEntry>(
      ({ flow }) => flow.started,
      ({ clock }) => clock,
    ),
    title: 'Start',
    spare: 4,
  },
  {
    title: 'Lasted',
    width: 8,
    right: true,
    spare: 3,
    cell: ({ flow }) => span(elapsed(flow.ended - flow.started)),
    key: ({ flow }) => flow.ended - flow.started,
  },
  {
    title: 'Frames',
    width: 9,
    right: true,
    spare: 1,
    cell: ({ flow }) => span(grouped(total(flow.frames))),
    key: ({ flow }) => total(flow.frames),
  },
  {
    title: 'Bytes',
    width: 8,
    right: true,
    spare: 2,
    cell: ({ flow }) => span(formatBytes(total(flow.bytes))),
    key: ({ flow }) => total(flow.bytes),
  },
]
