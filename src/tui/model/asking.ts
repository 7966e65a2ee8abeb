import type { Action } from './action.ts'
import { runCommand } from './commands.ts'
import type { Desk } from './desk.ts'
import { closed } from './layout.ts'
import { looked } from './panes.ts'
import { type PromptKind, prompt, remembered } from './prompt.ts'
import { focusOf, type State, withFilter } from './state.ts'
import { suggestedPath } from './taking.ts'
import type { Update } from './update.ts'

/** Begins to ask for something, on the line at the foot. */
export function asking(state: State, kind: PromptKind, desk: Desk): State {
  switch (kind) {
    case 'filter':
      return { ...state, prompt: prompt(kind, state.filters[state.kind] ?? '') }
    case 'search':
    case 'command':
      return { ...state, prompt: prompt(kind) }
    case 'replay':
      return askingReplay(state, desk)
    case 'export':
    case 'save':
      return { ...state, prompt: prompt(kind, suggestedPath(state, kind, desk)) }
  }
}

/** What it is played to is suggested, where that is on this machine; all else is for the user to write. */
function askingReplay(state: State, desk: Desk): State {
  const flow = desk.subject(state)?.flow
  const trouble = desk.replayTrouble(flow)
  if (flow === undefined || trouble !== undefined) return { ...state, note: { text: trouble ?? '', trouble: true } }
  return { ...state, prompt: prompt('replay', desk.replays?.suggest(flow) ?? '', flow) }
}

/** Panes that are opened for a while: going back closes them. */
const GUESTS: ReadonlySet<string> = new Set(['ladder', 'board', 'topology', 'replay'])

/** Out of what was opened last; undefined where nothing was. */
export function leaveOff(state: State): State | undefined {
  if (state.pending !== undefined) return { ...state, pending: undefined }
  if (state.prompt !== undefined) return { ...state, prompt: undefined }
  if (state.help) return { ...state, help: false }
  const pane = focusOf(state)
  if (GUESTS.has(pane)) return looked(state, closed(state.layout, pane))
  if (state.layout.zoomed) return { ...state, layout: { ...state.layout, zoomed: false } }
  if (state.frozen) return { ...state, frozen: false }
  if ((state.filters[state.kind] ?? '') !== '') return withFilter(state, '')
  return undefined
}

/** Takes what was written. */
export function submit(state: State, desk: Desk, go: (state: State, action: Action) => Update): Update {
  const { prompt: asked } = state
  if (asked === undefined) return { state }
  const { kind, text } = asked
  const past = state.history[kind] ?? []
  const done: State = {
    ...state,
    prompt: undefined,
    history: { ...state.history, [kind]: remembered(past, text) },
  }
  switch (kind) {
    case 'filter': {
      // What is wrong stays to be mended: why stands beside it.
      if (!desk.check(state.kind, text).ok) return { state }
      return { state: withFilter(done, text) }
    }
    case 'search': {
      const search = text === '' ? state.search : text
      if (search === '') return { state: done }
      return { state: { ...done, search }, effect: { type: 'search', text: search, by: 1 } }
    }
    case 'export':
    case 'save':
      if (text.trim() === '') return { state: done }
      return { state: done, effect: { type: 'save', path: text.trim(), rows: kind === 'export' ? 'chosen' : 'shown' } }
    case 'replay': {
      const { flow } = asked
      if (flow === undefined || !desk.checkReplay(text).ok) return { state }
      return go(done, { type: 'replay', flow, text })
    }
    case 'command': {
      const answer = runCommand(text, done, desk)
      if ('trouble' in answer) return { state: { ...done, note: { text: answer.trouble, trouble: true } } }
      return 'effect' in answer ? { state: done, effect: answer.effect } : go(done, answer.action)
    }
  }
}
