import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, decoded, format } from './support.ts'

const msgpack = (hex: string): unknown => decoded('msgpack', bytes(hex))

// The formats of https://github.com/msgpack/msgpack/blob/master/spec.md, in its order.
test.each<[string, string, unknown]>([
  ['nil', 'c0', null],
  ['false', 'c2', false],
  ['true', 'c3', true],
  ['positive fixint', '7f', 127],
  ['negative fixint', 'e0', -32],
  ['uint 8', 'cc ff', 255],
  ['uint 16', 'cd ffff', 65535],
  ['uint 32', 'ce ffffffff', 4294967295],
  ['uint 64, within 2^53', 'cf 0000000100000000', 4294967296],
  ['uint 64', 'cf ffffffffffffffff', '18446744073709551615'],
  ['int 8', 'd0 80', -128],
  ['int 16', 'd1 8000', -32768],
  ['int 32', 'd2 80000000', -2147483648],
  ['int 64', 'd3 8000000000000000', '-9223372036854775808'],
  ['float 32', 'ca 3dcccccd', 0.1],
  ['float 64', 'cb 3ff199999999999a', 1.1],
  ['NaN', 'cb 7ff8000000000000', 'NaN'],
  ['fixstr', 'a3 666f6f', 'foo'],
  ['str 8', 'd9 03 666f6f', 'foo'],
  ['str 16', 'da 0003 666f6f', 'foo'],
  ['str 32', 'db 00000003 666f6f', 'foo'],
  ['a string that is not UTF-8', 'a2 c328', { base64: 'wyg=' }],
  ['bin 8', 'c4 03 010203', { base64: 'AQID' }],
  ['bin 16', 'c5 0003 010203', { base64: 'AQID' }],
  ['bin 32', 'c6 00000003 010203', { base64: 'AQID' }],
  ['fixarray', '93 01 02 03', [1, 2, 3]],
  ['array 16', 'dc 0002 01 a161', [1, 'a']],
  ['array 32', 'dd 00000001 90', [[]]],
  ['fixmap', '82 a161 01 a162 c0', { a: 1, b: null }],
  ['map 16', 'de 0001 a161 80', { a: {} }],
  ['map 32', 'df 00000001 01 02', { 1: 2 }],
  ['a map with a list for a key', '81 91 01 02', [[[1], 2]]],
  [
    'a map with one key twice',
    '82 a161 01 a161 02',
    [
      ['a', 1],
      ['a', 2],
    ],
  ],
  ['fixext 1', 'd4 05 10', { ext: 5, data: { base64: 'EA==' } }],
  ['fixext 16', 'd8 80 00000000000000000000000000000000', { ext: -128, data: { base64: 'AAAAAAAAAAAAAAAAAAAAAA==' } }],
  ['ext 8', 'c7 00 05', { ext: 5, data: { base64: '' } }],
  ['ext 16', 'c8 0001 05 10', { ext: 5, data: { base64: 'EA==' } }],
  ['ext 32', 'c9 00000001 05 10', { ext: 5, data: { base64: 'EA==' } }],
  ['timestamp 32', 'd6 ff 5a4af6a5', '2018-01-02T03:04:05Z'],
  ['timestamp 64', 'd7 ff a1dcd7c8 5a4af6a5', '2018-01-02T03:04:05.678901234Z'],
  ['timestamp 96', 'c7 0c ff 286c8dd2 ffffffffffffffff', '1969-12-31T23:59:59.678202834Z'],
  ['a timestamp of too many nanoseconds', 'd7 ff fffffffc 00000000', { ext: -1, data: { base64: '/////AAAAAA=' } }],
])('%s', (_, hex, value) => {
  expect(msgpack(hex)).toEqual(value)
})

describe('what is not one value says where', () => {
  test.each([
    ['nothing', '', '1 bytes missing at byte 0'],
    ['more than one', '01 02', 'more than one value at byte 1'],
    ['a code that is never used', '92 01 c1', '0xc1, which is never used, at byte 2'],
    ['a string without its end', 'a3 61', '2 bytes missing at byte 1'],
    ['an array of four thousand million', 'dd ffffffff 01', '1 bytes missing at byte 6'],
    ['nesting without end', '91'.repeat(100), 'nested deeper than 64 at byte 65'],
  ])('%s', (_, hex, message) => {
    expect(() => msgpack(hex)).toThrow(message)
  })
})

test('arrays that announce millions, each within the other, take no room for them', () => {
  expect(() => msgpack('dd 000fffff'.repeat(60))).toThrow('missing')
})

test('a key called __proto__ is a key like any other', () => {
  expect(Object.keys(msgpack('81 a9 5f5f70726f746f5f5f 01') as object)).toEqual(['__proto__'])
})

test('what @msgpack/msgpack writes is read', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      expect(decoded('msgpack', encode(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('any integer of 64 bits', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), value => {
      const safe = value >= -(2n ** 53n - 1n) && value < 2n ** 53n
      expect(decoded('msgpack', encode(value, { useBigInt64: true }))).toBe(safe ? Number(value) : String(value))
    }),
  )
})

test('a look at the first byte tells maps and lists that hold something', () => {
  const { looks = () => Number.NaN } = format('msgpack')
  for (const hex of ['81', '8f', '91', '9f', 'dc', 'df']) expect(looks(bytes(hex))).toBeGreaterThan(0)
  for (const hex of ['80', '90', '01', '7b', 'a1', 'c0', 'e0']) expect(looks(bytes(hex))).toBe(0)
})
