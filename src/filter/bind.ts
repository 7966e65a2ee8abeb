import type { Field, Fields, Test } from '../fields/index.ts'
import { fromHex, MeaningError } from './constant.ts'
import { FilterError, type Span } from './error.ts'
import { quote } from './lexer.ts'
import { similar } from './similar.ts'
import type { Literal, Operand, Path } from './syntax.ts'
import { bytesOf, textOf, utf8 } from './value.ts'

/** What a filter's names stand for, among the values that some kind of row has. */
export class Names<R> {
  readonly #fields: Fields<R>
  readonly #text: string

  constructor(fields: Fields<R>, text: string) {
    this.#fields = fields
    this.#text = text
  }

  value(operand: Operand): Field<R> {
    return operand.kind === 'path'
      ? this.#field(operand)
      : applied(operand.name, this.value(operand.operand), this, operand)
  }

  /** A name alone: a protocol, a type, or a value that is there. */
  present(operand: Operand): Test<R> {
    const path = operand.kind === 'path' ? operand.path : []
    const known = path.length > 1 && this.#fields.find(path) !== undefined
    const test = known || path.length === 0 ? undefined : this.#fields.test(path)
    if (test !== undefined) return test
    const { cost, get } = this.value(operand)
    return { cost, matches: row => isThere(get(row)) }
  }

  /** On the right, a word with dots may name a field; any other word is text. */
  right(operand: Operand | Literal): Field<R> | Literal {
    if (operand.kind === 'literal') return operand
    if (operand.kind === 'call' || operand.word === undefined) return this.value(operand)
    const { path, word: text, start, end } = operand
    const prefix = `${path[0]}.`
    const isPath = path.length > 1 && this.#fields.names.some(({ name }) => name.startsWith(prefix))
    return isPath ? this.#field(operand) : { kind: 'literal', text, quoted: false, start, end }
  }

  /** Runs `work` on what stands at `span`: what it finds without a meaning is told with its place. */
  at<T>(span: Span, work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (error instanceof MeaningError) throw this.fail(error.message, span, error.next)
      throw error
    }
  }

  fail(message: string, span: Span, next?: string): FilterError {
    return new FilterError(message, this.#text, span, next)
  }

  #field(operand: Path): Field<R> {
    const { path } = operand
    const field = this.#fields.find(path)
    if (field !== undefined) return field
    const name = path.join('.')
    if (this.#fields.test(path) !== undefined) {
      throw this.fail(`${name} has no value to compare`, operand, 'Alone, it tells whether a row is one.')
    }
    const asText = `In quotes it would be text: ${quote(name)}`
    throw this.fail(`no field is called ${name}`, operand, this.#meant(name) ?? asText)
  }

  #meant(name: string): string | undefined {
    // Nobody mistypes that much.
    if (name.length > 100) return undefined
    const { names } = this.#fields
    const ours = names.filter(({ alias }) => alias !== true)
    const meant = similar(name, names).slice(0, 3)
    if (meant.length > 0) return `Did you mean ${meant.join(' or ')}?`
    const [first = ''] = name.split('.')
    const under = ours.filter(each => each.name.startsWith(`${first}.`)).map(each => each.name)
    const offered = under.length > 0 ? under : ours.map(each => each.name).filter(each => !each.includes('.'))
    return `There are ${offered.slice(0, 20).join(', ')}${offered.length > 20 ? ', …' : ''}.`
  }
}

/** A list with nothing in it is no value. */
export const isThere = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0)

type Apply = (value: unknown) => unknown

const lower: Apply = value => textOf(value)?.toLowerCase()
const upper: Apply = value => textOf(value)?.toUpperCase()

/** How many bytes. */
const len: Apply = value => {
  const text = typeof value === 'string' ? utf8(value) : bytesOf(value)
  return text?.length
}

function applied<R>(name: string, field: Field<R>, names: Names<R>, span: Span): Field<R> {
  const { cost, get, kind } = field
  if (name === 'count') {
    const count: Apply = value => (Array.isArray(value) ? value.length : value === undefined ? undefined : 1)
    return { kind: 'uint', cost, get: row => count(get(row)) }
  }
  if (!TEXTUAL.has(kind)) throw names.fail(`${name} takes text, which this field is not`, span)
  if (name === 'len') {
    const size: Apply = kind === 'hex' ? value => len(fromHex(value)) : len
    return { kind: 'uint', cost, get: row => each(get(row), size) }
  }
  const apply = name === 'lower' ? lower : upper
  return { kind: 'text', cost, get: row => each(get(row), apply) }
}

const TEXTUAL: ReadonlySet<Field<unknown>['kind']> = new Set(['text', 'bytes', 'hex', 'any', 'list', 'address', 'time'])

function each(value: unknown, apply: Apply): unknown {
  if (Array.isArray(value)) return value.map(item => each(item, apply)).filter(item => item !== undefined)
  return value === null || value === undefined ? undefined : apply(value)
}
