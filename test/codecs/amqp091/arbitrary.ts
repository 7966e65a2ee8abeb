import fc from 'fast-check'
import { Decimal, FieldArray, type FieldValue, Table, type Tagged } from '../../../codecs/amqp091/index.ts'
import { type Plan, plans } from '../../../codecs/amqp091/plan.ts'
import type { ArgumentType } from '../../../codecs/amqp091/tables.ts'

/** Frames of every kind, made from the method table; and a form of them that `toEqual` sees through. */

export const channel = fc.integer({ min: 1, max: 0xffff })
const short = fc.string({ unit: 'grapheme', maxLength: 12 })
/** Not UTF-8, and so kept as bytes. */
const binary = fc.uint8Array({ maxLength: 20 }).map(tail => Uint8Array.of(0xff, ...tail))
const text = fc.oneof({ weight: 5, arbitrary: short }, { weight: 1, arbitrary: binary })
const bytes = fc.uint8Array({ maxLength: 40 })
const exact = (value: bigint): number | bigint => (value > -(2n ** 53n) && value < 2n ** 53n ? Number(value) : value)
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(exact)
const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(exact)
const int = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 })

const tagged = (tag: string, value: fc.Arbitrary<FieldValue>): fc.Arbitrary<Tagged> =>
  value.map(made => ({ tag, value: made }))

const { table } = fc.letrec<{ value: Tagged; table: Table; array: FieldArray }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    tagged('t', fc.boolean()),
    tagged('b', int(8)),
    tagged('B', uint(8)),
    tagged('s', int(16)),
    tagged('U', int(16)),
    tagged('u', uint(16)),
    tagged('I', int(32)),
    tagged('i', uint(32)),
    tagged('l', i64),
    tagged('L', i64),
    tagged('f', fc.float({ noNaN: true })),
    tagged('d', fc.double({ noNaN: true })),
    tagged(
      'D',
      fc.tuple(uint(8), uint(32)).map(([scale, value]) => new Decimal(scale, value)),
    ),
    tagged('S', text),
    tagged('x', bytes),
    tagged('T', u64),
    tagged('V', fc.constant(null)),
    tagged('A', tie('array')),
    tagged('F', tie('table')),
  ),
  array: fc.array(tie('value'), { maxLength: 4 }).map(values => new FieldArray(values)),
  table: fc
    .array(fc.tuple(short, tie('value')), { maxLength: 5 })
    .map(entries => new Table(entries.map(([key, value]) => ({ key, ...value })))),
}))

export { table }

const ofType: Readonly<Record<ArgumentType, fc.Arbitrary<unknown>>> = {
  octet: uint(8),
  short: uint(16),
  long: uint(32),
  longlong: u64,
  bit: fc.boolean(),
  shortstr: text,
  longtext: text,
  longstr: bytes,
  secret: bytes,
  table,
}
const something: Partial<Record<ArgumentType, fc.Arbitrary<unknown>>> = {
  short: fc.integer({ min: 1, max: 0xffff }),
  bit: fc.constant(true),
  shortstr: fc.string({ minLength: 1, maxLength: 9 }),
  longstr: fc.uint8Array({ minLength: 1, maxLength: 9 }),
}

export const value = (type: ArgumentType): fc.Arbitrary<unknown> => ofType[type]

/** A frame of this method; what is reserved is in it now and then. */
export function methodFrame({ type, classId, arguments: list }: Plan): fc.Arbitrary<Frame> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {}
  for (const { name, type: kind, reserved } of list) fields[name] = (reserved ? something[kind] : ofType[kind]) as never
  const required = list.filter(({ reserved }) => !reserved).map(({ name }) => name)
  return fc
    .tuple(classId === 10 ? fc.constant(0) : channel, fc.record(fields, { requiredKeys: required }))
    .map(([number, values]) => ({ type, channel: number, ...values }))
}

const propertyValues = fc.record(
  {
    contentType: text,
    contentEncoding: text,
    headers: table,
    deliveryMode: uint(8),
    priority: uint(8),
    correlationId: text,
    replyTo: text,
    expiration: text,
    messageId: text,
    timestamp: u64,
    type: text,
    userId: text,
    appId: text,
    clusterId: text,
  },
  { requiredKeys: [] },
)

export type Frame = { readonly type: string } & Readonly<Record<string, unknown>>

export const header: fc.Arbitrary<Frame> = fc
  .tuple(channel, u64, propertyValues)
  .map(([number, bodySize, properties]) => ({ type: 'header', channel: number, classId: 60, bodySize, properties }))
export const body: fc.Arbitrary<Frame> = fc
  .tuple(channel, bytes)
  .map(([number, content]) => ({ type: 'body', channel: number, body: content }))
export const other: fc.Arbitrary<Frame> = fc.oneof(
  fc
    .tuple(uint(8), uint(8), uint(8), uint(8))
    .map(([protocolId, major, minor, revision]) => ({ type: 'protocol-header', protocolId, major, minor, revision })),
  fc.constantFrom<Frame>({ type: 'heartbeat', channel: 0 }, { type: 'heartbeat', channel: 0, short: true }),
  fc.tuple(channel, fc.integer({ min: 91, max: 0xffff }), uint(16), bytes).map(([number, classId, methodId, args]) => ({
    type: 'method',
    channel: number,
    classId,
    methodId,
    arguments: args,
  })),
)

export const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...plans).chain(methodFrame) },
  { weight: 2, arbitrary: header },
  { weight: 1, arbitrary: body },
  { weight: 1, arbitrary: other },
)

/** All of a value, tags and order included, as plain data. */
export function plain(from: unknown): unknown {
  if (from instanceof Table) return { table: from.entries.map(plain) }
  if (from instanceof FieldArray) return { array: from.values.map(plain) }
  if (from instanceof Decimal) return `${from.value} / 10^${from.scale}`
  if (from instanceof Uint8Array) return `bytes ${Buffer.from(from).toString('hex')}`
  if (typeof from === 'bigint') return `${from}n`
  if (Array.isArray(from)) return from.map(plain)
  if (typeof from !== 'object' || from === null) return from
  const source = 'values' in from ? (from.values as object) : from
  return Object.fromEntries(
    Object.entries(source)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => [name, plain(item)]),
  )
}
