import { describe, expect, test } from 'vitest'
import { Decoder, FrameReader, frameToJson, MASK, type Packet, secretRanges } from '../../../codecs/core/index.ts'
import { codecs } from '../../../codecs/index.ts'
import { type CommandFrame, stomp } from '../../../codecs/stomp/index.ts'
import { packetOf, read, utf8 } from './support.ts'

describe('passcodes', () => {
  const bytes = utf8('CONNECT\naccept-version:1.2\nhost:/\nlogin:me\npasscode:hush\npasscode:hush2\n\n\0')
  const { frame } = read(bytes, undefined)

  test('are masked in JSON, and not beside it among the headers', () => {
    const json = frameToJson(stomp, frame)
    expect(json.passcode).toBe(MASK)
    expect(JSON.stringify(json)).not.toContain('hush')
    expect(frameToJson(stomp, frame, { secrets: true }).passcode).toBe('hush')
  })

  test('are marked in the tree, both of them and nothing else', () => {
    const { field } = new FrameReader().trace(stomp, packetOf(bytes, undefined))
    const secrets = secretRanges(field).map(({ start, end }) => Buffer.from(bytes.subarray(start, end)).toString())
    expect(secrets).toEqual(['hush', 'hush2'])
  })

  test('are in no summary', () => {
    expect(stomp.summary(frame)).toBe('acceptVersion=1.2 host=/ login=me')
  })

  test('of other frames are ordinary headers', () => {
    const json = frameToJson(stomp, read('SEND\ndestination:/queue/a\npasscode:x\n\n\0', '1.2').frame)
    expect(json.headers).toEqual({ destination: '/queue/a', passcode: 'x' })
  })
})

test('the handshake tells who talks to whom', () => {
  expect(stomp.facts?.(read('STOMP\naccept-version:1.2\nhost:/v\nlogin:me\n\n\0', undefined).frame)).toEqual({
    user: 'me',
    virtualHost: '/v',
  })
  expect(stomp.facts?.(read('CONNECTED\nversion:1.1\nserver:RabbitMQ/3.10.8\n\n\0', undefined).frame)).toEqual({
    product: 'RabbitMQ 3.10.8',
    protocolVersion: '1.1',
  })
  expect(stomp.facts?.(read('CONNECTED\nsession:1\n\n\0', undefined).frame)).toEqual({ protocolVersion: '1.0' })
})

test('a message is for its destination', () => {
  expect(stomp.destination?.(read('SEND\ndestination:/queue/a\n\n\0', '1.2').frame)).toBe('/queue/a')
  expect(stomp.destination?.(read('MESSAGE\ndestination:/topic/b\n\n\0', '1.2').frame)).toBe('/topic/b')
  expect(stomp.destination?.(read('BEGIN\ntransaction:1\n\n\0', '1.2').frame)).toBeUndefined()
})

test('a summary cannot move the cursor', () => {
  const { frame } = read('SEND\ndestination:\u001b[2J\u009b\n\n\0', '1.2')
  expect(stomp.summary(frame)).toBe('destination="\\u001b[2J\\u{9b}" 0 bytes')
})

test('a header that is read late is read as one that is read at once', () => {
  const later = read('SEND\ndestination:a\\cb\n\n\0', '1.2', false).frame
  expect(later.destination).toBe('a:b')
  expect({ ...later.headers.entries[0] }).toEqual({ name: 'destination', value: 'a:b', start: 13, end: 30 })
})

test('a frame that is still arriving shows what is there of it', () => {
  const whole = 'SUBSCRIBE\r\nid:0\r\ndestination:/queue/a\r\n\r\nbody\0'
  for (let length = 1; length < whole.length; length++) {
    const packet = packetOf(utf8(whole.slice(0, length)), '1.2')
    expect('SUBSCRIBE'.startsWith(stomp.type(packet))).toBe(true)
    const { frame, field, diagnostics } = new FrameReader().trace(stomp, packet)
    expect(field.end).toBe(length)
    expect(diagnostics.map(({ code }) => code)).toContain('short-field')
    expect(diagnostics.map(({ code }) => code)).not.toContain('missing-header')
    if (length > 16) expect((frame as CommandFrame).id).toBe('0')
    if (length > 41) expect((frame as CommandFrame).body).toEqual(utf8(whole.slice(41, length)))
  }
})

