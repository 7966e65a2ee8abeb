import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AnyCodec,
  converse,
  DEFAULT_LIMITS,
  Decoder,
  type DecoderLimits,
  type Joined,
  Packet,
} from '../../../codecs/core/index.ts'
import { essence } from '../../battery/run.ts'
import { answered, prefixed, scanned, toy } from './toy.ts'

const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))
const noise = (length: number): Uint8Array => new Uint8Array(length).fill(0x20)

type Event = Uint8Array | { readonly gap: number }

function decode(
  codec: AnyCodec,
  events: readonly Event[],
  { joined = 'start', limits = {} }: { joined?: Joined; limits?: Partial<DecoderLimits> } = {},
): Packet[] {
  const decoder = new Decoder(codec, 'client', codec.dialogue(joined), joined, { ...DEFAULT_LIMITS, ...limits })
  const packets: Packet[] = []
  const drain = () => {
    for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) packets.push(packet)
  }
  for (const [index, event] of events.entries()) {
    if (event instanceof Uint8Array) {
      // The chunk is the caller's again once it is drained.
      const lent = event.slice()
      decoder.push(lent, index * 1000, index + 1)
      drain()
      packets.splice(0, packets.length, ...packets.map(copied))
      lent.fill(0xee)
    } else {
      decoder.gap(event.gap, index * 1000, index + 1)
      drain()
    }
  }
  decoder.end()
  drain()
  return packets
}

/** The same packet over bytes that nobody else holds. */
function copied(packet: Packet): Packet {
  const { kind, side, offset, time, record, length, context, diagnostics } = packet
  const bytes = packet.bytes.slice()
  return new Packet(kind, side, offset, time, record, bytes, 0, bytes.length, length, context, diagnostics)
}

const outline = (packets: readonly Packet[]) => packets.map(packet => [packet.kind, packet.offset, packet.length])

describe('cutting', () => {
  test('frames that arrive whole are views of the chunk', () => {
    const chunk = concat(toy(3), toy(4))
    const decoder = new Decoder(prefixed, 'client', prefixed.dialogue('start'))
    decoder.push(chunk, 0)
    expect(decoder.next()?.buffer).toBe(chunk)
    expect(decoder.next()?.buffer).toBe(chunk)
    expect(decoder.next()).toBeUndefined()
    expect(decoder.buffered).toBe(0)
  })

  test('a Buffer is cut like any bytes', () => {
    const decoder = new Decoder(prefixed, 'client', prefixed.dialogue('start'))
    decoder.push(Buffer.from(toy(3)), 0)
    expect(decoder.next()?.bytes.constructor).toBe(Uint8Array)
  })

  test('a packet carries the time and the record of the chunk that completed it', () => {
    const [first, second] = [toy(10), toy(10)]
    const all = concat(first, second)
    const packets = decode(prefixed, [all.subarray(0, 4), all.subarray(4, 18), all.subarray(18)])
    expect(packets.map(({ time, record }) => [time, record])).toEqual([
      [1000, 2],
      [2000, 3],
    ])
  })

  test('times stay right where resynchronising looked ahead', () => {
    const packets = decode(prefixed, [noise(3), toy(2), toy(2), toy(2)], { joined: 'middle' })
    expect(packets.map(({ kind, record }) => [kind, record])).toEqual([
      ['malformed', 1],
      ['frame', 2],
      ['frame', 3],
      ['frame', 4],
    ])
  })

  test('a small packet that is kept does not keep its chunk', () => {
    const decoder = new Decoder(prefixed, 'client', prefixed.dialogue('start'))
    decoder.push(concat(toy(1), toy(60_000)), 0)
    const small = decoder.next() as Packet
    expect(small.kept().buffer.buffer.byteLength).toBe(6)
    const large = decoder.next() as Packet
    expect(large.kept()).toBe(large)
  })
})

