import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { formatPayload, PLAIN_STYLE, type Style, styleFor } from '../../src/output/index.ts'
import { type Body, loadPayloads, type Payload } from '../../src/payload/index.ts'

const payloads = await loadPayloads()
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const shown = (bytes: Uint8Array, about: Omit<Body, 'bytes'> = {}, style: Style = PLAIN_STYLE): string =>
  formatPayload(payloads.decode({ bytes, ...about }), style).join('\n')

const narrow = (width: number): Style => ({ ...PLAIN_STYLE, width })

test('what fits stands on one line, beside what it is', () => {
  expect(shown(gzipSync(utf8('{"sensor":"t-1","celsius":21.5,"tags":[],"by":{}}')))).toBe(
    `json in gzip {"sensor": "t-1", "celsius": 21.5, "tags": [], "by": {}}`,
  )
})

test('what does not is indented, lists of scalars fill their lines', () => {
  const value = {
    sensor: 't-1',
    at: { building: 'Main', room: 7 },
    readings: Array.from({ length: 20 }, (_, n) => n * 50),
  }
  expect(shown(utf8(JSON.stringify(value)), {}, narrow(50))).toBe(`json
  {
    "sensor": "t-1",
    "at": {"building": "Main", "room": 7},
    "readings": [
      0, 50, 100, 150, 200, 250, 300, 350, 400,
      450, 500, 550, 600, 650, 700, 750, 800, 850,
      900, 950
    ]
  }`)
})

test('no line is wider than the terminal', () => {
  const value = { text: 'grün '.repeat(100), ['a long name '.repeat(20)]: [{ b: '日本'.repeat(30) }] }
  for (const width of [20, 40, 80, 120]) {
    for (const line of shown(utf8(JSON.stringify(value)), {}, narrow(width)).split('\n')) {
      expect([...line].reduce((sum, char) => sum + (char > '\u2fff' ? 2 : 1), 0)).toBeLessThanOrEqual(width)
    }
  }
})

test('nor where much is nested', () => {
  const deep = '{"a":['.repeat(30) + JSON.stringify('x'.repeat(300)) + ']}'.repeat(30)
  for (const width of [20, 80]) {
    for (const line of shown(utf8(deep), {}, narrow(width)).split('\n')) expect(line.length).toBeLessThanOrEqual(width)
  }
})

test('names are coloured', () => {
  const [line] = formatPayload(payloads.decode({ bytes: utf8('{"a":1}') }), styleFor({ isTTY: true }, false, {}))
  expect(line).toBe('\u001b[2mjson\u001b[22m {\u001b[1m"a"\u001b[22m: 1}')
})

test('long text is cut, and its length told', () => {
  expect(shown(utf8(JSON.stringify({ a: 'x'.repeat(1000) })))).toBe(`json
  {
    "a": "${'x'.repeat(240)}"… 1000 characters
  }`)
  expect(shown(utf8('y'.repeat(5000)))).toBe(`text ${'y'.repeat(1000)}… 5000 characters`)
})

test('many lines are cut, and that is told', () => {
  const list = JSON.stringify(Array.from({ length: 5000 }, (_, n) => ({ n, text: 'x'.repeat(100) })))
  for (const body of [list, 'line\n'.repeat(5000)]) {
    const lines = shown(utf8(body)).split('\n')
    expect(lines).toHaveLength(202)
    expect(lines.at(-1)).toBe('  … more lines; JSON has them all')
  }
})

test('text keeps its lines; what would act on the terminal is escaped', () => {
  expect(shown(utf8('one\r\n\u001b[2Jtwo\n'))).toBe('text\n  one\n  \\x1b[2Jtwo')
  expect(shown(utf8('{"\u009b":"\u202e"}'))).toBe('json {"\\x9b": "\\u202e"}')
})

test('bytes are dumped, the first 512', () => {
  expect(shown(Uint8Array.from({ length: 18 }, (_, at) => 0xf0 + at))).toBe(`bytes
  0000  f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 fa fb fc fd fe ff  ................
  0010  00 01                                            ..`)
  expect(shown(new Uint8Array(1000)).split('\n').at(-1)).toBe('  … 488 more bytes')
})

test('trouble stands below', () => {
  expect(shown(utf8('{'), { contentType: 'application/json' })).toBe(`text {
  ! JSON: a name in double quotes expected at character 1`)
  expect(shown(new Uint8Array(0))).toBe('empty')
})

test('a schema is named', () => {
  const payload: Payload = {
    format: 'avro',
    value: 1,
    encodings: ['deflate', 'gzip'],
    type: 'org.Person',
    schemaId: 42,
  }
  expect(formatPayload(payload, PLAIN_STYLE)).toEqual(['avro org.Person, schema 42 in deflate in gzip 1'])
})
