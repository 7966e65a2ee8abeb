import { WildcardError, wildcard } from '../../codecs/core/index.ts'
import type { Field, Fields } from '../fields/index.ts'
import { near } from '../near.ts'
import { isThere, Names } from './bind.ts'
import { constantFor, fromHex, isOrder, MeaningError, network, partFor } from './constant.ts'
import { parse } from './parser.ts'
import { PatternError, regex } from './regex/index.ts'
import type { Comparison, Expression, Literal, Operator, Range } from './syntax.ts'
import { bytesOf, type Constant, compare, constantOf, equals, holds, some, textOf } from './value.ts'

/** A filter, ready to run over rows. */
export interface Filter<R> {
  readonly text: string
  /** Whether what it asks of a row goes beyond what is known without reading the row's packet. */
  readonly reads: boolean
  /** Whether it asks of messages and exchanges, which somebody must follow. */
  readonly tracks: boolean
  matches(row: R): boolean
}

interface Condition<R> {
  /** What is cheaper is asked first: the order makes no difference to the answer. */
  readonly cost: number
  readonly matches: (row: R) => boolean
}

/** Compiles a filter over the values that `fields` tells of. What is wrong with it is a `FilterError`. */
export function compile<R>(text: string, fields: Fields<R>): Filter<R> {
  const expression = parse(text)
  const { cost, matches } = condition(expression, new Names(fields, text))
  return { text, reads: cost >= 1, tracks: cost >= 3, matches }
}

function condition<R>(expression: Expression, names: Names<R>): Condition<R> {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return joined(
        expression.kind,
        expression.items.map(item => condition(item, names)),
      )
    case 'not': {
      const { cost, matches } = condition(expression.item, names)
      return { cost, matches: row => !matches(row) }
    }
    case 'present': {
      const { operand } = expression
      const test = names.present(operand)
      return { cost: test.cost, matches: row => test.matches(row) }
    }
    case 'compare':
      return comparison(expression, names)
    case 'in': {
      const { left, items } = expression
      const field = names.value(left)
      const tests = items.map(item => itemTest(item, field, names))
      const any = (value: unknown): boolean => tests.some(test => test(value))
      return { cost: field.cost, matches: row => some(field.get(row), any) }
    }
  }
}

function joined<R>(kind: 'and' | 'or', conditions: readonly Condition<R>[]): Condition<R> {
  const sorted = [...conditions].sort((a, b) => a.cost - b.cost)
  const cost = Math.max(...sorted.map(each => each.cost))
  const tests = sorted.map(({ matches }) => matches)
  const [first, second] = tests as [Condition<R>['matches'], Condition<R>['matches']]
  if (tests.length === 2) {
    return { cost, matches: kind === 'and' ? row => first(row) && second(row) : row => first(row) || second(row) }
  }
  return {
    cost,
    matches: kind === 'and' ? row => tests.every(test => test(row)) : row => tests.some(test => test(row)),
  }
}

type ValueTest = (value: unknown) => boolean

/** Looking through text costs more than comparing it. */
const SEARCH = 0.5

function comparison<R>({ operator, insensitive, left, right }: Comparison, names: Names<R>): Condition<R> {
  const field = names.value(left)
  if (field.kind === 'object') throw names.fail('this is a group of fields', left, 'Compare one of the fields in it.')
  if (isOrder(operator) && (field.kind === 'boolean' || field.kind === 'address')) {
    throw names.fail(`${operator} asks for an order, which these values have not`, right)
  }
  const pattern = operator === 'matches' || operator === '~'
  const other = pattern ? literalOf(right, names) : names.right(right)
  const cost = field.cost + (pattern || operator === 'contains' ? SEARCH : 0)
  const { get } = field
  if (!('text' in other)) return fieldComparison(operator, insensitive, field, other)
  const test = names.at(other, () => literalTest(operator, insensitive, other, field))
  if (operator !== '!=') return { cost, matches: row => some(get(row), test) }
  const matches = (row: R): boolean => {
    const value = get(row)
    return isThere(value) && !some(value, test)
  }
  return { cost, matches }
}

/** Patterns are text, however they are written. */
function literalOf<R>(right: Comparison['right'], names: Names<R>): Literal {
  if (right.kind === 'literal') return right
  if (right.kind === 'path' && right.word !== undefined) {
    return { kind: 'literal', text: right.word, quoted: false, start: right.start, end: right.end }
  }
  throw names.fail('a pattern is expected here', right, 'Write it in quotes.')
}

/** The test of one value. That of `!=` is whether it equals. */
function literalTest<R>(operator: Operator, insensitive: boolean, literal: Literal, field: Field<R>): ValueTest {
  const fold = insensitive ? lowered : same
  switch (operator) {
    case '==':
    case '!=':
      return equalTest(literal, field, operator, insensitive)
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const { convert, constant } = constantIn(literal, field, operator)
      const wanted = ORDERS[operator]
      return value => {
        const order = compare(convert(value), constant)
        return order !== undefined && wanted(order)
      }
    }
    case 'contains': {
      const part = partFor(literal, field)
      const constant = insensitive ? { ...part, text: part.text?.toLowerCase() } : part
      const convert = field.kind === 'hex' ? fromHex : same
      return value => holds(fold(convert(value)), constant)
    }
    case 'matches':
      return patternTest(() => regex(literal.text, insensitive))
    case '~': {
      const test = patternTest(() => wildcard(insensitive ? literal.text.toLowerCase() : literal.text))
      return value => test(fold(value))
    }
  }
}

