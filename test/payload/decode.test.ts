import { encode } from '@msgpack/msgpack'
import { describe, expect, test } from 'vitest'
import { loadPayloads, payloadToJson } from '../../src/payload/index.ts'
import { base64, bytes, decode, utf8 } from './support.ts'

const object = utf8('{"celsius":21.5}')
const value = { celsius: 21.5 }

describe('by content type', () => {
  test.each<[string, Uint8Array, string, unknown]>([
    ['application/json', object, 'json', value],
    ['application/json; charset=utf-8', utf8('21.5'), 'json', 21.5],
    ['application/senml+json', utf8('[]'), 'json', []],
    ['text/plain', object, 'text', '{"celsius":21.5}'],
    ['text/plain; charset=iso-8859-1', bytes('fc'), 'text', 'ü'],
    ['text/html', utf8('<p>'), 'text', '<p>'],
    ['application/soap+xml', utf8('<a/>'), 'text', '<a/>'],
    ['application/cbor', bytes('01'), 'cbor', 1],
    ['application/senml+cbor', bytes('81 a1 20 01'), 'cbor', [{ '-1': 1 }]],
    ['application/cbor-seq', bytes('01 02'), 'cbor-seq', [1, 2]],
    ['application/cose; cose-type="cose-sign1"', bytes('c1 01'), 'cbor', { tag: 1, value: 1 }],
    ['application/msgpack', bytes('01'), 'msgpack', 1],
    ['application/vnd.msgpack', encode(value), 'msgpack', value],
    ['application/x-protobuf', bytes('08 96 01'), 'protobuf', { 1: 150 }],
    ['application/link-format', utf8('</a>;ct=0'), 'link-format', [{ target: '/a', attributes: { ct: '0' } }]],
  ])('%s', (contentType, body, format, value) => {
    expect(decode(body, { contentType })).toEqual({ format, value, encodings: [] })
  })

  test('what it is not is text or bytes, with the reason', () => {
    expect(decode(utf8('{"a":}'), { contentType: 'application/json' })).toEqual({
      format: 'text',
      value: '{"a":}',
      encodings: [],
      trouble: 'JSON: a value expected at character 5',
    })
    expect(decode(bytes('83 01 02'), { contentType: 'application/cbor' })).toEqual({
      format: 'bytes',
      value: base64(bytes('83 01 02')),
      encodings: [],
      trouble: 'CBOR: not well-formed at byte 3',
    })
    expect(decode(bytes('fc'), { contentType: 'text/plain; charset=utf-16' })).toMatchObject({
      format: 'bytes',
      trouble: 'Text: not UTF-16LE text',
    })
  })

  test('one that says nothing leaves it to the look', () => {
    for (const contentType of ['application/octet-stream', 'image/png', 'nonsense', '', undefined]) {
      expect(decode(object, { contentType })).toEqual({ format: 'json', value, encodings: [] })
    }
  })

  test('an empty body is that, whatever it is said to be', () => {
    for (const contentType of [undefined, 'application/json', 'application/x-protobuf']) {
      expect(decode(bytes(''), { contentType, contentEncoding: 'gzip' })).toMatchObject({
        format: 'empty',
        value: '',
      })
    }
  })
})

describe('by destination', () => {
  const body = bytes('08 96 01 12 07 0a 01 61 20 03 50 07')
  test('a Sparkplug topic', () => {
    expect(decode(body, { destination: 'spBv1.0/g/NDATA/n' })).toEqual({
      format: 'sparkplug',
      value: { timestamp: '150', metrics: [{ name: 'a', datatype: 'Int32', value: 7 }] },
      encodings: [],
    })
    expect(decode(body, { destination: 'g/NDATA/n' }).format).toBe('bytes')
  })
  test('a host is JSON by its look', () => {
    expect(decode(utf8('{"online":true}'), { destination: 'spBv1.0/STATE/host' })).toMatchObject({ format: 'json' })
  })
  test('what is no Sparkplug there is told', () => {
    expect(decode(utf8('hello'), { destination: 'spBv1.0/g/NDATA/n' })).toMatchObject({
      format: 'text',
      value: 'hello',
      trouble: expect.stringMatching(/^Sparkplug B: .* at byte \d/),
    })
  })
})