describe('detection', () => {
  test.each([
    ['client', 'CONNECT\n', 1],
    ['client', 'CONNECT\r\naccept-version:1.2\r\n', 1],
    ['client', '\n\nSTOMP\nhost:/\n\n\0', 1],
    ['server', 'CONNECTED\nversion:1.2\n\n\0', 1],
    ['server', 'ERROR\nmessage:no\n\n\0', 0.9],
    ['client', 'SEND\ndestination:/queue/a\n\n\0', 0.9],
  ] as const)('%s: %j', (side, head, score) => {
    expect(stomp.detect(utf8(head), side)).toBe(score)
  })

  test.each([
    ['client', 'CONNECT broker:61613 HTTP/1.1\r\nHost: broker\r\n\r\n'],
    ['client', 'GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n'],
    ['server', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['client', 'connect\n'],
    ['server', '+OK\r\n'],
  ] as const)('none of ours, %s: %j', (side, head) => {
    expect(stomp.detect(utf8(head), side)).toBe(0)
  })

  test.each([
    ['client', 'CONN'],
    ['client', '\n'],
    ['client', 'PING\r\n'],
    ['client', 'QUIT\r\n'],
    ['server', 'ERROR\r\n'],
    ['server', 'STORED\r\n'],
    ['server', 'SEND\n'],
  ] as const)('a mere maybe, %s: %j', (side, head) => {
    const score = stomp.detect(utf8(head), side)
    expect(score).toBeGreaterThan(0)
    expect(score).toBeLessThan(0.5)
  })

  test('no other protocol takes a CONNECT', () => {
    const head = utf8('CONNECT\naccept-version:1.2\nhost:/\n\n\0')
    for (const codec of codecs) {
      if (codec.id !== 'stomp') expect(codec.detect(head, 'client'), codec.id).toBeLessThan(0.5)
    }
  })
})

describe('bounds', () => {
  test.each([
    ['a body', 'SEND\ndestination:/queue/a\n\n', 'x'],
    ['a header line', 'SEND\n', 'destination:/queue/'],
    ['header lines', 'SEND\n', 'x:y\r\n'],
  ])('%s without end is searched once, however it comes', (_, head, more) => {
    const text = utf8(head + more.repeat(5_000))
    const [start, length] = [head.length, Math.min(text.length, 60_000)]
    for (const step of [1, 7, 997]) {
      const bytes = text.slice()
      const scan = { at: 0, mark: 0 }
      for (let end = start; end <= length; end += step) {
        expect(stomp.delimit(bytes, 0, end, { version: undefined }, scan)).toBe(-1)
        // Whoever looks again finds an end.
        bytes.fill(0, start, end)
      }
      expect(scan.at).toBeGreaterThan(length - step)
    }
  })

  test('content-length tells the length at once', () => {
    const head = utf8('SEND\ndestination:/queue/a\ncontent-length:1000000\n\n')
    expect(stomp.delimit(head, 0, head.length, { version: undefined }, { at: 0, mark: 0 })).toBe(
      head.length + 1_000_001,
    )
  })

  test('a frame without end is not kept', () => {
    const limits = { maxFrame: 1 << 20, head: 64 << 10, malformedRun: 64 << 10, lookahead: 256 << 10, held: 64 << 10 }
    const decoder = new Decoder(stomp, 'client', stomp.dialogue('start'), 'start', limits)
    decoder.push(utf8('SEND\ndestination:/queue/a\n\n'), 0)
    expect(decoder.next()).toBeUndefined()
    const chunk = new Uint8Array(64 << 10).fill(0x78)
    for (let count = 0; count < 256; count++) {
      decoder.push(chunk, 0)
      expect(decoder.next()).toBeUndefined()
      expect(decoder.buffered).toBeLessThan(4 << 20)
    }
    decoder.push(utf8('\0\n'), 0)
    const packet = decoder.next() as Packet
    expect([packet.kind, packet.length]).toEqual(['frame', 27 + 256 * (64 << 10) + 1])
    const { frame, diagnostics } = new FrameReader().read(stomp, packet as Packet<never>, true)
    expect((frame as CommandFrame).destination).toBe('/queue/a')
    expect(diagnostics.map(({ code }) => code)).toEqual(['frame-capped', 'cut-short'])
    expect(decoder.next()?.length).toBe(1)
  })
})
