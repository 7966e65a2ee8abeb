import {
  type Block,
  bar,
  fitted,
  fittedLine,
  keyName,
  type Line,
  line,
  type PaneView,
  type Rect,
  type Screen,
  span,
  stacked,
} from '../../tui/index.ts'
import { planWords } from '../words.ts'
import {
  countsBlock,
  generatorBlock,
  groupLines,
  groupsBlock,
  ratesBlock,
  type Scene,
  searchBlock,
  stepsBlock,
  thresholdsBlock,
  timesBlock,
  troubleLines,
  troublesBlock,
} from './blocks.ts'
import type { Seen } from './course.ts'
import { headLines } from './head.ts'
import { latencyBlock, latencyLines } from './spread.ts'
import { BAR, KEYMAP, type View } from './state.ts'
import { spaced } from './words.ts'

/** Columns from which there are two beside each other, and three. */
const [TWO, THREE] = [120, 220]
/** Lines from which the overview has room for what the other views show. */
const TALL = 40

/** All that is to be seen. The line at the top tells what there is by now, whatever is frozen below it. */
export function screenOf(scene: Scene, live: Seen): Screen {
  const { columns, rows } = scene.state.size
  const head = headLines(scene, live)
  const foot = [footLine(scene)]
  const rect = { x: 0, y: head.length, width: columns, height: Math.max(0, rows - head.length - foot.length) }
  const shown = aloneOf(scene)
  return { columns, rows, head, panes: shown === undefined ? overview(scene, rect) : alone(rect, shown, scene), foot }
}

/** The farthest that there is to scroll. */
export function mostTop(scene: Scene, live: Seen): number {
  const { columns, rows } = scene.state.size
  const lines = aloneOf(scene)?.lines(scene, columns).length ?? 0
  return Math.max(0, lines - roomFor(rows - headLines(scene, live).length - 1))
}

/** Below its title. */
const roomFor = (height: number): number => Math.max(0, height - 1)

const aloneOf = ({ state: { help, view } }: Scene): Shown | undefined =>
  help ? HELP : view === 'overview' ? undefined : SHOWN[view]

interface Shown {
  readonly title: string
  readonly key: string
  readonly lines: (scene: Scene, width: number) => readonly Line[]
}

const SHOWN: Readonly<Record<Exclude<View, 'overview'>, Shown>> = {
  groups: { title: 'groups', key: '2', lines: groupView },
  latency: { title: 'latency of all, as it is spread', key: '3', lines: latencyLines },
  troubles: {
    ...{ title: 'troubles, the last ones first', key: '4' },
    lines: scene => {
      const lines = troubleLines(scene)
      return lines.length === 0 ? [line(span(' ✓ none so far', 'good'))] : lines
    },
  },
}

/** One view on all of the screen, from the line on that was scrolled to. */
function alone(rect: Rect, { title, key, lines }: Shown, scene: Scene): PaneView[] {
  const all = lines(scene, rect.width)
  const from = Math.min(scene.state.top, Math.max(0, all.length - roomFor(rect.height)))
  const above = from > 0 ? `, from line ${from + 1} of ${all.length}` : ''
  const shown = all.slice(from)
  const block: Block = { title: `${title}${above}`, key, least: 1, most: shown.length, lines: () => shown }
  return stacked([block], rect)
}

/** What matters most comes first: where there is little room, the last ones are not there. */
function overview(scene: Scene, rect: Rect): PaneView[] {
  const { steps, seen, state } = scene
  const rates = [ratesBlock(scene)]
  const times = [timesBlock(scene)]
  const course = [
    ...(steps.length > 1 ? [stepsBlock(scene)] : []),
    ...(isSearch(scene) ? [searchBlock(scene)] : []),
    ...(seen.thresholds.length > 0 ? [thresholdsBlock(scene)] : []),
  ]
  const facts = [...course, countsBlock(scene), troublesBlock(scene)]
  const tall = state.size.rows >= TALL ? [groupsBlock(scene), latencyBlock(scene)] : []
  const generator = generatorBlock(scene)
  if (rect.width >= THREE) {
    return beside(rect, [[...rates, generator], times, [...facts, ...tall]])
  }
  if (rect.width >= TWO)
    return beside(rect, [
      [...rates, ...times, generator],
      [...facts, ...tall],
    ])
  const troubles = troubleLines(scene).length > 0 ? [troublesBlock(scene)] : []
  return stacked([...rates, ...times, ...course, ...troubles, countsBlock(scene), generator, ...tall], rect)
}

const isSearch = ({ position, seen }: Scene): boolean =>
  seen.tried.length > 0 || (position?.step.kind === 'load' && position.step.plan.steered)

function beside(rect: Rect, columns: readonly (readonly Block[])[]): PaneView[] {
  const x = (at: number): number => rect.x + Math.floor((at * rect.width) / columns.length)
  return columns.flatMap((blocks, at) => stacked(blocks, { ...rect, x: x(at), width: x(at + 1) - x(at) }))
}

/** Each part of the plan: its numbers, and what it was to do. */
function groupView({ seen, position }: Scene, width: number): Line[] {
  const words = position?.step.kind === 'load' ? planWords(position.step.plan) : []
  return spaced(
    groupLines(seen, width),
    words.map(text => line(span(` ${text}`, 'dim'))),
  )
}

const KEYS = 16

const HELP: Shown = {
  title: 'what the keys do',
  key: '?',
  lines: () => helpLines(),
}

const helpLines = (): Line[] =>
  KEYMAP.map(({ keys, help }) => line(span(`  ${fitted(keys.map(keyName).join(' '), KEYS)}`, 'key'), span(help)))

function footLine({ ending, state }: Scene): Line {
  const { columns } = state.size
  if (!ending) return fittedLine({ spans: bar(BAR, columns) }, columns)
  const text = ' ! ends in order: what is under way is awaited. q again ends at once.'
  return fittedLine({ spans: [span(text, 'warning')] }, columns)
}
