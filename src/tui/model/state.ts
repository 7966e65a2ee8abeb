import type { Rect, Size } from '../kit/screen.ts'
import type { KindId, TimeFormat } from './kind.ts'
import type { LayoutState, PaneId } from './layout.ts'
import { layout } from './layout.ts'
import type { ListState } from './list.ts'
import type { Prompt } from './prompt.ts'
import type { Sorting } from './table.ts'
import type { Folds } from './tree.ts'

/** The lists that one can be in: the rows by their kind, the connections, the ladder. */
export type ListId = KindId | 'ladder'

/** Panes that are scrolled by lines, and hold no rows. */
export type ScrollPane = 'body' | 'board' | 'replay' | 'help'

/** Panes that are trees, which fold. */
export type TreePane = 'details' | 'topology'

/** The tree that the keys are for: of the bytes, they are for the fields that the bytes are. */
export const treeIn = (pane: PaneId): TreePane => (pane === 'topology' ? 'topology' : 'details')

export interface Mark {
  readonly list: ListId
  readonly number: number
}

export interface Note {
  readonly text: string
  readonly trouble: boolean
}

/** All that the user has set and chosen. The traffic itself is elsewhere: see `Desk`. */
export interface State {
  readonly size: Size
  readonly layout: LayoutState
  /** The kind of the rows in the pane of that name. */
  readonly kind: KindId
  readonly lists: Readonly<Record<ListId, ListState>>
  /** The list whose chosen row the details are of: the last one that had the keys. */
  readonly subject: ListId
  /** The chosen line of each tree, by its path. */
  readonly chosen: Readonly<Record<TreePane, string | undefined>>
  /** The byte that the cursor of the hex pane is on; undefined: where the chosen field begins. */
  readonly byte: number | undefined
  readonly folds: Folds
  readonly scroll: Readonly<Record<ScrollPane, number>>
  readonly frozen: boolean
  readonly time: TimeFormat
  readonly filters: Readonly<Partial<Record<ListId, string>>>
  readonly sorts: Readonly<Partial<Record<ListId, Sorting>>>
  readonly search: string
  readonly marks: Readonly<Record<string, Mark>>
  readonly prompt: Prompt | undefined
  readonly history: Readonly<Record<string, readonly string[]>>
  readonly help: boolean
  /** A key that takes a letter was pressed. */
  readonly pending: 'mark' | 'jump' | undefined
  readonly note: Note | undefined
  /** Asked once whether to end. */
  readonly leaving: boolean
  readonly theme: string
}

/** Lines of the screen that are no pane's: the state above, the filter under it, the keys at the foot. */
export const HEAD = 2
const FOOT = 1

export const areaOf = ({ columns, rows }: Size): Rect => ({
  x: 0,
  y: HEAD,
  width: columns,
  height: Math.max(1, rows - HEAD - FOOT),
})

export const rectsOf = (state: State): ReadonlyMap<PaneId, Rect> => layout(areaOf(state.size), state.size, state.layout)

export const focusOf = ({ layout }: State): PaneId => layout.recent[0] as PaneId

/** The list that a pane shows; undefined for the others. */
export function listIn(state: State, pane: PaneId): ListId | undefined {
  if (pane === 'rows') return state.kind
  return pane === 'flows' || pane === 'ladder' ? pane : undefined
}

/** Rows that a pane has room for, without its title. */
export function roomIn(state: State, pane: PaneId): number {
  const rect = rectsOf(state).get(pane)
  // Lists have their column titles besides.
  const titles = listIn(state, pane) === undefined || pane === 'ladder' ? 1 : 2
  return Math.max(1, (rect?.height ?? 10) - titles)
}

/** The panes before anybody has changed them. */
export const USUAL: LayoutState = {
  panes: ['flows', 'rows', 'details', 'hex', 'body'],
  recent: ['rows', 'details', 'hex', 'flows', 'body'],
  arrangement: undefined,
  scale: {},
  zoomed: false,
}

const fresh = (follow: boolean): ListState => ({ selected: undefined, top: undefined, follow })

export interface Beginning {
  readonly size: Size
  /** Live traffic is followed, a file is read from its beginning. */
  readonly live: boolean
  readonly filter?: string | undefined
  readonly theme: string
}

export function initial({ size, live, filter = '', theme }: Beginning): State {
  return {
    size,
    layout: USUAL,
    kind: 'frames',
    lists: {
      frames: fresh(live),
      messages: fresh(live),
      exchanges: fresh(live),
      findings: fresh(live),
      flows: fresh(false),
      ladder: fresh(live),
    },
    subject: 'frames',
    chosen: { details: undefined, topology: undefined },
    byte: undefined,
    folds: {},
    scroll: { body: 0, board: 0, replay: 0, help: 0 },
    frozen: false,
    time: 'clock',
    filters: filter === '' ? {} : { frames: filter },
    sorts: {},
    search: '',
    marks: {},
    prompt: undefined,
    history: filter === '' ? {} : { filter: [filter] },
    help: false,
    pending: undefined,
    note: undefined,
    leaving: false,
    theme,
  }
}

export function withFilter(state: State, text: string, list: ListId = state.kind): State {
  return { ...state, filters: { ...state.filters, [list]: text.trim() } }
}

/** Where one is in a list. In the ladder, while one chooses frames elsewhere, it is at the frame that is chosen there. */
export function listState(state: State, list: ListId, chosen: number | undefined): ListState {
  if (list !== 'ladder' || state.subject !== 'frames' || chosen === undefined) return state.lists[list]
  return { selected: chosen, top: undefined, follow: false }
}
