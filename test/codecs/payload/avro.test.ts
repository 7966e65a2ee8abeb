import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AvroType, decodeAvro, plain } from '../../../codecs/payload/index.ts'
import { bytes } from './support.ts'

const avro = (hex: string, type: AvroType): unknown => plain(decodeAvro(bytes(hex), type)).value

const long: AvroType = { type: 'long' }
const string: AvroType = { type: 'string' }

// Avro 1.12, "Binary encoding".
describe('examples of the specification', () => {
  test.each([
    ['00', '0'],
    ['01', '-1'],
    ['02', '1'],
    ['03', '-2'],
    ['7f', '-64'],
    ['80 01', '64'],
    ['fe ff ff ff 0f', '2147483647'],
    ['ff ff ff ff ff ff ff ff ff 01', '-9223372036854775808'],
    ['fe ff ff ff ff ff ff ff ff 01', '9223372036854775807'],
  ])('long %s', (hex, value) => {
    expect(avro(hex, long)).toBe(value)
  })
  test('a string', () => {
    expect(avro('06 66 6f 6f', string)).toBe('foo')
  })
  test('a record', () => {
    const type: AvroType = {
      type: 'record',
      fields: [
        { name: 'a', type: long },
        { name: 'b', type: string },
      ],
    }
    expect(avro('36 06 66 6f 6f', type)).toEqual({ a: '27', b: 'foo' })
  })
  test('an array', () => {
    expect(avro('04 06 36 00', { type: 'array', items: long })).toEqual(['3', '27'])
  })
  test('a union', () => {
    const type: AvroType = { type: 'union', branches: [{ type: 'null' }, string] }
    expect(avro('00', type)).toBeNull()
    expect(avro('02 02 61', type)).toBe('a')
  })
})

test.each<[string, AvroType, string, unknown]>([
  ['boolean', { type: 'boolean' }, '01', true],
  ['int', { type: 'int' }, '01', -1],
  ['float', { type: 'float' }, 'cdcccc3d', 0.1],
  ['double', { type: 'double' }, '9a9999999999f13f', 1.1],
  ['bytes', { type: 'bytes' }, '04 0102', { base64: 'AQI=' }],
  ['fixed', { type: 'fixed', size: 2 }, '0102', { base64: 'AQI=' }],
  ['enum', { type: 'enum', symbols: ['A', 'B'] }, '02', 'B'],
  ['map', { type: 'map', values: long }, '02 02 61 04 00', { a: '2' }],
  ['blocks with sizes', { type: 'array', items: long }, '03 04 06 36 02 02 00', ['3', '27', '1']],
  ['decimal', { type: 'bytes', logical: { name: 'decimal', scale: 2 } }, '04 04d2', '12.34'],
  ['negative decimal', { type: 'fixed', size: 2, logical: { name: 'decimal', scale: 3 } }, 'fffb', '-0.005'],
  ['decimal without places', { type: 'bytes', logical: { name: 'decimal', scale: 0 } }, '02 05', '5'],
  ['date', { type: 'int', logical: { name: 'date', scale: 0 } }, '8eb202', '2023-08-22'],
  [
    'timestamp-millis',
    { type: 'long', logical: { name: 'timestamp-millis', scale: 0 } },
    '01',
    '1969-12-31T23:59:59.999Z',
  ],
  [
    'timestamp-micros',
    { type: 'long', logical: { name: 'timestamp-micros', scale: 0 } },
    '01',
    '1969-12-31T23:59:59.999999Z',
  ],
  [
    'timestamp-nanos',
    { type: 'long', logical: { name: 'timestamp-nanos', scale: 0 } },
    '02',
    '1970-01-01T00:00:00.000000001Z',
  ],
  [
    'local time',
    { type: 'long', logical: { name: 'local-timestamp-millis', scale: 0 } },
    '02',
    '1970-01-01T00:00:00.001',
  ],
  [
    'a time beyond all years',
    { type: 'long', logical: { name: 'timestamp-millis', scale: 0 } },
    'fe ff ff ff ff ff ff ff ff 01',
    '9223372036854775807',
  ],
])('%s', (_, type, hex, value) => {
  expect(avro(hex, type)).toEqual(value)
})

describe('what is not of the schema says where', () => {
  test.each<[string, AvroType, string, string]>([
    ['nothing', long, '', '1 bytes missing at byte 0'],
    ['more', long, '00 00 00', '2 bytes more than the schema takes at byte 1'],
    ['a boolean of 2', { type: 'boolean' }, '02', 'a boolean of 2 at byte 0'],
    ['an int of 33 bits', { type: 'int' }, '80 80 80 80 10', 'an int of 2147483648 at byte 0'],
    ['a number without end', long, 'ff'.repeat(11), 'a number of more than ten bytes at byte 0'],
    ['a negative length', string, '01', 'a length of -1 at byte 0'],
    ['a string beyond the end', string, '06 61', '2 bytes missing at byte 1'],
    ['a string that is not UTF-8', string, '02 ff', 'a string that is not UTF-8 at byte 1'],
    ['a symbol that there is not', { type: 'enum', symbols: ['A'] }, '02', 'enum index 1 of 1 at byte 0'],
    ['a branch that there is not', { type: 'union', branches: [long] }, '01', 'union index -1 of 1 at byte 0'],
  ])('%s', (_, type, hex, message) => {
    expect(() => avro(hex, type)).toThrow(message)
  })
})

describe('little that announces much', () => {
  test('as many nulls as a long can count', () => {
    expect(() => avro('fe ff ff ff ff ff ff ff ff 01', { type: 'array', items: { type: 'null' } })).toThrow(
      'more values than bytes',
    )
  })
  test('as many integers as a long can count', () => {
    expect(() => avro('fe ff ff ff ff ff ff ff ff 01 02 02', { type: 'array', items: long })).toThrow(
      'missing at byte 12',
    )
  })
  test('a record that holds itself', () => {
    const fields: { name: string; type: AvroType }[] = []
    const type: AvroType = { type: 'record', fields }
    fields.push({ name: 'self', type })
    expect(() => avro('00', type)).toThrow('nested deeper than 64')
  })
})

test('any bytes are a value or are refused', () => {
  const type: AvroType = {
    type: 'record',
    fields: [
      { name: 'a', type: { type: 'array', items: { type: 'union', branches: [{ type: 'null' }, string, long] } } },
      { name: 'm', type: { type: 'map', values: { type: 'boolean' } } },
    ],
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), body => {
      try {
        plain(decodeAvro(body, type))
      } catch (error) {
        expect((error as Error).name).toBe('Unreadable')
      }
    }),
    { numRuns: 3000 },
  )
})
