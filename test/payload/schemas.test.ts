import avsc from 'avsc'
import fc from 'fast-check'
import protobufjs from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { fingerprint } from '../../src/payload/fingerprint.ts'
import { loadPayloads } from '../../src/payload/index.ts'
import { bytes, files, utf8 } from './support.ts'

const shop = `
  syntax = "proto3";
  package shop;
  import "google/protobuf/timestamp.proto";
  import "common/money.proto";
  message Order {
    int64 id = 1;
    map<string, sint32> counts = 2;
    repeated double weights = 3;
    google.protobuf.Timestamp placed_at = 4;
    State state = 5;
    Order parent = 6;
    common.Money total = 7;
    oneof by { string person = 8; bytes robot = 9; }
    repeated State history = 10;
    float share = 11;
    enum State { NEW = 0; PAID = 1; GONE = -1; }
  }
  message Line { string text = 1; }`
const money = 'syntax = "proto3"; package common; message Money { string currency = 1; sfixed64 units = 2; }'
const protos = { 'proto/shop/shop.proto': shop, 'proto/common/money.proto': money }

const order = { id: '300', counts: { a: -1 }, placed_at: { seconds: '5' }, state: 'PAID', parent: { id: '299' } }
const encoded = bytes('08ac02 1205 0a0161 1001 2202 0805 2801 3203 08ab02')

describe('--proto', () => {
  test('a message of a file, which imports what lies beside it, above it, and what everybody has', async () => {
    const { decode } = await loadPayloads({ proto: [`${files(protos)('proto/shop/shop.proto')}:shop.Order`] })
    const payload = { format: 'protobuf', type: 'shop.Order', value: order, encodings: [] }
    expect(decode({ bytes: encoded, contentType: 'application/x-protobuf' })).toEqual(payload)
    expect(decode({ bytes: encoded })).toEqual(payload)
  })

  test('the message that the content type names', async () => {
    const { decode } = await loadPayloads({ proto: [files(protos)('proto/shop/shop.proto')] })
    const as = (contentType: string) => decode({ bytes: bytes('0a 02 6869'), contentType })
    for (const parameter of ['messageType=shop.Line', 'proto="shop.Line"', 'type=type.googleapis.com/shop.Line']) {
      expect(as(`application/x-protobuf; ${parameter}`)).toMatchObject({ type: 'shop.Line', value: { text: 'hi' } })
    }
    expect(as('application/protobuf; messageType=common.Money')).toMatchObject({ value: { currency: 'hi' } })
    expect(as('application/protobuf; messageType=shop.Other')).toMatchObject({
      value: { 1: 'hi' },
      trouble: 'Protocol Buffers: no --proto file has shop.Other',
    })
    // Two messages, and none is named: what the wire tells.
    expect(as('application/protobuf')).toMatchObject({
      value: { 1: 'hi' },
      trouble: 'Protocol Buffers: several messages are described; name one, --proto FILE:Type',
    })
  })

  test('the only message of a file need not be named; of several files the first that fits is taken', async () => {
    const path = files({
      'a.proto': 'message A { optional int32 n = 1; }',
      'b.proto': 'message B { optional string s = 1; }',
    })
    const { decode } = await loadPayloads({ proto: [path('a.proto'), path('b.proto')] })
    expect(decode({ bytes: bytes('08 80 01') })).toMatchObject({ type: 'A', value: { n: 128 } })
    expect(decode({ bytes: bytes('0a 03 c3bc 05'), contentType: 'application/protobuf' })).toMatchObject({ type: 'B' })
    // A field that neither has: what is said to be a message is shown as the first, what is not said to be is bytes.
    expect(decode({ bytes: bytes('10 80 01'), contentType: 'application/protobuf' })).toMatchObject({
      value: { 2: 128 },
    })
    expect(decode({ bytes: bytes('10 80 01') })).toMatchObject({ format: 'bytes' })
  })

  test('text and JSON stay that', async () => {
    const path = files({ 'a.proto': 'message A { optional string s = 1; }' })
    const { decode } = await loadPayloads({ proto: [path('a.proto')] })
    expect(decode({ bytes: utf8('\n\u0020 hello, this is text with 32 byte') })).toMatchObject({ format: 'text' })
    expect(decode({ bytes: utf8('{"a":1}') })).toMatchObject({ format: 'json' })
  })

  test('what protobufjs writes is read', async () => {
    const path = files(protos)
    const { decode } = await loadPayloads({ proto: [`${path('proto/shop/shop.proto')}:Order`] })
    const root = new protobufjs.Root()
    protobufjs.parse(money, root, { keepCase: true })
    root.addJSON(protobufjs.common.get('google/protobuf/timestamp.proto')?.nested ?? {})
    protobufjs.parse(shop, root, { keepCase: true })
    const Order = root.resolveAll().lookupType('shop.Order')
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
    const int32 = fc.integer()
    const { value } = fc.letrec(tie => ({
      value: fc.record(
        {
          id: int64,
          counts: fc.dictionary(fc.string(), int32, { maxKeys: 3 }),
          weights: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 3 }),
          placed_at: fc.record({ seconds: int64, nanos: int32 }),
          state: fc.constantFrom('NEW', 'PAID', 'GONE'),
          parent: fc.option(tie('value') as fc.Arbitrary<object>, { nil: undefined, maxDepth: 3 }),
          total: fc.record({ currency: fc.string({ unit: 'grapheme' }), units: int64 }),
          person: fc.string(),
          history: fc.array(fc.constantFrom('NEW', 'PAID', 'GONE'), { maxLength: 3 }),
          share: fc.float({ noNaN: true, noDefaultInfinity: true }),
        },
        { requiredKeys: [] },
      ),
    }))
    fc.assert(
      fc.property(value, value => {
        const body = Order.encode(Order.fromObject(value as object)).finish()
        const theirs = Order.toObject(Order.decode(body), { longs: String, enums: String })
        const { value: ours } = decode({ bytes: body, contentType: 'application/protobuf' })
        expect(body.length === 0 ? {} : comparable(ours)).toEqual(comparable(theirs))
      }),
      { numRuns: 300 },
    )
  })

  test.each<[string, string, string, string | undefined]>([
    ['a file that is not there', 'none.proto', 'no such file', 'Give a .proto file'],
    ['what is no schema', 'bad.proto', "illegal token '1'", 'Give a .proto file'],
    [
      'an import that is not there',
      'import.proto',
      'no such file',
      'what it imports is looked for beside it and above',
    ],
    ['a type that is not there', 'unknown.proto', 'no such Type or Enum', undefined],
    ['a message that is not there', 'good.proto:Ordr', 'there is no message Ordr', 'Did you mean Order?'],
    ['a message that may be two', 'good.proto:Twin', 'Twin may be a.Order.Twin or a.Twin', 'Name it with its package.'],
  ])('%s', async (_, flag, message, next) => {
    const path = files({
      'bad.proto': 'syntax="proto3"; message M { int32 a 1; }',
      'import.proto': 'import "other.proto";',
      'unknown.proto': 'message M { optional Foo a = 1; }',
      'good.proto': 'package a; message Order { message Twin {} } message Twin {}',
    })
    const failure = await loadPayloads({ proto: [path(flag)] }).catch(error => error)
    expect(failure).toMatchObject({ name: 'Failure', message: expect.stringContaining(message) })
    if (next !== undefined) expect(failure.next).toContain(next)
  })
})

