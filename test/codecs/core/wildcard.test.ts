import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wildcard } from '../../../codecs/core/index.ts'

describe('topic filters', () => {
  // The examples of MQTT 3.1.1, 4.7.1 and 4.7.2.
  it.each([
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/#', 'sport', true],
    ['sport/#', 'sports', false],
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    ['+', 'finance', true],
    ['+/monitor/Clients', '$SYS/monitor/Clients', false],
    ['$SYS/#', '$SYS/monitor', true],
    ['#/', 'x', 'last level'],
    ['a+/b', 'x', 'levels'],
    ['a/#/b', 'x', 'last level'],
    ['a.*/b', 'a.*/b', true],
  ])('%s and %s: %s', (pattern, topic, expected) => {
    if (typeof expected === 'string') expect(() => wildcard(pattern)).toThrow(expected)
    else expect(wildcard(pattern)(topic)).toBe(expected)
  })
})

describe('binding keys', () => {
  it.each([
    ['*.stock.#', 'usd.stock', true],
    ['*.stock.#', 'eur.stock.db', true],
    ['*.stock.#', 'stock.nasdaq', false],
    ['order.#', 'order', true],
    ['order.#', 'order.eu.new', true],
    ['order.#', 'orders', false],
    ['#', '', true],
    ['#', '$SYS/x', true],
    ['*', '', false],
    ['#.a', 'b.c.a', true],
    ['#.a.#', 'a', true],
    ['a.#.b.#.c', 'a.x.b.b.c', true],
    ['plain', 'plain', true],
    ['a.b', 'axb', false],
    ['a*.b', 'x', 'whole words'],
  ])('%s and %s: %s', (pattern, key, expected) => {
    if (typeof expected === 'string') expect(() => wildcard(pattern)).toThrow(expected)
    else expect(wildcard(pattern)(key)).toBe(expected)
  })

  const naive = (pattern: readonly string[], words: readonly string[]): boolean => {
    const [first, ...rest] = pattern
    if (first === undefined) return words.length === 0
    if (first === '#') return naive(rest, words) || (words.length > 0 && naive(pattern, words.slice(1)))
    return words.length > 0 && (first === '*' || first === words[0]) && naive(rest, words.slice(1))
  }

  it('match as by their definition', () => {
    const words = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 6 })
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '#'), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(pattern, words, (wanted, key) => {
        expect(wildcard(wanted.join('.'))(key.join('.'))).toBe(naive(wanted, key))
      }),
      { numRuns: 2000 },
    )
  })

  it('do not take exponential time', () => {
    const test = wildcard(Array(50).fill('#.a').join('.').concat('.b'))
    expect(test(Array(2_000).fill('a').join('.'))).toBe(false)
  })
})
