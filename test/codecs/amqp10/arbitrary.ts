import fc from 'fast-check'
import {
  type Amqp10Frame,
  AmqpArray,
  AmqpMap,
  Body,
  Decimal,
  Described,
  List,
  type Message,
  Scalar,
  type ScalarType,
  type Value,
} from '../../../codecs/amqp10/index.ts'
import { encodings } from '../../../codecs/amqp10/types.ts'

const u8 = fc.integer({ min: 0, max: 0xff })
const u16 = fc.integer({ min: 0, max: 0xffff })
const u32 = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 0xffffffff }))
const exact = (value: bigint) => (value >= -(2n ** 53n) && value < 2n ** 53n ? Number(value) : value)
const u64 = fc.oneof(u8, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(exact))
const i64 = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(exact),
)
const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size })
// A U+FFFD that was read keeps its octets beside the text, as it may stand for some that were no UTF-8.
const text = fc
  .oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.string({ unit: 'grapheme', minLength: 80, maxLength: 300 }))
  .filter(characters => !characters.includes('\ufffd'))
const symbol = fc.string({ unit: 'grapheme-ascii', maxLength: 20 })
export const binary = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 250, maxLength: 300 }))

/** What each type holds. */
const plains = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  ubyte: u8,
  ushort: u16,
  uint: u32,
  ulong: u64,
  byte: fc.integer({ min: -128, max: 127 }),
  short: fc.integer({ min: -32768, max: 32767 }),
  int: fc.oneof(fc.integer({ min: -200, max: 200 }), fc.integer()),
  long: i64,
  // A NaN that was read keeps its payload beside the value, so it is not what was written from the bare value: it has a
  // vector of its own (types-every-encoding).
  float: fc.float({ noNaN: true }),
  double: fc.double({ noNaN: true }),
  decimal32: bytes(4).map(data => new Decimal('decimal32', data)),
  decimal64: bytes(8).map(data => new Decimal('decimal64', data)),
  decimal128: bytes(16).map(data => new Decimal('decimal128', data)),
  char: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter(unit => /^\p{Any}$/u.test(unit)),
  timestamp: i64,
  uuid: fc.uuid(),
  binary,
  string: text,
  symbol,
} satisfies Record<ScalarType, fc.Arbitrary<unknown>>

export const scalarTypes = Object.keys(plains) as ScalarType[]

export const plainOf = (type: ScalarType): fc.Arbitrary<Scalar['value']> => plains[type]

/** A scalar in the smallest encoding, or in the widest. */
export const scalar: fc.Arbitrary<Scalar> = fc.constantFrom(...scalarTypes).chain(type =>
  fc.tuple(plainOf(type), fc.boolean()).map(([value, wide]) => {
    const code = Object.values(encodings[type]).at(-1) as number
    const small = Scalar.of(type, value)
    return wide || (typeof value === 'string' && Buffer.byteLength(value) > 255) ? new Scalar(code, value) : small
  }),
)

/** Not one of the specification's own, by which a list reads as a delivery state or a section. */
const descriptor = scalar.filter(({ type, value }) => type !== 'ulong' || Number(value) > 0xff)

export const { value } = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 5 }).map(items => new List(items, 0xd0)),
    fc
      .array(fc.record({ key: scalar, value: tie('value') }), { maxLength: 4 })
      .map(entries => new AmqpMap(entries, 0xd1)),
    fc.tuple(descriptor, tie('value')).map(([name, inner]) => new Described(name, inner)),
    fc
      .constantFrom(...scalarTypes.filter(type => type !== 'null' && type !== 'boolean'))
      .chain(type => fc.array(plainOf(type), { maxLength: 5 }).map(values => wide(AmqpArray.of(type, values)))),
    fc.array(fc.array(tie('value'), { maxLength: 3 }), { maxLength: 3 }).map(
      lists =>
        new AmqpArray(
          0xd0,
          lists.map(items => new List(items, 0xd0)),
          0xf0,
          [Scalar.of('symbol', 'x:list')],
        ),
    ),
  ),
}))

const wide = (array: AmqpArray) => new AmqpArray(array.element, array.items, 0xf0)

const fields = fc
  .dictionary(symbol, scalar, { maxKeys: 4, noNullPrototype: true })
  .map(values => new AmqpMap(AmqpMap.fields(values).entries, 0xd1))
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const symbols = fc.array(symbol, { maxLength: 3 })
const error = fc.record(
  { condition: symbol, description: text, info: fields },
  { requiredKeys: ['condition'], noNullPrototype: true },
)

