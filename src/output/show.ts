import type { AnyCodec, Severity } from '../../codecs/core/index.ts'
import { type Failure, usage } from '../failure.ts'
import {
  EXCHANGE,
  exchangeFields,
  FINDING,
  type Fields,
  findingFields,
  frameFields,
  LEVEL,
  levelFields,
  MESSAGE,
  messageFields,
} from '../fields/index.ts'
import { compile, type Filter } from '../filter/index.ts'
import type { Finding } from '../findings/index.ts'
import type { Payloads } from '../payload/index.ts'
import type { Clock } from './clock.ts'
import { csvRecords, csvRows } from './csv.ts'
import { type FlowRow, FlowsView, flowColumns, flowFields, flowTable } from './flows.ts'
import { hexRows } from './hex.ts'
import { jsonRows, ndjsonRows } from './json.ts'
import type { Output } from './output.ts'
import { fieldRecords, filteredRecords, jsonRecords, ndjsonRecords, type RecordFormat, tableRecords } from './record.ts'
import { exchangeText, findingText, levelText, messageText } from './record-text.ts'
import { exchangesView, findingsView, levelsView, messagesView } from './records.ts'
import { reportRecords } from './report-records.ts'
import type { RowFormat } from './row.ts'
import { Rows, type Selection } from './rows.ts'
import { fieldRows, fromColumns, fromFields, type Select } from './select.ts'
import { SequenceView } from './sequence.ts'
import { type StatRow, StatsView, statColumns } from './stats.ts'
import { statTables } from './stats-text.ts'
import type { Style } from './style.ts'
import { textRows } from './text.ts'
import { treeRows } from './tree.ts'
import { FramesView, type View } from './view.ts'
import { Viewer } from './viewer.ts'

export const VIEWS = ['frames', 'messages', 'exchanges', 'flows', 'findings', 'levels', 'sequence', 'stats'] as const
export const FORMATS = ['text', 'ndjson', 'json', 'csv', 'tree', 'hex', 'junit', 'sarif'] as const
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
  /** What bodies hold. */
  readonly payloads: Payloads
  readonly style: Style
  readonly codecs: readonly AnyCodec[]
  readonly onEnough?: () => void
  /** Told of findings that are shown. */
  readonly onFinding?: (finding: Finding) => void
  /** What the input is called in reports. */
  readonly input?: string
  /** From which severity on a finding fails in reports. */
  readonly failOn?: Severity | undefined
}

/** What filters know of each view's rows. `sequence` and `stats` are given frames that match. */
const FIELDS = {
  frames: frameFields,
  messages: messageFields,
  exchanges: exchangeFields,
  flows: flowFields,
  findings: findingFields,
  levels: levelFields,
  sequence: frameFields,
  stats: frameFields,
} satisfies Record<ViewName, unknown>

export const fieldsOf = (view: ViewName, codecs: readonly AnyCodec[]): Fields<unknown> => FIELDS[view](codecs, false)

/** Shows traffic on `output` as `options` say. Wrong combinations are a usage failure, at once. */
export function show(output: Output, options: ShowOptions): Viewer {
  const { codecs, view } = options
  const make = VIEW[view](output, options)
  // Views of frames, and those that count them, are given the frames that match; the others look at their own rows.
  const wanted = FIELDS[view] === frameFields ? filterOf(options, frameFields(codecs)) : undefined
  return new Viewer(new Rows(output, { ...options, wanted }, make))
}

type MakeView = (clock: () => Clock) => View

const VIEW: Readonly<Record<ViewName, (output: Output, options: ShowOptions) => MakeView>> = {
  frames: (output, options) => {
    const format = rowFormat(options)
    return () => new FramesView(format, output)
  },
  messages: (output, options) => {
    const fields = messageFields(options.codecs, options.secrets)
    const format = recordFormat(output, options, Object.keys(MESSAGE), fromFields(fields), () =>
      messageText(output, options.style),
    )
    const wanted = filterOf(options, fields)
    return clock => messagesView({ format, wanted, clock }, options.payloads)
  },
  exchanges: (output, options) => {
    const fields = exchangeFields(options.codecs)
    const format = recordFormat(output, options, Object.keys(EXCHANGE), fromFields(fields), () =>
      exchangeText(output, options.style),
    )
    const wanted = filterOf(options, fields)
    return clock => exchangesView({ format, wanted, clock })
  },
  flows: (output, options) => {
    const format = recordFormat<FlowRow>(output, options, flowColumns, fromColumns(flowColumns), () =>
      tableRecords(output, flowTable, options.style),
    )
    const wanted = filterOf(options, flowFields(options.codecs))
    return clock => new FlowsView(wanted === undefined ? format : filteredRecords(format, wanted), clock)
  },
  findings: (output, options) => {
    const fields = findingFields(options.codecs)
    const format =
      options.format === 'junit' || options.format === 'sarif'
        ? reportRecords(output, options.format, options)
        : recordFormat(output, options, Object.keys(FINDING), fromFields(fields), () =>
            findingText(output, options.style),
          )
    const wanted = filterOf(options, fields)
    return clock => findingsView({ format, wanted, clock })
  },
  levels: (output, options) => {
    const fields = levelFields(options.codecs)
    const format = recordFormat(output, options, Object.keys(LEVEL), fromFields(fields), () =>
      levelText(output, options.style),
    )
    const wanted = filterOf(options, fields)
    return clock => levelsView({ format, wanted, clock })
  },
  sequence: (output, { format, fields, style }) => {
    if (format !== 'text' || fields !== undefined) {
      throw usage('--view sequence is drawn as text', 'Leave out --format and --fields, or choose another view.')
    }
    return clock => new SequenceView(output, style, clock)
  },
  stats: (output, options) => {
    const format = recordFormat<StatRow>(output, options, statColumns, fromColumns(statColumns), () =>
      statTables(output, options.style),
    )
    return clock => new StatsView(format, clock)
  },
}

const filterOf = <R>({ filter }: ShowOptions, fields: Fields<R>): Filter<R> | undefined =>
  filter === undefined ? undefined : compile(filter, fields)

function rowFormat({ format, fields, style, codecs }: ShowOptions): RowFormat {
  if (format === 'csv') return csvRows(fields, codecs)
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
    case 'junit':
    case 'sarif':
      throw notFindings(format)
  }
}

function recordFormat<T>(
  output: Output,
  { view, format, fields }: ShowOptions,
  columns: readonly string[],
  select: Select<T>,
  text: () => RecordFormat<T>,
): RecordFormat<T> {
  if (format === 'csv') return csvRecords(output, fields ?? columns, select)
  if (fields !== undefined) return fieldRecords(output, onlyText(fields, format), select)
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
    case 'junit':
    case 'sarif':
      throw notFindings(format)
  }
}

const notFindings = (format: FormatName): Failure =>
  usage(`--format ${format} reports findings`, 'Add --view findings, or use mqinspect lint.')

function onlyText(fields: readonly string[], format: FormatName): readonly string[] {
  if (format === 'text') return fields
  throw usage(`--fields gives tab-separated text, not ${format}`, `Leave out --fields or --format ${format}.`)
}
