import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CoapFrame,
  coap,
  coapTcp,
  coapWebSocket,
  Datagram,
  isCritical,
  isNoCacheKey,
  isUnsafe,
  Message,
  type Option,
  Options,
  type PlainOption,
  Signal,
  type SignalType,
} from '../../../codecs/coap/index.ts'
import { type AnyCodec, FrameReader, frameToJson, hex, Packet, Writer } from '../../../codecs/core/index.ts'

const reader = new FrameReader()

const packetOf = (bytes: Uint8Array, context: unknown): Packet =>
  new Packet('frame', 'client', 0, 0, 0, bytes, 0, bytes.length, bytes.length, context, [])

function written(codec: AnyCodec, frame: CoapFrame): Uint8Array {
  const writer = new Writer(16)
  codec.write(writer, frame, undefined)
  return writer.take()
}

const unlimited = { first: false, maxMessageSize: undefined }

const shown = ({ number, bytes }: Option): [number, string] => [number, hex(bytes)]

/** What is written is read as it was, without a word, whole; and written again gives the same bytes. */
function goesRound(codec: AnyCodec, frame: CoapFrame): void {
  const bytes = written(codec, frame)
  if (codec.transport === 'stream') {
    expect(codec.delimit(bytes, 0, bytes.length, unlimited, { at: 0, mark: 0 })).toBe(bytes.length)
  }
  const packet = packetOf(bytes, unlimited)
  const { frame: read, diagnostics } = reader.read(codec, packet, true)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(codec.type(packet)).toBe(frame.type)
  expect(read.type).toBe(frame.type)
  expect(frameToJson(codec, read)).toEqual(frameToJson(codec, frame))
  expect(written(codec, read as CoapFrame)).toEqual(bytes)
  expect((read as CoapFrame).options.list.map(shown)).toEqual(frame.options.list.map(shown))
}

const text = (min: number, max: number) => fc.string({ minLength: min, maxLength: max, unit: 'grapheme' })
const bytes = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max })
const short = text(1, 20)
const block = fc.record({
  num: fc.nat(0xfffff),
  more: fc.boolean(),
  size: fc.constantFrom(16, 32, 64, 128, 256, 512, 1024),
})
const one = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.option(
    value.map(some => [[name, some]] as unknown as PlainOption[]),
    { nil: [] },
  )
const several = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.array(
    value.map(some => [name, some] as unknown as PlainOption),
    { maxLength: 3 },
  )
const options = fc
  .tuple(
    several('If-Match', bytes(0, 8)),
    one('Uri-Host', short),
    several('ETag', bytes(1, 8)),
    one('If-None-Match', fc.constant(true)),
    one('Observe', fc.nat(0xffffff)),
    one('Uri-Port', fc.nat(0xffff)),
    several('Location-Path', text(0, 20)),
    several('Uri-Path', text(0, 60)),
    one('Content-Format', fc.nat(0xffff)),
    one('Max-Age', fc.nat(0xffffffff)),
    several('Uri-Query', text(0, 60)),
    one('Hop-Limit', fc.integer({ min: 1, max: 255 })),
    one('Accept', fc.nat(0xffff)),
    one('Block2', block),
    one('Block1', block),
    one('Proxy-Uri', text(1, 200)),
    one('Size1', fc.nat(0xffffffff)),
    one('Echo', bytes(1, 40)),
    one('No-Response', fc.nat(26)),
    several('Request-Tag', bytes(0, 8)),
    fc.array(
      fc.tuple(fc.integer({ min: 2054, max: 65535 }), bytes(0, 400)).map(pair => pair as unknown as PlainOption),
      { maxLength: 3 },
    ),
  )
  .map(groups => Options.of(groups.flat()))
const payload = fc.option(bytes(1, 1000), { nil: undefined })
const token = fc.oneof({ weight: 4, arbitrary: bytes(0, 8) }, bytes(13, 300))
const requests = fc.constantFrom('0.01', '0.02', '0.03', '0.04', '0.05', '0.06', '0.07')
const responses = fc.constantFrom('2.01', '2.05', '2.31', '4.04', '4.29', '5.03')
const content = (code: fc.Arbitrary<string>) => fc.record({ code, token, options, payload })

