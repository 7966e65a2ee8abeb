import type { Action } from './action.ts'
import type { PaneId } from './layout.ts'
import { focusOf, listIn, type State } from './state.ts'

/** In which panes a key works. */
export type Where = 'anywhere' | 'lists' | 'fields'

export interface Binding {
  readonly keys: readonly string[]
  readonly action: Action
  /** What it does, for the help. */
  readonly help: string
  readonly group: 'Move' | 'Find' | 'Rows' | 'Panes' | 'Keep' | 'Program'
  readonly where: Where
  /** Short, for the bar at the foot; the first of them are shown where there is little room. */
  readonly bar?: string
}

const bind = (
  keys: string,
  action: Action,
  group: Binding['group'],
  help: string,
  { where = 'anywhere', bar }: { readonly where?: Where; readonly bar?: string } = {},
): Binding => ({ keys: keys.split(' '), action, help, group, where, ...(bar === undefined ? {} : { bar }) })

/** Every key there is. The help and the bar at the foot are drawn from this, so that they cannot say anything else. */
export const KEYMAP: readonly Binding[] = [
  bind('j down', { type: 'move', by: 1 }, 'Move', 'one down'),
  bind('k up', { type: 'move', by: -1 }, 'Move', 'one up'),
  bind('space pagedown ctrl-f', { type: 'move', by: 'page' }, 'Move', 'a page down'),
  bind('b pageup ctrl-b', { type: 'move', by: 'page-up' }, 'Move', 'a page up'),
  bind('ctrl-d', { type: 'move', by: 'half' }, 'Move', 'half a page down'),
  bind('ctrl-u', { type: 'move', by: 'half-up' }, 'Move', 'half a page up'),
  bind('g home', { type: 'move', by: 'first' }, 'Move', 'to the first'),
  bind('G end', { type: 'move', by: 'last' }, 'Move', 'to the last'),
  bind('l right', { type: 'fold', open: true }, 'Move', 'unfold; in hex, the next byte', { where: 'fields' }),
  bind('h left', { type: 'fold', open: false }, 'Move', 'fold, or to what it is in; in hex, the byte before', {
    where: 'fields',
  }),
  bind('m', { type: 'mark' }, 'Move', 'mark the row with the letter that follows', { where: 'lists' }),
  bind("'", { type: 'jump' }, 'Move', "back to a mark; '' to where one was before the last jump"),

  bind('/', { type: 'prompt', kind: 'filter' }, 'Find', 'filter the rows', { bar: 'filter' }),
  bind('f', { type: 'filter-field' }, 'Find', 'filter; in the details, by the chosen field'),
  bind('s', { type: 'prompt', kind: 'search' }, 'Find', 'search the rows for text', { bar: 'search' }),
  bind('n', { type: 'search', by: 1 }, 'Find', 'the next that was searched for'),
  bind('N', { type: 'search', by: -1 }, 'Find', 'the one before'),
  bind('enter', { type: 'enter' }, 'Find', 'look into it: a connection, a row, a field', { bar: 'open' }),

  bind('v', { type: 'kind', kind: 'next' }, 'Rows', 'what a row is: the next kind', { bar: 'rows' }),
  bind('V', { type: 'kind', kind: 'previous' }, 'Rows', 'what a row is: the kind before'),
  bind('p', { type: 'freeze' }, 'Rows', 'freeze what is seen, or go on; counting goes on', { bar: 'freeze' }),
  bind('F', { type: 'follow' }, 'Rows', 'follow the newest row, or stop', { where: 'lists', bar: 'follow' }),
  bind('o', { type: 'sort', by: 1 }, 'Rows', 'sort by the next column', { where: 'lists', bar: 'sort' }),
  bind('O', { type: 'reverse' }, 'Rows', 'sort the other way round', { where: 'lists' }),
  bind('t', { type: 'time' }, 'Rows', 'time of day, since the start, since the row above'),

  bind('tab', { type: 'focus', pane: 'next' }, 'Panes', 'the next pane', { bar: 'pane' }),
  bind('shift-tab', { type: 'focus', pane: 'previous' }, 'Panes', 'the pane before'),
  bind('1', { type: 'focus', pane: 'flows' }, 'Panes', 'connections'),
  bind('2', { type: 'focus', pane: 'rows' }, 'Panes', 'rows'),
  bind('3', { type: 'focus', pane: 'details' }, 'Panes', 'details'),
  bind('4', { type: 'focus', pane: 'hex' }, 'Panes', 'bytes'),
  bind('5', { type: 'focus', pane: 'body' }, 'Panes', 'body'),
  bind('6', { type: 'focus', pane: 'ladder' }, 'Panes', 'ladder of the connection', { bar: 'ladder' }),
  bind('7', { type: 'focus', pane: 'board' }, 'Panes', 'rates and latencies', { bar: 'board' }),
  bind('8', { type: 'focus', pane: 'topology' }, 'Panes', 'topology found so far'),
  bind('9', { type: 'focus', pane: 'replay' }, 'Panes', 'how the last replay went'),
  bind('\\ z', { type: 'zoom' }, 'Panes', 'the pane alone, or all again', { bar: 'zoom' }),
  bind('+', { type: 'resize', axis: 'y', grow: true }, 'Panes', 'higher'),
  bind('-', { type: 'resize', axis: 'y', grow: false }, 'Panes', 'lower'),
  bind('>', { type: 'resize', axis: 'x', grow: true }, 'Panes', 'wider'),
  bind('<', { type: 'resize', axis: 'x', grow: false }, 'Panes', 'narrower'),
  bind('{', { type: 'move-pane', by: -1 }, 'Panes', 'move the pane before the one before'),
  bind('}', { type: 'move-pane', by: 1 }, 'Panes', 'move the pane behind the next'),
  bind('|', { type: 'arrange' }, 'Panes', 'arrange: below each other, lists above, lists to the left'),
  bind('=', { type: 'reset-layout' }, 'Panes', 'panes as they were'),
  bind('c', { type: 'close-pane' }, 'Panes', 'close the pane'),

  bind('x', { type: 'prompt', kind: 'export' }, 'Keep', 'export the chosen row to a file'),
  bind('w', { type: 'prompt', kind: 'save' }, 'Keep', 'save the rows that are shown', { bar: 'save' }),
  bind('y', { type: 'copy' }, 'Keep', 'copy: the row, the field, its bytes, the body', { bar: 'copy' }),
  bind('r', { type: 'prompt', kind: 'replay' }, 'Keep', 'replay the connection to a broker', { bar: 'replay' }),

  bind(':', { type: 'prompt', kind: 'command' }, 'Program', 'a command; tab completes it'),
  bind('?', { type: 'help' }, 'Program', 'what works here', { bar: 'help' }),
  bind('esc', { type: 'back' }, 'Program', 'back: out of what was opened last'),
  bind('q', { type: 'leave' }, 'Program', 'back, and out where there is nothing to go back to', { bar: 'quit' }),
  bind('Q', { type: 'quit' }, 'Program', 'end at once'),
  bind('ctrl-l', { type: 'redraw' }, 'Program', 'draw the screen anew'),
  bind('ctrl-z', { type: 'suspend' }, 'Program', 'suspend; fg brings it back'),
  bind('ctrl-c', { type: 'interrupt' }, 'Program', 'end in order, with files complete; again, at once'),
]

