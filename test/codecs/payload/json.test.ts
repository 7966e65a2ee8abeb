import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decoded, utf8 } from './support.ts'

const json = (text: string): unknown => decoded('json', utf8(text))

test.each<[string, string, unknown]>([
  ['a scalar', ' 21.5\n', 21.5],
  ['a byte order mark', '\ufeff{"a":1}', { a: 1 }],
  [
    'integers beyond 2^53 keep their digits',
    '[9007199254740993,-12345678901234567890]',
    ['9007199254740993', '-12345678901234567890'],
  ],
  ['fractions are numbers, however long', '[0.12345678901234567890, 1e3]', [0.12345678901234568, 1000]],
  ['digits in a string are a string', '{"a":"1234567890123456789"}', { a: '1234567890123456789' }],
])('%s', (_, text, value) => {
  expect(json(text)).toEqual(value)
})

test('integers beyond 2^53 keep their digits wherever they stand', () => {
  for (let before = 0; before < 40; before++) {
    const other = 'x'.repeat(before)
    expect(json(`{"${other}":9007199254740993}`)).toEqual({ [other]: '9007199254740993' })
    expect(json(`[${'1,'.repeat(before)}9007199254740993]`)).toEqual([...Array(before).fill(1), '9007199254740993'])
  }
})

test('in the charset that the content type names', () => {
  const latin1 = Uint8Array.from(Buffer.from('{"a":"ü"}', 'latin1'))
  expect(decoded('json', latin1, { charset: 'iso-8859-1' })).toEqual({ a: 'ü' })
  expect(decoded('json', Buffer.from('{"a":"ü"}', 'utf16le'), { charset: 'UTF-16LE' })).toEqual({ a: 'ü' })
  expect(() => decoded('json', latin1)).toThrow('not UTF-8 text at byte 6')
  expect(() => decoded('json', latin1, { charset: 'klingon' })).toThrow('charset "klingon" is not known')
})

describe('what is not JSON says what is missing where', () => {
  test.each([
    ['', 'a value expected at character 0'],
    ['nul', 'a value expected at character 0'],
    ['{"a":x}', 'a value expected at character 5'],
    ['{a:1}', 'a name in double quotes expected at character 1'],
    ['{"a" 1}', '":" expected at character 5'],
    ['{"a":1', '"," or "}" expected at character 6'],
    ['{"a":1,}', 'a name in double quotes expected at character 7'],
    ['[1,]', 'a value expected at character 3'],
    ['[1 2]', '"," or "]" expected at character 3'],
    ['[01]', '"," or "]" expected at character 2'],
    ['["a]', 'a whole string expected at character 1'],
    ['["\\x"]', 'a whole string expected at character 1'],
    ['["a\u0001"]', 'a whole string expected at character 1'],
    ['[1] x', 'the end expected at character 4'],
    ['{}}', 'the end expected at character 2'],
    ['[[{}],', 'a value expected at character 6'],
  ])('%j', (text, message) => {
    expect(() => json(text)).toThrow(message)
  })

  test('and the place is within the text, whatever is wrong', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('}', ']', ':', ',', '"', 'x', '\u0001'),
        (text, where, wrong) => {
          const at = where % (text.length + 1)
          const changed = text.slice(0, at) + wrong + text.slice(at)
          try {
            JSON.parse(changed)
          } catch {
            const found = /at character (\d+)$/.exec(messageOf(() => json(changed)))
            expect(found).not.toBeNull()
            expect(Number(found?.[1])).toBeLessThanOrEqual(changed.length)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

test('nested a hundred thousand deep, it is shown to a depth', () => {
  expect(JSON.stringify(json('['.repeat(100_000) + '1234567890123456789' + ']'.repeat(100_000)))).toBe(
    '['.repeat(65) + ']'.repeat(65),
  )
  expect(() => json('['.repeat(100_000))).toThrow('a value expected at character 100000')
})

const digitsKept = (_: string, value: unknown): unknown =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value)) ? String(value) : value

test('every JSON is what JSON.parse makes of it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), text => {
      expect(JSON.stringify(json(text))).toBe(JSON.stringify(JSON.parse(text), digitsKept))
    }),
  )
})

function messageOf(work: () => unknown): string {
  try {
    work()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
