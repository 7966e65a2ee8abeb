import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Table } from '../../../codecs/amqp091/index.ts'
import { type Argument, plans } from '../../../codecs/amqp091/plan.ts'
import { properties } from '../../../codecs/amqp091/tables.ts'
import { channel, type Frame } from './arbitrary.ts'
import { hex, read, write } from './support.ts'

/**
 * amqplib's codec as a second opinion, both ways. Left out is what it is known to do wrong: integers beyond 2^53, the
 * tags `L` and `U`, strings that are not UTF-8, duplicate keys.
 */

interface Definition {
  readonly name: string
  readonly args: readonly { readonly name: string }[]
}
interface AmqplibFrame {
  parseFrame(bytes: Buffer, max: number): unknown
  decodeFrame(frame: unknown): {
    readonly id: number
    readonly channel: number
    readonly size?: number
    readonly content?: Buffer
    readonly fields: Readonly<Record<string, unknown>>
  }
  makeBodyFrame(channel: number, body: Buffer): Buffer
}
interface AmqplibDefinitions {
  info(id: number): Definition
  encodeMethod(id: number, channel: number, fields: object): Buffer
  encodeProperties(id: number, channel: number, size: number, fields: object): Buffer
  readonly BasicProperties: number
}
// By path: the package exports its client only.
const library = new URL('../../../node_modules/amqplib/lib/', import.meta.url).pathname
const require = createRequire(import.meta.url)
const frames = require(`${library}frame.js`) as AmqplibFrame
const definitions = require(`${library}defs.js`) as AmqplibDefinitions

const safe = fc.maxSafeNat()
const text = fc.string({ unit: 'grapheme', maxLength: 10 })
const key = fc.string({ minLength: 1, maxLength: 8 }).filter(name => name !== '!' && name !== '__proto__')
const { fields } = fc.letrec<{ field: unknown; fields: Record<string, unknown>; list: unknown[] }>(tie => ({
  field: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, min: -1e12, max: 1e12 }).filter(value => !Object.is(value, -0)),
    fc.constant(null),
    fc.uint8Array({ maxLength: 9 }).map(bytes => Buffer.from(bytes)),
    tie('list'),
    tie('fields'),
  ),
  list: fc.array(tie('field'), { maxLength: 3 }),
  fields: fc.dictionary(key, tie('field'), { maxKeys: 4, noNullPrototype: true }),
}))

const values: Readonly<Record<Argument['type'], fc.Arbitrary<unknown>>> = {
  octet: fc.nat(0xff),
  short: fc.nat(0xffff),
  long: fc.nat(0xffff_ffff),
  longlong: safe,
  bit: fc.boolean(),
  shortstr: text,
  longtext: text.map(value => Buffer.from(value)),
  longstr: fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
  secret: fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
  table: fields,
}

/** Ours in amqplib's terms. */
function theirs(value: unknown): unknown {
  if (value instanceof Table) return theirs(value.toJSON())
  if (value instanceof Uint8Array) return `bytes ${hex(value)}`
  if (Array.isArray(value)) return value.map(theirs)
  if (typeof value !== 'object' || value === null) return value
  const plain = 'toJSON' in value && typeof value.toJSON === 'function' ? (value.toJSON() as object) : value
  if (Array.isArray(plain)) return plain.map(theirs)
  return Object.fromEntries(Object.entries(plain).map(([name, item]) => [name, theirs(item)]))
}
/** What amqplib leaves as bytes because it is a long string, though it is text by definition. */
const asText = (type: Argument['type'], value: unknown): unknown =>
  type === 'longtext' && value instanceof Uint8Array ? Buffer.from(value).toString() : value

const decode = (bytes: Uint8Array) => {
  const buffer = Buffer.from(bytes)
  return frames.decodeFrame(frames.parseFrame(buffer, 0))
}

describe.each(plans.map(plan => [plan.type, plan] as const))(
  '%s',
  (_, { type, classId, methodId, arguments: list }) => {
    const id = classId * 0x1_0000 + methodId
    const { args } = definitions.info(id)

    test('amqplib and we agree', () => {
      expect(args.length).toBe(list.length)
      const record = fc.tuple(...list.map(({ type: kind }) => values[kind]))
      fc.assert(
        fc.property(channel, record, (number, given) => {
          const encoded = definitions.encodeMethod(
            id,
            number,
            Object.fromEntries(args.map(({ name }, at) => [name, given[at]])),
          )
          const frame = read(encoded).frame as unknown as Frame
          expect(frame.type).toBe(type)
          expect(frame.channel).toBe(number)
          const written = write(frame)
          expect(hex(written)).toBe(hex(encoded))
          const decoded = decode(written)
          expect(decoded.id).toBe(id)
          expect(decoded.channel).toBe(number)
          for (const [at, { name, type: kind, reserved }] of list.entries()) {
            const wanted = theirs(asText(kind, given[at]))
            if (name in frame || !reserved) expect(theirs(frame[name]), name).toEqual(wanted)
            expect(theirs(asText(kind, decoded.fields[args[at]?.name ?? ''])), name).toEqual(wanted)
          }
        }),
        { numRuns: 40 },
      )
    })
  },
)

test('amqplib and we agree on content', () => {
  const record = fc.record(Object.fromEntries(Object.entries(properties).map(([name, type]) => [name, values[type]])), {
    requiredKeys: [],
  })
  fc.assert(
    fc.property(channel, record, fc.uint8Array({ maxLength: 50 }), (number, given, content) => {
      const encoded = definitions.encodeProperties(definitions.BasicProperties, number, content.length, given)
      const { frame } = read(encoded)
      if (frame.type !== 'header') throw new Error(frame.type)
      expect(frame.bodySize).toBe(content.length)
      for (const [name, value] of Object.entries(given)) {
        expect(theirs(frame.properties[name as keyof typeof properties]), name).toEqual(theirs(value))
      }
      const { values: parsed } = frame.properties as unknown as { values: typeof frame.properties }
      // Written anew from its values, not copied.
      const anew = write({ ...frame, properties: { ...parsed } })
      expect(hex(anew)).toBe(hex(encoded))
      expect(hex(write({ type: 'body', channel: number, body: content }))).toBe(
        hex(frames.makeBodyFrame(number, Buffer.from(content))),
      )
    }),
    { numRuns: 300 },
  )
})