describe('what is written is read as it was', () => {
  const messageId = fc.nat(0xffff)

  test('messages in datagrams', () => {
    const requesting = fc.tuple(content(requests), fc.constantFrom('CON', 'NON'))
    const responding = fc.tuple(content(responses), fc.constantFrom('CON', 'NON', 'ACK'))
    fc.assert(
      fc.property(fc.oneof(requesting, responding), messageId, ([made, type], id) => {
        goesRound(coap, new Datagram({ ...made, type, messageId: id }))
      }),
    )
  })

  test('Empty messages in datagrams', () => {
    fc.assert(
      fc.property(fc.constantFrom('CON', 'ACK', 'RST'), messageId, (type, id) => {
        goesRound(coap, new Datagram({ type, messageId: id, code: '0.00' }))
      }),
    )
  })

  test.each([coapTcp, coapWebSocket])('messages: $name', codec => {
    fc.assert(
      fc.property(content(fc.oneof(requests, responses)), made => {
        goesRound(codec, new Message(made))
      }),
    )
  })

  test.each<[SignalType, string, PlainOption[]]>([
    [
      'csm',
      '7.01',
      [
        ['Max-Message-Size', 8388864],
        ['Block-Wise-Transfer', true],
        ['Extended-Token-Length', 65804],
      ],
    ],
    ['ping', '7.02', [['Custody', true]]],
    ['pong', '7.03', [['Custody', true]]],
    [
      'release',
      '7.04',
      [
        ['Alternative-Address', 'a:1'],
        ['Alternative-Address', 'b'],
        ['Hold-Off', 30],
      ],
    ],
    ['abort', '7.05', [['Bad-CSM-Option', 9]]],
  ])('signalling: %s', (type, code, list) => {
    for (const codec of [coapTcp, coapWebSocket]) {
      const made = { code, token: Uint8Array.of(7), options: Options.of(list, code) }
      goesRound(codec, new Signal({ ...made, type, payload: type === 'abort' ? Uint8Array.of(0x61) : undefined }))
    }
  })

  test('lengths that take four bytes', () => {
    goesRound(coapTcp, new Message({ code: '0.02', payload: new Uint8Array(70_000) }))
  })
})

describe('options', () => {
  test('are put in order, those of one number as they came', () => {
    const made = Options.of([
      ['Uri-Query', 'q'],
      ['Uri-Path', 'a'],
      ['Uri-Host', 'h'],
      ['Uri-Path', 'b'],
    ])
    expect(made.list.map(({ number, value }) => [number, value])).toEqual([
      [3, 'h'],
      [11, 'a'],
      [11, 'b'],
      [15, 'q'],
    ])
    expect(made.fields).toEqual({ uriHost: 'h', uriPath: 'a/b', uriQuery: 'q' })
  })

  test('that nobody knows are refused by name', () => {
    expect(() => Options.of([['Uri-Fragment', 'x']])).toThrow('Uri-Fragment')
    expect(() => Options.of([['Uri-Path', 'x']], '7.01')).toThrow('Uri-Path')
  })

  // RFC 7252, table 4; RFC 8613 table 2; RFC 9175 table 1; RFC 7967 table 1.
  test.each([
    ['If-Match', 1, 'C'],
    ['Uri-Host', 3, 'CU'],
    ['ETag', 4, ''],
    ['Observe', 6, 'U'],
    ['OSCORE', 9, 'C'],
    ['Max-Age', 14, 'U'],
    ['Accept', 17, 'C'],
    ['Block2', 23, 'CU'],
    ['Size2', 28, 'N'],
    ['Proxy-Uri', 35, 'CU'],
    ['Size1', 60, 'N'],
    ['Echo', 252, 'N'],
    ['No-Response', 258, 'U'],
    ['Request-Tag', 292, ''],
  ])('%s is %d: %s', (name, number, letters) => {
    expect(Options.of([[number, true]]).list[0]?.name).toBe(name)
    const told = [isCritical(number) ? 'C' : '', isUnsafe(number) ? 'U' : isNoCacheKey(number) ? 'N' : '']
    expect(told.join('')).toBe(letters)
  })

  test('beyond what any message has are not taken apart', () => {
    const many = written(
      coap,
      new Datagram({
        type: 'CON',
        code: '0.01',
        messageId: 1,
        options: Options.of(Array.from({ length: 5000 }, () => ['Uri-Path', 'x'])),
      }),
    )
    const { frame, diagnostics } = reader.read(coap, packetOf(many, null) as Packet<null>, true)
    expect(frame.options.list).toHaveLength(1024)
    expect(diagnostics.map(({ code }) => code)).toEqual(['too-many-options'])
    expect(written(coap, frame)).toEqual(many)
  })
})

describe('over WebSocket', () => {
  const read = (bytes: number[], first = false) =>
    reader.read(coapWebSocket, packetOf(Uint8Array.from(bytes), { first, maxMessageSize: 16 }) as Packet<never>)

  test('the length is 0, and the end that of the message', () => {
    const { frame, diagnostics } = read([0x01, 0x45, 0xaa, 0xff, ...Array(40).fill(0x61)])
    expect(diagnostics).toEqual([])
    expect(frame.payload).toHaveLength(40)
  })

  test('another length is an error', () => {
    expect(read([0x31, 0x45, 0xaa, 0xff, 0x61]).diagnostics.map(({ code }) => code)).toEqual(['length-not-zero'])
  })

  test('the first message is a CSM', () => {
    expect(read([0x01, 0x01, 0xaa], true).diagnostics.map(({ code }) => code)).toEqual(['no-csm'])
    expect(read([0x00, 0xe1], true).diagnostics).toEqual([])
  })
})

test('a message of which the capture has only the beginning is told from one that is cut', () => {
  const whole = written(
    coap,
    new Datagram({
      type: 'CON',
      code: '0.01',
      messageId: 1,
      options: Options.of([['Uri-Path', 'temperature']]),
    }),
  )
  const { length } = whole
  const part = new Packet('frame', 'client', 0, 0, 0, whole.subarray(0, 9), 0, 9, length, null, [])
  expect(reader.read(coap, part).diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
    ['cut-short', 'note'],
  ])
})
