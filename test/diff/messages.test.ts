import { describe, expect, test } from 'vitest'
import { mqtt } from '../../codecs/mqtt/index.ts'
import { changes } from '../../src/diff/changes.ts'
import { disorder } from '../../src/diff/disorder.ts'
import { Generic } from '../../src/diff/generic.ts'
import { compareMessages } from '../../src/diff/messages.ts'
import type { MessageSeen, MessagesSeen } from '../../src/diff/seen.ts'

/** Messages to one queue: `a` has the body a; `7:a` the identifier 7 too. */
function sent(...messages: string[]): ReadonlyMap<string, MessagesSeen> {
  const seen = messages.map((text, at): MessageSeen => {
    const [body, id] = text.split(':').reverse() as [string, string?]
    return { message: at + 1, id, hash: body, json: JSON.stringify({ properties: { qos: 1 }, body }) }
  })
  return new Map([['q', { protocol: 'toy', direction: 'publish', address: 'q', seen }]])
}
const told = (a: ReadonlyMap<string, MessagesSeen>, b: ReadonlyMap<string, MessagesSeen>): object[] =>
  compareMessages(a, b).map(({ section, change, path, a, b, count, inA, inB }) => ({
    ...{ what: `${section} ${change}`, count },
    ...(path === undefined ? {} : { path, values: [a, b] }),
    inA,
    inB,
  }))

describe('messages to one destination', () => {
  test('are the same whatever else came between', () => {
    expect(told(sent('a', 'b', 'b', 'c'), sent('a', 'b', 'b', 'c'))).toEqual([])
  })

  test('are paired by content, and those left over are told', () => {
    expect(told(sent('a', 'b', 'a', 'c'), sent('a', 'b'))).toEqual([
      { what: 'messages missing', count: 2, inA: [3, 4], inB: undefined },
    ])
    expect(told(sent(), sent('a'))).toEqual([{ what: 'messages extra', count: 1, inA: undefined, inB: [1] }])
  })

  test('are paired by identifier, whatever they hold', () => {
    expect(told(sent('1:x', '2:b'), sent('2:b', '1:c'))).toEqual([
      { what: 'messages changed', count: 1, path: 'body', values: ['x', 'c'], inA: [1], inB: [2] },
      { what: 'order changed', count: 1, inA: [2], inB: [1] },
    ])
  })

  test('by identifier and content first: an identifier may be that of several', () => {
    expect(told(sent('1:a', '1:b'), sent('1:b', '1:a'))).toEqual([
      { what: 'order changed', count: 1, inA: [2], inB: [1] },
    ])
  })

  test('that have no counterpart are taken to be what came at their place, changed', () => {
    expect(told(sent('a', 'b', 'c'), sent('a', 'x', 'c'))).toEqual([
      { what: 'messages changed', count: 1, path: 'body', values: ['b', 'x'], inA: [2], inB: [2] },
    ])
  })

  test('of which one came late are one that moved', () => {
    expect(told(sent('a', 'b', 'c', 'd'), sent('b', 'c', 'd', 'a'))).toEqual([
      { what: 'order changed', count: 1, inA: [2], inB: [1] },
    ])
  })
})

test('an order is as much disturbed as items must move', () => {
  expect(disorder([])).toEqual({ moved: 0, first: undefined })
  expect(disorder([0, 1, 2, 3])).toEqual({ moved: 0, first: undefined })
  expect(disorder([3, 0, 1, 2])).toEqual({ moved: 1, first: 1 })
  expect(disorder([3, 2, 1, 0])).toEqual({ moved: 3, first: 1 })
})

describe('two values', () => {
  test('differ where their members do', () => {
    const [a, b] = [
      { id: 1, list: [{ n: 1 }, 2], same: {} },
      { id: 1, list: [{ n: 2 }, 2, 3], same: {} },
    ]
    expect(changes(a, b)).toEqual([
      { path: 'list[0].n', a: 1, b: 2 },
      { path: 'list[2]', a: undefined, b: 3 },
    ])
    expect(changes(1, '1')).toEqual([{ path: '', a: 1, b: '1' }])
    expect(changes([], {})).toEqual([{ path: '', a: [], b: {} }])
    expect(changes(Number.NaN, Number.NaN)).toEqual([])
  })

  test('in so many places', () => {
    expect(changes(Array(100).fill(0), Array(100).fill(1), 3)).toHaveLength(3)
  })
})

describe('of names, only what was not made up is compared', () => {
  const generic = new Generic({ terms: [], passing: ['tag'], generated: [/\bamq\.gen-[\w-]{22}/g] })
  test.each([
    ['orders.eu-west-1.new', 'orders.eu-west-1.new'],
    ['amq.gen-JzTY20BRgKO-HjmUJj0wLg', '‹…›'],
    ['reply.6ba7b810-9dad-11d1-80b4-00c04fd430c8.in', 'reply.‹…›.in'],
    ['mqttjs_1a2b3c4d', 'mqttjs_‹…›'],
    ['worker-48213@host', 'worker-‹…›@host'],
    ['mosq-qkE3aTyYs7CvBDdZ2x', 'mosq-‹…›'],
    ['deadbeef', 'deadbeef'],
    ['customerOrderCreated', 'customerOrderCreated'],
    ['v2/sensors/room12/temp', 'v2/sensors/room12/temp'],
  ])('%s is %s', (name, common) => {
    expect(generic.name(name)).toBe(common)
  })

  test("of Mosquitto's own clients, also where chance drew a name that does not look it", () => {
    expect(new Generic(mqtt.comparison).name('mosq-mCEIUUqupXKIuizbm')).toBe('mosq-mCEIUUqupXKIuizbm')
    expect(new Generic(mqtt.comparison).name('mosq-mCEIUUqupXKIuizbm6')).toBe('‹…›')
  })

  test('and of values, what does not pass, in one order', () => {
    const value = { tag: 1, b: ['q-1234567', { tag: 2 }], a: null }
    expect(JSON.stringify(generic.value(value))).toBe('{"a":null,"b":["q-‹…›",{}]}')
  })
})
