import { columns } from '../../output/index.ts'
import { fitted, fittedLine } from '../kit/cells.ts'
import { type Line, type Span, span } from '../kit/text.ts'
import type { Column, Kind, Setting, TimeFormat } from '../model/kind.ts'
import { type ListState, windowOf } from '../model/list.ts'
import type { Numbers } from '../model/numbers.ts'
import type { AnyTable, Sorting } from '../model/table.ts'

export interface ListSetting {
  readonly width: number
  readonly height: number
  readonly time: TimeFormat
  /** Whether it has the keys. */
  readonly active: boolean
  readonly marked: ReadonlySet<number>
}

/** The column titles, and the rows that are seen. */
export function listLines(table: AnyTable, list: ListState, setting: ListSetting): Line[] {
  const { width, height } = setting
  const { kind, numbers, sorting } = table
  const fit = fitColumns(kind.columns, width - GUTTER)
  const rows = height - 1
  const { top, selected } = windowOf(numbers, list, rows)
  const lines = [titles(fit, kind, sorting, width)]
  want(table, numbers, top, rows)
  for (let index = top; index < Math.min(numbers.length, top + rows); index++) {
    const chosen = index === selected
    const number = numbers.at(index)
    const row: unknown = table.store.get(number)
    const look = chosen ? (setting.active ? 'selected' : 'marked') : undefined
    const pointer = span(chosen ? '▶' : setting.marked.has(number) ? '’' : ' ', chosen ? 'bold' : 'accent')
    if (row === undefined) {
      lines.push(fittedLine({ spans: [pointer, span(' … being read', 'dim')], look }, width))
      continue
    }
    const above: unknown = index > 0 ? table.store.get(numbers.at(index - 1)) : undefined
    const sign = kind.sign?.(row)
    const cells = rowCells(fit, row, { time: setting.time, above })
    lines.push(fittedLine({ spans: [pointer, span(sign?.text ?? ' ', sign?.look), ...cells], look }, width))
  }
  return lines
}

/** The pointer and the sign before every row. */
const GUTTER = 2

/** Of the rows seen that are not here, the first is asked for. */
function want({ store }: AnyTable, numbers: Numbers, top: number, rows: number): void {
  if (store.want === undefined) return
  for (let index = top; index < Math.min(numbers.length, top + rows); index++) {
    const number = numbers.at(index)
    if (store.get(number) !== undefined) continue
    store.want(number)
    return
  }
}

interface Fit<R> {
  readonly column: Column<R>
  readonly index: number
  readonly width: number
}

/** The columns that there is room for, with what each takes; the spare ones go first. */
function fitColumns<R>(all: readonly Column<R>[], width: number): Fit<R>[] {
  let kept = all.map((column, index) => ({ column, index }))
  const needed = (): number => kept.reduce((sum, { column }) => sum + column.width + 1, 0)
  while (needed() > width) {
    const most = Math.max(...kept.map(({ column }) => column.spare ?? 0))
    if (most === 0) break
    kept = kept.filter(({ column }) => column.spare !== most)
  }
  const rest = Math.max(0, width - needed())
  const growing = kept.filter(({ column }) => column.grow === true).length
  return kept.map(each => ({ ...each, width: each.column.width + (each.column.grow ? Math.floor(rest / growing) : 0) }))
}

function titles<R>(fit: readonly Fit<R>[], kind: Kind<R>, sorting: Sorting | undefined, width: number): Line {
  const spans: Span[] = [span(' '.repeat(GUTTER))]
  for (const { column, index, width: room } of fit) {
    const arrow = sorting?.column === index ? (sorting.descending ? '▼' : '▲') : ''
    spans.push(span(` ${fitted(`${column.title}${arrow}`, room, column.right)}`, arrow === '' ? 'dim' : 'bold'))
  }
  if (kind.columns.length === 0) spans.push(span('no columns'))
  return fittedLine({ spans }, width)
}

function rowCells<R>(fit: readonly Fit<R>[], row: R, setting: Setting<R>): Span[] {
  const spans: Span[] = []
  for (const { column, width } of fit) {
    const { text, look } = column.cell(row, setting)
    // A number is never cut: it would be another number.
    const room = column.right === true ? Math.max(width, columns(text)) : width
    spans.push(span(' '), span(fitted(text, room, column.right), look))
  }
  return spans
}
