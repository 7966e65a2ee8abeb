import { describe, expect, test } from 'vitest'
import { type Amqp10Frame, AmqpMap, amqp10, type Context, Decimal, Scalar } from '../../../codecs/amqp10/index.ts'
import { frameToJson, MASK } from '../../../codecs/core/index.ts'
import { bytesOf, context, cut, decode, encode, hexOf, packetOf } from './support.ts'

const header = (protocolId: number): Amqp10Frame => ({
  type: 'protocol-header',
  protocolId,
  major: 1,
  minor: 0,
  revision: 0,
})
const join = (...frames: readonly Amqp10Frame[]): Uint8Array =>
  Uint8Array.from(frames.flatMap(frame => [...encode(frame)]))
const delimit = (bytes: Uint8Array, within: Context = context) =>
  amqp10.delimit(bytes, 0, bytes.length, within, { at: 0, mark: 0 })
const sized = (size: number) => bytesOf(`${size.toString(16).padStart(8, '0')} 02000000 005314 c0`)

describe('detect', () => {
  test.each([0, 2, 3])('is certain of a header for protocol %i, from either side', protocolId => {
    const head = encode(header(protocolId))
    expect(amqp10.detect(head, 'client')).toBe(1)
    expect(amqp10.detect(head, 'server')).toBe(1)
    expect(amqp10.detect(head.subarray(0, 7), 'client')).toBe(0)
  })

  test.each(['414d515000000901', '414d51500101000a', '414d515001010800', '101000044d51545404'])(
    'leaves %s alone',
    head => {
      expect(amqp10.detect(bytesOf(head), 'client')).toBe(0)
    },
  )

  test('finds frames likely where there is no header', () => {
    expect(amqp10.detect(encode({ type: 'close', channel: 0 }), 'server')).toBeGreaterThan(0.5)
  })
})

describe('delimit', () => {
  test('asks for what it lacks', () => {
    expect(delimit(bytesOf('0000'))).toBe(-6)
    expect(delimit(bytesOf('414d5150'))).toBe(-4)
    expect(delimit(bytesOf('00000010 02000000'))).toBe(-8)
  })

  test('takes a megabyte before open, and what the other side takes after', () => {
    const large = { ...context, opened: true, maxFrameSize: 1 << 24 }
    const tiny = { ...context, opened: true, maxFrameSize: 512 }
    const whole = (size: number, within: Context) =>
      delimit(Uint8Array.from([...sized(size), ...Array(40).fill(0)]), within)
    expect(whole(1 << 20, context)).toBe(1 << 20)
    expect(whole((1 << 20) + 1, context)).toBe(0)
    expect(whole(1 << 24, large)).toBe(1 << 24)
    expect(whole((1 << 24) + 1, large)).toBe(0)
    expect(whole(1 << 20, tiny)).toBe(1 << 20)
  })

  test('cuts what follows TLS from nothing', () => {
    expect(delimit(bytesOf('0000000802000000'), { ...context, phase: 'tls' })).toBe(0)
  })
})

describe('the dialogue', () => {
  const transfer = (handle: number, more: boolean, deliveryId?: number): Amqp10Frame => ({
    type: 'transfer',
    channel: 0,
    handle,
    deliveryId,
    more,
    payload: bytesOf('00537741'),
  })
  const continuations = (...frames: readonly Amqp10Frame[]) =>
    cut(join(header(0), ...frames)).map(packet => (packet.context as Context).continuation)

  test('knows which transfers go on with a delivery', () => {
    const all = continuations(
      transfer(1, true, 0),
      transfer(2, false, 1),
      transfer(1, true),
      transfer(1, false),
      transfer(1, false, 2),
    )
    expect(all).toEqual([false, false, false, true, true, false])
  })

  test('forgets the oldest of too many deliveries, and no other', () => {
    const begun = Array.from({ length: 4097 }, (_, handle) => transfer(handle, true, handle))
    const all = continuations(...begun, transfer(0, false), transfer(1, false), transfer(4096, false))
    expect(all.slice(-3)).toEqual([false, true, true])
  })

  test('turns from SASL to AMQP, and keeps each side its own limit', () => {
    const conversation = cut(
      join(header(3), header(0), { type: 'open', channel: 0, containerId: 'x', maxFrameSize: 4096 }),
    )
    expect(conversation.map(({ context }) => (context as Context).phase)).toEqual(['unknown', 'sasl', 'amqp'])
  })
})

