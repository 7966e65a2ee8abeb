import type { AnyCodec } from '../../../codecs/core/index.ts'
import { type MessageRow, messageFields } from '../../fields/index.ts'
import { type Clock, formatBytes, printable } from '../../output/index.ts'
import { span } from '../kit/text.ts'
import { bodyHead } from '../model/body.ts'
import type { Column, Kind } from '../model/kind.ts'
import { flowColumn, jsonTree, timeColumn } from './cells.ts'

/** Application messages as rows. */
export function messagesKind(codecs: readonly AnyCodec[], secrets: boolean, clock: () => Clock): Kind<MessageRow> {
  return {
    id: 'messages',
    title: 'messages',
    columns: columnsFor(clock),
    fields: messageFields(codecs, secrets),
    sign: row => (row.whole === false ? { text: '!', look: 'warning' } : undefined),
    details: row => {
      // The body has a pane of its own.
      const { body: _, payload: __, ...rest } = row.toJSON()
      return Object.entries(rest).map(([name, value]) => jsonTree(name, value))
    },
    bytes: row => ({ bytes: row.source.body, hidden: [] }),
    body: ({ source, content }) => ({ bytes: source.body, content }),
    flow: row => row.carrier,
    frames: row => row.frames,
    json: row => row.toJSON(),
  }
}

const columnsFor = (clock: () => Clock): readonly Column<MessageRow>[] => [
  { title: 'No.', width: 7, right: true, cell: row => span(String(row.message), 'dim'), key: row => row.message },
  timeColumn(({ source }) => source.time, clock),
  flowColumn(({ flow }) => flow),
  {
    title: ' ',
    width: 9,
    cell: ({ direction }) => (direction === 'publish' ? span('→ publish', 'client') : span('← deliver', 'server')),
    key: row => row.direction,
  },
  { title: 'Protocol', width: 8, spare: 3, cell: row => span(row.protocol), key: row => row.protocol },
  {
    title: 'Destination',
    width: 20,
    cell: row => span(printable(row.address ?? '?'), 'bold'),
    key: row => row.address ?? '',
  },
  {
    title: 'Size',
    width: 8,
    right: true,
    spare: 1,
    cell: row => span(formatBytes(row.size)),
    key: row => row.size,
  },
  { title: 'Body', width: 12, grow: true, cell: row => span(bodyHead(row.source.body, () => row.content)) },
]
