import { generate, type ParsedPacket, parse } from 'coap-packet'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coap, Datagram, Options } from '../../../codecs/coap/index.ts'
import { FrameReader, hex, Packet, Writer } from '../../../codecs/core/index.ts'
import { vectors } from '../../battery/wire.ts'

const reader = new FrameReader()

function read(bytes: Uint8Array) {
  const packet = new Packet('frame', 'client', 0, 0, 0, bytes, 0, bytes.length, bytes.length, null, [])
  return reader.read(coap, packet, true)
}

/** What both make of a message, in words that they share. */
const ours = ({ type, code, messageId, token, options, payload }: Datagram) => ({
  type,
  code,
  messageId,
  token: hex(token),
  options: options.list.map(({ number, bytes }) => [number, hex(bytes)]),
  payload: payload === undefined ? '' : hex(payload),
})
const theirs = ({ confirmable, ack, reset, code, messageId, token, options, payload }: ParsedPacket) => ({
  type: confirmable ? 'CON' : reset ? 'RST' : ack ? 'ACK' : 'NON',
  code,
  messageId,
  token: hex(token as Buffer),
  options: (options ?? []).map(({ name, value }) => [numberOf(String(name)), hex(value as Buffer)]),
  payload: payload === undefined ? '' : hex(payload as Buffer),
})

/** coap-packet has names of its own for the numbers that it knows, and the number as text for others. */
const numberOf = (name: string): number => {
  const named = Options.of([[/^\d+$/.test(name) ? Number(name) : name, new Uint8Array(0)]])
  return named.list[0]?.number as number
}

/** Malformed to us, with what coap-packet makes of it. */
const LENIENT: Readonly<Record<string, 'throws' | 'takes it'>> = {
  'malformed-codes': 'takes it',
  'malformed-option-header': 'throws',
  'malformed-option-length': 'takes it',
  'malformed-option-number': 'takes it',
  'malformed-payload': 'takes it',
  'malformed-types': 'takes it',
  'malformed-utf8': 'takes it',
  'malformed-version': 'throws',
  'block-size-reserved': 'takes it',
  'oscore-wrong': 'takes it',
}
/** It takes token lengths from 9 to 12, one in an Empty message, and options that pass the end. */
const WRONG = new Set(['malformed-token-length', 'malformed-empty', 'malformed-option-overrun', 'malformed-short'])

describe('coap-packet reads the vectors as we do', () => {
  const named = vectors(coap).map(vector => [vector.file.replace(/^.*\/|\.wire$/g, ''), vector] as const)

  test.each(named.filter(([name]) => !WRONG.has(name)))('%s', (name, { steps }) => {
    for (const step of steps) {
      if (step.type !== 'data') continue
      const { frame, diagnostics } = read(step.bytes)
      const errors = diagnostics.filter(({ severity }) => severity === 'error')
      const bytes = Buffer.from(step.bytes)
      if (LENIENT[name] === undefined) expect(errors).toEqual([])
      if (LENIENT[name] === 'throws') {
        expect(errors).not.toEqual([])
        expect(() => parse(bytes)).toThrow()
      } else expect(ours(frame)).toEqual(theirs(parse(bytes)))
    }
  })
})

const options = fc.array(fc.tuple(fc.integer({ min: 1, max: 65535 }), fc.uint8Array({ maxLength: 300 })), {
  maxLength: 6,
})
const messages = fc.record({
  type: fc.constantFrom('CON', 'NON', 'ACK'),
  code: fc.constantFrom('0.01', '0.02', '2.05', '4.04', '5.03'),
  messageId: fc.nat(0xffff),
  token: fc.uint8Array({ maxLength: 8 }),
  options,
  payload: fc.option(fc.uint8Array({ minLength: 1, maxLength: 200 }), { nil: undefined }),
})

test('coap-packet reads what we write', () => {
  const writer = new Writer()
  fc.assert(
    fc.property(messages, ({ options, ...rest }) => {
      const frame = new Datagram({ ...rest, options: Options.of(options) })
      coap.write(writer, frame, null)
      expect(theirs(parse(Buffer.from(writer.take())))).toEqual(ours(frame))
    }),
  )
})

test('we read what coap-packet writes, byte for byte as we would write it', () => {
  const writer = new Writer()
  fc.assert(
    fc.property(messages, ({ type, code, messageId, token, options, payload }) => {
      const bytes = generate(
        {
          code,
          messageId,
          confirmable: type === 'CON',
          ack: type === 'ACK',
          token: Buffer.from(token),
          options: options.map(([number, value]) => ({ name: String(number), value: Buffer.from(value) })),
          ...(payload === undefined ? {} : { payload: Buffer.from(payload) }),
        },
        1 << 16,
      )
      const frame = new Datagram({ type, code, messageId, token, options: Options.of(options), payload })
      expect(ours(read(bytes).frame)).toEqual(ours(frame))
      coap.write(writer, frame, null)
      expect(hex(writer.take())).toBe(hex(bytes))
    }),
  )
})