describe('however a stream is split, the packets are the same', () => {
  const frame = fc.integer({ min: 0, max: 400 }).map(length => toy(length))
  const garbage = fc.uint8Array({ maxLength: 300 })
  const piece = fc.oneof({ weight: 4, arbitrary: frame }, { weight: 1, arbitrary: garbage })
  const stream = fc.array(piece, { maxLength: 12 }).map(pieces => concat(...pieces))
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 })
  const limits = { maxFrame: 200, head: 50, malformedRun: 64, lookahead: 128 }

  test.each(['start', 'middle'] as const)('joined at the %s', joined => {
    fc.assert(
      fc.property(stream, cuts, (bytes, fractions) => {
        const at = [0, ...fractions.map(f => Math.floor(f * bytes.length)).sort((a, b) => a - b), bytes.length]
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        const whole = decode(prefixed, [bytes], { joined, limits })
        expect(decode(prefixed, chunks, { joined, limits }).map(essence)).toEqual(whole.map(essence))
        expect(whole.reduce((sum, packet) => sum + packet.length, 0)).toBe(bytes.length)
      }),
      // Cut one byte into a first frame, whose stream ends inside another.
      { numRuns: 2000, examples: [[concat(toy(35), toy(2), toy(2).subarray(0, 3)), [0.02]]] },
    )
  })
})

describe('bytes that fit no frame', () => {
  test('are one malformed packet, and cutting goes on at the next frame', () => {
    expect(outline(decode(prefixed, [concat(toy(2), noise(9), toy(2), toy(3))]))).toEqual([
      ['frame', 0, 7],
      ['malformed', 7, 9],
      ['frame', 16, 7],
      ['frame', 23, 8],
    ])
  })

  test('are reported in runs of bounded length', () => {
    const packets = decode(prefixed, [noise(250)], { limits: { malformedRun: 100 } })
    expect(outline(packets)).toEqual([
      ['malformed', 0, 100],
      ['malformed', 100, 100],
      ['malformed', 200, 50],
    ])
    expect(packets[0]?.diagnostics[0]?.code).toBe('not-a-frame')
  })

  test('a frame that the stream ends in is said to be cut', () => {
    const [packet] = decode(prefixed, [toy(9).subarray(0, 8)])
    expect(packet).toMatchObject({ kind: 'malformed', length: 8, diagnostics: [{ code: 'frame-cut' }] })
  })

  test('also where it is reported in several runs', () => {
    const packets = decode(prefixed, [toy(300).subarray(0, 250)], { limits: { malformedRun: 100 } })
    expect(packets.map(({ length, diagnostics }) => [length, diagnostics[0]?.code])).toEqual([
      [100, 'frame-cut'],
      [100, 'frame-cut'],
      [50, 'frame-cut'],
    ])
  })

  test('resynchronising takes linear time, however small the chunks', () => {
    // Every F could begin a frame that reaches beyond what has come.
    const bytes = new Uint8Array(100_000)
    for (let at = 0; at < bytes.length; at += 5) bytes.set([0x46, 0, 2, 0, 0], at)
    const chunks = Array.from({ length: bytes.length / 5 }, (_, index) => bytes.subarray(index * 5, index * 5 + 5))
    const packets = decode(prefixed, chunks, { joined: 'middle', limits: { lookahead: 1 << 17 } })
    expect(packets.reduce((sum, packet) => sum + packet.length, 0)).toBe(bytes.length)
  })
})

describe('bytes that the capture lost', () => {
  test('between frames: a gap, and the next frame is looked for', () => {
    expect(outline(decode(prefixed, [toy(2), { gap: 100 }, concat(noise(4), toy(2), toy(2))]))).toEqual([
      ['frame', 0, 7],
      ['gap', 7, 100],
      ['malformed', 107, 4],
      ['frame', 111, 7],
      ['frame', 118, 7],
    ])
  })

  test('within a frame of known length: only that frame is lost', () => {
    const frame = toy(100)
    const rest = concat(frame.subarray(60), toy(2))
    const packets = decode(prefixed, [frame.subarray(0, 20), { gap: 40 }, rest])
    expect(outline(packets)).toEqual([
      ['malformed', 0, 20],
      ['gap', 20, 40],
      ['malformed', 60, 45],
      ['frame', 105, 7],
    ])
    expect(packets[0]?.diagnostics[0]?.code).toBe('frame-hole')
  })

  test('beyond the frame that they begin in: the next frame is looked for', () => {
    const packets = decode(prefixed, [toy(100).subarray(0, 20), { gap: 400 }, concat(noise(3), toy(1), toy(1))])
    expect(outline(packets).map(([kind]) => kind)).toEqual(['malformed', 'gap', 'malformed', 'frame', 'frame'])
  })
})

