import type { Action, Effect } from './action.ts'
import { asking, leaveOff, submit } from './asking.ts'
import { offersFor } from './commands.ts'
import type { Desk } from './desk.ts'
import { chosen } from './list.ts'
import { enter, fold, goto, jump, mark, move, press, wheel } from './moving.ts'
import { changePanes } from './panes.ts'
import { completed, edited, prompt, recalled, typed } from './prompt.ts'
import { focusOf, type ListId, listState, type State, withFilter } from './state.ts'
import { copied, fieldFilter } from './taking.ts'

export interface Update {
  readonly state: State
  readonly effect?: Effect
}

/** What an action makes of the state. Pure: what there is, it asks of the desk, and changes nothing there. */
export function update(state: State, action: Action, desk: Desk): Update {
  // What was told, and what was asked back, is over with the next thing that is done.
  const now: State = SILENT.has(action.type) ? state : { ...state, note: undefined, leaving: false }
  return step(now, action, desk, state.leaving)
}

/** What comes by itself. */
const SILENT: ReadonlySet<Action['type']> = new Set(['size', 'found', 'note'])

function step(state: State, action: Action, desk: Desk, leaving: boolean): Update {
  switch (action.type) {
    case 'move':
      return { state: move(state, action.by, desk) }
    case 'goto':
      return { state: goto(state, state.kind, action.number, desk) }
    case 'found':
      return { state: goto(state, state.kind, action.number, desk) }
    case 'enter':
      return { state: enter(state, desk) }
    case 'fold':
      return { state: fold(state, action.open, desk) }
    case 'press':
      return { state: press(state, action, desk) }
    case 'wheel':
      return { state: wheel(state, action, desk) }
    case 'mark':
      return { state: { ...state, pending: 'mark' } }
    case 'jump':
      return { state: { ...state, pending: 'jump' } }
    case 'letter':
      return { state: letter(state, action.letter, desk) }
    case 'focus':
      return { state: climbed(state, changePanes(state, action), desk) }
    case 'close-pane':
    case 'zoom':
    case 'resize':
    case 'move-pane':
    case 'arrange':
    case 'reset-layout':
      return { state: changePanes(state, action) }
    case 'kind':
      return { state: withKind(state, action.kind, desk) }
    case 'freeze':
      return { state: { ...state, frozen: !state.frozen } }
    case 'follow':
      return { state: follow(state) }
    case 'sort':
      return { state: sortBy(state, action.by, desk) }
    case 'reverse':
      return { state: reverse(state) }
    case 'time':
      return { state: { ...state, time: ({ clock: 'start', start: 'delta', delta: 'clock' } as const)[state.time] } }
    case 'prompt':
      return { state: asking(state, action.kind, desk) }
    case 'filter':
      return { state: withFilter(state, action.text) }
    case 'filter-field':
      return { state: { ...state, prompt: prompt('filter', fieldFilter(state, desk)) } }
    case 'type':
    case 'edit':
    case 'complete':
    case 'recall':
      return { state: editPrompt(state, action, desk) }
    case 'submit':
      return submit(state, desk, (next, more) => step(next, more, desk, leaving))
    case 'search':
      if (state.search === '') return { state: asking(state, 'search', desk) }
      return { state, effect: { type: 'search', text: state.search, by: action.by } }
    case 'copy':
      return copied(state, desk)
    case 'replay': {
      const { flow, text } = action
      const shown = changePanes(state, { type: 'focus', pane: 'replay' })
      const scroll = { ...shown.scroll, replay: 0 }
      return { state: { ...shown, scroll }, effect: { type: 'replay', flow, text } }
    }
    case 'help':
      return { state: { ...state, help: !state.help, scroll: { ...state.scroll, help: 0 } } }
    case 'back':
      if (stops(state, desk)) return { state, effect: { type: 'stop-replay' } }
      return { state: leaveOff(state) ?? state }
    case 'leave': {
      if (stops(state, desk)) return { state, effect: { type: 'stop-replay' } }
      const back = leaveOff(state)
      if (back !== undefined) return { state: back }
      // Ending cuts connections off that go through here: not by one key that was pressed once too often.
      if (leaving || desk.traffic.open === 0) return { state, effect: { type: 'quit' } }
      return { state: { ...state, leaving: true } }
    }
    case 'quit':
      return { state, effect: { type: 'quit' } }
    case 'interrupt':
      return { state, effect: { type: 'interrupt' } }
    case 'suspend':
      return { state, effect: { type: 'suspend' } }
    case 'redraw':
      return { state, effect: { type: 'redraw' } }
    case 'size':
      return { state: { ...state, size: action.size } }
    case 'theme':
      return { state: { ...state, theme: action.name } }
    case 'note':
      return { state: { ...state, note: { text: action.text, trouble: action.trouble } } }
  }
}

