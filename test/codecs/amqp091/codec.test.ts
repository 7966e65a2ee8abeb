import { describe, expect, test } from 'vitest'
import { amqp091, Decimal, Table, timeOf } from '../../../codecs/amqp091/index.ts'
import { plans } from '../../../codecs/amqp091/plan.ts'
import {
  converse,
  FrameReader,
  frameToJson,
  mayHoldSecrets,
  type Packet,
  secretRanges,
} from '../../../codecs/core/index.ts'
import { bytesAllocated } from '../../battery/allocation.ts'
import { delimit, packetOf, read, write } from './support.ts'

const bytes = (...parts: (string | number | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap(part =>
      typeof part === 'string' ? [...Buffer.from(part)] : typeof part === 'number' ? [part] : [...part],
    ),
  )
const ack = (deliveryTag: number): Uint8Array => write({ type: 'basic.ack', channel: 1, deliveryTag, multiple: false })
const body = (content: Uint8Array): Uint8Array => write({ type: 'body', channel: 1, body: content })
const heartbeat = write({ type: 'heartbeat', channel: 0 })
const publish = bytes(
  write({ type: 'basic.publish', channel: 1, exchange: '', routingKey: 'q', mandatory: false, immediate: false }),
  write({ type: 'header', channel: 1, classId: 60, bodySize: 2, properties: {} }),
  body(bytes('hi')),
)

describe('detection', () => {
  const header = (...version: number[]) => amqp091.detect(bytes('AMQP', ...version), 'client')

  test('is certain of the headers of 0-8 to 0-9-1', () => {
    for (const version of [
      [0, 0, 9, 1],
      [1, 1, 0, 9],
      [1, 1, 8, 0],
      [1, 1, 9, 1],
    ])
      expect(header(...version)).toBe(1)
  })

  test('says no to AMQP 1.0 and its security layers', () => {
    for (const id of [0, 2, 3]) expect(header(id, 1, 0, 0)).toBe(0)
  })

  test('waits for the rest of a header', () => {
    for (const length of [1, 4, 7]) {
      const score = amqp091.detect(bytes('AMQP', 0, 0, 9, 1).subarray(0, length), 'client')
      expect(score).toBeGreaterThan(0)
      expect(score).toBeLessThan(0.5)
    }
  })

  test('is certain of connection.start, from the server only', () => {
    const start = write({
      type: 'connection.start',
      channel: 0,
      versionMajor: 0,
      versionMinor: 9,
      serverProperties: Table.of({}),
      mechanisms: 'PLAIN',
      locales: 'en_US',
    })
    expect(amqp091.detect(start, 'server')).toBe(1)
    expect(amqp091.detect(start, 'client')).toBeLessThan(1)
  })

  test('finds frames of the middle of a connection likely', () => {
    expect(amqp091.detect(ack(1), 'client')).toBe(0.85)
    expect(amqp091.detect(bytes(ack(1), ack(2)), 'client')).toBe(0.9)
    expect(amqp091.detect(body(bytes('x')), 'client')).toBe(0.7)
    expect(amqp091.detect(publish.subarray(0, 15), 'client')).toBe(0.6)
  })

  test('says no to what others send', () => {
    for (const other of ['GET / HTTP/1.1\r\n', 'CONNECT\naccept-version:1.2\n\n\0', 'AMQR', '\x10\x0c\0\x04MQTT\x04']) {
      expect(amqp091.detect(bytes(other), 'client')).toBe(0)
    }
  })
})

describe('finding a frame', () => {
  const context = packetOf(heartbeat).context
  const find = (stream: Uint8Array, final = true) => amqp091.resync?.(stream, 0, stream.length, context, final)

  test('passes over copies of frames in a body', () => {
    const tail = bytes('tail', publish, 'more', 0xce)
    expect(find(bytes(tail, ack(1), ack(2), heartbeat))).toBe(tail.length)
  })

  test('waits where more bytes could tell, and believes four frames in a row', () => {
    const junk = bytes('junk')
    expect(find(bytes(junk, ack(1), ack(2), ack(3)), false)).toBe(~junk.length)
    expect(find(bytes(junk, ack(1), ack(2), ack(3), ack(4)), false)).toBe(junk.length)
  })

  test('believes a frame that ends where the bytes do, and none that stands alone among others', () => {
    expect(find(bytes('junk', ack(1)))).toBe(4)
    expect(find(bytes('junk', ack(1), 'junk'))).toBe(~29)
  })

  test('takes no method of an unknown class or on the wrong channel', () => {
    const unknown = write({ type: 'method', channel: 1, classId: 61, methodId: 80, arguments: bytes() })
    expect(find(bytes('junk', unknown))).toBe(~16)
    const wrong = ack(1)
    wrong[2] = 0
    expect(find(bytes('junk', wrong))).toBe(~25)
  })

  test('stays linear where every byte begins a chain', () => {
    const beats = bytes(...Array.from({ length: 30_000 }, () => heartbeat.subarray(0, 7)))
    const started = performance.now()
    expect(find(beats)).toBe(~beats.length)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('the size of frames', () => {
  function packetsOf(frameMax: number, size: number): Packet[] {
    const conversation = converse(amqp091)
    const tuneOk = write({ type: 'connection.tune-ok', channel: 0, channelMax: 0, frameMax, heartbeat: 0 })
    conversation.push('client', bytes(tuneOk, body(new Uint8Array(size)), ack(1), heartbeat), 0)
    const packets: Packet[] = []
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) packets.push(packet)
    conversation.end('client')
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) packets.push(packet)
    return packets
  }
  const kinds = (frameMax: number, size: number) => packetsOf(frameMax, size).map(({ kind }) => kind)

  test('is bounded by what tune-ok settled, with eight octets to spare', () => {
    expect(kinds(8192, 8192)).toEqual(['frame', 'frame', 'frame', 'frame'])
    expect(kinds(8192, 8193)).toContain('malformed')
  })

  test('is not bounded by a frame_max of 0, nor ever below 4096', () => {
    expect(kinds(0, 300_000)).not.toContain('malformed')
    expect(kinds(1, 4096)).not.toContain('malformed')
  })

  test('is found without allocating anything', () => {
    const stream = bytes(...Array.from({ length: 1000 }, (_, tag) => ack(tag)))
    const scan = { at: 0, mark: 0 }
    const { context } = packetOf(heartbeat)
    const walk = () => {
      for (let at = 0; at < stream.length; ) at += amqp091.delimit(stream, at, stream.length, context, scan)
    }
    const nothing = bytesAllocated(() => {})
    expect((bytesAllocated(walk) - nothing) / 1000).toBeLessThan(2)
  })

  test('a claim beyond all sense is no frame', () => {
    expect(delimit(bytes(3, 0, 1, 0x7f, 0xff, 0xff, 0xff))).toBe(0)
  })
})

describe('facts and secrets', () => {
  const startOk = (mechanism: string, response: Uint8Array) => ({
    type: 'connection.start-ok' as const,
    channel: 0,
    clientProperties: Table.of({ product: 'pika', version: '1.3', connection_name: 'billing' }),
    mechanism,
    response,
    locale: 'en_US',
  })

  test('the user comes out of PLAIN and AMQPLAIN, and out of nothing else', () => {
    const plain = startOk('PLAIN', bytes(0, 'alice', 0, 'secret'))
    const client = { product: 'pika 1.3', clientId: 'billing' }
    expect(amqp091.facts?.(plain)).toEqual({ ...client, user: 'alice' })
    const { wire } = readTable(Table.of({ LOGIN: 'bob', PASSWORD: 'secret' }))
    expect(amqp091.facts?.(startOk('AMQPLAIN', wire))).toEqual({ ...client, user: 'bob' })
    expect(amqp091.facts?.(startOk('EXTERNAL', bytes('x')))).toEqual(client)
    expect(amqp091.facts?.(startOk('PLAIN', bytes(0xff, 0xfe)))).toEqual(client)
  })

  test('credentials are hidden in JSON, absent from summaries, and known by their bytes', () => {
    const secret = bytes('sesame')
    for (const frame of [
      startOk('PLAIN', secret),
      { type: 'connection.secure-ok', channel: 0, response: secret } as const,
      { type: 'connection.update-secret', channel: 0, newSecret: secret, reason: 'expired' } as const,
    ]) {
      expect(mayHoldSecrets(amqp091, frame.type)).toBe(true)
      expect(JSON.stringify(frameToJson(amqp091, frame))).not.toContain('sesame')
      expect(JSON.stringify(frameToJson(amqp091, frame, { secrets: true }))).toContain('sesame')
      expect(amqp091.summary(frame)).not.toContain('sesame')
      const packet = packetOf(write(frame))
      const ranges = secretRanges(new FrameReader().trace(amqp091, packet).field)
      expect(ranges.map(({ start, end }) => Buffer.from(packet.bytes.subarray(start, end)).toString())).toEqual([
        'sesame',
      ])
    }
  })

  test('every frame that facts listens to says so in its shape', () => {
    for (const { type, arguments: list } of plans) {
      const nothing = Object.fromEntries(
        list.map(({ name, type: kind }) => [name, kind === 'table' ? Table.empty : '']),
      )
      const said = amqp091.facts?.({ type, channel: 0, ...nothing, response: bytes() } as never)
      if (said !== undefined) expect(amqp091.frames[type].facts, type).toBe(true)
    }
  })

  function readTable(table: Table): { wire: Uint8Array } {
    const { frame } = read(
      write({ type: 'header', channel: 1, classId: 60, bodySize: 0, properties: { headers: table } }),
    )
    if (frame.type !== 'header') throw new Error(frame.type)
    return { wire: frame.properties.headers?.wire as Uint8Array }
  }
})

describe('field tables', () => {
  test('give plain values the tags that clients give them', () => {
    const table = Table.of({
      text: 'a',
      small: 1,
      large: 2 ** 40,
      exact: 2n ** 60n,
      half: 0.5,
      yes: true,
      none: null,
      raw: bytes(1),
      when: new Date(1_700_000_000_000),
      list: [1, 'b'],
      nested: { a: 1 },
      money: new Decimal(2, 1999),
    })
    expect(table.entries.map(({ tag }) => tag).join('')).toBe('SIlldtVxTAFD')
    expect(JSON.stringify(table.get('money'))).toBe('"19.99"')
    expect(JSON.stringify(table.get('nested'))).toBe('{"a":1}')
  })

  test('keep duplicates, of which the first counts', () => {
    const entries = [
      { key: 'a', tag: 'I', value: 1 },
      { key: '__proto__', tag: 'I', value: 2 },
      { key: 'a', tag: 'I', value: 3 },
    ]
    const table = new Table(entries)
    expect(table.get('a')).toBe(1)
    expect(Object.entries(table.toJSON())).toEqual([
      ['a', 1],
      ['__proto__', 2],
    ])
  })

  test('refuse what cannot be written', () => {
    const headers = new Table([{ key: 'k'.repeat(256), tag: 'V', value: null }])
    const header = { type: 'header', channel: 1, classId: 60, bodySize: 0, properties: { headers } }
    expect(() => write(header)).toThrow(RangeError)
  })
})

test('the moment of a timestamp is guessed by its size', () => {
  const moment = '2023-11-14T22:13:20.000Z'
  for (const unit of [1, 1e3, 1e6]) expect(timeOf(1_700_000_000 * unit)?.toISOString()).toBe(moment)
  expect(timeOf(1_700_000_000_000_000_000n)?.toISOString()).toBe(moment)
  expect(timeOf(2n ** 64n - 1n)?.toISOString()).toBe('1969-12-31T23:59:59.000Z')
  expect(timeOf(2n ** 63n - 1n)).toBeInstanceOf(Date)
})
