import { describe, expect, test } from 'vitest'
import { parseCbor, parseCborSequence } from '../../../codecs/payload/index.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const parsed = (hex: string): unknown => parseCbor(bytes(hex))

// RFC 8949, appendix A.
test.each<[string, unknown]>([
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['1903e8', 1000],
  ['1a000f4240', 1000000],
  ['1b000000e8d4a51000', 1000000000000],
  ['1bffffffffffffffff', 18446744073709551615n],
  ['c249010000000000000000', 18446744073709551616n],
  ['3bffffffffffffffff', -18446744073709551616n],
  ['c349010000000000000000', -18446744073709551617n],
  ['20', -1],
  ['3903e7', -1000],
  ['f90000', 0],
  ['f98000', -0],
  ['f93c00', 1],
  ['fb3ff199999999999a', 1.1],
  ['f93e00', 1.5],
  ['f97bff', 65504],
  ['fa47c35000', 100000],
  ['fb7e37e43c8800759c', 1e300],
  ['f90001', 2 ** -24],
  ['f90400', 0.00006103515625],
  ['f9c400', -4],
  ['f97c00', Number.POSITIVE_INFINITY],
  ['f97e00', Number.NaN],
  ['f9fc00', Number.NEGATIVE_INFINITY],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['f7', null],
  ['f0', { simple: 16 }],
  ['f8ff', { simple: 255 }],
  ['c11a514b67b0', { tag: 1, value: 1363896240 }],
  ['d9d9f783010203', [1, 2, 3]],
  ['4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['60', ''],
  ['6449455446', 'IETF'],
  ['62c3bc', 'ü'],
  ['80', []],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['a0', {}],
  ['a201020304', { 1: 2, 3: 4 }],
  ['a26161016162820203', { a: 1, b: [2, 3] }],
  ['5f42010243030405ff', Uint8Array.of(1, 2, 3, 4, 5)],
  ['7f657374726561646d696e67ff', 'streaming'],
  ['9fff', []],
  ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
  ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
  ['a1820102f5', [[[1, 2], true]]],
  [
    'a2616101616102',
    [
      ['a', 1],
      ['a', 2],
    ],
  ],
])('%s', (hex, value) => {
  expect(parsed(hex)).toEqual(value)
})

describe('what is not one item is nothing', () => {
  test.each([
    ['nothing', ''],
    ['an item and more', '0000'],
    ['a length without its bytes', '4401'],
    ['an argument without its bytes', '19 03'],
    ['a reserved length', '1c'],
    ['text that is not UTF-8', '62 c328'],
    ['a break on its own', 'ff'],
    ['a break for a value in a map', 'bf 01 ff'],
    ['a break in a list of known length', '82 01 ff'],
    ['a list without its end', '9f 01'],
    ['a chunk of another kind', '5f 6161 ff'],
    ['chunks within chunks', '5f 5f 4101 ff ff'],
    ['an integer of indefinite length', '1f'],
    ['a simple value that should have been short', 'f8 10'],
    ['a tag of nothing', 'c1'],
    ['a list longer than anything', '9b ffffffffffffffff 00'],
    ['bytes longer than anything', '5b ffffffffffffffff 00'],
  ])('%s', (_, hex) => {
    expect(parsed(hex)).toBeUndefined()
  })

  test('nesting ten thousand deep', () => {
    expect(parseCbor(new Uint8Array(10_000).fill(0x81))).toBeUndefined()
    expect(parseCbor(new Uint8Array(10_000).fill(0xc1))).toBeUndefined()
  })
})

test('a key called __proto__ is a key like any other', () => {
  const value = parsed('a1 69 5f5f70726f746f5f5f 01') as object
  expect(Object.entries(value)).toEqual([['__proto__', 1]])
})

test('sequences', () => {
  expect(parseCborSequence(bytes(''))).toEqual([])
  expect(parseCborSequence(bytes('01 6161 80'))).toEqual([1, 'a', []])
  expect(parseCborSequence(bytes('01 61'))).toBeUndefined()
})
