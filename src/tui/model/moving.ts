import type { Action } from './action.ts'
import type { Desk } from './desk.ts'
import { bytesPerLine } from './hex.ts'
import { focused, type PaneId } from './layout.ts'
import { chooseAt, chosen, clamp, type ListState, moveBy, scrollBy, windowOf } from './list.ts'
import { looked } from './panes.ts'
import {
  focusOf,
  type ListId,
  listIn,
  type Mark,
  rectsOf,
  roomIn,
  type ScrollPane,
  type State,
  type TreePane,
  treeIn,
  withFilter,
} from './state.ts'
import { twigAt, twigIndex } from './tree.ts'

export type By = Extract<Action, { readonly type: 'move' }>['by']

/** How many lines a move is, where a pane shows `room` of `length`. */
function distance(by: By, room: number, length: number): number {
  switch (by) {
    case 'page':
      return Math.max(1, room - 1)
    case 'page-up':
      return -Math.max(1, room - 1)
    case 'half':
      return Math.max(1, room >> 1)
    case 'half-up':
      return -Math.max(1, room >> 1)
    case 'first':
      return -length
    case 'last':
      return length
    default:
      return by
  }
}

export function move(state: State, by: By, desk: Desk): State {
  if (state.help) return scrolled(state, 'help', by, 10, desk)
  const pane = focusOf(state)
  const room = roomIn(state, pane)
  const list = listIn(state, pane)
  if (list !== undefined) {
    const numbers = desk.numbers(list)
    return withList(state, list, moveBy(numbers, state.lists[list], distance(by, room, numbers.length), room))
  }
  if (pane === 'details' || pane === 'topology') {
    return moveField(state, distance(by, room, desk.twigs(state, pane).length), desk)
  }
  if (pane === 'hex') return moveByte(state, by, room, desk)
  return scrolled(state, pane as ScrollPane, by, room, desk)
}

function scrolled(state: State, pane: ScrollPane, by: By, room: number, desk: Desk): State {
  const depth = desk.depths[pane] ?? 0
  const to = clamp(state.scroll[pane], 0, depth) + distance(by, room, depth)
  return { ...state, scroll: { ...state.scroll, [pane]: clamp(to, 0, depth) } }
}

function withList(state: State, list: ListId, next: ListState): State {
  const same = next.selected === state.lists[list].selected && list === state.subject
  return {
    ...state,
    subject: list,
    lists: { ...state.lists, [list]: next },
    ...(same ? {} : { byte: undefined, scroll: { ...state.scroll, body: 0 } }),
  }
}

/** Chooses a row by its number, and remembers where one was. */
export function goto(state: State, list: ListId, number: number, desk: Desk): State {
  const numbers = desk.numbers(list)
  const now = chosen(numbers, state.lists[list])
  const marks = now === undefined ? state.marks : { ...state.marks, [BEFORE]: { list, number: now } }
  const room = roomIn(state, list === 'flows' || list === 'ladder' ? list : 'rows')
  const there = chooseAt(numbers, state.lists[list], numbers.indexOf(number), room)
  const shown = list === 'flows' || list === 'ladder' ? state : { ...state, kind: list }
  return withList({ ...shown, marks }, list, there)
}

/** The mark that jumping sets. */
const BEFORE = "'"

export function mark(state: State, letter: string, desk: Desk): State {
  const list = listIn(state, focusOf(state)) ?? state.kind
  const number = chosen(desk.numbers(list), state.lists[list])
  if (number === undefined) return state
  const text = `mark ${letter} is on ${desk.table(list).kind.title.replace(/s$/, '')} ${number}`
  return { ...state, marks: { ...state.marks, [letter]: { list, number } }, note: { text, trouble: false } }
}

export function jump(state: State, letter: string, desk: Desk): State {
  const to: Mark | undefined = state.marks[letter]
  if (to === undefined) {
    const set = Object.keys(state.marks).filter(name => name !== BEFORE)
    const text = `no mark ${letter}; there ${set.length === 0 ? 'are none' : `is ${set.join(' ')}`}`
    return { ...state, note: { text, trouble: true } }
  }
  const pane: PaneId = to.list === 'flows' || to.list === 'ladder' ? to.list : 'rows'
  return goto(looked(state, focused(state.layout, pane)), to.list, to.number, desk)
}

/** Looks into what is chosen: a connection's rows, a row's details, a field's members. */
export function enter(state: State, desk: Desk): State {
  const pane = focusOf(state)
  const subject = desk.subject(state)
  if (pane === 'details' || pane === 'topology') return fold(state, undefined, desk)
  if (subject === undefined) return state
  if (pane === 'flows') {
    const only = withFilter(state, `flow == ${subject.flow.id}`, 'frames')
    return looked({ ...only, kind: 'frames' }, focused(state.layout, 'rows'))
  }
  if (pane === 'rows' && state.kind !== 'frames') {
    const [first] = subject.table.kind.frames(subject.row)
    return first === undefined ? state : goto({ ...state, kind: 'frames' }, 'frames', first, desk)
  }
  return pane === 'rows' || pane === 'ladder' ? looked(state, focused(state.layout, 'details')) : state
}

