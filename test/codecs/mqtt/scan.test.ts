import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { converse, FrameReader, type Joined, type Packet, type Side } from '../../../codecs/core/index.ts'
import { type MqttContext, mqtt } from '../../../codecs/mqtt/index.ts'
import { bytesAllocated } from '../../battery/allocation.ts'
import { bytesOf, contextOf, write } from './support.ts'

const scan = { at: 0, mark: 0 }
const delimit = (hex: string, version: 3 | 4 | 5 = 4): number => {
  const bytes = bytesOf(hex)
  return mqtt.delimit(bytes, 0, bytes.length, contextOf(version), scan)
}

describe('delimit', () => {
  test.each([
    ['', -1],
    ['30', -1],
    ['30 80', -1],
    ['30 ff ff ff', -1],
    ['30 05', 7],
    ['30 80 01', 131],
    ['30 ff ff ff 7f', -2],
    ['30 ff ff ff 7f 00 01', -1],
    ['30 ff ff ff 7f 00 01 61', 268_435_460],
    ['30 ff ff ff 7f 00 01 00', 0],
    ['30 ff ff ff ff', 0],
    ['00 00', 0],
    ['40 02', 4],
    ['40 03', 5],
    ['40 80 01', 0],
    ['41 03', 0],
    ['c0 80 01', 0],
    ['10 80 80 04 00 04 4d 51 54 54 04 02 00', 65_540],
    ['10 80 80 04 00 04 4d 51 54 58 04 02 00', 0],
    ['82 80 80 04 00 01', 65_540],
    ['82 80 80 04 00 00', 0],
  ])('before MQTT 5: %s is %i', (hex, wanted) => {
    expect(delimit(hex)).toBe(wanted)
  })

  test.each([
    ['40 80 01', 131],
    ['f0 00', 2],
    ['40 80 80 08 00 01 00', -1],
    ['40 80 80 08 00 01 00 fa ff 07', 131_076],
    ['40 80 80 08 00 01 00 f8 ff 07', 0],
    ['e0 80 80 08 04 fc ff 07', 131_076],
    ['20 80 80 08 00 00 fb ff 07', 131_076],
  ])('MQTT 5: %s is %i', (hex, wanted) => {
    expect(delimit(hex, 5)).toBe(wanted)
  })

  test('allocates nothing', () => {
    const bytes = bytesOf('30 80 01 0003 61 2f 62')
    const context = contextOf(5)
    const work = () => {
      for (let i = 0; i < 100_000; i++) mqtt.delimit(bytes, 0, bytes.length, context, scan)
    }
    for (let i = 0; i < 20; i++) work()
    // What one round of measuring itself takes, and not a byte for each of the hundred thousand.
    expect(bytesAllocated(work)).toBeLessThan(100_000)
  })
})

function packetsOf(bytes: Uint8Array, joined: Joined, side: Side = 'client'): Packet<MqttContext>[] {
  const conversation = converse(mqtt, { joined })
  const packets: Packet<MqttContext>[] = []
  const drain = () => {
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next())
      packets.push(packet as Packet<MqttContext>)
  }
  conversation.push(side, bytes, 0)
  drain()
  conversation.end(side)
  drain()
  return packets
}

const publish = (topic: string, payload: Uint8Array, version: 4 | 5 = 4) =>
  write({ type: 'publish', dup: false, qos: 0, retain: false, topic, payload }, version)

/** Whether what stands before `at` can itself be the beginning of a packet that ends behind it: `a2 12` is an UNSUBSCRIBE's. */
function reachesInto(bytes: Uint8Array, at: number): boolean {
  const context = { version: 4, guessed: true, topic: undefined } as const
  for (let start = 0; start < at; start++) {
    if (start + mqtt.delimit(bytes, start, bytes.length, context, { at: 0, mark: 0 }) > at) return true
  }
  return false
}

describe('resynchronising', () => {
  const chain = Buffer.concat([
    publish('sensors/1/temp', Buffer.from('20.5')),
    publish('sensors/2/temp', Buffer.from('20.7')),
    bytesOf('c000'),
  ])

  test('finds the chain of packets after whatever came before', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), garbage => {
        const bytes = new Uint8Array([...garbage, ...chain])
        fc.pre(!reachesInto(bytes, garbage.length))
        const packets = packetsOf(bytes, 'middle')
        const frames = packets.filter(packet => packet.kind === 'frame')
        expect(frames.slice(-3).map(packet => mqtt.type(packet))).toEqual(['publish', 'publish', 'pingreq'])
      }),
      { numRuns: 2000 },
    )
  })

  test('makes no packets of what is none', () => {
    fc.assert(
      fc.property(fc.noBias(fc.uint8Array({ minLength: 200, maxLength: 2000 })), garbage => {
        const conversation = converse(mqtt, { joined: 'middle' })
        conversation.push('client', garbage, 0)
        for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) {
          expect(packet.kind).toBe('malformed')
        }
      }),
      { numRuns: 500 },
    )
  })

  test('makes no packets of text', () => {
    const text = Buffer.from('0 degrees @ 12:00, 3 of 4 "sensors" {"a":[1,2,3],"b":null}\n'.repeat(200))
    expect(packetsOf(text, 'middle').every(packet => packet.kind === 'malformed')).toBe(true)
  })

  test('is not held up by a stray byte that announces a megabyte', () => {
    const stray = bytesOf('30 80 80 40 00 01 61')
    const conversation = converse(mqtt, { joined: 'middle' })
    conversation.push('client', new Uint8Array([...stray, ...chain]), 0)
    const kinds: string[] = []
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) kinds.push(packet.kind)
    expect(kinds).toEqual(['malformed', 'frame', 'frame', 'frame'])
  })
})

