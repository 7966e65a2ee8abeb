import { usage } from '../failure.ts'

/** `{1..100}`, `{01..10}`; not a template's `%{…}`. */
const RANGE = /(?<!%)\{(\d+)\.\.(\d+)\}/
/** Names of one group. */
const MOST_NAMES = 100_000

/** `orders-{1..3}`: orders-1, orders-2, orders-3; with zeros before them, where the first has some, as in `{01..10}`. */
export function expandNames(names: readonly string[], flag: string): string[] {
  const all: string[] = []
  for (const name of names) expand(name, flag, all)
  return all
}

function expand(name: string, flag: string, all: string[]): void {
  const found = RANGE.exec(name)
  if (found === null) {
    if (all.length >= MOST_NAMES) throw usage(`${flag}: more than ${MOST_NAMES.toLocaleString('en')} names`)
    all.push(name)
    return
  }
  const [range, from = '', to = ''] = found
  const [first, last] = [Number(from), Number(to)]
  if (first > last) throw usage(`${flag} ${name}: ${range} goes down`, `Write {${to}..${from}}.`)
  const width = from.startsWith('0') ? from.length : 0
  const [before, after] = [name.slice(0, found.index), name.slice(found.index + range.length)]
  for (let number = first; number <= last; number++) {
    expand(`${before}${String(number).padStart(width, '0')}${after}`, flag, all)
  }
}

/**
 * Of names that the clients of a group have between them, those of one client: one of them, or, where there are more
 * than clients, its part of them.
 */
export function partOfNames(names: readonly string[], client: number, clients: number): string[] {
  if (names.length <= clients) return [names[client % names.length] as string]
  return names.filter((_, at) => at % clients === client)
}
