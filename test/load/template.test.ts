import { describe, expect, it, test } from 'vitest'
import { randomOf } from '../../src/load/arrivals.ts'
import { columnsOf, parseCsv } from '../../src/load/rows.ts'
import { STAMP_PLACE } from '../../src/load/stamp.ts'
import { samplesOf, Template, withFiles } from '../../src/load/template.ts'
import { file } from './scenario/files.ts'

const NAMES = { client: 2, clientId: 'c-3', user: 'ann', group: 'sensors', run: '0000abcd' }
const MESSAGE = { sequence: 0, random: () => 0, run: 0, columns: {}, row: 0 }
const template = (text: string) => new Template(text, NAMES)

function messages(text: string, count: number, columns = {}): string[] {
  const one = template(text)
  const random = randomOf(5)
  return Array.from({ length: count }, (_, sequence) =>
    one.fill({ sequence, random, run: 0xbeef, columns, row: sequence }),
  )
}

describe('a template', () => {
  it.each([
    ['sensors/%i/temp', 'sensors/3/temp'],
    ['%d %c %u %g', '3 c-3 ann sensors'],
    ['%run-%rand', '0000abcd-%rand'],
    ['100%% of %i', '100% of 3'],
    ['%%s is no number', '%s is no number'],
    ['%x and % stay', '%x and % stay'],
    ['<%stamp>', `<${STAMP_PLACE}>`],
  ])('%j is %j for all messages of a client', (text, expected) => {
    expect(template(text)).toMatchObject({ text: expected, isDynamic: false })
  })

  it('numbers messages', () => {
    expect(messages('%i/%s', 3)).toEqual(['3/0', '3/1', '3/2'])
    expect(template('%i/%s')).toMatchObject({ text: '3/%s', isDynamic: true })
  })

  it('draws numbers, the same in each run', () => {
    const drawn = messages('%rand_6', 200).map(Number)
    expect(new Set(drawn)).toEqual(new Set([1, 2, 3, 4, 5, 6]))
    expect(messages('%rand_6', 200).map(Number)).toEqual(drawn)
  })

  it('goes through a list in turn, each client from another on', () => {
    expect(messages('%{a|b|}', 4)).toEqual(['', 'a', 'b', ''])
    expect(new Template('%{a|b}', { ...NAMES, client: 0 }).fill({ ...MESSAGE, sequence: 1 })).toBe('b')
    // It is no file.
    expect(columnsOf(['%{a|b}'])).toEqual({})
    expect(withFiles('%{a|b}', named => `/data/${named}`)).toBe('%{a|b}')
  })

  it('tells what it may come to, each value of each of its marks', () => {
    expect(samplesOf('%{a|b|c}-%rand_9', {})).toEqual(['a-1', 'b-9', 'c-1'])
    expect(samplesOf('%{f:x}', { 'f:x': ['1', '2'] })).toEqual(['1', '2'])
    expect(samplesOf('plain', {})).toEqual(['plain'])
  })

  it('makes UUIDs that no other run has', () => {
    const made = messages('%uuid', 100)
    for (const one of made) expect(one).toMatch(/^0000beef-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(new Set(made).size).toBe(100)
  })

  it('tells the time', () => {
    const before = Date.now()
    const [told] = messages('%now', 1)
    expect(Number(told)).toBeGreaterThanOrEqual(before)
    expect(Number(told)).toBeLessThanOrEqual(Date.now())
  })

  it('goes through the rows of a file, all columns of one message from one row', () => {
    const path = file('plate,seats\nA 1,4\n"B, 2","5 or ""6"""\n', 'cars.csv')
    const text = `%{${path}:plate} has %{${path}:seats}`
    expect(messages(text, 3, columnsOf([text]))).toEqual(['A 1 has 4', 'B, 2 has 5 or "6"', 'A 1 has 4'])
  })

  it('finds files from elsewhere', () => {
    expect(withFiles('%i %{cars.csv:plate}', named => `/data/${named}`)).toBe('%i %{/data/cars.csv:plate}')
  })
})

test.each([
  ['a\r\n1\r\n', [['a'], ['1']]],
  [
    'a,b\n1,\n,2',
    [
      ['a', 'b'],
      ['1', ''],
      ['', '2'],
    ],
  ],
  ['a,b,', [['a', 'b', '']]],
  ['"a\nb"\n', [['a\nb']]],
  ['', []],
])('%j is read as CSV', (text, records) => expect(parseCsv(text)).toEqual(records))

test.each([
  ['%{cars.csv}', '%{cars.csv}: not a column of a file'],
  ['%{/nowhere.csv:a}', '%{/nowhere.csv:a}: ENOENT'],
  [`%{${file('plate\n1\n', 'one.csv')}:plat}`, 'has no such column'],
  [`%{${file('plate\n', 'none.csv')}:plate}`, 'has no rows'],
  [`%{${file('a\n"1"2\n', 'bad.csv')}:a}`, 'line 2 of the file is not CSV'],
])('%s is a mistake that is told', (text, message) => {
  expect(() => columnsOf([text])).toThrow(message)
})