/** Going back from a replay that goes on stops it; going back once more leaves its pane. */
const stops = (state: State, desk: Desk): boolean =>
  focusOf(state) === 'replay' &&
  desk.replay?.running === true &&
  state.prompt === undefined &&
  state.pending === undefined &&
  !state.help

/** The ladder begins at the frame that was chosen when one went there. */
function climbed(before: State, state: State, desk: Desk): State {
  if (state.subject !== 'ladder' || before.subject !== 'frames') return state
  const ladder = listState(before, 'ladder', chosen(desk.numbers('frames'), before.lists.frames))
  return { ...state, lists: { ...state.lists, ladder } }
}

function letter(state: State, key: string, desk: Desk): State {
  const { pending } = state
  const calm = { ...state, pending: undefined }
  if (key === 'esc' || [...key].length !== 1) return calm
  return pending === 'mark' ? mark(calm, key, desk) : jump(calm, key, desk)
}

function withKind(state: State, wanted: State['kind'] | 'next' | 'previous', desk: Desk): State {
  const { kinds } = desk
  const by = wanted === 'previous' ? kinds.length - 1 : 1
  const kind =
    wanted === 'next' || wanted === 'previous'
      ? (kinds[(kinds.indexOf(state.kind) + by) % kinds.length] as State['kind'])
      : wanted
  if (!kinds.includes(kind)) return state
  const shown = changePanes(state, { type: 'focus', pane: 'rows' })
  return { ...shown, kind, subject: kind, byte: undefined }
}

/** The list that `F`, `o` and marks are about. */
const listNow = (state: State): ListId => {
  const focus = focusOf(state)
  return focus === 'flows' || focus === 'ladder' ? focus : state.kind
}

function follow(state: State): State {
  const list = listNow(state)
  const on = !state.lists[list].follow
  return {
    ...state,
    frozen: on ? false : state.frozen,
    // The newest row is the last one only in the order of arrival.
    sorts: on ? { ...state.sorts, [list]: undefined } : state.sorts,
    lists: { ...state.lists, [list]: { ...state.lists[list], follow: on } },
  }
}

function sortBy(state: State, by: 1 | -1, desk: Desk): State {
  const list = listNow(state)
  const { columns } = desk.table(list).kind
  const places = [...columns.keys()].filter(index => columns[index]?.key !== undefined)
  const now = places.indexOf(state.sorts[list]?.column ?? -1)
  const next = places[now + by]
  const sorting = next === undefined ? undefined : { column: next, descending: false }
  const { follow: _, ...where } = state.lists[list]
  return {
    ...state,
    sorts: { ...state.sorts, [list]: sorting },
    lists: { ...state.lists, [list]: { ...where, follow: false } },
  }
}

function reverse(state: State): State {
  const list = listNow(state)
  const sorting = state.sorts[list] ?? { column: 0, descending: false }
  return { ...state, sorts: { ...state.sorts, [list]: { ...sorting, descending: !sorting.descending } } }
}

type Editing = Extract<Action, { readonly type: 'type' | 'edit' | 'complete' | 'recall' }>

function editPrompt(state: State, action: Editing, desk: Desk): State {
  const { prompt: asked } = state
  if (asked === undefined) return state
  switch (action.type) {
    case 'type':
      return { ...state, prompt: typed(asked, action.text) }
    case 'edit':
      // As in vim: what was asked for is taken back by rubbing out what is not there.
      if (action.edit === 'backspace' && asked.text === '') return { ...state, prompt: undefined }
      return { ...state, prompt: edited(asked, action.edit) }
    case 'complete':
      return { ...state, prompt: completed(asked, offersFor(asked.kind, state, desk), action.by) }
    case 'recall':
      return { ...state, prompt: recalled(asked, state.history[asked.kind] ?? [], action.by) }
  }
}