describe('a frame beyond the cap', () => {
  const limits = { maxFrame: 1000, head: 100 }

  test('goes by: its head is kept, its bytes are counted, the next frame is found', () => {
    const bytes = concat(toy(5000, 0x62), toy(2))
    const chunks = [bytes.subarray(0, 30), bytes.subarray(30, 70), bytes.subarray(70, 3000), bytes.subarray(3000)]
    const packets = decode(prefixed, chunks, { limits })
    expect(outline(packets)).toEqual([
      ['frame', 0, 5005],
      ['frame', 5005, 7],
    ])
    expect(packets[0]?.bytes).toEqual(bytes.subarray(0, 100))
    expect(packets[0]?.diagnostics[0]?.code).toBe('frame-capped')
    expect(packets[0]?.record).toBe(4)
  })

  test('never takes more memory than the cap', () => {
    const decoder = new Decoder(prefixed, 'client', prefixed.dialogue('start'), 'start', {
      ...DEFAULT_LIMITS,
      ...limits,
    })
    decoder.push(toy(1 << 20).subarray(0, 50), 0)
    expect(decoder.next()).toBeUndefined()
    for (let at = 50; at < 1 << 20; at += 4096) {
      decoder.push(noise(4096), 0)
      decoder.next()
      expect(decoder.buffered).toBeLessThanOrEqual(limits.maxFrame)
    }
  })

  test('that is searched for its end goes by too', () => {
    const bytes = concat(new Uint8Array(5000).fill(0x62), Uint8Array.of(0), Uint8Array.of(0x63, 0))
    const chunks = Array.from({ length: Math.ceil(bytes.length / 64) }, (_, i) => bytes.subarray(i * 64, i * 64 + 64))
    const packets = decode(scanned(), chunks, { limits })
    expect(outline(packets)).toEqual([
      ['frame', 0, 5001],
      ['frame', 5001, 2],
    ])
    expect(packets[0]?.bytes.length).toBe(100)
  })

  test('that is searched for its end and has none: one packet, with every byte counted', () => {
    for (const size of [64, 1000, 5000]) {
      const chunks = Array.from({ length: 5000 / size }, () => new Uint8Array(size).fill(0x62))
      const [packet, ...more] = decode(scanned(), [Uint8Array.of(0x63, 0), ...chunks], { limits }).slice(1)
      expect(more).toEqual([])
      expect(packet).toMatchObject({ kind: 'malformed', offset: 2, length: chunks.length * size })
      expect(packet?.bytes.length).toBe(100)
      expect(packet?.diagnostics.map(({ code }) => code)).toEqual(['frame-capped', 'frame-cut'])
    }
  })
})

test('a search goes on where it stopped: every byte is looked at once', () => {
  const codec = scanned()
  const bytes = new Uint8Array(100_000).fill(0x61)
  bytes[bytes.length - 1] = 0
  const chunks = Array.from({ length: 1000 }, (_, index) => bytes.subarray(index * 100, index * 100 + 100))
  expect(outline(decode(codec, chunks))).toEqual([['frame', 0, 100_000]])
  expect(codec.searched).toBeLessThan(2 * bytes.length)
})

describe('a side that can only be understood once the other was heard', () => {
  const drain = (conversation: ReturnType<typeof converse>) => {
    const packets: Packet[] = []
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) packets.push(packet)
    return packets.map(({ side, context }) => [side, context])
  }

  test('waits for it', () => {
    const conversation = converse(answered)
    conversation.push('server', toy(1), 0)
    expect(drain(conversation)).toEqual([])
    conversation.push('server', toy(2), 1)
    expect(drain(conversation)).toEqual([])
    conversation.push('client', toy(33), 2)
    expect(drain(conversation)).toEqual([
      ['client', null],
      ['server', 33],
      ['server', 33],
    ])
  })

  test('waits no longer than the connection lasts', () => {
    const conversation = converse(answered)
    conversation.push('server', toy(1), 0)
    expect(drain(conversation)).toEqual([])
    conversation.end('server')
    expect(drain(conversation)).toEqual([['server', -1]])
  })

  test('waits for no more bytes than is allowed', () => {
    const conversation = converse(answered, { limits: { ...DEFAULT_LIMITS, held: 100 } })
    conversation.push('server', toy(200), 0)
    expect(drain(conversation)).toEqual([['server', -1]])
  })
})
