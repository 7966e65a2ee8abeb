import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isOneOf, parseMediaType, plain, plainText, wholeCharacters } from '../../../codecs/payload/index.ts'
import { bytes, decoded, utf8 } from './support.ts'

describe('text', () => {
  test('is UTF-8 that holds no controls but those of text', () => {
    expect(plainText(utf8('temperature: 21.5 °C\r\n\t\u001b[1mok'))).toBe('temperature: 21.5 °C\r\n\t\u001b[1mok')
    expect(plainText(bytes('61 00'))).toBeUndefined()
    expect(plainText(bytes('05'))).toBeUndefined()
    expect(plainText(bytes('c3'))).toBeUndefined()
    expect(plainText(utf8(`${'a'.repeat(100)}\u0001`))).toBeUndefined()
  })

  test('in its charset', () => {
    expect(decoded('text', bytes('fc'), { charset: 'latin1' })).toBe('ü')
    expect(decoded('text', bytes('93fa967b'), { charset: 'Shift_JIS' })).toBe('日本')
    expect(decoded('text', bytes('efbbbf 61'))).toBe('a')
  })

  test('that is not of its charset says from where', () => {
    expect(() => decoded('text', bytes('6161 ff 61'))).toThrow('not UTF-8 text at byte 2')
    expect(() => decoded('text', bytes('6161 e282'))).toThrow('not UTF-8 text at byte 4')
    expect(() => decoded('text', bytes('81'), { charset: 'shift_jis' })).toThrow('not SHIFT_JIS text')
  })

  test('that was cut ends with its last whole character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).map(text => text.toWellFormed()),
        fc.nat(4),
        (text, less) => {
          const whole = utf8(text)
          const cut = wholeCharacters(whole.subarray(0, Math.max(0, whole.length - less)))
          expect(whole.length - cut.length).toBeLessThan(less + 4)
          expect(text.startsWith(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(cut))).toBe(true)
        },
      ),
    )
  })
})

describe('media types', () => {
  test.each<[string, string | undefined, object]>([
    ['application/json', 'application/json', {}],
    [' Text/Plain ; Charset="utf-8" ;format=flowed', 'text/plain', { charset: 'utf-8', format: 'flowed' }],
    ['application/x-protobuf; messageType="a;b\\"c"', 'application/x-protobuf', { messagetype: 'a;b"c' }],
    ['text/plain; charset=a; charset=b', 'text/plain', { charset: 'a' }],
    ['json', undefined, {}],
    ['', undefined, {}],
    ['a/b c', undefined, {}],
    [`a/${'b'.repeat(600)}`, undefined, {}],
  ])('%j', (text, type, parameters) => {
    const media = parseMediaType(text)
    expect(media?.type).toBe(type)
    expect({ ...media?.parameters }).toEqual(parameters)
  })

  test('are in a list by themselves, by their suffix, or by their tree', () => {
    expect(isOneOf('application/json', ['application/json'])).toBe(true)
    expect(isOneOf('application/senml+json', ['+json'])).toBe(true)
    expect(isOneOf('text/csv', ['text/'])).toBe(true)
    expect(isOneOf('application/jsonx', ['application/json', '+json', 'text/'])).toBe(false)
  })
})

describe('plain values', () => {
  test('integers within 2^53 are numbers, others text; bytes are base64; what JSON lacks is text', () => {
    const value = { a: 5n, b: 2n ** 53n, c: -(2n ** 63n), d: Number.NaN, e: Uint8Array.of(1), f: undefined, g: [-0.5] }
    expect(plain(value).value).toEqual({
      a: 5,
      b: '9007199254740992',
      c: '-9223372036854775808',
      d: 'NaN',
      e: { base64: 'AQ==' },
      f: null,
      g: [-0.5],
    })
  })

  test('are no more than a number, and it is said that there were more', () => {
    const { value, cut } = plain([Array(50).fill(1), Array(50).fill(2)], 60)
    expect(JSON.stringify(value).match(/\d/g)?.length).toBe(57)
    expect(cut).toBe('only the first 60 values are shown')
    expect(plain(Array(60).fill(1), 60).cut).toBe('only the first 60 values are shown')
    expect(plain(Array(59).fill(1), 60).cut).toBeUndefined()
  })
})
