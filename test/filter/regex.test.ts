import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PatternError, regex } from '../../src/filter/regex/index.ts'

describe('regular expressions', () => {
  it.each([
    ['a.c', 'xabcx', true],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['^a$', 'a', true],
    ['^a$', 'ba', false],
    ['^a|b$', 'cb', true],
    ['(ab|c){2}', 'xcab', true],
    ['a{2,3}$', 'baaa', true],
    ['^a{2,3}$', 'aaaa', false],
    ['^(?:a?){3}$', '', true],
    ['\\bfoo\\b', 'a foo b', true],
    ['\\bfoo\\b', 'afoo b', false],
    ['\\Boo', 'foo', true],
    ['[^a-c]+$', 'abcd', true],
    ['[]]', ']', false],
    ['[^]', '\n', true],
    ['[\\]\\-x]', '-', true],
    ['[a-]', '-', true],
    ['\\d{2}-\\w\\s\\S', '12-a b', true],
    ['\\D\\W', '1-', false],
    ['\\x41\\u0042\\u{1F600}\\t', 'AB\u{1f600}\t', true],
    ['^.$', '\u{1f600}', true],
    ['(?<name>a)', 'a', true],
    ['a*?b', 'aab', true],
    ['(?i)äb[c-d]', 'ÄBD', true],
    ['(?i)[^a]', 'A', false],
    ['{', '{', true],
    ['', '', true],
    ['x{0}y', 'y', true],
  ])('%j on %j: %j', (pattern, text, expected) => {
    expect(regex(pattern)(text)).toBe(expected)
  })

  it.each([
    ['a(b', 1, /not closed/],
    ['a)', 1, /no group is open/],
    ['[a', 0, /not closed/],
    ['*a', 0, /nothing to repeat/],
    ['a**', 2, /not repeated/],
    ['^*', 0, /nothing to repeat/],
    ['a{3,2}', 1, /wrong order/],
    ['a{1001}', 1, /up to 1000/],
    ['(?=a)', 0, /backtracking/],
    ['(?<!a)b', 0, /backtracking/],
    ['(a)\\1', 3, /backtracking/],
    ['\\q', 0, /means nothing/],
    ['a\\', 1, /nothing follows/],
    ['[z-a]', 1, /no beginning and end/],
    ['\\u{110000}', 0, /hexadecimal/],
    ['(?x)a', 0, /no flag x/],
  ])('says what is wrong with %j', (pattern, at, message) => {
    let thrown: unknown
    try {
      regex(pattern)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(PatternError)
    expect(thrown).toMatchObject({ at, message: expect.stringMatching(message) })
  })

  /**
   * Three groups deep: enough to nest repetition in repetition, and not so much that JavaScript, which tries every way
   * to split the text, never ends.
   */
  const pattern = fc.letrec<{ node: string; atom: string }>(tie => ({
    atom: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\d', '\\b', '\\B', '^', '$', ' '),
      tie('node').map(inner => `(${inner})`),
    ),
    node: fc
      .array(fc.tuple(tie('atom'), fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?')), {
        minLength: 1,
        maxLength: 4,
      })
      .chain(parts => {
        const sequence = parts.map(([atom, count]) => atom + (/^(?:\^|\$|\\[bB])$/.test(atom) ? '' : count)).join('')
        return fc.oneof(
          fc.constant(sequence),
          tie('atom').map(other => `${sequence}|${other}`),
        )
      }),
  })).node

  it('agrees with JavaScript', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', '1', ' ', '\n'), maxLength: 8 })
    fc.assert(
      fc.property(pattern, text, fc.boolean(), (source, subject, insensitive) => {
        expect(regex(source, insensitive)(subject)).toBe(new RegExp(source, insensitive ? 'i' : '').test(subject))
      }),
      { numRuns: 3000 },
    )
  })

  /** How often a pattern could go wrong is told by doubling the text: linear time doubles, exponential never ends. */
  it.each(['(a+)+$', '(a|a)*c', '(a|b)*a(a|b){200}c', '(.*)*x', '((a{0,9}){0,9}){0,4}c'])(
    'takes linear time for %j',
    source => {
      const test = regex(source)
      const began = performance.now()
      expect(test(`${'ab'.repeat(10_000)}!`)).toBe(false)
      expect(performance.now() - began).toBeLessThan(5_000)
    },
  )

  it('bounds what a pattern may be', () => {
    expect(() => regex('(a{1000}){1000}')).toThrow(/too long/)
    expect(() => regex(`${'('.repeat(5_000)}a${')'.repeat(5_000)}`)).toThrow(/nested/)
    expect(regex('((((){1000}){1000}){1000}){1000}')('x')).toBe(true)
    expect(() => regex('x'.repeat(60_000))).toThrow(/too long/)
  })
})
