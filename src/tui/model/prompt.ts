import type { Flow } from '../../flow.ts'

/** What is being asked for on the line at the foot. */
export type PromptKind = 'filter' | 'search' | 'command' | 'export' | 'save' | 'replay'

export interface Offer {
  readonly text: string
  readonly detail: string
}

/** What may stand instead of a part of the text. */
export interface Offers {
  readonly start: number
  readonly end: number
  readonly items: readonly Offer[]
  /** The one that was taken, until the text changes otherwise; -1 for none. */
  readonly taken: number
}

export interface Prompt {
  readonly kind: PromptKind
  /** The connection that it is about, whatever is chosen meanwhile. */
  readonly flow: Flow | undefined
  readonly text: string
  /** A place in the text. */
  readonly cursor: number
  /** How far back in the history; -1 for what is being written. */
  readonly past: number
  /** What was being written before going back. */
  readonly draft: string
  readonly offers: Offers
}

const NO_OFFERS: Offers = { start: 0, end: 0, items: [], taken: -1 }

export const prompt = (kind: PromptKind, text = '', flow?: Flow): Prompt => ({
  kind,
  flow,
  text,
  cursor: text.length,
  past: -1,
  draft: '',
  offers: NO_OFFERS,
})

/** Whether what was written can be taken, and if not, why. */
export interface Verdict {
  readonly ok: boolean
  readonly message: string
  /** The part that is wrong. */
  readonly start?: number
  readonly end?: number
}

/** Keys that edit, as readline has them. */
export type Edit =
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'word-left'
  | 'word-right'
  | 'backspace'
  | 'delete'
  | 'kill-word'
  | 'kill-start'
  | 'kill-end'

const graphemes = new Intl.Segmenter()

/** The place one character before or after, as people count characters. */
function step(text: string, cursor: number, forward: boolean): number {
  const part = forward ? text.slice(cursor) : text.slice(0, cursor)
  if (part === '') return cursor
  const segments = [...graphemes.segment(part)]
  if (forward) return cursor + (segments[0]?.segment.length ?? 0)
  return segments.at(-1)?.index ?? 0
}

function wordLeft(text: string, cursor: number): number {
  return text.slice(0, cursor).search(/\S+\s*$/) < 0 ? 0 : text.slice(0, cursor).search(/[^\s.]+[\s.]*$/)
}

function wordRight(text: string, cursor: number): number {
  const [skipped = ''] = /^[\s.]*[^\s.]*/.exec(text.slice(cursor)) ?? []
  return cursor + skipped.length
}

const written = (prompt: Prompt, text: string, cursor: number): Prompt => ({
  ...prompt,
  text,
  cursor,
  past: -1,
  offers: NO_OFFERS,
})

const at = (prompt: Prompt, cursor: number): Prompt => ({ ...prompt, cursor, offers: NO_OFFERS })

export function typed(prompt: Prompt, input: string): Prompt {
  const { text, cursor } = prompt
  return written(prompt, text.slice(0, cursor) + input + text.slice(cursor), cursor + input.length)
}

export function edited(prompt: Prompt, edit: Edit): Prompt {
  const { text, cursor } = prompt
  const cut = (from: number, to: number): Prompt => written(prompt, text.slice(0, from) + text.slice(to), from)
  switch (edit) {
    case 'left':
      return at(prompt, step(text, cursor, false))
    case 'right':
      return at(prompt, step(text, cursor, true))
    case 'home':
      return at(prompt, 0)
    case 'end':
      return at(prompt, text.length)
    case 'word-left':
      return at(prompt, Math.max(0, wordLeft(text, cursor)))
    case 'word-right':
      return at(prompt, wordRight(text, cursor))
    case 'backspace':
      return cut(step(text, cursor, false), cursor)
    case 'delete':
      return cut(cursor, step(text, cursor, true))
    case 'kill-word':
      return cut(Math.max(0, wordLeft(text, cursor)), cursor)
    case 'kill-start':
      return cut(0, cursor)
    case 'kill-end':
      return cut(cursor, text.length)
  }
}

/** Goes `by` steps back (1) or forth (-1) in what was written before, the latest of it last in `history`. */
export function recalled(prompt: Prompt, history: readonly string[], by: 1 | -1): Prompt {
  const past = Math.max(-1, Math.min(history.length - 1, prompt.past + by))
  if (past === prompt.past) return prompt
  const draft = prompt.past === -1 ? prompt.text : prompt.draft
  const text = past === -1 ? draft : (history[history.length - 1 - past] as string)
  return { ...prompt, text, cursor: text.length, past, draft, offers: NO_OFFERS }
}

/** Takes the next of what is offered; asks `offer` where nothing is yet. */
export function completed(
  prompt: Prompt,
  offer: (text: string, cursor: number) => Omit<Offers, 'taken'>,
  by: 1 | -1,
): Prompt {
  const { offers } = prompt
  const now =
    offers.items.length > 0 && offers.taken >= 0 ? offers : { ...offer(prompt.text, prompt.cursor), taken: -1 }
  const { length } = now.items
  if (length === 0) return { ...prompt, offers: NO_OFFERS }
  const first = by === 1 ? 0 : length - 1
  const taken = now.taken < 0 ? first : (now.taken + by + length) % length
  const { text } = now.items[taken] as Offer
  const end = now.start + text.length
  return {
    ...prompt,
    text: prompt.text.slice(0, now.start) + text + prompt.text.slice(now.end),
    cursor: end,
    past: -1,
    // Where there is only one, it is taken for good: the next tab goes on from it.
    offers: length === 1 ? NO_OFFERS : { ...now, end, taken },
  }
}

/** More than anybody goes back to. */
const REMEMBERED = 100

/** With `text` as the latest; what was there before is not there twice. */
export const remembered = (history: readonly string[], text: string): readonly string[] =>
  text === '' ? history : [...history.filter(item => item !== text), text].slice(-REMEMBERED)
