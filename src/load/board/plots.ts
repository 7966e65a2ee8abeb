import { chart, fitted, type Line, line, span } from '../../tui/index.ts'
import { formatSeconds } from '../report/words.ts'
import type { Interval } from '../result.ts'
import { type Series, valuesOf } from './series.ts'

export interface PlotOptions {
  readonly intervals: readonly Interval[]
  readonly width: number
  readonly height: number
  readonly unicode: boolean
  readonly whole: boolean
  /** All as high as the largest of all: they are of one kind. */
  readonly together?: boolean
}

const [NAME, VALUE] = [12, 11]
/** Lines of one plot, at most: higher ones show nothing more. */
export const HIGHEST = 7

/** Columns that there are for what is plotted. */
const room = (width: number, beside: boolean): number => Math.max(0, width - NAME - VALUE - (beside ? VALUE : 0) - 3)

/**
 * Values below each other, each with its name, what it is now, and how it was: as high as there is room for. Where one is
 * known from another moment too, that stands beside it.
 */
export function plots(series: readonly Series[], options: PlotOptions): Line[] {
  const { intervals, height, width, unicode, whole, together = false } = options
  const beside = series.some(each => each.beside !== undefined)
  const columns = room(width, beside)
  const values = series.map(each => valuesOf(each, intervals, columns, whole))
  const largest = values.map(each => each.reduce((most, value) => Math.max(most, value), 0))
  const largestOfAll = Math.max(0, ...largest)
  // A line between plots that are higher than one, so that they do not run into each other.
  const each = Math.min(HIGHEST, Math.floor(height / Math.max(1, series.length)))
  const high = each >= 3 ? each - 1 : 1
  return series.slice(0, height).flatMap((one, at) => {
    const most = (together ? largestOfAll : largest[at]) || 1
    const rows = chart(values[at] ?? [], { width: columns, height: high, most, unicode })
    const lines = rows.map((bars, row) =>
      line(...labels(one, { row, intervals, beside, most: largest[at] ?? 0 }), span(` ${bars}`, one.look)),
    )
    return each > high ? [...lines, line()] : lines
  })
}

interface Labelled {
  readonly row: number
  readonly intervals: readonly Interval[]
  readonly beside: boolean
  readonly most: number
}

/** To the left of a plot: what it is and what it is now; and below, the most that it shows. */
function labels({ name, of, beside, format }: Series, { row, intervals, most, beside: besides }: Labelled) {
  const rest = besides ? VALUE : 0
  if (row === 1)
    return [
      span(
        fitted(` ${' '.repeat(NAME)}${fitted(`most ${format(most)}`, VALUE, true)}`, 1 + NAME + VALUE + rest),
        'dim',
      ),
    ]
  if (row > 1) return [span(' '.repeat(1 + NAME + VALUE + rest))]
  const last = intervals.findLast(each => of(each) !== undefined)
  const text = (value: number | undefined): string => fitted(value === undefined ? '–' : format(value), VALUE, true)
  return [
    span(` ${fitted(name, NAME)}`),
    span(text(last && of(last)), 'bold'),
    ...(besides ? [span(beside === undefined ? ' '.repeat(VALUE) : text(last && beside(last)), 'dim')] : []),
  ]
}

/** Of what time plots of this width are. */
export function spanWords(intervals: readonly Interval[], width: number, whole: boolean, beside: boolean): string {
  const shown = whole ? intervals : intervals.slice(-room(width, beside))
  const [first, last] = [shown[0], shown.at(-1)]
  if (first === undefined || last === undefined) return ''
  return whole ? `all ${formatSeconds(last.to)}` : `the last ${formatSeconds(last.to - first.from)}`
}
