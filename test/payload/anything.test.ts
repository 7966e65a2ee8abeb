import { gzipSync, zstdCompressSync } from 'node:zlib'
import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { payloads as formats, plainText } from '../../codecs/payload/index.ts'
import { loadPayloads, type Payload, type Payloads } from '../../src/payload/index.ts'
import { base64, bytes, decode, files, utf8 } from './support.ts'

/** Whatever the bytes and whatever is said of them: an answer, bounded, that JSON can hold. */

const contentTypes = [
  undefined,
  'application/avro',
  'text/plain; charset=utf-16',
  'application/json; charset=x; encoding=deflate',
  ...formats.flatMap(({ contentTypes }) => contentTypes.map(type => type.replace(/^\+/, 'a/b+').replace(/\/$/, '/x'))),
]
const said = fc.record({
  contentType: fc.constantFrom(...contentTypes),
  contentEncoding: fc.constantFrom(undefined, 'gzip', 'deflate', 'zstd', 'br', 'base64', 'br,gzip', 'x', 'utf-8'),
  destination: fc.constantFrom(undefined, 'a', 'spBv1.0/g/DDATA/n/d'),
})

const specimens: readonly Uint8Array[] = [
  utf8('{"a":[1,{"b":null}],"c":"grün"}'),
  encode({ name: ['x', 1.5, { t: new Date(0) }], data: Uint8Array.of(1, 2) }),
  bytes('bf 6161 9f 01 5f 4101 ff ff 6162 c2 42 0100 ff'),
  bytes('08 96 01 12 0a 0a 01 61 20 18 82 01 01 ff 1a 03 08 96 01 0b 10 05 0c'),
  bytes('06 416461 02 48 02 04 04d2 00'),
  gzipSync(utf8('{"a":1}')),
  zstdCompressSync(utf8('hello hello hello hello')),
  bytes('c301 0102030405060708 06 666f6f'),
  utf8('</a>;rt="b c";obs,</d>'),
]

/** Bytes of all kinds: none that mean anything, and such as nearly do. */
const body = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc
    .record({
      specimen: fc.constantFrom(...specimens),
      changes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
      cut: fc.nat(8),
    })
    .map(({ specimen, changes, cut }) => {
      const changed = Uint8Array.from(specimen)
      for (const [at, byte] of changes) changed[at % changed.length] = byte
      return changed.subarray(0, Math.max(0, changed.length - Math.max(0, cut - 4)))
    }),
)

const schemas = async (): Promise<Payloads> => {
  const path = files({
    'a.proto': 'message A { repeated int32 n = 1; optional A a = 2; map<string, A> m = 3; optional string s = 4; }',
    'a.avsc': '{"type":"record","name":"A","fields":[{"name":"a","type":{"type":"array","items":["null","A"]}}]}',
  })
  return loadPayloads({ proto: [path('a.proto')], avro: [path('a.avsc')], limit: 64 })
}

function sound(payload: Payload): void {
  expect(isJson(payload.value)).toBe(true)
  if (payload.format === 'bytes') expect(payload.value).toHaveProperty('base64')
  if (payload.truncated) expect(payload.trouble).toBeDefined()
}

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return ['string', 'boolean', 'object'].includes(typeof value)
  return Object.values(value).every(isJson)
}

test('any bytes, whatever is said of them', async () => {
  const described = await schemas()
  fc.assert(
    fc.property(body, said, (bytes, said) => {
      sound(decode(bytes, said))
      sound(described.decode({ bytes, ...said }))
    }),
    { numRuns: 2000 },
  )
})

test('every prefix of what can be read: an answer, and where it was said to be something, why it is not', () => {
  const types = [
    'application/json',
    'application/msgpack',
    'application/cbor',
    'application/x-protobuf',
    'application/avro',
  ]
  for (const [at, contentType] of types.entries()) {
    const specimen = specimens[at] as Uint8Array
    for (let end = 1; end < specimen.length; end++) {
      const payload = decode(specimen.subarray(0, end), { contentType })
      // A message of Protocol Buffers may end behind any field.
      if (payload.format !== 'protobuf') expect(payload.trouble).toMatch(/ at (byte|character) \d+$| is not given/)
    }
  }
})

// Fixed, as one in a million bodies of random bytes is well-formed and has names in it.
const seed = 20_260_101

test('bytes that mean nothing stay what they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 3, maxLength: 60 }), body => {
      const text = plainText(body)
      expect(decode(body)).toMatchObject(
        text === undefined ? { format: 'bytes', value: base64(body) } : { format: 'text', value: text },
      )
    }),
    { numRuns: 5000, seed },
  )
})

test('bytes that begin as maps and lists do, and go on without meaning', () => {
  const heads = [0x81, 0x82, 0x92, 0x93, 0xdc, 0xde, 0xa1, 0xa2, 0xb8, 0xbf]
  fc.assert(
    fc.property(fc.constantFrom(...heads), fc.uint8Array({ minLength: 1, maxLength: 20 }), (head, rest) => {
      const body = Uint8Array.of(head, ...rest)
      if (plainText(body) === undefined) expect(decode(body).format).toBe('bytes')
    }),
    { numRuns: 5000, seed },
  )
})

test('text stays what it is', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    .filter(text => plainText(utf8(text)) !== undefined && !/^\s*[[{]/.test(text))
  fc.assert(
    fc.property(text, text => {
      expect(decode(utf8(text))).toEqual({ format: 'text', value: text, encodings: [] })
    }),
    { numRuns: 2000 },
  )
})