function moveField(state: State, by: number, desk: Desk): State {
  const tree = treeIn(focusOf(state))
  const lines = desk.twigs(state, tree)
  const to = lines[clamp(twigIndex(lines, state.chosen[tree]) + by, 0, lines.length - 1)]
  return to === undefined ? state : withTwig(state, tree, to.path)
}

const withTwig = (state: State, tree: TreePane, path: string): State => ({
  ...state,
  chosen: { ...state.chosen, [tree]: path },
  byte: tree === 'details' ? undefined : state.byte,
})

/** Unfolds or folds the chosen line; undefined: the other of the two. What cannot be folded leads to what it is in. */
export function fold(state: State, open: boolean | undefined, desk: Desk): State {
  if (focusOf(state) === 'hex') return moveByte(state, open === true ? 1 : -1, 1, desk, true)
  const tree = treeIn(focusOf(state))
  const lines = desk.twigs(state, tree)
  const twig = lines[twigIndex(lines, state.chosen[tree])]
  if (twig === undefined) return state
  const group = twig.tree.children !== undefined
  const wanted = open ?? !twig.open
  if (group && twig.open !== wanted) {
    return { ...withTwig(state, tree, twig.path), folds: { ...state.folds, [twig.path]: wanted } }
  }
  if (open === true) return group ? moveField(state, 1, desk) : state
  const parent = twig.path.slice(0, twig.path.lastIndexOf('/'))
  return parent === '' ? state : withTwig(state, tree, parent)
}

/** Where the cursor of the hex pane is. */
export function byteOf(state: State, desk: Desk): number {
  const lines = desk.twigs(state)
  return state.byte ?? lines[twigIndex(lines, state.chosen.details)]?.tree.start ?? 0
}

/** Moves the cursor by lines, or by bytes, and the choice of the field with it. */
function moveByte(state: State, by: By, room: number, desk: Desk, single = false): State {
  const length = desk.subject(state)?.bytes?.bytes.length ?? 0
  if (length === 0) return state
  const line = single ? 1 : bytesPerLine(rectsOf(state).get('hex')?.width ?? 80)
  const wanted = byteOf(state, desk) + distance(by, room, length) * line
  return atByte(state, clamp(wanted, 0, length - 1), desk)
}

function atByte(state: State, byte: number, desk: Desk): State {
  const details = twigAt(desk.twigs(state), byte)?.path ?? state.chosen.details
  return { ...state, byte, chosen: { ...state.chosen, details } }
}

/** A click: gives the keys to the pane, and chooses what is under it. */
export function press(state: State, { x, y }: { readonly x: number; readonly y: number }, desk: Desk): State {
  if (state.help || state.prompt !== undefined) return state
  const found = paneAt(state, x, y)
  if (found === undefined) return state
  const [pane, rect] = found
  const there = looked(state, focused(state.layout, pane))
  const list = listIn(there, pane)
  const line = y - rect.y - (list === undefined || pane === 'ladder' ? 1 : 2)
  if (line < 0) return there
  if (list !== undefined) {
    const numbers = desk.numbers(list)
    const room = roomIn(there, pane)
    const index = windowOf(numbers, there.lists[list], room).top + line
    return index < numbers.length ? withList(there, list, chooseAt(numbers, there.lists[list], index, room)) : there
  }
  if (pane !== 'details' && pane !== 'topology') return there
  const lines = desk.twigs(there, pane)
  const top = topOf(twigIndex(lines, there.chosen[pane]), lines.length, roomIn(there, pane))
  const twig = lines[top + line]
  if (twig === undefined) return there
  const again = twig.path === state.chosen[pane] && focusOf(state) === pane
  return again ? fold(there, undefined, desk) : withTwig(there, pane, twig.path)
}

/** The first line that is seen, where the chosen one is kept in the middle as far as there are lines. */
export const topOf = (at: number, length: number, room: number): number =>
  clamp(at - (room >> 1), 0, Math.max(0, length - room))

export function wheel(state: State, { x, y, by }: Extract<Action, { readonly type: 'wheel' }>, desk: Desk): State {
  if (state.help) return scrolled(state, 'help', by, 10, desk)
  const found = paneAt(state, x, y)
  if (found === undefined) return state
  const [pane] = found
  const list = listIn(state, pane)
  if (list !== undefined) {
    const numbers = desk.numbers(list)
    const next = scrollBy(numbers, state.lists[list], by, roomIn(state, pane))
    return list === state.subject ? withList(state, list, next) : { ...state, lists: { ...state.lists, [list]: next } }
  }
  if (pane === 'body' || pane === 'board' || pane === 'replay') return scrolled(state, pane, by, 1, desk)
  // Trees and bytes are scrolled by what is chosen in them.
  const there = focusOf(state) === pane ? state : { ...state, layout: focused(state.layout, pane) }
  return move(there, by, desk)
}

function paneAt(state: State, x: number, y: number) {
  for (const [pane, rect] of rectsOf(state)) {
    if (x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height) return [pane, rect] as const
  }
  return undefined
}
