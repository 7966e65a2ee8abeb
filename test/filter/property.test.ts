import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile, type Expression, parse, print } from '../../src/filter/index.ts'
import { type Thing, thing, things } from './rows.ts'

/** A filter in some spelling, and what it means, worked out without any of the code that is tested. */
interface Sample {
  readonly text: string
  /** Binds less than `and`: 0 or, 1 and, 2 not and conditions. */
  readonly level: 0 | 1 | 2
  readonly holds: (row: Thing) => boolean
}

const condition = (text: string, holds: Sample['holds']): Sample => ({ text, level: 2, holds })
const quoted = (text: string): string => JSON.stringify(text)
const small = fc.integer({ min: 0, max: 4 })
const word = fc.string({ unit: fc.constantFrom('a', 'B', '"', '\\', '\n', ' ', 'ä', '.'), maxLength: 3 })

const orders: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  eq: (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  le: (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}
const number = fc.tuple(fc.constantFrom(...Object.keys(orders)), small).map(([operator, wanted]) =>
  condition(`count ${operator} ${wanted}`, ({ count }) => {
    return typeof count === 'number' && (orders[operator] as (a: number, b: number) => boolean)(count, wanted)
  }),
)
const text = fc.tuple(fc.constantFrom('==', '!=', '==i', 'contains', 'icontains'), word).map(([operator, wanted]) =>
  condition(`topic ${operator} ${quoted(wanted)}`, ({ topic }) => {
    if (typeof topic !== 'string') return false
    const [is, other] =
      operator.includes('i') && operator !== 'contains' ? [fold(topic), fold(wanted)] : [topic, wanted]
    if (operator === '!=') return is !== other
    return operator.startsWith('==') ? is === other : is.includes(other)
  }),
)
const fold = (value: string): string => value.toLowerCase()

const list = fc.tuple(fc.constantFrom('==', '!=', '>'), small).map(([operator, wanted]) =>
  condition(`list ${operator} ${wanted}`, ({ list }) => {
    if (!Array.isArray(list) || list.length === 0) return false
    if (operator === '!=') return list.every(item => item !== wanted)
    return list.some(item => (operator === '>' ? item > wanted : item === wanted))
  }),
)
const set = fc.tuple(small, small, small).map(([one, low, more]) =>
  condition(`count in {${one}, ${low}..${low + more}}`, ({ count }) => {
    return typeof count === 'number' && (count === one || (count >= low && count <= low + more))
  }),
)
const presence = fc.constantFrom('count', 'topic').map(name => condition(name, row => row[name] !== undefined))
const protocol = fc.constantFrom('toy', 'other').map(name => condition(name, row => row.protocol === name))

const within = ({ text, level }: Sample, least: number): string => (level < least ? `(${text})` : text)

const sample = fc.letrec<{ sample: Sample; leaf: Sample }>(tie => ({
  leaf: fc.oneof(number, text, list, set, presence, protocol),
  sample: fc.oneof(
    { maxDepth: 4 },
    tie('leaf'),
    fc.tuple(fc.constantFrom('!', 'not ', '! '), tie('sample')).map(([sign, item]): Sample => {
      return { text: sign + within(item, 2), level: 2, holds: row => !item.holds(row) }
    }),
    fc
      .tuple(fc.constantFrom(' && ', ' and ', '&&'), fc.array(tie('sample'), { minLength: 2, maxLength: 3 }))
      .map(([sign, items]): Sample => {
        const joined = items.map(item => within(item, 1)).join(sign)
        return { text: joined, level: 1, holds: row => items.every(item => item.holds(row)) }
      }),
    fc
      .tuple(fc.constantFrom(' || ', ' or ', '||'), fc.array(tie('sample'), { minLength: 2, maxLength: 3 }))
      .map(([sign, items]): Sample => {
        const joined = items.map(item => within(item, 0)).join(sign)
        return { text: joined, level: 0, holds: row => items.some(item => item.holds(row)) }
      }),
  ),
})).sample

const row = fc
  .record({ count: small, topic: word, list: fc.array(small, { maxLength: 3 }) }, { requiredKeys: [] })
  .map(thing)

/** A filter as it was understood, without where it stood and how it was grouped. */
function essence(expression: Expression): unknown {
  const json = JSON.parse(
    JSON.stringify(expression, (key, value) => (key === 'start' || key === 'end' ? undefined : value)),
  )
  return flat(json)
}

function flat(node: { kind?: string; items?: { kind?: string }[]; item?: object }): unknown {
  if ((node.kind === 'and' || node.kind === 'or') && node.items !== undefined) {
    const items = node.items.flatMap(item => {
      const inner = flat(item) as { kind?: string; items?: unknown[] }
      return inner.kind === node.kind ? (inner.items as unknown[]) : [inner]
    })
    return { kind: node.kind, items }
  }
  return node.kind === 'not' ? { kind: 'not', item: flat(node.item as object) } : node
}

describe('any filter', () => {
  it('means what it says', () => {
    fc.assert(
      fc.property(sample, fc.array(row, { minLength: 1, maxLength: 5 }), ({ text, holds }, rows) => {
        const filter = compile(text, things)
        for (const each of rows) expect(filter.matches(each)).toBe(holds(each))
      }),
      { numRuns: 3000 },
    )
  })

  it('reads the same when printed', () => {
    fc.assert(
      fc.property(sample, ({ text }) => {
        const expression = parse(text)
        const printed = print(expression)
        expect(essence(parse(printed))).toEqual(essence(expression))
        expect(print(parse(printed))).toBe(printed)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['a.b["c d"].e ==i "x\\n\\u{202e}"', 'a.b["c d"].e ==i "x\\u{a}\\u{202e}"'],
    ['a["b"] == 1', 'a["b"] == 1'],
    ['a in {1..2 "x", y}', 'a in {1..2, "x", y}'],
    ['lower(a) imatches r"\\d"', 'lower(a) imatches "\\\\d"'],
    ['not a contains b', '!(a contains b)'],
    ['a not in {1}', '!(a in {1})'],
    ['(a or b) and not c', '(a || b) && !c'],
    ['a eq 1 && (b && c)', 'a == 1 && b && c'],
  ])('%s prints as %s', (text, printed) => {
    expect(print(parse(text))).toBe(printed)
    expect(print(parse(printed))).toBe(printed)
  })
})
