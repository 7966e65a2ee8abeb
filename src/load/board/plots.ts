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
  readonly scale: Scale
}

/**
 * What is as high as a plot: the largest value of each; of all, where they are of one kind; or of each, and logarithmic,
 * where one value may be a thousand times another, and both matter.
 */
export type Scale = 'each' | 'together' | 'logarithmic'

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
  const { intervals, height, width, unicode, whole, scale } = options
  const beside = series.some(each => each.beside !== undefined)
  const columns = room(width, beside)
  const values = series.map(each => valuesOf(each, intervals, columns, whole))
  const largest = values.map(each => each.reduce((most, value) => Math.max(most, value), 0))
  const largestOfAll = Math.max(0, ...largest)
  // A line between plots that are higher than one, so that they do not run into each other.
  const each = Math.min(HIGHEST, Math.floor(height / Math.max(1, series.length)))
  const high = each >= 3 ? each - 1 : 1
  return series.slice(0, height).flatMap((one, at) => {
    const most = (scale === 'together' ? largestOfAll : largest[at]) || 1
    const heights = scale === 'logarithmic' ? logarithms(values[at] ?? [], most) : { values: values[at] ?? [], most }
    const rows = chart(heights.values, { width: columns, height: high, most: heights.most, unicode })
    const lines = rows.map((bars, row) =>
      line(...labels(one, { row, intervals, beside, most: largest[at] ?? 0 }), span(` ${bars}`, one.look)),
    )
    return each > high ? [...lines, line()] : lines
  })
}

/** So many times its power of ten is the least value at least, so that there is something of it to be seen. */
const ABOVE = 1.5

/** From a power of ten below the least value on. */
function logarithms(values: readonly number[], most: number): { readonly values: number[]; readonly most: number } {
  const least = values.reduce((min, value) => (value > 0 ? Math.min(min, value) : min), most)
  const base = Math.floor(Math.log10(least / ABOVE))
  return { values: values.map(value => (value > 0 ? Math.log10(value) - base : 0)), most: Math.log10(most) - base }
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
  if (row === 1) {
    const text = fitted(`most ${format(most)}`, 1 + NAME + VALUE, true)
    return [span(text + ' '.repeat(rest), 'dim')]
  }
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
