import type { Fields, Name } from '../fields/index.ts'
import { type Token, tokens } from './lexer.ts'
import { SPELLINGS } from './parser.ts'
import { similar } from './similar.ts'
import { FUNCTIONS } from './syntax.ts'

export interface Suggestion {
  readonly text: string
  /** For people: what kind of thing it is. */
  readonly detail: string
}

/** What may stand instead of `text.slice(start, end)`, the likeliest first. */
export interface Completion {
  readonly start: number
  readonly end: number
  readonly suggestions: readonly Suggestion[]
}

/** What may be written at `cursor`. The filter need not be whole, nor right. */
export function complete<R>(text: string, cursor: number, fields: Fields<R>): Completion {
  const before = tokens(text.slice(0, cursor), true)
  const stopped = (before.at(-1) as Token).end < cursor
  const last = before.at(-2)
  const partial = last?.kind === 'word' && last.end === cursor ? last : undefined
  const start = partial?.start ?? cursor
  const end = cursor + (REST.exec(text.slice(cursor)) as RegExpExecArray)[0].length
  // In a text that is not closed there is nothing to know.
  if (stopped) return { start: cursor, end: cursor, suggestions: [] }
  const place = walk(before.slice(0, partial === undefined ? -1 : -2))
  return { start, end, suggestions: suggest(place, partial?.text ?? '', fields) }
}

const REST = /^[^\s"'(){}[\],=!<>&|~]*/

/** What is expected: a field, what comes after one, a value of one, what comes after a condition. */
interface Place {
  readonly expected: 'operand' | 'operator' | 'value' | 'items' | 'joint'
  readonly field: string
}

function walk(before: readonly Token[]): Place {
  let place: Place = { expected: 'operand', field: '' }
  for (const token of before) place = after(place, token)
  return place
}

const JOINTS = ['&&', '||', 'and', 'or']

function after({ expected, field }: Place, { kind, text }: Token): Place {
  if (kind !== 'text' && JOINTS.includes(text)) return { expected: 'operand', field: '' }
  switch (expected) {
    case 'operand':
      return kind === 'word' && text !== 'not' ? { expected: 'operator', field: text } : { expected, field }
    case 'operator':
      if (kind !== 'text' && Object.hasOwn(SPELLINGS, text)) return { expected: 'value', field }
      if (kind === 'word' && text === 'in') return { expected: 'items', field }
      return text === '(' ? { expected: 'operand', field: '' } : { expected, field }
    case 'value':
      return { expected: 'joint', field }
    case 'items':
      return text === '}' ? { expected: 'joint', field } : { expected, field }
    case 'joint':
      return { expected, field }
  }
}

function suggest<R>({ expected, field }: Place, prefix: string, fields: Fields<R>): Suggestion[] {
  switch (expected) {
    case 'operand': {
      const words = [...FUNCTIONS.map(name => `${name}(`), 'not']
      return [...namesFrom(fields.names, prefix), ...(prefix === '' ? [] : starting(words, prefix, 'function'))]
    }
    case 'operator':
      return [...starting(prefix === '' ? USUAL : OPERATORS, prefix, 'operator'), ...starting(JOINTS, prefix, 'joint')]
    case 'value':
    case 'items': {
      const found = fields.find(field.split('.'))
      const words = found?.kind === 'boolean' ? ['true', 'false'] : (found?.words ?? [])
      const values = starting(words, prefix, 'value')
      return values.length > 0 || !prefix.includes('.') ? values : namesFrom(fields.names, prefix)
    }
    case 'joint':
      return starting(JOINTS, prefix, 'joint')
  }
}

const OPERATORS = [...Object.keys(SPELLINGS), 'in', 'not']
const USUAL = ['==', '!=', '<', '<=', '>', '>=', '~', 'contains', 'matches', 'in']

const starting = (words: readonly string[], prefix: string, detail: string): Suggestion[] =>
  words.filter(word => word.startsWith(prefix)).map(text => ({ text, detail }))

/** Names one level on: `mq` has `mqtt` and `mqtt.` after it, not all that is in it. */
function namesFrom(names: readonly Name[], prefix: string): Suggestion[] {
  const lower = prefix.toLowerCase()
  const found = new Map<string, string>()
  for (const own of [true, false]) {
    for (const { name, detail, alias } of names) {
      if ((alias !== true) !== own || !name.toLowerCase().startsWith(lower)) continue
      const dot = name.indexOf('.', prefix.length)
      const text = dot < 0 ? name : name.slice(0, dot + 1)
      if (!found.has(text)) found.set(text, dot < 0 ? detail : '…')
    }
    if (found.size > 0) break
  }
  if (found.size > 0) return [...found].map(([text, detail]) => ({ text, detail }))
  const all = new Map(names.map(({ name, detail }) => [name, detail]))
  return similar(prefix, names).map(text => ({ text, detail: all.get(text) as string }))
}
