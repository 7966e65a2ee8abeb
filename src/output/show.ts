import type { AnyCodec } from '../../codecs/core/index.ts'
import { usage } from '../failure.ts'
import { frameFields } from '../fields/index.ts'
import { compile } from '../filter/index.ts'
import type { Clock } from './clock.ts'
import { type FlowRow, FlowsView, flowColumns, flowFields, flowTable } from './flows.ts'
import { hexRows } from './hex.ts'
import { jsonRows, ndjsonRows } from './json.ts'
import type { Output } from './output.ts'
import { fieldRecords, filteredRecords, jsonRecords, ndjsonRecords, type RecordFormat, tableRecords } from './record.ts'
import type { RowFormat } from './row.ts'
import { fieldRows, noSuchField } from './select.ts'
import { type StatRow, StatsView, statColumns } from './stats.ts'
import { statTables } from './stats-text.ts'
import type { Style } from './style.ts'
import { textRows } from './text.ts'
import { treeRows } from './tree.ts'
import { FramesView, type Selection, type View, Viewer } from './view.ts'

export const VIEWS = ['frames', 'flows', 'stats'] as const
export const FORMATS = ['text', 'ndjson', 'json', 'tree', 'hex'] as const
export type ViewName = (typeof VIEWS)[number]
export type FormatName = (typeof FORMATS)[number]

/** What to show of traffic, and how. */
export interface ShowOptions extends Selection {
  readonly view: ViewName
  readonly format: FormatName
  /** Only rows that this matches; undefined for all. */
  readonly filter?: string | undefined
  /** Show only these values, tab-separated; undefined for whole rows. */
  readonly fields: readonly string[] | undefined
  readonly secrets: boolean
  readonly style: Style
  readonly codecs: readonly AnyCodec[]
  readonly onEnough?: () => void
}

/** The observer that shows traffic on `output` as `options` say. Wrong combinations are a usage failure, at once. */
export function show(output: Output, options: ShowOptions): Viewer {
  const { filter, codecs } = options
  const make = VIEW[options.view](output, options)
  // The rows of the other views are of frames, or count them.
  const wanted = filter === undefined || options.view === 'flows' ? undefined : compile(filter, frameFields(codecs))
  return new Viewer(output, { ...options, wanted }, make)
}

type MakeView = (clock: () => Clock) => View

const VIEW: Readonly<Record<ViewName, (output: Output, options: ShowOptions) => MakeView>> = {
  frames: (output, options) => {
    const format = rowFormat(options)
    return () => new FramesView(format, output)
  },
  flows: (output, options) => {
    const format = recordFormat<FlowRow>(output, options, flowColumns, () =>
      tableRecords(output, flowTable, options.style),
    )
    const { filter, codecs } = options
    const wanted = filter === undefined ? format : filteredRecords(format, compile(filter, flowFields(codecs)))
    return clock => new FlowsView(wanted, clock)
  },
  stats: (output, options) => {
    const format = recordFormat<StatRow>(output, options, statColumns, () => statTables(output, options.style))
    return clock => new StatsView(format, clock)
  },
}

function rowFormat({ format, fields, style, codecs }: ShowOptions): RowFormat {
  if (fields !== undefined) return fieldRows(onlyText(fields, format), codecs)
  switch (format) {
    case 'text':
      return textRows(style)
    case 'ndjson':
      return ndjsonRows
    case 'json':
      return jsonRows()
    case 'tree':
      return treeRows(style)
    case 'hex':
      return hexRows(style)
  }
}

function recordFormat<T>(
  output: Output,
  { view, format, fields }: ShowOptions,
  columns: readonly string[],
  text: () => RecordFormat<T>,
): RecordFormat<T> {
  if (fields !== undefined) {
    const wrong = onlyText(fields, format).find(path => !columns.includes(path.split('.')[0] as string))
    if (wrong !== undefined) throw noSuchField(wrong, columns)
    return fieldRecords(output, fields)
  }
  switch (format) {
    case 'text':
      return text()
    case 'ndjson':
      return ndjsonRecords(output)
    case 'json':
      return jsonRecords(output)
    case 'tree':
    case 'hex':
      throw usage(`--format ${format} shows frames, not ${view}`, 'Leave out --view, or choose text, ndjson or json.')
  }
}

function onlyText(fields: readonly string[], format: FormatName): readonly string[] {
  if (format === 'text') return fields
  throw usage(`--fields gives tab-separated text, not ${format}`, `Leave out --fields or --format ${format}.`)
}
