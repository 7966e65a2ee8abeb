import { escapeHtml } from '../../../output/index.ts'
import { linear, logarithmic, type Scale } from './scale.ts'

/** A line of a plot: a value, or none, for each place of the axis. */
export interface Series {
  readonly name: string
  readonly values: readonly (number | undefined)[]
  /** Filled down to the axis: what was meant to be, behind what was. */
  readonly area?: boolean
}

export interface Tick {
  /** From 0 to 1. */
  readonly at: number
  readonly text: string
}

/** A part of the axis that is shaded. */
export interface Band {
  readonly from: number
  readonly to: number
  readonly name: string
  readonly kind: 'stage' | 'blocked'
}

export interface Axis {
  /** Plots of one axis show their values at the same place together. */
  readonly id: string
  /** From 0 to 1, ascending. */
  readonly places: readonly number[]
  /** What each is called. */
  readonly names: readonly string[]
  readonly ticks: readonly Tick[]
  readonly bands: readonly Band[]
}

export interface Plot {
  readonly title: string
  /** What one must know to read it. */
  readonly note?: string | undefined
  readonly axis: Axis
  readonly series: readonly Series[]
  readonly logarithmic?: boolean
  readonly format: (value: number) => string
  /** Lines across: what thresholds ask for. */
  readonly marks?: readonly { readonly value: number; readonly text: string }[]
}

/** Units of the drawing, which is stretched to the page's width. */
const SIZE = 1_000
/** Of a plot on a phone, in widths of a letter: what a band's name must fit into. */
const LETTERS = 52

/**
 * A figure: its lines are stretched to the width that there is, its text is not. What its script shows as the pointer moves
 * stands in `data`.
 */
export function figure(plot: Plot): string {
  const { title, note, axis, series, format, marks = [] } = plot
  const scale = scaleOf(plot)
  const across = scale.ticks.map(tick => `<path class="grid" d="M0 ${y(scale, tick)}H${SIZE}"/>`)
  const lines = series.flatMap((each, at) => lineOf(each, at, axis.places, scale))
  const wanted = marks.map(({ value }) => `<path class="mark" d="M0 ${y(scale, value)}H${SIZE}"/>`)
  const bands = axis.bands.map(
    ({ from, to, kind }, at) =>
      `<rect class="${kind}${kind === 'stage' && at % 2 === 1 ? ' odd' : ''}" x="${unit(from)}" y="0" width="${unit(to - from)}" height="${SIZE}"/>`,
  )
  const names = axis.bands.flatMap(({ from, to, name, kind }) => {
    if ((to - from) * LETTERS < name.length + 1) return []
    return `<text class="name" x="${percent(from)}" y="${kind === 'stage' ? 12 : 26}" dx="4">${escapeHtml(name)}</text>`
  })
  const markNames = marks.map(
    ({ value, text }) =>
      `<text class="mark-name" x="100%" y="${percent(1 - scale.place(value))}" dx="-4" dy="-4">${escapeHtml(text)}</text>`,
  )
  const legend = series.map(
    ({ name }, at) =>
      `<li><svg class="key" viewBox="0 0 24 8" aria-hidden="true"><path class="line s${at}" d="M0 4H24"/></svg>${escapeHtml(name)} <output></output></li>`,
  )
  const data = {
    axis: axis.id,
    values: series.map(({ values }) => values.map(value => (value === undefined ? '–' : format(value)))),
  }
  return `<figure tabindex="0">
<figcaption><h3>${escapeHtml(title)}</h3>${note === undefined ? '' : `<p>${escapeHtml(note)}</p>`}<ul>${legend.join('')}<li class="when"><output></output></li></ul></figcaption>
<svg class="y" aria-hidden="true">${scale.ticks.map(tick => `<text x="100%" y="${percent(1 - scale.place(tick))}" dx="-6" dy="4">${escapeHtml(format(tick))}</text>`).join('')}</svg>
<svg class="chart" role="img" aria-label="${escapeHtml(title)}"><svg viewBox="0 0 ${SIZE} ${SIZE}" preserveAspectRatio="none">${[...bands, ...across, ...lines, ...wanted].join('')}</svg>${[...names, ...markNames].join('')}<line class="cursor" y1="0" y2="100%" display="none"/></svg>
<svg class="x" aria-hidden="true">${axis.ticks.map(tickText).join('')}</svg>
<script type="application/json">${jsonText(data)}</script>
</figure>`
}

/** JSON that ends no script element. */
export const jsonText = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

function scaleOf({ series, logarithmic: log, marks = [] }: Plot): Scale {
  const values = series.flatMap(each => each.values.filter(value => value !== undefined))
  const all = [...values, ...marks.map(({ value }) => value)]
  if (log !== true) return linear(all.reduce((most, value) => Math.max(most, value), 0))
  const positive = all.filter(value => value > 0)
  if (positive.length === 0) return linear(1)
  return logarithmic(
    positive.reduce((least, value) => Math.min(least, value)),
    positive.reduce((most, value) => Math.max(most, value)),
  )
}

function lineOf({ values, area }: Series, at: number, places: readonly number[], scale: Scale): string[] {
  let path = ''
  let open = false
  let last = 0
  const filled: string[] = []
  for (const [index, value] of values.entries()) {
    const x = unit(places[index] as number)
    if (value !== undefined) {
      const alone = !open && values[index + 1] === undefined
      path += alone ? dash(x, y(scale, value)) : `${open ? 'L' : 'M'}${x} ${y(scale, value)}`
      if (area === true) filled.push(open ? `L${x} ${y(scale, value)}` : `M${x} ${SIZE}L${x} ${y(scale, value)}`)
      last = x
    }
    if (area === true && open && (value === undefined || index === values.length - 1)) filled.push(`L${last} ${SIZE}Z`)
    open = value !== undefined
  }
  const line = `<path class="line s${at}" d="${path}"/>`
  return area === true ? [`<path class="area s${at}" d="${filled.join('')}"/>`, line] : [line]
}

/** What stands alone is no line, and is to be seen all the same. */
const dash = (x: number, y: number): string => `M${Math.max(0, x - ALONE)} ${y}H${x + ALONE}`
const ALONE = 4

/** At the ends of the axis, text must not stand over them. */
function tickText({ at, text }: Tick): string {
  const anchor = at < 0.04 ? ' class="first"' : at > 0.96 ? ' class="last"' : ''
  return `<text${anchor} x="${percent(at)}" y="14">${escapeHtml(text)}</text>`
}

const unit = (share: number): number => Math.round(share * SIZE * 10) / 10
const y = (scale: Scale, value: number): number => unit(1 - Math.min(1, scale.place(value)))
const percent = (share: number): string => `${Math.round(share * 10_000) / 100}%`