const state = fc.oneof(
  fc.constantFrom({ type: 'accepted' as const }, { type: 'released' as const }, { type: 'rejected' as const }),
  error.map(reason => ({ type: 'rejected' as const, error: reason })),
  fc.record(
    { type: fc.constant('received' as const), sectionNumber: u32, sectionOffset: u64 },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('modified' as const), deliveryFailed: fc.boolean(), messageAnnotations: fields },
    { requiredKeys: ['type'], noNullPrototype: true },
  ),
  binary.map(txnId => ({ type: 'transactional-state' as const, txnId, outcome: { type: 'accepted' as const } })),
)

const channel = u16
const terminus = fc.record(
  { address: text, durable: u32, expiryPolicy: symbol, dynamic: fc.boolean(), capabilities: symbols },
  { requiredKeys: [], noNullPrototype: true },
)

export const message: fc.Arbitrary<Message> = fc.record(
  {
    header: fc.record({ durable: fc.boolean(), priority: u8, ttl: u32 }, { requiredKeys: [], noNullPrototype: true }),
    messageAnnotations: fields,
    properties: fc.record(
      {
        messageId: scalar.filter(id => ['ulong', 'uuid', 'binary', 'string'].includes(id.type as string)),
        to: text,
        contentType: symbol,
        creationTime: i64.map(time => Scalar.of('timestamp', time)),
        groupSequence: u32,
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
    body: fc.oneof(
      fc.array(binary, { minLength: 1, maxLength: 3 }).map(
        parts =>
          new Body(
            'data',
            parts.map(part => new Scalar(0xb0, part)),
          ),
      ),
      value.map(content => new Body('amqpValue', [content])),
    ),
  },
  { requiredKeys: ['body'], noNullPrototype: true },
)

/** Frames as a program makes them. */
export const frame: fc.Arbitrary<Amqp10Frame> = fc.oneof(
  fc.record(
    {
      type: fc.constant('open' as const),
      channel,
      containerId: text,
      hostname: text,
      maxFrameSize: u32,
      channelMax: u16,
      idleTimeOut: u32,
      outgoingLocales: symbols,
      offeredCapabilities: symbols,
      properties: fields,
    },
    { requiredKeys: ['type', 'channel', 'containerId'], noNullPrototype: true },
  ),
  fc.record(
    {
      type: fc.constant('attach' as const),
      channel,
      name: text,
      handle: u32,
      role: fc.constantFrom('sender' as const, 'receiver' as const),
      sndSettleMode: fc.constantFrom(0, 1, 2),
      source: terminus,
      target: fc.oneof(terminus, fc.constant({ type: 'coordinator' as const, capabilities: ['x'] })),
      maxMessageSize: u64,
      properties: fields,
    },
    { requiredKeys: ['type', 'channel', 'name', 'handle', 'role'], noNullPrototype: true },
  ),
  fc.record(
    {
      type: fc.constant('flow' as const),
      channel,
      nextIncomingId: u32,
      incomingWindow: u32,
      nextOutgoingId: u32,
      outgoingWindow: u32,
      handle: u32,
      linkCredit: u32,
      drain: fc.boolean(),
    },
    {
      requiredKeys: ['type', 'channel', 'incomingWindow', 'nextOutgoingId', 'outgoingWindow'],
      noNullPrototype: true,
    },
  ),
  fc.record(
    {
      type: fc.constant('transfer' as const),
      channel,
      handle: u32,
      deliveryId: u32,
      deliveryTag: binary,
      settled: fc.boolean(),
      more: fc.constant(true),
      state,
      payload: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    },
    { requiredKeys: ['type', 'channel', 'handle', 'deliveryId', 'more'], noNullPrototype: true },
  ),
  fc.record(
    {
      type: fc.constant('disposition' as const),
      channel,
      role: fc.constantFrom('sender' as const, 'receiver' as const),
      first: u32,
      last: u32,
      settled: fc.boolean(),
      state,
    },
    { requiredKeys: ['type', 'channel', 'role', 'first'], noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constantFrom('end' as const, 'close' as const), channel, error },
    { requiredKeys: ['type', 'channel'], noNullPrototype: true },
  ),
  fc.record({ type: fc.constant('empty' as const), channel }, { noNullPrototype: true }),
  fc.record(
    { type: fc.constant('sasl-init' as const), mechanism: symbol, initialResponse: binary, hostname: text },
    { requiredKeys: ['type', 'mechanism'], noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('sasl-outcome' as const), code: u8, additionalData: binary },
    { requiredKeys: ['type', 'code'], noNullPrototype: true },
  ),
  optional(symbols).map(mechanisms => ({
    type: 'sasl-mechanisms' as const,
    saslServerMechanisms: mechanisms ?? ['PLAIN'],
  })),
)
