import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Amqp10Frame,
  AmqpMap,
  Body,
  Described,
  List,
  Scalar,
  type Transfer,
  type Value,
} from '../../../codecs/amqp10/index.ts'
import { type Deferred, toJson } from '../../../codecs/core/index.ts'
import { frame as anyFrame, message as anyMessage } from './arbitrary.ts'
import { bare, decode, encode, hexOf } from './support.ts'

/** rhea and amqp10 as oracles, both ways: they read what we write, we read what they write. */

const require = createRequire(import.meta.url)

interface RheaTyped {
  readonly value: unknown
  readonly descriptor?: { readonly value: unknown }
}
interface RheaFrame {
  readonly channel: number
  readonly payload?: Buffer
  readonly performative: Record<string, unknown>
}
interface Rhea {
  read_frame(bytes: Buffer): RheaFrame
  write_frame(frame: unknown): Buffer
  amqp_frame(channel: number, performative: unknown, payload?: Buffer): unknown
  sasl_frame(performative: unknown): unknown
}
const rhea = require('rhea/lib/frames.js') as Rhea
const rheaMessage = require('rhea/lib/message.js') as {
  encode(message: object): Buffer
  decode(bytes: Buffer): Record<string, unknown>
  data_section(bytes: Buffer): unknown
  accepted(): { described(): unknown }
}
const types = require('rhea/lib/types.js') as {
  Writer: new () => { write(value: unknown): void; toBuffer(): Buffer }
  [wrap: `wrap_${string}`]: (value: unknown) => unknown
}

/** rhea has a function for each performative. */
function described(name: string, fields: object): unknown {
  const makers = rhea as unknown as Record<string, (fields: object) => { described(): unknown }>
  return makers[name.replaceAll('-', '_')]?.(fields).described()
}

const none = new Uint8Array(0)
const snake = (name: string) => name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

/** Fields of ours as rhea takes them; only those whose values are the same in both. */
function rheaFields(frame: Amqp10Frame): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(bare(frame))) {
    if (['type', 'channel', 'wire', 'payload', 'state', 'source', 'target', 'properties', 'error'].includes(name))
      continue
    if (name === 'maxMessageSize' && typeof value === 'bigint') continue
    fields[snake(name)] =
      name === 'role' ? value === 'receiver' : value instanceof Uint8Array ? Buffer.from(value) : value
  }
  return fields
}

const comparable = (value: unknown): unknown =>
  value instanceof Uint8Array ? hexOf(value) : Array.isArray(value) && value.length === 1 ? value[0] : value

