import type { AnyCodec, Severity } from '../../../codecs/core/index.ts'
import { type FindingRow, findingFields } from '../../fields/index.ts'
import { type Clock, printable, wrap } from '../../output/index.ts'
import type { Look } from '../kit/text.ts'
import { span } from '../kit/text.ts'
import type { Column, Kind } from '../model/kind.ts'
import type { Tree } from '../model/tree.ts'
import { flowColumn, grouped, timeColumn } from './cells.ts'

export const SEVERITIES: Readonly<
  Record<Severity, { readonly text: string; readonly look: Look; readonly rank: number }>
> = {
  error: { text: '✗', look: 'error', rank: 2 },
  warning: { text: '!', look: 'warning', rank: 1 },
  note: { text: '·', look: 'note', rank: 0 },
}

/** Diagnoses as rows. */
export function findingsKind(codecs: readonly AnyCodec[], clock: () => Clock): Kind<FindingRow> {
  return {
    id: 'findings',
    title: 'findings',
    columns: columnsFor(clock),
    fields: findingFields(codecs),
    sign: row => SEVERITIES[row.severity],
    details: row => [
      { name: printable(row.source.rule.title), value: '', look: SEVERITIES[row.severity].look },
      { name: 'found', value: printable(row.message) },
      ...(row.frames.length === 0 ? [] : [{ name: 'frames', value: framesText(row.frames) }]),
      prose('why it matters', row.why),
      prose('what to do', row.fix),
      { name: 'rule', value: printable(row.finding) },
    ],
    flow: row => row.source.flow,
    frames: row => row.frames,
    json: row => row.toJSON(),
  }
}

/** Columns of a paragraph: as many as details have in most layouts. */
const PROSE = 46

const prose = (name: string, text: string): Tree => ({
  name,
  value: '',
  children: wrap(printable(text), PROSE).map(line => ({ name: line, look: 'plain' })),
})

/** Frames that are named one by one. */
const MOST_FRAMES = 20

function framesText(frames: readonly number[]): string {
  const more = frames.length - MOST_FRAMES
  return frames.slice(0, MOST_FRAMES).join(' ') + (more > 0 ? ` and ${grouped(more)} more` : '')
}

const columnsFor = (clock: () => Clock): readonly Column<FindingRow>[] => [
  {
    title: 'Severity',
    width: 8,
    cell: row => span(row.severity, SEVERITIES[row.severity].look),
    key: row => SEVERITIES[row.severity].rank,
  },
  timeColumn(({ source }) => source.time, clock),
  flowColumn(({ flow }) => flow),
  {
    title: 'Finding',
    width: 30,
    spare: 1,
    cell: row => span(printable(row.finding), 'bold'),
    key: row => row.finding,
  },
  { title: 'Found', width: 20, grow: true, cell: row => span(printable(row.message)), key: row => row.message },
]
