import { hex } from '../../../codecs/core/index.ts'
import { bodyText } from './body.ts'
import type { Desk, Subject } from './desk.ts'
import { byteOf } from './moving.ts'
import { focusOf, type State } from './state.ts'
import { type Twig, twigIndex } from './tree.ts'
import type { Update } from './update.ts'

/** Copies what has the keys: a row as JSON, a field's value, its bytes as hex, a body as it is shown. */
export function copied(state: State, desk: Desk): Update {
  const subject = desk.subject(state)
  if (subject === undefined) return { state: { ...state, note: { text: 'there is nothing to copy', trouble: true } } }
  const { what, text } = taken(state, desk, subject)
  return { state: { ...state, note: { text: `copied ${what}`, trouble: false } }, effect: { type: 'copy', text } }
}

function taken(state: State, desk: Desk, subject: Subject): { readonly what: string; readonly text: string } {
  const twig = chosenTwig(state, desk)
  switch (focusOf(state)) {
    case 'details':
      if (twig === undefined) break
      return { what: twig.tree.name, text: twig.tree.value?.replace(/^"(.*)"$/s, '$1') ?? twig.tree.name }
    case 'hex': {
      const { bytes, hidden } = subject.bytes ?? { bytes: new Uint8Array(0), hidden: [] }
      const [start, end] = rangeOf(twig, byteOf(state, desk), bytes.length)
      if (hidden.some(secret => secret.start < end && start < secret.end))
        return { what: '*** for a secret', text: '***' }
      return { what: `bytes ${start}..${end}`, text: hex(bytes.subarray(start, end)) }
    }
    case 'body':
      if (subject.body === undefined) break
      return { what: 'the body', text: bodyText(subject.body) }
    default:
  }
  const { kind } = subject.table
  return { what: `${kind.title.replace(/s$/, '')} ${subject.number}`, text: JSON.stringify(kind.json(subject.row)) }
}

export function chosenTwig(state: State, desk: Desk): Twig | undefined {
  const lines = desk.twigs(state)
  return lines[twigIndex(lines, state.chosen.details)]
}

/** The bytes of the chosen field; of none, the one under the cursor. */
export function rangeOf(twig: Twig | undefined, cursor: number, length: number): readonly [number, number] {
  const { start, end } = twig?.tree ?? {}
  if (start !== undefined && end !== undefined && start < end && cursor >= start && cursor < end) return [start, end]
  return [cursor, Math.min(length, cursor + 1)]
}

/** The filter, with what the chosen field holds as one condition more; the filter as it is where it is no field. */
export function fieldFilter(state: State, desk: Desk): string {
  const now = state.filters[state.kind] ?? ''
  const twig = focusOf(state) === 'details' ? chosenTwig(state, desk) : undefined
  if (twig === undefined) return now
  const condition = conditionFor(twig, candidate => desk.check(state.kind, candidate).ok)
  if (condition === undefined) return now
  return now === '' ? condition : `(${now}) && ${condition}`
}

function conditionFor({ path, tree }: Twig, valid: (filter: string) => boolean): string | undefined {
  const name = path.slice(1).replaceAll(/#\d+/g, '').replaceAll('/', '.')
  const short = name.split('.').filter((_, at, all) => at === 0 || at === all.length - 1)
  const values = [tree.value, /\((.*)\)$/.exec(tree.value ?? '')?.[1], /^(\S+) \(/.exec(tree.value ?? '')?.[1]]
  for (const field of [name, short.join('.')]) {
    for (const value of values) {
      if (value === undefined || value === '') continue
      for (const text of [value, JSON.stringify(value)]) if (valid(`${field} == ${text}`)) return `${field} == ${text}`
    }
    if (valid(field)) return field
  }
  return undefined
}

/** What a file is called that nobody has named. */
export function suggestedPath(state: State, kind: 'export' | 'save', desk: Desk): string {
  const { title } = desk.table(kind === 'save' ? state.kind : state.subject).kind
  if (kind === 'save') return `${title}.ndjson`
  return `${title.replace(/s$/, '')}-${desk.subject(state)?.number ?? 0}.json`
}
