import { printable } from '../../output/index.ts'
import { type Block, fitted, type Line, line, span } from '../../tui/index.ts'
import { countsTable, groupsTable, type Table } from '../report/tables.ts'
import { formatCount, formatMicros, formatRate, formatSeconds, formatSpan, thresholdWord } from '../report/words.ts'
import type { Blocked, SearchedRate, StageResult, ThresholdResult, Trouble } from '../result.ts'
import { standingOf, type Try } from '../search.ts'
import type { Outcome, Prepared } from '../steps.ts'
import type { Position, Seen } from './course.ts'
import { HIGHEST, plots, type Scale, spanWords } from './plots.ts'
import { GENERATOR, LAG, ratesOf, type Series, timesOf } from './series.ts'
import type { State } from './state.ts'
import { atMost, flowing, tableLines } from './words.ts'

/** What blocks are made from. */
export interface Scene {
  readonly state: State
  /** What is shown, which may be frozen. */
  readonly seen: Seen
  readonly position: Position | undefined
  /** It was told to end. */
  readonly ending: boolean
  /** All steps of the run. */
  readonly steps: readonly Prepared[]
  readonly unicode: boolean
}

function plotted(
  title: string,
  series: readonly Series[],
  { state, seen, unicode }: Scene,
  scale: Scale = 'each',
): Block {
  const { whole } = state
  const beside = series.some(each => each.beside !== undefined)
  return {
    title,
    about: width => spanWords(seen.intervals, width, whole, beside),
    least: series.length,
    most: series.length * HIGHEST,
    lines: (width, height) => plots(series, { intervals: seen.intervals, width, height, unicode, whole, scale }),
  }
}

export const ratesBlock = (scene: Scene): Block => plotted('messages a second', ratesOf(scene.seen), scene, 'together')

export const timesBlock = (scene: Scene): Block =>
  plotted('latency from due, and from sent, logarithmic', [...timesOf(scene.seen), LAG], scene, 'logarithmic')

/** In a line or two where there is no room for plots. */
export function generatorBlock(scene: Scene): Block {
  const { seen } = scene
  const last = seen.intervals.at(-1)
  const plot = plotted('clients, and the generator', GENERATOR, scene)
  const items = GENERATOR.map(({ name, of, format }) => `${name} ${last === undefined ? '–' : format(of(last) ?? 0)}`)
  return {
    ...plot,
    least: 1,
    lines: (width, height) =>
      height < GENERATOR.length ? atMost(flowing(items, width), height) : plot.lines(width, height),
  }
}

/** Left out where there is no room for a table. */
const MINOR: ReadonlySet<string> = new Set(['connected', 'bytes sent', 'bytes received'])

/** Lines from which on a table is told. */
const FLOWING = 8

export function countsBlock({ seen }: Scene): Block {
  const table = countsTable(seen)
  const items = table.rows.flatMap(([name = '', count]) => (MINOR.has(name) ? [] : `${name} ${count}`))
  return {
    title: 'counts',
    least: 2,
    most: table.rows.length + 1,
    lines: (width, height) => atMost(height < FLOWING ? flowing(items, width) : tableLines(table), height),
  }
}

export const groupsBlock = ({ seen }: Scene): Block => ({
  ...{ title: 'groups', key: '2', least: 2, most: seen.groups.length + 1 },
  lines: (width, height) => atMost(groupLines(seen, width), height),
})

/** Where there is little room, without what the plan tells too. */
export function groupLines(seen: Seen, width: number): Line[] {
  const table = groupsTable(seen)
  return tableLines(width < WIDE ? without(table, PLACE) : table)
}

const WIDE = 120
const PLACE: readonly string[] = ['protocol', 'address']

function without({ columns, rows }: Table, titles: readonly string[]): Table {
  const kept = columns.map(({ title }) => !titles.includes(title))
  return { columns: columns.filter((_, at) => kept[at]), rows: rows.map(row => row.filter((_, at) => kept[at])) }
}

/** So far: what does not hold now may hold in the end, and the other way round. */
export function thresholdsBlock({ seen }: Scene): Block {
  const lines = seen.thresholds.map(thresholdLine)
  const most = lines.length
  return { title: 'thresholds, so far', least: Math.min(2, most), most, lines: (_, height) => atMost(lines, height) }
}

function thresholdLine({ threshold, ok, actual, shown }: ThresholdResult): Line {
  const [word, look] =
    actual === null ? (['· open', 'dim'] as const) : ([thresholdWord(ok), ok ? 'good' : 'error'] as const)
  return line(
    span(` ${fitted(word, WORD)}  `, look),
    span(printable(threshold)),
    span(`  ${actual === null ? 'nothing was measured yet' : shown}`, actual === null ? 'dim' : 'bold'),
  )
}