describe('guessing the version', () => {
  test.each([
    ['a payload that no property begins', publish('sensors/1/temp', Buffer.from('20.5')), 4],
    ['an empty payload', publish('sensors/1/temp', new Uint8Array(0)), 4],
    ['no properties', publish('sensors/1/temp', Buffer.from('20.5'), 5), 5],
    ['a SUBACK of one code', bytesOf('90 03 0001 00'), 4],
    ['a SUBACK with a property length', bytesOf('90 04 0001 00 02'), 4],
    ['a SUBACK with a code of MQTT 5', bytesOf('90 04 0001 00 87'), 5],
    ['a CONNACK of two bytes', bytesOf('20 02 00 00'), 4],
    ['a CONNACK of three', bytesOf('20 03 00 00 00'), 5],
    ['a reason code', bytesOf('40 03 0001 10'), 5],
    ['a SUBSCRIBE', bytesOf('82 06 0001 0001 61 01'), 4],
    ['a SUBSCRIBE with a property length', bytesOf('82 07 0001 00 0001 61 01'), 5],
    ['an UNSUBACK with reason codes', bytesOf('b0 04 0001 00 00'), 5],
    ['an AUTH', bytesOf('f0 00'), 5],
  ] as const)('%s', (_, bytes, version) => {
    const dialogue = mqtt.dialogue('middle')
    expect(dialogue.context('client', new Uint8Array(bytes), 0, bytes.length, true)).toMatchObject({
      version,
      guessed: true,
    })
  })

  test('one packet that tells decides for those that do not', () => {
    const dialogue = mqtt.dialogue('middle')
    const telling = bytesOf('40 03 0001 10')
    const context = dialogue.context('server', telling, 0, telling.length, true) as MqttContext
    for (const packet of packetsOf(telling, 'middle', 'server')) dialogue.follow({ ...packet, context } as never)
    const silent = bytesOf('90 04 0001 00 02')
    expect(dialogue.context('server', silent, 0, silent.length, true)?.version).toBe(5)
  })

  test('a connection that began with CONNECT has nothing to guess, and nothing to note', () => {
    const bytes = new Uint8Array([
      ...bytesOf('10 0e 0004 4d515454 04 02 003c 0002 6d65'),
      ...publish('a', bytesOf('00')),
    ])
    const [, packet] = packetsOf(bytes, 'start')
    expect(packet?.context).toMatchObject({ version: 4, guessed: false })
    expect(new FrameReader().read(mqtt, packet as Packet<MqttContext>, true).diagnostics).toEqual([])
  })
})

describe('detect', () => {
  test.each([
    ['CONNECT', 'client', '10 0e 0004 4d515454 04 02 003c 0002 6d65', 1],
    ['CONNECT of a bridge', 'client', '10 0e 0004 4d515454 84 02 003c 0002 6d65', 1],
    ['CONNECT of 3.1', 'client', '10 10 0006 4d5149736470 03 02 003c 0002 6d65', 1],
    ['CONNECT of a level to come', 'client', '10 0e 0004 4d515454 06 02 003c 0002 6d65', 0.7],
    ['the first byte', 'client', '10', 0.3],
    ['half a name', 'client', '10 0e 0004 4d51', 0.3],
    ['CONNACK', 'server', '20 02 00 00', 0.7],
    ['CONNACK of MQTT 5', 'server', '20 03 00 00 00', 0.7],
    ['CONNACK from a client', 'client', '20 02 00 00', 0],
    ['TLS', 'client', '16 03 01 02 00 01 00 01 fc 03 03', 0],
    ['TLS, answered', 'server', '16 03 03 00 7a 02 00 00 76 03 03', 0],
    ['HTTP', 'client', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n').toString('hex'), 0],
    ['HTTP, answered', 'server', Buffer.from('HTTP/1.1 200 OK\r\n\r\n').toString('hex'), 0],
    ['AMQP', 'client', '41 4d 51 50 00 00 09 01', 0],
    ['LDAP', 'client', '30 0c 02 01 01 60 07 02 01 03 04 00 80 00', 0],
    ['blanks', 'server', '20 20 20 20 20 20', 0],
    ['NULs', 'client', '00 00 00 00', 0],
  ] as const)('%s', (_, side, hex, score) => {
    expect(mqtt.detect(bytesOf(hex), side)).toBe(score)
  })
})

describe('topic aliases', () => {
  test('are forgotten oldest first, beyond a megabyte of topics', () => {
    const dialogue = mqtt.dialogue('middle')
    const aliased = (topic: string, alias: number) =>
      write(
        { type: 'publish', dup: false, qos: 0, retain: false, topic, properties: { topicAlias: alias }, payload },
        5,
      )
    const payload = new Uint8Array(0)
    for (let alias = 1; alias <= 40; alias++) {
      for (const packet of packetsOf(aliased(String(alias).repeat(30_000), alias), 'middle')) {
        dialogue.follow({ ...packet, context: contextOf(5) } as never)
      }
    }
    const topicOf = (alias: number) => {
      const bytes = aliased('', alias)
      return dialogue.context('client', bytes, 0, bytes.length, true)?.topic?.slice(0, 2)
    }
    expect([topicOf(1), topicOf(40)]).toEqual([undefined, '40'])
  })
})