const ORDERS: Readonly<Record<'<' | '<=' | '>' | '>=', (order: number) => boolean>> = {
  '<': order => order < 0,
  '<=': order => order <= 0,
  '>': order => order > 0,
  '>=': order => order >= 0,
}

const same = (value: unknown): unknown => value
const lowered = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value)

function patternTest(make: () => (text: string) => boolean): ValueTest {
  try {
    const test = make()
    return value => {
      const text = textOf(value)
      return text !== undefined && test(text)
    }
  } catch (error) {
    if (error instanceof PatternError) throw new MeaningError(`${error.message} (character ${error.at + 1} of it)`)
    if (error instanceof WildcardError) throw new MeaningError(error.message)
    throw error
  }
}

/** Numbers of what are names here: Wireshark has numbers for them. */
const WHOLE = /^(?:\d+|0x[\da-f]+)$/i

interface Converted {
  readonly convert: (value: unknown) => unknown
  readonly constant: Constant
}

/** What a literal is to the values of a field, and what the values are made for it. */
function constantIn<R>(literal: Literal, { kind, unit, code }: Field<R>, operator: Operator): Converted {
  if (code !== undefined && !literal.quoted && WHOLE.test(literal.text)) {
    const convert = (value: unknown): unknown => (typeof value === 'string' ? code(value) : value)
    return { convert, constant: constantFor(literal, { kind: 'uint' }, operator) }
  }
  return { convert: kind === 'hex' ? fromHex : same, constant: constantFor(literal, { kind, unit }, operator) }
}

function equalTest<R>(literal: Literal, field: Field<R>, operator: Operator, insensitive: boolean): ValueTest {
  const { kind, words } = field
  if (kind === 'address') return network(literal.text)
  if (words !== undefined) known(literal, words, field, insensitive)
  const { convert, constant } = constantIn(literal, field, operator)
  if (!insensitive) {
    const { text, number } = constant
    // By far the commonest: a type, a topic, a name.
    if (kind === 'text' && number === undefined) return value => value === text
    return value => equals(convert(value), constant)
  }
  const folded = { ...constant, text: constant.text?.toLowerCase() }
  return value => equals(lowered(convert(value)), folded)
}

/** What a value can never be is a mistake. */
function known<R>({ text }: Literal, words: readonly string[], field: Field<R>, insensitive: boolean): void {
  if (field.code !== undefined && WHOLE.test(text)) return
  const is = insensitive ? words.some(word => word.toLowerCase() === text.toLowerCase()) : words.includes(text)
  if (is || field.open === true) return
  const meant = near(text, words).slice(0, 3)
  const next = meant.length > 0 ? `Did you mean ${meant.join(' or ')}?` : `It is one of ${words.join(', ')}.`
  throw new MeaningError(`this is never ${text}`, next)
}

function itemTest<R>(item: Literal | Range, field: Field<R>, names: Names<R>): ValueTest {
  if (field.kind === 'object') throw names.fail('a group of fields is compared with nothing', itemSpan(item))
  if (item.kind === 'literal') return names.at(item, () => equalTest(item, field, '==', false))
  const low = names.at(item.low, () => constantIn(item.low, field, '>='))
  const high = names.at(item.high, () => constantIn(item.high, field, '<='))
  if (field.kind === 'address' || field.kind === 'boolean') throw names.fail('these values have no order', item.low)
  const { number: from } = low.constant
  const { number: to } = high.constant
  if (from !== undefined && to !== undefined && from > to) throw names.fail('nothing is in this range', itemSpan(item))
  return value => {
    const above = compare(low.convert(value), low.constant)
    if (above === undefined || above < 0) return false
    const below = compare(high.convert(value), high.constant)
    return below !== undefined && below <= 0
  }
}

const itemSpan = (item: Literal | Range): { start: number; end: number } =>
  item.kind === 'literal' ? item : { start: item.low.start, end: item.high.end }

/** Two values of one row: any of the one with any of the other. */
function fieldComparison<R>(operator: Operator, insensitive: boolean, left: Field<R>, right: Field<R>): Condition<R> {
  const fold = insensitive ? lowered : same
  const test = pairTest(operator)
  const cost = Math.max(left.cost, right.cost)
  const any = (a: unknown, b: unknown): boolean => some(a, one => some(b, other => test(fold(one), fold(other))))
  if (operator !== '!=') return { cost, matches: row => any(left.get(row), right.get(row)) }
  const matches = (row: R): boolean => {
    const [a, b] = [left.get(row), right.get(row)]
    return isThere(a) && isThere(b) && !any(a, b)
  }
  return { cost, matches }
}

function pairTest(operator: Operator): (a: unknown, b: unknown) => boolean {
  if (operator === 'contains') return (a, b) => holds(a, { text: textOf(b), bytes: bytesOf(b) })
  if (!isOrder(operator)) return (a, b) => equals(a, constantOf(b))
  const wanted = ORDERS[operator as keyof typeof ORDERS]
  return (a, b) => {
    const order = compare(a, constantOf(b))
    return order !== undefined && wanted(order)
  }
}
