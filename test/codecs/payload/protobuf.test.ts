import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeMessage, type MessageType, plain, type Scalar } from '../../../codecs/payload/index.ts'
import { bytes, decoded } from './support.ts'

const unknown = (hex: string): unknown => decoded('protobuf', bytes(hex))

/** A message of these fields, numbered from 1. */
function message(...fields: readonly [name: string, type: Scalar | MessageType, repeated?: boolean][]): MessageType {
  const entries = fields.map(([name, type, repeated = false], at) => [at + 1, { name, type, repeated }] as const)
  return { kind: 'message', name: 'M', fields: new Map(entries) }
}

const known = (hex: string, type: MessageType): unknown => plain(decodeMessage(bytes(hex), type).value).value

// https://protobuf.dev/programming-guides/encoding/
describe('examples of the encoding guide', () => {
  test('a varint', () => {
    expect(unknown('08 96 01')).toEqual({ 1: 150 })
    expect(known('08 96 01', message(['a', 'int32']))).toEqual({ a: 150 })
  })
  test('a string', () => {
    expect(unknown('12 07 74657374696e67')).toEqual({ 2: 'testing' })
  })
  test('a message in a message', () => {
    expect(unknown('1a 03 08 96 01')).toEqual({ 3: { 1: 150 } })
  })
  test('repeated, one by one', () => {
    expect(unknown('22 05 68656c6c6f 28 01 28 02 28 03')).toEqual({ 4: 'hello', 5: [1, 2, 3] })
  })
  test('repeated, packed', () => {
    const list: MessageType = {
      kind: 'message',
      name: 'L',
      fields: new Map([[6, { name: 'f', type: 'int32', repeated: true }]]),
    }
    expect(known('32 06 03 8e02 9ea705', list)).toEqual({ f: [3, 270, 86942] })
    expect(known('30 03 32 05 8e02 9ea705', list)).toEqual({ f: [3, 270, 86942] })
  })
})

test.each<[Scalar, string, unknown]>([
  ['int32', '08 feffffffffffffffff 01', -2],
  ['int64', '08 feffffffffffffffff 01', '-2'],
  ['uint32', '08 ffffffff0f', 4294967295],
  ['uint64', '08 ffffffffffffffffff 01', '18446744073709551615'],
  ['uint64', '08 05', '5'],
  ['sint32', '08 ffffffff0f', -2147483648],
  ['sint32', '08 01', -1],
  ['sint64', '08 ffffffffffffffffff01', '-9223372036854775808'],
  ['sint64', '08 feffffff0f', '2147483647'],
  ['bool', '08 00', false],
  ['bool', '08 8001', true],
  ['fixed32', '0d ffffffff', 4294967295],
  ['sfixed32', '0d ffffffff', -1],
  ['float', '0d cdcccc3d', 0.1],
  ['fixed64', '09 ffffffffffffffff', '18446744073709551615'],
  ['sfixed64', '09 ffffffffffffffff', '-1'],
  ['double', '09 9a9999999999f13f', 1.1],
  ['string', '0a 02 c3bc', 'ü'],
  ['string', '0a 02 c328', { base64: 'wyg=' }],
  ['bytes', '0a 01 41', { base64: 'QQ==' }],
])('%s %s', (type, hex, value) => {
  expect(known(hex, message(['v', type]))).toEqual({ v: value })
})

test('the last of several counts; messages are merged', () => {
  const inner = message(['a', 'int32'], ['b', 'int32'])
  expect(known('08 01 08 02', message(['v', 'int32']))).toEqual({ v: 2 })
  expect(known('0a 02 0801 0a 02 1002', message(['v', inner]))).toEqual({ v: { a: 1, b: 2 } })
})

test('enumerations by name, or by number where they have none', () => {
  const values = new Map([
    [0, 'OFF'],
    [1, 'ON'],
    [-1, 'BROKEN'],
  ] as const)
  const type: MessageType = {
    kind: 'message',
    name: 'M',
    fields: new Map([[1, { name: 'e', type: { kind: 'enum', values }, repeated: true }]]),
  }
  expect(known('0a 0d 00 01 02 ffffffffffffffffff01', type)).toEqual({ e: ['OFF', 'ON', 2, 'BROKEN'] })
})

test('maps, of which keys and values may be left out', () => {
  const type: MessageType = {
    kind: 'message',
    name: 'M',
    fields: new Map([[1, { name: 'm', type: 'int32', keys: 'string' }]]),
  }
  expect(known('0a 05 0a0161 1001 0a 02 1002 0a 03 0a0162', type)).toEqual({ m: { a: 1, '': 2, b: 0 } })
})

test('groups', () => {
  expect(unknown('0b 10 05 0c 18 01')).toEqual({ 1: { 2: 5 }, 3: 1 })
  expect(known('0b 08 05 0c', message(['g', message(['a', 'int32'])]))).toEqual({ g: { a: 5 } })
})

describe('fields without a description', () => {
  test('32 and 64 bits are shown as both that they may be', () => {
    expect(unknown('0d 0000803f 11 0000000000000040')).toEqual({
      1: { fixed32: 1065353216, float: 1 },
      2: { fixed64: '4611686018427387904', double: 2 },
    })
  })
  test('what is neither text nor a message is bytes', () => {
    expect(unknown('0a 02 ffff')).toEqual({ 1: { base64: '//8=' } })
    expect(unknown('0a 00')).toEqual({ 1: '' })
  })
  test('stand beside those that have one, and so do those of another wire type', () => {
    const { value, unknown } = decodeMessage(bytes('08 01 10 02 0a 01 61'), message(['a', 'int32']))
    expect(value).toEqual({ a: 1, 1: 'a', 2: 2 })
    expect(unknown).toBe(2)
  })
})

describe('what is no message says where', () => {
  test.each([
    ['field 0', '00 01', 'no field number at byte 0'],
    ['wire type 6', '08 01 0e', 'unknown wire type 6 at byte 2'],
    ['a varint that does not end', '08 ff', 'a varint without its end at byte 1'],
    ['a varint of eleven bytes', `08 ${'ff'.repeat(11)}`, 'a varint of more than ten bytes at byte 1'],
    ['a length beyond the end', '0a 05 61', 'a length of 5 with 1 left at byte 1'],
    ['four bytes of which three are there', '0d 000000', 'a length of 4 with 3 left at byte 1'],
    ['the end of a group that did not begin', '0c', 'the end of a group that did not begin at byte 0'],
    ['a group without its end', '0b 08 01', 'a group without its end at byte 3'],
    ['groups within groups without end', '0b'.repeat(1000), 'nested deeper than 64'],
  ])('%s', (_, hex, message) => {
    expect(() => unknown(hex)).toThrow(message)
  })
})

test('messages within messages are looked into to a depth, and no deeper', () => {
  let body = bytes('08 80 01')
  for (let depth = 0; depth < 30; depth++) body = Uint8Array.of(0x0a, body.length, ...body)
  const shown = JSON.stringify(decoded('protobuf', body))
  expect(shown.match(/"1":/g)?.length).toBe(17)
  expect(shown).toContain('base64')
})

test('any bytes are a message or are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), body => {
      try {
        plain(
          decodeMessage(body, message(['a', 'int32'], ['b', 'string', true], ['c', message(['d', 'double'])])).value,
        )
      } catch (error) {
        expect((error as Error).name).toBe('Unreadable')
      }
    }),
    { numRuns: 3000 },
  )
})
