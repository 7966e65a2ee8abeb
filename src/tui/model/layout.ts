import type { Rect, Size } from '../kit/screen.ts'

/** Panes, those that list before those that tell of what is chosen there. */
export const PANES = ['flows', 'rows', 'ladder', 'board', 'topology', 'replay', 'details', 'hex', 'body'] as const
export type PaneId = (typeof PANES)[number]

/** `stack`: all below each other. `split`: lists above, the rest below. `columns`: lists left, the rest right. */
export const ARRANGEMENTS = ['stack', 'split', 'columns'] as const
export type Arrangement = (typeof ARRANGEMENTS)[number]

export interface LayoutState {
  /** In their order on the screen. */
  readonly panes: readonly PaneId[]
  /** By how long ago they had the keys, the present one first: who had them longest ago goes where room is short. */
  readonly recent: readonly PaneId[]
  /** Undefined: by the size of the terminal. */
  readonly arrangement: Arrangement | undefined
  /** How much more than its usual share a pane or group takes, by axis and name: `y:rows`, `x:lists`. */
  readonly scale: Readonly<Record<string, number>>
  /** The present one alone. */
  readonly zoomed: boolean
}

export type Axis = 'x' | 'y'

/** What a pane usually takes, and what it needs at least: columns and rows, its title counted. */
interface Needs {
  readonly x: number
  readonly y: number
  readonly leastX: number
  readonly leastY: number
}

const NEEDS: Readonly<Record<PaneId, Needs>> = {
  flows: { x: 56, y: 8, leastX: 34, leastY: 5 },
  rows: { x: 100, y: 14, leastX: 56, leastY: 7 },
  ladder: { x: 90, y: 14, leastX: 60, leastY: 7 },
  board: { x: 90, y: 13, leastX: 60, leastY: 7 },
  topology: { x: 80, y: 12, leastX: 50, leastY: 6 },
  replay: { x: 90, y: 14, leastX: 60, leastY: 7 },
  details: { x: 70, y: 10, leastX: 34, leastY: 6 },
  hex: { x: 78, y: 8, leastX: 46, leastY: 5 },
  body: { x: 60, y: 8, leastX: 30, leastY: 5 },
}

const LISTS: ReadonlySet<PaneId> = new Set(['flows', 'rows', 'ladder', 'board', 'topology'])

interface Group {
  readonly axis: Axis
  readonly name: string
  readonly children: readonly (Group | PaneId)[]
}

export function arrangementFor({ columns }: Size, wanted?: Arrangement): Arrangement {
  return wanted ?? (columns < 120 ? 'stack' : columns < 170 ? 'split' : 'columns')
}

/** Where the panes lie in `area`: those that there is room for. */
export function layout(area: Rect, size: Size, state: LayoutState): ReadonlyMap<PaneId, Rect> {
  const [focus] = state.recent
  if (state.zoomed && focus !== undefined) return new Map([[focus, area]])
  const arrangement = arrangementFor(size, state.arrangement)
  // Two at most: the usual ones of one terminal are too many for a smaller one.
  const byAge = state.recent.filter(pane => state.panes.includes(pane))
  for (let count = byAge.length; count > 1; count--) {
    const shown = new Set(byAge.slice(0, count))
    const tree = grouped(
      state.panes.filter(pane => shown.has(pane)),
      arrangement,
    )
    const rects = new Map<PaneId, Rect>()
    place(tree, area, state.scale, rects)
    if ([...rects].every(([pane, rect]) => fits(pane, rect, area))) return rects
  }
  return new Map(focus === undefined ? [] : [[focus, area]])
}

function fits(pane: PaneId, { width, height }: Rect, area: Rect): boolean {
  const { leastX, leastY } = NEEDS[pane]
  return height >= leastY && (width >= leastX || width === area.width)
}

function grouped(panes: readonly PaneId[], arrangement: Arrangement): Group {
  if (arrangement === 'stack') return { axis: 'y', name: 'all', children: panes }
  const across: Axis = arrangement === 'split' ? 'x' : 'y'
  const lists: Group = { axis: across, name: 'lists', children: panes.filter(pane => LISTS.has(pane)) }
  const rest: Group = { axis: across, name: 'rest', children: panes.filter(pane => !LISTS.has(pane)) }
  const children = [lists, rest].filter(group => group.children.length > 0)
  return { axis: across === 'x' ? 'y' : 'x', name: 'all', children }
}

const nameOf = (child: Group | PaneId): string => (typeof child === 'string' ? child : child.name)

/** What a child would take: a group as much as the largest, or the sum, of what is in it. */
function usual(child: Group | PaneId, axis: Axis): number {
  if (typeof child === 'string') return NEEDS[child][axis]
  const parts = child.children.map(part => usual(part, axis))
  return child.axis === axis ? parts.reduce((sum, part) => sum + part, 0) : Math.max(...parts)
}

function place(group: Group, area: Rect, scale: LayoutState['scale'], rects: Map<PaneId, Rect>): void {
  const { axis, children } = group
  const shares = children.map(child => usual(child, axis) * (scale[`${axis}:${nameOf(child)}`] ?? 1))
  const all = shares.reduce((sum, share) => sum + share, 0)
  const length = axis === 'x' ? area.width : area.height
  let taken = 0
  let sum = 0
  children.forEach((child, index) => {
    sum += shares[index] as number
    const end = Math.round((length * sum) / all)
    const rect =
      axis === 'x'
        ? { ...area, x: area.x + taken, width: end - taken }
        : { ...area, y: area.y + taken, height: end - taken }
    taken = end
    if (typeof child === 'string') rects.set(child, rect)
    else place(child, rect, scale, rects)
  })
}

const STEP = 1.15
const [SMALLEST, LARGEST] = [0.2, 5]

/** Makes the present pane larger or smaller along an axis, or the group it is in where that is what lies along it. */
export function resized(state: LayoutState, size: Size, axis: Axis, grow: boolean): LayoutState {
  const [focus] = state.recent
  if (focus === undefined) return state
  const arrangement = arrangementFor(size, state.arrangement)
  const along: Axis = arrangement === 'split' ? 'x' : 'y'
  const inGroup = LISTS.has(focus) ? 'lists' : 'rest'
  const name = arrangement === 'stack' || axis === along ? focus : inGroup
  const key = `${axis}:${name}`
  const scale = (state.scale[key] ?? 1) * (grow ? STEP : 1 / STEP)
  return { ...state, scale: { ...state.scale, [key]: Math.max(SMALLEST, Math.min(LARGEST, scale)) } }
}

/** Moves the present pane before the one before it, or behind the one behind it. */
export function moved(state: LayoutState, by: -1 | 1): LayoutState {
  const [focus] = state.recent
  const panes = [...state.panes]
  const from = panes.indexOf(focus as PaneId)
  const to = from + by
  if (from < 0 || to < 0 || to >= panes.length) return state
  panes.splice(from, 1)
  panes.splice(to, 0, focus as PaneId)
  return { ...state, panes }
}

/** Gives the keys to a pane, and shows it where it was not. */
export function focused(state: LayoutState, pane: PaneId): LayoutState {
  const panes = state.panes.includes(pane) ? state.panes : PANES.filter(id => id === pane || state.panes.includes(id))
  return { ...state, panes, recent: [pane, ...state.recent.filter(id => id !== pane)] }
}

/** Takes a pane off the screen; the last one stays. */
export function closed(state: LayoutState, pane: PaneId): LayoutState {
  const panes = state.panes.filter(id => id !== pane)
  if (panes.length === 0) return state
  return { ...state, panes, recent: state.recent.filter(id => id !== pane), zoomed: false }
}