/** While something is asked for, these edit; all else is text. */
export const PROMPT_KEYS: Readonly<Record<string, Action>> = {
  enter: { type: 'submit' },
  esc: { type: 'back' },
  'ctrl-c': { type: 'back' },
  'ctrl-g': { type: 'back' },
  tab: { type: 'complete', by: 1 },
  'shift-tab': { type: 'complete', by: -1 },
  up: { type: 'recall', by: 1 },
  down: { type: 'recall', by: -1 },
  'ctrl-p': { type: 'recall', by: 1 },
  'ctrl-n': { type: 'recall', by: -1 },
  left: { type: 'edit', edit: 'left' },
  right: { type: 'edit', edit: 'right' },
  'ctrl-b': { type: 'edit', edit: 'left' },
  'ctrl-f': { type: 'edit', edit: 'right' },
  home: { type: 'edit', edit: 'home' },
  end: { type: 'edit', edit: 'end' },
  'ctrl-a': { type: 'edit', edit: 'home' },
  'ctrl-e': { type: 'edit', edit: 'end' },
  'alt-b': { type: 'edit', edit: 'word-left' },
  'alt-f': { type: 'edit', edit: 'word-right' },
  'ctrl-left': { type: 'edit', edit: 'word-left' },
  'ctrl-right': { type: 'edit', edit: 'word-right' },
  backspace: { type: 'edit', edit: 'backspace' },
  delete: { type: 'edit', edit: 'delete' },
  'ctrl-d': { type: 'edit', edit: 'delete' },
  'ctrl-w': { type: 'edit', edit: 'kill-word' },
  'alt-backspace': { type: 'edit', edit: 'kill-word' },
  'ctrl-u': { type: 'edit', edit: 'kill-start' },
  'ctrl-k': { type: 'edit', edit: 'kill-end' },
  'ctrl-z': { type: 'suspend' },
}

const FIELD_PANES: ReadonlySet<PaneId> = new Set(['details', 'hex', 'topology'])

/** Whether a key does something where the user is. */
export function works({ where }: Binding, state: State): boolean {
  const focus = focusOf(state)
  switch (where) {
    case 'anywhere':
      return true
    case 'lists':
      return listIn(state, focus) !== undefined
    case 'fields':
      return FIELD_PANES.has(focus)
  }
}

const BY_KEY: ReadonlyMap<string, Binding> = new Map(KEYMAP.flatMap(each => each.keys.map(key => [key, each])))

/** What a key means now; undefined where it means nothing. */
export function actionFor(key: string, state: State): Action | undefined {
  if (state.prompt !== undefined) {
    const action = PROMPT_KEYS[key]
    if (action !== undefined) return action
    const text = key === 'space' ? ' ' : key
    return [...text].length === 1 ? { type: 'type', text } : undefined
  }
  if (state.pending !== undefined) return { type: 'letter', letter: key }
  const binding = BY_KEY.get(key)
  return binding !== undefined && works(binding, state) ? binding.action : undefined
}

/** Alt and a key that mean nothing together are Esc and the key, pressed faster than can be told apart. */
export const keysIn = (key: string, state: State): readonly string[] =>
  key.startsWith('alt-') && actionFor(key, state) === undefined ? ['esc', key.slice(4)] : [key]
