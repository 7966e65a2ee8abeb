import { STAMP_PLACE } from './stamp.ts'

/** Of a client, what templates name. */
export interface Names {
  /** From 0. */
  readonly client: number
  readonly clientId: string
  readonly user: string
  readonly group: string
  /** In digits, as results have it. */
  readonly run: string
}

/** Of a message, what templates name. */
export interface MessageNames {
  /** Its number among those to one destination, from 0. */
  readonly sequence: number
  /** Numbers from 0 to 1, the same in each run. */
  readonly random: () => number
  /** In all numbers of this run that are to be unlike any other's. */
  readonly run: number
  /** Values of files, by `file:column`; and which row is this message's. */
  readonly columns: Readonly<Record<string, readonly string[]>>
  readonly row: number
}

type Filler = (message: MessageNames) => string

const EACH_CLIENT: Readonly<Record<string, (names: Names) => string>> = {
  i: ({ client }) => String(client + 1),
  d: ({ client }) => String(client + 1),
  c: ({ clientId }) => clientId,
  u: ({ user }) => user,
  g: ({ group }) => group,
  run: ({ run }) => run,
  '%': () => '%',
  stamp: () => STAMP_PLACE,
}

const EACH_MESSAGE: Readonly<Record<string, Filler>> = {
  s: ({ sequence }) => String(sequence),
  now: () => String(Date.now()),
  uuid: ({ random, run }) => uuid(run, random),
}

const MARK = /%(?:(stamp|now|uuid|run|[idcugs%])|rand_(\d+)|\{([^{}]+)\})/g

/**
 * Text of which there are many: `sensors/%i/temp`.
 *
 * | | |
 * |---|---|
 * | `%i`, `%d` | the client's number in its group, from 1 |
 * | `%c` | its client identifier |
 * | `%u` | its user |
 * | `%g` | the group's name |
 * | `%run` | the run's digits, as its result has them |
 * | `%stamp` | what the message is known again by |
 * | `%s` | the message's number |
 * | `%rand_9` | one of 1 to 9 |
 * | `%now` | milliseconds since 1970 |
 * | `%uuid` | a UUID, of version 4 by its looks |
 * | `%{a|b|c}` | one of these, in turn |
 * | `%{cars.csv:plate}` | a column of a file, the rows in turn |
 * | `%%` | a percent sign |
 *
 * What is the same in all messages of a client is put in once.
 */
export class Template {
  readonly #parts: readonly (string | Filler)[]
  /** With what differs from message to message as it was written. */
  readonly text: string

  constructor(template: string, names: Names) {
    const parts: (string | Filler)[] = []
    const text: string[] = []
    const add = (part: string): void => {
      const last = parts.at(-1)
      if (typeof last === 'string') parts[parts.length - 1] = last + part
      else parts.push(part)
      text.push(part)
    }
    let end = 0
    for (const match of template.matchAll(MARK)) {
      const [mark, name = '', most, within] = match
      add(template.slice(end, match.index))
      end = match.index + mark.length
      const once = EACH_CLIENT[name]
      if (once !== undefined) {
        add(once(names))
        continue
      }
      parts.push(fillerOf(name, most, within, names.client))
      text.push(mark)
    }
    add(template.slice(end))
    this.#parts = parts
    this.text = text.join('')
  }

  /** Whether something in it differs from message to message. */
  get isDynamic(): boolean {
    return this.#parts.some(part => typeof part !== 'string')
  }

  fill(message: MessageNames): string {
    let filled = ''
    for (const part of this.#parts) filled += typeof part === 'string' ? part : part(message)
    return filled
  }
}

/** The columns of files that a template names, as `file:column`. */
export const columnsIn = (template: string): string[] =>
  [...template.matchAll(MARK)].flatMap(([, , , within]) => (within === undefined || isList(within) ? [] : within))

/** Whether a text says something that is not itself. */
export const isTemplate = (text: string): boolean => text.search(MARK) >= 0

/** Texts that a template may come to: with each value of each of its marks, as far as these can be told before. */
export function samplesOf(template: string, columns: Readonly<Record<string, readonly string[]>>): string[] {
  const marks = [...template.matchAll(MARK)].map(([mark, name = '', most, within]) => {
    if (most !== undefined) return ['1', most]
    if (within !== undefined) return isList(within) ? within.split('|') : (columns[within] ?? [mark])
    if (name === 'now') return [String(Date.now())]
    return [name === '%' ? name : '1']
  })
  return Array.from({ length: Math.max(1, ...marks.map(({ length }) => length)) }, (_, at) => {
    let which = 0
    return template.replace(MARK, () => {
      const values = marks[which++] as string[]
      return values[at % values.length] as string
    })
  })
}

/** What is in braces, if it is no column of a file. */
const isList = (within: string): boolean => within.includes('|')

/** A template that is this text, whatever is in it. */
export const literally = (text: string): string => text.replaceAll('%', '%%')

/** The same template, with the files that it names seen from another folder. */
export const withFiles = (template: string, from: (file: string) => string): string =>
  template.replace(MARK, (mark, _name, _most, within?: string) =>
    within === undefined || isList(within) ? mark : `%{${from(within)}}`,
  )

function fillerOf(name: string, most: string | undefined, within: string | undefined, client: number): Filler {
  if (most !== undefined) return ({ random }) => String(1 + Math.floor(random() * Number(most)))
  if (within === undefined) return EACH_MESSAGE[name] as Filler
  if (isList(within)) {
    const list = within.split('|')
    // Clients do not all begin with the same.
    return ({ sequence }) => list[(client + sequence) % list.length] as string
  }
  return ({ columns, row }) => {
    const values = columns[within] ?? []
    return values[row % values.length] ?? ''
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

/** [RFC 9562 5.4], but for where its numbers come from: the run's, then those of its generator. */
function uuid(run: number, random: () => number): string {
  const some = (bits: number): number => Math.floor(random() * 2 ** bits)
  const variant = 0x8000 + some(14)
  return `${hex(run, 8)}-${hex(some(16), 4)}-4${hex(some(12), 3)}-${hex(variant, 4)}-${hex(some(24), 6)}${hex(some(24), 6)}`
}
