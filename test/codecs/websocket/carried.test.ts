import { promisify } from 'node:util'
import { constants, createDeflateRaw, deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Packet, Side } from '../../../codecs/core/index.ts'
import { inspection } from '../../../src/inspection.ts'
import { Session } from '../../../src/session.ts'
import { INFO } from '../../recording/info.ts'

type Step = readonly [Side, Uint8Array] | readonly ['gap', Side, number]

function see(steps: readonly Step[]) {
  const session = new Session(INFO, inspection())
  const packets: Packet[] = []
  const drain = () => {
    for (let packet = session.next(); packet !== undefined; packet = session.next()) packets.push(packet)
  }
  for (const step of steps) {
    if (step[0] === 'gap') session.gap(step[1], step[2], 0, 0)
    else session.push(step[0], step[1], 0, 0, 0)
    drain()
  }
  for (const side of ['client', 'server'] as const) {
    session.end(side)
    drain()
  }
  session.close()
  drain()
  const type = (packet: Packet) => (packet.kind === 'frame' ? session.codec?.type(packet) : packet.kind)
  return { session, seen: packets.map(packet => `${packet.side} ${type(packet)}`) }
}

const http = (side: Side, ...lines: string[]): Step => [side, Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)]
const upgrade = (subprotocol: string, extensions = ''): Step[] => [
  http('client', 'GET /ws HTTP/1.1', 'Host: broker', 'Upgrade: websocket', 'Connection: Upgrade'),
  http(
    'server',
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Protocol: ${subprotocol}`,
    ...(extensions === '' ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
  ),
]

/** A short frame: masked if it is the client's. */
function frame(side: Side, first: number, payload: Uint8Array): Step {
  const key = Buffer.from([1, 2, 3, 4])
  if (side === 'server') return [side, Buffer.concat([Buffer.from([first, payload.length]), payload])]
  const masked = payload.map((byte, at) => byte ^ (key[at & 3] as number))
  return [side, Buffer.concat([Buffer.from([first, 0x80 | payload.length]), key, masked])]
}

/** A frame whose length takes 64 bits. */
function long(side: Side, first: number, payload: Uint8Array): Step {
  const header = Buffer.alloc(10)
  header[0] = first
  header[1] = side === 'client' ? 0xff : 127
  header.writeBigUInt64BE(BigInt(payload.length), 2)
  // A key of zeros changes nothing.
  return [side, Buffer.concat([header, ...(side === 'client' ? [Buffer.alloc(4)] : []), payload])]
}

const PINGREQ = Buffer.from([0xc0, 0])
const CONNECT = Buffer.from('\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02me', 'latin1')
const CONNACK = Buffer.from([0x20, 2, 0, 0])
const publish = (body: string) => Buffer.concat([Buffer.from([0x30, 3 + body.length, 0, 1, 0x61]), Buffer.from(body)])

const BINARY = 0x82
const BINARY_MORE = 0x02
const CONTINUATION = 0x80
const PING = 0x89
const COMPRESSED = 0xc2

describe('MQTT over WebSocket', () => {
  test('packets need not be aligned to frames [MQTT-6.0.0-2]', () => {
    const { session, seen } = see([
      ...upgrade('mqtt'),
      frame('client', BINARY, CONNECT.subarray(0, 1)),
      frame('client', BINARY, Buffer.concat([CONNECT.subarray(1), publish('one'), publish('two').subarray(0, 3)])),
      frame('server', BINARY, CONNACK),
      frame('client', BINARY, publish('two').subarray(3)),
    ])
    expect(seen).toEqual(['client connect', 'client publish', 'server connack', 'client publish'])
    expect(session.carriers).toEqual([{ name: 'WebSocket', serverName: 'broker', subprotocol: 'mqtt' }])
  })

  test('a message may come in fragments, with a ping in between', () => {
    const { seen } = see([
      ...upgrade('mqtt'),
      frame('client', BINARY_MORE, CONNECT.subarray(0, 5)),
      frame('client', PING, Buffer.from('hi')),
      frame('client', CONTINUATION, CONNECT.subarray(5)),
    ])
    expect(seen).toEqual(['client connect'])
  })

  test('a hole in the capture is a hole in what is carried', () => {
    const { seen } = see([
      ...upgrade('mqtt'),
      frame('client', BINARY, CONNECT),
      ['gap', 'client', 20],
      frame('client', BINARY, publish('a')),
      frame('client', BINARY, publish('b')),
      frame('client', BINARY, publish('c')),
    ])
    expect(seen[0]).toBe('client connect')
    expect(seen[1]).toBe('client gap')
    expect(seen.slice(2)).toEqual(['client publish', 'client publish', 'client publish'])
  })
})

describe('permessage-deflate', () => {
  /** As a peer does that keeps its context: one stream, a flush after each message, the flush's tail cut off. */
  async function compress(messages: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const deflate = createDeflateRaw()
    const flush = promisify((done: (error?: Error | null) => void) =>
      deflate.flush(constants.Z_SYNC_FLUSH, () => done()),
    )
    const out: Uint8Array[] = []
    for (const message of messages) {
      const chunks: Buffer[] = []
      const take = (chunk: Buffer) => chunks.push(chunk)
      deflate.on('data', take)
      deflate.write(message)
      await flush()
      deflate.off('data', take)
      out.push(Buffer.concat(chunks).subarray(0, -4))
    }
    return out
  }

  const messages = [CONNECT, ...['the same again', 'the same again', 'the same again'].map(publish)]
  const all = ['client connect', 'client publish', 'client publish', 'client publish']

  test('messages refer to those before them', async () => {
    const compressed = await compress(messages)
    const frames = compressed.map(bytes => frame('client', COMPRESSED, bytes))
    expect((compressed[2] as Uint8Array).length).toBeLessThan((messages[2] as Uint8Array).length)
    expect(see([...upgrade('mqtt', 'permessage-deflate'), ...frames]).seen).toEqual(all)
  })

  test('without context takeover each stands by itself', async () => {
    const frames = await Promise.all(
      messages.map(async message => frame('client', COMPRESSED, (await compress([message]))[0] as Uint8Array)),
    )
    const steps = [...upgrade('mqtt', 'permessage-deflate; client_no_context_takeover'), ...frames]
    expect(see(steps).seen).toEqual(all)
  })

  test('once a message is lost, what refers to it is a gap, and said to be', async () => {
    const [first, lost, ...rest] = (await compress(messages)).map(bytes => frame('client', COMPRESSED, bytes))
    const length = (lost as readonly [Side, Uint8Array])[1].length
    const { session, seen } = see([
      ...upgrade('mqtt', 'permessage-deflate'),
      first as Step,
      ['gap', 'client', length],
      ...rest,
    ])
    expect(seen).toEqual(['client connect', 'client gap', 'client gap', 'client gap'])
    expect(session.carriers[0]?.opaque).toBe('compressed, and what it refers to was lost')
  })
})

test('a bomb is not inflated, and said to be none of our business', () => {
  const bomb = deflateRawSync(Buffer.alloc(100 << 20), { level: 9, finishFlush: constants.Z_SYNC_FLUSH })
  const before = process.memoryUsage().rss
  const { session, seen } = see([
    ...upgrade('mqtt', 'permessage-deflate'),
    frame('client', BINARY, CONNECT),
    long('client', COMPRESSED, bomb.subarray(0, -4)),
    frame('server', BINARY, CONNACK),
    frame('client', BINARY, PINGREQ),
    frame('client', BINARY, PINGREQ),
  ])
  expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
  expect(seen.slice(0, 3)).toEqual(['client connect', 'client gap', 'server connack'])
  expect(session.carriers[0]?.opaque).toBe('compressed, and it does not inflate, or to too much')
})

describe('what breaks the rules of WebSocket is read, and told', () => {
  const CONTROL_MORE = 0x09
  test.each<[string, string, Step[]]>([
    ['a client that does not mask', 'a client masks (RFC 6455 §5.1)', [frame('server', BINARY, CONNECT)]],
    [
      'a fragmented ping',
      'a control frame is never fragmented (RFC 6455 §5.5)',
      [frame('client', CONTROL_MORE, Buffer.from('hi')), frame('client', BINARY, CONNECT)],
    ],
    [
      'a message within another',
      'a message within another (RFC 6455 §5.4)',
      [frame('client', BINARY_MORE, CONNECT.subarray(0, 4)), frame('client', BINARY, CONNECT.subarray(4))],
    ],
    [
      'a continuation of nothing',
      'a continuation of no message (RFC 6455 §5.4)',
      [frame('client', CONTINUATION, CONNECT)],
    ],
    [
      'bits that mean nothing',
      'no extension gives these bits a meaning (RFC 6455 §5.2)',
      [frame('client', BINARY | 0x20, CONNECT)],
    ],
  ])('%s', (_, fault, steps) => {
    const sent = steps.map(step => ['client', step[1]] as Step)
    const { session, seen } = see([...upgrade('mqtt'), ...sent])
    expect(seen).toEqual(['client connect'])
    expect(session.carriers).toEqual([{ name: 'WebSocket', serverName: 'broker', subprotocol: 'mqtt', fault }])
  })
})

describe('a server that refuses the WebSocket', () => {
  const ask = upgrade('mqtt')[0] as Step

  test.each([
    ['HTTP/1.1 403 Forbidden', '403 Forbidden'],
    ['HTTP/1.1 426 Upgrade Required', '426 Upgrade Required'],
    ['HTTP/1.1 200', '200'],
  ])('%s', (line, why) => {
    const { session, seen } = see([ask, http('server', line, 'Content-Length: 0')])
    expect(seen).toEqual([])
    expect(session.carriers).toEqual([
      { name: 'HTTP', serverName: 'broker', opaque: `the server refuses the WebSocket: ${why}` },
    ])
  })

  test('and grants it when asked with credentials', () => {
    const unauthorized = http('server', 'HTTP/1.1 401 Unauthorized', 'Content-Length: 0')
    const { session, seen } = see([ask, unauthorized, ...upgrade('mqtt'), frame('client', BINARY, CONNECT)])
    expect(seen).toEqual(['client connect'])
    expect(session.carriers).toEqual([{ name: 'WebSocket', serverName: 'broker', subprotocol: 'mqtt' }])
  })
})

test('CoAP over WebSocket: each message is one of its own (RFC 8323 §4)', () => {
  const { session, seen } = see([
    ...upgrade('coap'),
    frame('client', BINARY, Buffer.from([0x00, 0xe1])),
    frame('server', BINARY, Buffer.from([0x00, 0xe1])),
    frame('client', BINARY_MORE, Buffer.from([0x01, 0x01, 0x7a])),
    frame('client', CONTINUATION, Buffer.from('\xb5hello', 'latin1')),
    frame('server', BINARY, Buffer.from('\x01\x45\x7a\xffworld', 'latin1')),
  ])
  expect(seen).toEqual(['client csm', 'server csm', 'client message', 'server message'])
  expect(session.codec?.name).toBe('CoAP over WebSocket')
})

test('plain HTTP is named, and nothing more', () => {
  const { session, seen } = see([
    http('client', 'GET /api/overview HTTP/1.1', 'Host: broker:15672'),
    http('server', 'HTTP/1.1 200 OK', 'Content-Length: 0'),
  ])
  expect(seen).toEqual([])
  expect(session.codec).toBeUndefined()
  expect(session.carriers).toEqual([{ name: 'HTTP', serverName: 'broker:15672' }])
})