describe('rhea', () => {
  test('reads the frames that we write', () => {
    fc.assert(
      fc.property(anyFrame, frame => {
        // rhea cannot read an array without elements.
        const empty = Object.values(frame).some(value => Array.isArray(value) && value.length === 0)
        if (frame.type === 'empty' || empty || /"capabilities":\[\]/.test(JSON.stringify(toJson(frame)))) return
        const read = rhea.read_frame(Buffer.from(encode(frame)))
        expect(read.channel).toBe('channel' in frame ? frame.channel : 0)
        for (const [name, value] of Object.entries(rheaFields(frame))) {
          expect(comparable(read.performative[name]), name).toEqual(comparable(value))
        }
        if (frame.type === 'transfer') expect(hexOf(read.payload ?? none)).toBe(hexOf(frame.payload ?? none))
      }),
      { numRuns: 500 },
    )
  })

  test('writes frames that we read, and write back as it did', () => {
    fc.assert(
      fc.property(anyFrame, frame => {
        if (frame.type === 'empty') return
        const performative = described(frame.type, rheaFields(frame))
        const payload = frame.type === 'transfer' ? Buffer.from(frame.payload ?? none) : undefined
        const bytes = rhea.write_frame(
          'channel' in frame ? rhea.amqp_frame(frame.channel, performative, payload) : rhea.sasl_frame(performative),
        )
        const { frame: read, diagnostics } = decode(new Uint8Array(bytes))
        expect(diagnostics).toEqual([])
        expect(read.type).toBe(frame.type)
        for (const name of Object.keys(rheaFields(frame))) {
          const key = Object.keys(frame).find(own => snake(own) === name) as keyof typeof frame
          expect(comparable(read[key as never]), name).toEqual(comparable(frame[key]))
        }
        expect(hexOf(encode(read))).toBe(hexOf(bytes))
      }),
      { numRuns: 500 },
    )
  })

  test('reads the messages that we write', () => {
    fc.assert(
      fc.property(anyMessage, message => {
        if (message.body?.kind !== 'data') return
        const transfer: Transfer = { type: 'transfer', channel: 0, handle: 0, deliveryId: 0, message }
        const read = rheaMessage.decode(rhea.read_frame(Buffer.from(encode(transfer))).payload as Buffer)
        for (const [name, value] of Object.entries({ ...message.header, ...message.properties })) {
          if (value === undefined || typeof value === 'object') continue
          expect(read[snake(name)], name).toEqual(value)
        }
        const { content } = read.body as { content: Buffer | Buffer[] }
        const sections = message.body.sections.map(section => hexOf((section as Scalar).value as Uint8Array))
        expect([content].flat().map(hexOf)).toEqual(sections)
      }),
      { numRuns: 300 },
    )
  })

  test('writes messages that we read', () => {
    const bytes = rheaMessage.encode({
      durable: true,
      priority: 7,
      ttl: 60_000,
      delivery_count: 3,
      delivery_annotations: { d: 1 },
      message_annotations: { 'x-opt': 'a' },
      message_id: 'id',
      user_id: Buffer.from('me'),
      to: 'there',
      subject: 'about',
      reply_to: 'here',
      correlation_id: 5,
      content_type: 'text/plain',
      absolute_expiry_time: new Date(1_700_000_000_000),
      group_id: 'g',
      group_sequence: 9,
      application_properties: { text: 'v', number: 70_000, truth: false },
      body: rheaMessage.data_section(Buffer.from('hello')),
    })
    const performative = described('transfer', { handle: 0, delivery_id: 0, delivery_tag: Buffer.from('t') })
    const { frame, diagnostics } = decode(new Uint8Array(rhea.write_frame(rhea.amqp_frame(0, performative, bytes))))
    expect(diagnostics).toEqual([])
    expect(toJson((frame as Transfer).message)).toEqual({
      header: { durable: true, priority: 7, ttl: 60_000, deliveryCount: 3 },
      deliveryAnnotations: { d: 1 },
      messageAnnotations: { 'x-opt': 'a' },
      properties: {
        messageId: 'id',
        userId: 'me',
        to: 'there',
        subject: 'about',
        replyTo: 'here',
        correlationId: 5,
        contentType: 'text/plain',
        absoluteExpiryTime: '2023-11-14T22:13:20.000Z',
        groupId: 'g',
        groupSequence: 9,
      },
      applicationProperties: { text: 'v', number: 70_000, truth: false },
      body: 'hello',
    })
  })

  test.each([
    ['ubyte', 200],
    ['ushort', 60_000],
    ['uint', 4_000_000_000],
    ['ulong', 9_007_199_254_740_991],
    ['byte', -100],
    ['short', -30_000],
    ['int', -2_000_000_000],
    ['long', -9_007_199_254_740_991],
    ['float', 1.5],
    ['double', 0.1],
    ['boolean', true],
    ['timestamp', 1_700_000_000_000],
    ['string', 'é'],
    ['symbol', 'sym'],
  ] as const)('agrees on the octets of a %s', (type, value) => {
    const writer = new types.Writer()
    writer.write(types[`wrap_${type}`]?.(value))
    const body = new Body('amqpValue', [Scalar.of(type, value)])
    const transfer = encode({ type: 'transfer', channel: 0, handle: 0, deliveryId: 0, message: { body } })
    expect(hexOf(transfer)).toMatch(new RegExp(`005377${hexOf(writer.toBuffer())}$`))
  })

  test('agrees on outcomes', () => {
    const theirs = rhea.write_frame(
      rhea.amqp_frame(
        3,
        described('disposition', {
          role: true,
          first: 1,
          last: 2,
          settled: true,
          state: rheaMessage.accepted().described(),
        }),
      ),
    )
    const ours: Amqp10Frame = {
      type: 'disposition',
      channel: 3,
      role: 'receiver',
      first: 1,
      last: 2,
      settled: true,
      state: { type: 'accepted' },
    }
    expect(bare(decode(new Uint8Array(theirs)).frame)).toEqual(ours)
    const state = rhea.read_frame(Buffer.from(encode(ours))).performative.state as RheaTyped
    expect(state.descriptor?.value).toBe(0x24)
  })
})