/** Floats as 32 bits hold them, for what is shorter in ours; NaN and infinities as text. */
function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, item) =>
    key === 'share' && typeof item === 'number' ? Math.fround(item) : item,
  )
}

const person = {
  type: 'record',
  name: 'Person',
  namespace: 'org',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'age', type: ['null', 'long'] },
    { name: 'since', type: { type: 'int', logicalType: 'date' } },
    { name: 'balance', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
    { name: 'boss', type: ['null', 'Person'] },
  ],
}
const ada = bytes('06 416461 02 48 02 04 04d2 00')
const adaValue = { name: 'Ada', age: '36', since: '1970-01-02', balance: '12.34', boss: null }

describe('--avro', () => {
  const load = (schema: unknown) => loadPayloads({ avro: [files({ 'a.avsc': JSON.stringify(schema) })('a.avsc')] })

  test('a record by content type, and by look', async () => {
    const { decode } = await load(person)
    const payload = { format: 'avro', type: 'org.Person', value: adaValue, encodings: [] }
    expect(decode({ bytes: ada, contentType: 'application/avro' })).toEqual(payload)
    expect(decode({ bytes: ada })).toEqual(payload)
    expect(decode({ bytes: ada.subarray(0, -1) })).toMatchObject({ format: 'bytes' })
    expect(decode({ bytes: ada.subarray(0, -1), contentType: 'avro/binary' })).toMatchObject({
      format: 'bytes',
      trouble: 'Avro: 1 bytes missing at byte 10',
    })
  })

  test('a single object, by its fingerprint', async () => {
    const path = files({ 'a.avsc': '"string"', 'b.avsc': JSON.stringify(person) })
    const { decode } = await loadPayloads({ avro: [path('a.avsc'), path('b.avsc')] })
    const print = fingerprint(JSON.stringify(avsc.Type.forSchema(person as never).schema()))
    expect(decode({ bytes: bytes(`c301 ${print} ${Buffer.from(ada).toString('hex')}`) })).toMatchObject({
      type: 'org.Person',
      value: adaValue,
    })
  })

  test("Confluent's header, and the schema's number in it", async () => {
    const { decode } = await load(person)
    const body = bytes(`00 0000002a ${Buffer.from(ada).toString('hex')}`)
    expect(decode({ bytes: body })).toMatchObject({ schemaId: 42, type: 'org.Person', value: adaValue })
    const { decode: bare } = await loadPayloads()
    expect(bare({ bytes: body, contentType: 'application/avro' })).toMatchObject({
      format: 'bytes',
      trouble: 'Avro: schema 42 of its registry is not given (--avro FILE)',
    })
  })

  // Avro's own share/test/data/schema-tests.txt.
  test.each<[unknown, bigint]>([
    ['null', 7195948357588979594n],
    [{ type: 'boolean' }, -6970731678124411036n],
    [{ type: 'string' }, -8142146995180207161n],
    [['int', { type: 'boolean' }], 5392556393470105090n],
    [
      { fields: [], type: 'record', name: 'foo', namespace: 'x.y', doc: 'Useful info', aliases: ['bar'] },
      5916914534497305771n,
    ],
    [
      {
        fields: [
          { type: 'boolean', aliases: [], name: 'f1', default: true },
          { order: 'descending', name: 'f2', doc: 'Hello', type: 'int' },
        ],
        type: 'record',
        name: 'foo',
      },
      -4860222112080293046n,
    ],
    [{ namespace: 'x.y.z', type: 'enum', name: 'foo', doc: 'foo bar', symbols: ['A1', 'A2'] }, -4448647247586288245n],
    [{ namespace: 'x.y.z', type: 'fixed', name: 'foo', doc: 'foo bar', size: 32 }, -3064184465700546786n],
    [{ values: 'string', type: 'map' }, -8732877298790414990n],
    [
      { name: 'PigValue', type: 'record', fields: [{ name: 'value', type: ['null', 'int', 'long', 'PigValue'] }] },
      -1759257747318642341n,
    ],
  ])('the fingerprint of %j', (schema, expected) => {
    const buffer = Buffer.alloc(8)
    buffer.writeBigInt64LE(expected)
    expect(fingerprint(JSON.stringify(avsc.Type.forSchema(schema as never).schema()))).toBe(buffer.toString('hex'))
  })

  test('what avsc writes is read', async () => {
    const schema = {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'n', type: 'null' },
        { name: 'b', type: 'boolean' },
        { name: 'i', type: 'int' },
        { name: 'l', type: 'long' },
        { name: 'f', type: 'float' },
        { name: 'd', type: 'double' },
        { name: 's', type: 'string' },
        { name: 'y', type: 'bytes' },
        { name: 'x', type: { type: 'fixed', name: 'X', size: 3 } },
        { name: 'e', type: { type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] } },
        { name: 'a', type: { type: 'array', items: ['null', 'string'] } },
        { name: 'm', type: { type: 'map', values: { type: 'array', items: 'int' } } },
        { name: 'r', type: ['null', 'R'] },
      ],
    }
    const { decode } = await load(schema)
    const type = avsc.Type.forSchema(schema as never)
    const leaf = {
      n: fc.constant(null),
      b: fc.boolean(),
      i: fc.integer(),
      // Beyond 2^52 it writes what a double makes of it.
      l: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
      f: fc.float({ noNaN: true, noDefaultInfinity: true }),
      d: fc.double({ noNaN: true, noDefaultInfinity: true }),
      s: fc.string({ unit: 'grapheme' }),
      y: fc.uint8Array({ maxLength: 9 }).map(bytes => Buffer.from(bytes)),
      x: fc.uint8Array({ minLength: 3, maxLength: 3 }).map(bytes => Buffer.from(bytes)),
      e: fc.constantFrom('A', 'B', 'C'),
      a: fc.array(fc.option(fc.string()), { maxLength: 4 }),
      m: fc.dictionary(fc.string(), fc.array(fc.integer(), { maxLength: 3 }), { maxKeys: 3 }),
    }
    const once = fc.record({ ...leaf, r: fc.constant(null) })
    fc.assert(
      fc.property(fc.record({ ...leaf, r: fc.option(once) }), value => {
        const { value: ours } = decode({ bytes: type.toBuffer(value), contentType: 'application/avro' })
        expect(asAvro(ours)).toEqual(asAvro(value))
      }),
      { numRuns: 300 },
    )
  })

  test.each<[string, string, string]>([
    ['none.avsc', '', 'no such file'],
    ['a.avsc', '{"type":', 'JSON'],
    ['a.avsc', '{"type":"record","name":"A","fields":[{"name":"a","type":"Foo"}]}', 'undefined type name: Foo'],
  ])('%s %s', async (file, content, message) => {
    const failure = await loadPayloads({ avro: [files({ 'a.avsc': content })(file)] }).catch(error => error)
    expect(failure).toMatchObject({ name: 'Failure', message: expect.stringContaining(message) })
  })
})

/** Longs as numbers, floats as 32 bits hold them, bytes as base64. */
function asAvro(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, item) => {
      if (key === 'l') return Number(item)
      if (key === 'f') return Math.fround(item)
      return item?.type === 'Buffer' ? { base64: Buffer.from(item.data).toString('base64') } : item
    }),
  )
}
