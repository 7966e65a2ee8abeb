import { type BarItem, keyName, type Size } from '../../tui/index.ts'
import type { Measure } from '../result.ts'
import type { Seen } from './course.ts'

/** What may be looked at, in the order of the keys 1, 2, 3 …; the first is what there is room for of all others. */
export const VIEWS = ['overview', 'groups', 'latency', 'troubles'] as const
export type View = (typeof VIEWS)[number]

/** What whoever looks has chosen. */
export interface State {
  readonly size: Size
  readonly view: View
  /** Instead of the view, what the keys do. */
  readonly help: boolean
  /** What is shown instead of what there is by now. */
  readonly frozen: Seen | undefined
  /** Plots show all of the run, not its last intervals. */
  readonly whole: boolean
  /** The measure whose latencies are shown as they are spread; undefined: that of the answers. */
  readonly measure: Measure | undefined
  /** Lines of the view that are above the screen. */
  readonly top: number
}

export const initial = (size: Size): State => ({
  ...{ size, view: 'overview', help: false, frozen: undefined, whole: false, measure: undefined, top: 0 },
})

/** What a key brings about beside what is looked at. */
export type Effect = 'end' | 'suspend' | 'redraw'

type Step = (state: State, seen: Seen, key: string) => State | Effect

interface Binding {
  readonly keys: readonly string[]
  readonly help: string
  /** In a word, at the foot. */
  readonly bar?: string
  readonly does: Step
}

const PAGE = 10

const to = (view: View): Partial<State> => ({ view, help: false, top: 0 })
const turned =
  (by: number): Step =>
  state => ({ ...state, ...to(VIEWS[(VIEWS.indexOf(state.view) + by + VIEWS.length) % VIEWS.length] as View) })
const moved =
  (by: number): Step =>
  state => ({ ...state, top: Math.max(0, state.top + by) })

/** The measure after the one that is shown. */
function nextMeasure(state: State, { measures }: Seen): State {
  const names = measures.map(({ measure }) => measure)
  const at = names.indexOf(shownMeasure(state, names) as Measure)
  return { ...state, measure: names[(at + 1) % names.length] }
}

/** The one that was chosen; else that of the answers, or of the deliveries where nothing is answered. */
export const shownMeasure = ({ measure }: State, names: readonly Measure[]): Measure | undefined =>
  [measure, 'publish-confirm', 'publish-deliver', ...names].find(
    (name): name is Measure => name !== undefined && names.includes(name as Measure),
  )

/** What every key does. The main ones are at the foot, in this order; the last of them tells of the others. */
export const KEYMAP: readonly Binding[] = [
  { keys: ['q', 'ctrl-c'], help: 'end in order, with the summary; again, at once', bar: 'end', does: () => 'end' },
  {
    keys: ['p'],
    help: 'freeze what is seen; counting goes on',
    bar: 'freeze',
    does: (state, seen) => ({ ...state, frozen: state.frozen === undefined ? seen : undefined }),
  },
  { keys: ['tab'], help: 'the next view', bar: 'view', does: turned(1) },
  { keys: ['shift-tab'], help: 'the view before', does: turned(-1) },
  {
    keys: VIEWS.map((_, at) => String(at + 1)),
    help: `${VIEWS.slice(0, -1).join(', ')}, ${VIEWS.at(-1)}`,
    does: (state, _, key) => ({ ...state, ...to(VIEWS[Number(key) - 1] as View) }),
  },
  {
    keys: ['z'],
    help: 'plots of the whole run, or of its last intervals',
    bar: 'whole run',
    does: state => ({ ...state, whole: !state.whole }),
  },
  { keys: ['m'], help: 'the next measure, of how latencies are spread', bar: 'measure', does: nextMeasure },
  { keys: ['j', 'down'], help: 'a line down, where there are more than fit', does: moved(1) },
  { keys: ['k', 'up'], help: 'a line up', does: moved(-1) },
  { keys: ['space', 'pagedown'], help: 'ten lines down', does: moved(PAGE) },
  { keys: ['b', 'pageup'], help: 'ten lines up', does: moved(-PAGE) },
  { keys: ['ctrl-z'], help: 'suspend, and the load with it; fg goes on', does: () => 'suspend' },
  { keys: ['ctrl-l'], help: 'draw anew', does: () => 'redraw' },
  { keys: ['esc'], help: 'back to the overview', does: state => ({ ...state, ...to('overview') }) },
  { keys: ['?'], help: 'what the keys do', bar: 'help', does: state => ({ ...state, help: !state.help, top: 0 }) },
]

/** Where a key means nothing, all stays as it is. */
export const pressed = (key: string, state: State, seen: Seen): State | Effect =>
  KEYMAP.find(({ keys }) => keys.includes(key))?.does(state, seen, key) ?? state

export const BAR: readonly BarItem[] = KEYMAP.flatMap(({ keys: [key = ''], bar }) =>
  bar === undefined ? [] : [{ key: keyName(key), what: bar }],
)