describe('what frames tell', () => {
  test('product, container and host from open', () => {
    const properties = AmqpMap.fields({ product: Scalar.of('string', 'Broker'), version: Scalar.of('string', '4.1') })
    const open: Amqp10Frame = { type: 'open', channel: 0, containerId: 'c', hostname: 'h', properties }
    expect(amqp10.facts?.(open)).toEqual({ clientId: 'c', virtualHost: 'h', product: 'Broker 4.1' })
  })

  test('the user from SASL PLAIN, and no password', () => {
    const initialResponse = new Uint8Array(Buffer.from('\0guest\0secret'))
    const init: Amqp10Frame = { type: 'sasl-init', mechanism: 'PLAIN', initialResponse }
    expect(amqp10.facts?.(init)).toEqual({ user: 'guest' })
    expect(amqp10.facts?.({ ...init, mechanism: 'EXTERNAL' })).toBeUndefined()
    expect(frameToJson(amqp10, init).initialResponse).toBe(MASK)
    expect(amqp10.summary(init)).toBe('PLAIN')
  })

  test('the node that a link leads to, from either end', () => {
    const link = { type: 'attach' as const, channel: 0, name: 'l', handle: 0 }
    const there = { target: { address: 'there' } }
    expect(amqp10.destination?.({ ...link, role: 'sender', source: {}, ...there })).toBe('there')
    expect(amqp10.destination?.({ ...link, role: 'receiver', source: {}, ...there })).toBe('there')
    expect(amqp10.destination?.({ ...link, role: 'receiver', source: { address: 'here' }, ...there })).toBe('here')
    expect(amqp10.destination?.({ ...link, role: 'sender', target: { type: 'coordinator' } })).toBeUndefined()
  })
})

describe('decimals', () => {
  test.each([
    ['decimal32', '0', '32800000'],
    ['decimal32', '-1.50', 'b1800096'],
    ['decimal32', '9.999999E+96', '77f8967f'],
    ['decimal64', '1E+3', '3220000000000001'],
    ['decimal128', '1', '30400000000000000000000000000001'],
    ['decimal32', '-Infinity', 'f8000000'],
    ['decimal32', 'NaN', '7c000000'],
  ] as const)('%s %s', (type, text, octets) => {
    expect(hexOf(Decimal.parse(type, text).bytes)).toBe(octets)
    expect(String(Decimal.parse(type, text))).toBe(text)
  })

  test('that do not fit are refused', () => {
    expect(() => Decimal.parse('decimal32', '12345678')).toThrow(RangeError)
    expect(() => Decimal.parse('decimal32', '1E+97')).toThrow(RangeError)
    expect(() => Decimal.parse('decimal32', 'one')).toThrow(RangeError)
  })
})

test('a type is told without reading', () => {
  for (const type of ['empty', 'close', 'end'] as const) {
    expect(amqp10.type(packetOf(encode({ type, channel: 0 })))).toBe(type)
  }
  expect(amqp10.type(packetOf(encode(header(3))))).toBe('protocol-header')
  expect(amqp10.type(packetOf(bytesOf('0000000c 02000000 00537f45')))).toBe('unknown')
})

test('a list of more than 255 octets takes the larger encoding', () => {
  const hostname = 'h'.repeat(300)
  const bytes = encode({ type: 'open', channel: 0, containerId: 'c', hostname })
  expect(hexOf(bytes.subarray(8, 12))).toBe('005310d0')
  expect(decode(bytes).frame).toMatchObject({ containerId: 'c', hostname })
})

test('an extended header that is no number of words is refused', () => {
  const frame = { type: 'empty' as const, channel: 0 }
  expect(() => encode({ ...frame, extendedHeader: new Uint8Array(3) })).toThrow(RangeError)
  expect(hexOf(encode({ ...frame, extendedHeader: new Uint8Array(4) }))).toBe('0000000c0300000000000000')
})
