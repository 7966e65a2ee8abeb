import { THEMES } from '../kit/themes.ts'
import type { Action, Effect } from './action.ts'
import type { Desk } from './desk.ts'
import type { KindId } from './kind.ts'
import { PANES, type PaneId } from './layout.ts'
import type { Offer, Offers, PromptKind } from './prompt.ts'
import type { State } from './state.ts'

type Answer = { readonly action: Action } | { readonly effect: Effect } | { readonly trouble: string }

interface Command {
  readonly name: string
  readonly takes: string
  readonly help: string
  /** What its argument can be, where that is known. */
  readonly words?: (desk: Desk) => readonly string[]
  readonly run: (argument: string, state: State, desk: Desk) => Answer
}

const act = (action: Action): Answer => ({ action })

const save =
  (rows: 'chosen' | 'shown') =>
  (path: string): Answer =>
    path === '' ? { trouble: 'where to? name a file' } : { effect: { type: 'save', path, rows } }

/** What `:` understands. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'filter',
    takes: 'FILTER',
    help: 'show only rows that match; none shows all',
    run(text, state, desk) {
      const verdict = desk.check(state.kind, text)
      return verdict.ok ? act({ type: 'filter', text }) : { trouble: verdict.message }
    },
  },
  {
    name: 'goto',
    takes: 'N',
    help: 'to the row with this number; the number alone does too',
    run: text =>
      /^\d+$/.test(text) ? act({ type: 'goto', number: Number(text) }) : { trouble: `${text} is no number` },
  },
  {
    name: 'rows',
    takes: 'KIND',
    help: 'what a row is',
    words: desk => desk.kinds,
    run: (text, _, desk) => oneOf(text, desk.kinds, kind => act({ type: 'kind', kind: kind as KindId })),
  },
  {
    name: 'pane',
    takes: 'PANE',
    help: 'show a pane, and go there',
    words: () => PANES,
    run: text => oneOf(text, PANES, pane => act({ type: 'focus', pane: pane as PaneId })),
  },
  { name: 'save', takes: 'FILE', help: 'save the rows that are shown', run: save('shown') },
  { name: 'export', takes: 'FILE', help: 'export the chosen row', run: save('chosen') },
  {
    name: 'replay',
    takes: 'UPSTREAM …',
    help: 'replay the connection, with flags as mqinspect replay takes them',
    run(text, state, desk) {
      if (text === '') return act({ type: 'prompt', kind: 'replay' })
      const flow = desk.subject(state)?.flow
      const trouble = desk.replayTrouble(flow)
      if (flow === undefined || trouble !== undefined) return { trouble: trouble ?? '' }
      const { ok, message } = desk.checkReplay(text)
      return ok ? act({ type: 'replay', flow, text }) : { trouble: message }
    },
  },
  {
    name: 'theme',
    takes: 'THEME',
    help: 'other colours',
    words: () => THEMES,
    run: text => oneOf(text, THEMES, name => act({ type: 'theme', name })),
  },
  { name: 'follow', takes: '', help: 'follow the newest row, or stop', run: () => act({ type: 'follow' }) },
  { name: 'freeze', takes: '', help: 'freeze what is seen, or go on', run: () => act({ type: 'freeze' }) },
  { name: 'help', takes: '', help: 'the keys that work', run: () => act({ type: 'help' }) },
  { name: 'quit', takes: '', help: 'end', run: () => act({ type: 'quit' }) },
]

function oneOf(text: string, words: readonly string[], found: (word: string) => Answer): Answer {
  return words.includes(text)
    ? found(text)
    : { trouble: `${text === '' ? 'which?' : `no ${text}:`} ${words.join(', ')}` }
}

export function runCommand(text: string, state: State, desk: Desk): Answer {
  const [, name = '', argument = ''] = /^\s*(\S*)\s*(.*?)\s*$/.exec(text) as RegExpExecArray
  if (/^\d+$/.test(name)) return act({ type: 'goto', number: Number(name) })
  const meant = COMMANDS.filter(command => command.name.startsWith(name))
  const command = meant.find(each => each.name === name) ?? meant[0]
  if (name === '' || command === undefined) {
    return { trouble: `no command ${name}: ${COMMANDS.map(each => each.name).join(', ')}` }
  }
  return command.run(argument, state, desk)
}

const NOTHING: Omit<Offers, 'taken'> = { start: 0, end: 0, items: [] }

/** What may stand where the cursor is, in what is being asked for. */
export function offersFor(kind: PromptKind, state: State, desk: Desk) {
  return (text: string, cursor: number): Omit<Offers, 'taken'> => {
    if (kind === 'filter') return desk.offer(state.kind, text, cursor)
    return kind === 'command' ? commandOffers(text, cursor, state, desk) : NOTHING
  }
}

function commandOffers(text: string, cursor: number, state: State, desk: Desk): Omit<Offers, 'taken'> {
  const before = text.slice(0, cursor)
  const [, name = '', argument] = /^\s*(\S*)(?:\s+(.*))?$/.exec(before) as RegExpExecArray
  const start = cursor - (argument ?? name).length
  if (argument === undefined) {
    const items = COMMANDS.filter(each => each.name.startsWith(name))
    return { start, end: cursor, items: items.map(each => ({ text: each.name, detail: each.help })) }
  }
  const command = COMMANDS.find(each => each.name === name)
  if (command?.name === 'filter') {
    const inner = desk.offer(state.kind, argument, argument.length)
    return { ...inner, start: start + inner.start, end: start + inner.end }
  }
  const items: Offer[] = (command?.words?.(desk) ?? [])
    .filter(word => word.startsWith(argument))
    .map(word => ({ text: word, detail: '' }))
  return { start, end: cursor, items }
}