interface Amqp10Codec {
  decode(buffer: unknown): [unknown, number] | undefined
  encode(value: unknown, into: { get(): Buffer }): void
}
const codec = require('amqp10/lib/codec.js') as Amqp10Codec
const BufferBuilder = require('buffer-builder') as new () => { get(): Buffer }
const ForcedType = require('amqp10/lib/types/forced_type.js') as new (type: string, value: unknown) => unknown
const BufferList = require('bl') as new (bytes: Buffer) => unknown

/** What a value says, in amqp10's terms. */
function said(value: Value): unknown {
  if (value instanceof List) return value.items.map(said)
  if (value instanceof AmqpMap) {
    return Object.fromEntries(value.entries.map(entry => [(entry.key as Scalar).value, said(entry.value)]))
  }
  if (value instanceof Described) return said(value.value)
  return (value as Scalar).value
}

/** Octets of a value as we read them in the body of a message. */
function bodyOf(bytes: Uint8Array): Value {
  const payload = new Uint8Array([0x00, 0x53, 0x77, ...bytes])
  const { message } = decode(encode({ type: 'transfer', channel: 0, handle: 0, deliveryId: 0, payload }))
    .frame as Transfer
  return (message as Deferred<{ body: Body }>).value.body.sections[0] as Value
}

describe('amqp10', () => {
  test.each([
    ['ubyte', 200],
    ['ushort', 60_000],
    ['uint', 70_000],
    ['byte', -100],
    ['short', -30_000],
    ['int', -70_000],
    ['double', 0.1],
    ['boolean', false],
    ['string', 'text'],
    ['symbol', 'symbol'],
  ] as const)('writes a %s that we read', (type, value) => {
    const builder = new BufferBuilder()
    codec.encode(new ForcedType(type, value), builder)
    const read = bodyOf(new Uint8Array(builder.get())) as Scalar
    expect(read.type).toBe(type)
    expect(read.value).toBe(value)
  })

  test('reads the values that we write', () => {
    const values: readonly Value[] = [
      Scalar.of('null', null),
      Scalar.of('boolean', true),
      Scalar.of('uint', 0),
      Scalar.of('uint', 200),
      Scalar.of('uint', 4_000_000_000),
      Scalar.of('int', -5),
      Scalar.of('double', 1e100),
      Scalar.of('string', 'é'.repeat(200)),
      new List([Scalar.of('uint', 1), new List([], 0x45), Scalar.of('string', 'x')]),
      AmqpMap.of({ a: Scalar.of('uint', 1), b: AmqpMap.of({ c: Scalar.of('boolean', false) }) }),
    ]
    for (const value of values) {
      const bytes = encode({
        type: 'transfer',
        channel: 0,
        handle: 0,
        deliveryId: 0,
        message: { body: new Body('amqpValue', [value]) },
      })
      const at = Buffer.from(bytes).indexOf('005377', 0, 'hex') + 3
      const [read, used] = codec.decode(new BufferList(Buffer.from(bytes.subarray(at)))) as [unknown, number]
      expect(used).toBe(bytes.length - at)
      expect(plain(read)).toEqual(said(value))
    }
  })
})

const plain = (value: unknown): unknown =>
  value !== null && typeof value === 'object' && 'contents' in value ? (value as { contents: unknown }).contents : value