describe('by look', () => {
  test.each<[string, Uint8Array, string, unknown]>([
    ['an object', utf8(' {"a":1}\r\n'), 'json', { a: 1 }],
    ['a list', utf8('\ufeff[1]'), 'json', [1]],
    ['a number is text', utf8('21.5'), 'text', '21.5'],
    ['a quoted string is text', utf8('"on"'), 'text', '"on"'],
    ['what begins as JSON and is not', utf8('[info] started'), 'text', '[info] started'],
    ['JSON and more', utf8('{}{}'), 'text', '{}{}'],
    ['links are text', utf8('</a>;ct=0'), 'text', '</a>;ct=0'],
    ['CBOR that says so', bytes('d9d9f7 01'), 'cbor', 1],
    ['a CBOR map with names', bytes('a2 6474656d70 15 61 62 f5'), 'cbor', { temp: 21, b: true }],
    ['a CBOR map of indefinite length', bytes('bf 6474656d70 15 ff'), 'cbor', { temp: 21 }],
    ['a CBOR map and more', bytes('a1 6474656d70 15 00'), 'bytes', base64(bytes('a1 6474656d70 15 00'))],
    ['a CBOR map with numbers for keys', bytes('a1 1904d2 1904d2'), 'bytes', base64(bytes('a1 1904d2 1904d2'))],
    ['a MessagePack map with names', encode({ temp: 21 }), 'msgpack', { temp: 21 }],
    ['a MessagePack list of texts', encode(['temp', 21]), 'msgpack', ['temp', 21]],
    ['a list of numbers', encode([1, 2, 3]), 'bytes', base64(encode([1, 2, 3]))],
    [
      'names that no one can read',
      encode({ '\u0001\u0002\u0003\u0004a': 1 }),
      'bytes',
      base64(encode({ '\u0001\u0002\u0003\u0004a': 1 })),
    ],
    ['text with umlauts', utf8('grün'), 'text', 'grün'],
    ['a NUL', bytes('61 00'), 'bytes', base64(bytes('61 00'))],
  ])('%s', (_, body, format, value) => {
    expect(decode(body)).toEqual({ format, value, encodings: [] })
  })

  test('an Avro object says which schema is missing', () => {
    expect(decode(bytes('c301 0102030405060708 00'))).toMatchObject({
      format: 'bytes',
      trouble: 'Avro: the schema with fingerprint 0102030405060708 is not given (--avro FILE)',
    })
  })
})

test('a body that is too long is shown to its limit', async () => {
  const { decode } = await loadPayloads({ limit: 10 })
  expect(decode({ bytes: utf8('{"a":"grün grün"}'), contentType: 'application/json' })).toEqual({
    format: 'text',
    value: '{"a":"grü',
    encodings: [],
    trouble: '19 bytes; the first 10 are shown',
    truncated: true,
  })
  expect(decode({ bytes: utf8('123456789ü') })).toMatchObject({ value: '123456789', truncated: true })
  expect(decode({ bytes: utf8('{"a":"bc"}') })).toEqual({ format: 'json', value: { a: 'bc' }, encodings: [] })
})

test('many values are shown to a number', () => {
  const payload = decode(utf8(JSON.stringify(Array(120_000).fill(1))))
  expect(payload).toMatchObject({ format: 'json', truncated: true, trouble: 'only the first 100000 values are shown' })
  expect(payload.value).toHaveLength(99_999)
})

test('in NDJSON the value is the body, and beside it stands how it was told', () => {
  expect(JSON.stringify(payloadToJson(decode(object)))).toBe('{"body":{"celsius":21.5},"payload":{"format":"json"}}')
  const wrong = decode(utf8('x'), { contentType: 'application/json', contentEncoding: 'gzip' })
  expect(payloadToJson(wrong)).toEqual({
    body: 'x',
    payload: { format: 'text', trouble: 'gzip: unexpected end of file; JSON: a value expected at character 0' },
  })
})