const WORD = thresholdWord(false).length

/** What went wrong, the newest kind first; spans in which the broker asked not to be published to; what was told. */
export function troubleLines({ seen }: Scene): Line[] {
  const { troubles, blocked, told } = seen
  const events = [
    ...blocked.map(each => ({ at: each.from, shown: blockedLine(each) })),
    ...troubles.map(each => ({ at: each.first, shown: troubleLine(each) })),
  ]
  const newest = events.sort((a, b) => b.at - a.at).map(({ shown }) => shown)
  return [...told.toReversed().map(text => line(span(` ! ${printable(text)}`, 'warning'))), ...newest]
}

function blockedLine({ from, to, reason }: Blocked): Line {
  const when = to === undefined ? `since ${formatSeconds(from)}` : formatSpan({ from, to })
  const word = to === undefined ? ' ▲ BLOCKED ' : ' ▲ blocked '
  return line(span(`${word}${when}`, to === undefined ? 'error' : 'warning'), span(`  ${printable(reason)}`))
}

const troubleLine = ({ reason, next, count, first }: Trouble): Line =>
  line(
    span(` ✗ ${formatCount(count)} × `, 'error'),
    span(printable(reason)),
    span(`  first at ${formatSeconds(Math.max(0, first))}`, 'dim'),
    span(next === undefined ? '' : `  ${printable(next)}`, 'dim'),
  )

export function troublesBlock(scene: Scene): Block {
  const lines = troubleLines(scene)
  const shown = lines.length === 0 ? [line(span(' ✓ none so far', 'dim'))] : lines
  return {
    title: 'troubles',
    key: '4',
    least: Math.min(2, shown.length),
    most: shown.length,
    lines: (_, height) => atMost(shown, height),
  }
}

/** Each step of the run: done, under way, or to come. */
export function stepsBlock({ steps, seen, position }: Scene): Block {
  const lines = steps.map((step, at) => stepLine(step, seen.outcomes[at], position?.step.at === at))
  return listed('steps', lines)
}

function stepLine({ name, kind }: Prepared, outcome: Outcome | undefined, now: boolean): Line {
  const title = printable(kind === 'load' ? name : `${name} (${kind})`)
  if (outcome !== undefined) {
    const { result, words = '', ok } = outcome
    const told =
      result === undefined ? words : `${formatCount(result.counts.sent)} sent in ${formatSeconds(result.seconds)}`
    return line(ok ? span(' ✓ ', 'good') : span(' ✗ ', 'error'), span(title), span(`  ${printable(told)}`, 'dim'))
  }
  return now ? line(span(' ▶ ', 'accent'), span(title, 'bold')) : line(span(' · ', 'dim'), span(title, 'dim'))
}

/** Every rate that a search tried, the last one first, and the one that it tries. */
export function searchBlock({ seen, position }: Scene): Block {
  const { tried } = seen
  const before = tried.filter(({ rate }) => rate === position?.rate).length
  const trying =
    position?.rate === undefined || position.trying !== before + 1
      ? []
      : [line(span(` ▶ ${formatRate(position.rate)}  is tried${before === 0 ? '' : ' again'}`, 'bold'))]
  const { rates } = standingOf(tried.map(triedOf))
  const last = [...new Set(tried.toReversed().map(({ rate }) => rate))]
  return listed('search', [
    ...trying,
    ...last.map(rate =>
      triedLine(
        rates.find(each => each.rate === rate) as SearchedRate,
        tried.findLast(each => each.rate === rate) as StageResult,
      ),
    ),
  ])
}

/** A stage of a search as one of its tries. */
export const triedOf = ({ rate, held = false }: StageResult): Try => ({ rate, held })

function triedLine({ rate, tries, held }: SearchedRate, { achieved, measures }: StageResult): Line {
  const answer = measures['publish-confirm'] ?? measures['publish-deliver']
  const times = answer === undefined ? '' : `, p99 ${formatMicros(answer.latency.p99)}`
  const good = held * 2 > tries
  const often = tries === 1 ? '' : ` ${held} of ${tries} times`
  return line(
    good ? span(' ✓ ', 'good') : span(' ✗ ', 'error'),
    span(`${formatRate(rate)} `, 'bold'),
    span(held === 0 ? `does not hold${tries === 1 ? '' : `, ${tries} times`}` : `holds${often}`),
    span(` (${formatRate(achieved)} answered${times})`, 'dim'),
  )
}

const listed = (title: string, lines: readonly Line[]): Block => ({
  ...{ title, least: Math.min(3, lines.length), most: lines.length },
  lines: (_, height) => atMost(lines, height),
})
