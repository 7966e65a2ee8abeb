import { describe, expect, test } from 'vitest'
import type { DriveOptions } from '../../../codecs/core/index.ts'
import { type MqttContext, type MqttFrame, mqtt } from '../../../codecs/mqtt/index.ts'
import { Driving } from '../driving.ts'
import type { Version } from './arbitraries.ts'
import { contextOf } from './support.ts'

const LEVELS: Readonly<Record<string, Version>> = { '3.1': 3, '3.1.1': 4, '5': 5 }

const driving = (options: Partial<DriveOptions> = {}) =>
  new Driving<MqttFrame, MqttContext>(mqtt, contextOf(LEVELS[options.version ?? '5'] as Version), options)

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const connack = (more: object = {}): MqttFrame => ({ type: 'connack', sessionPresent: false, reasonCode: 0, ...more })
const suback = (...reasonCodes: number[]): MqttFrame => ({ type: 'suback', packetId: 65_535, reasonCodes })

/** A client that is ready; what led there is out of the way. */
function ready(options: Partial<DriveOptions> = {}, properties: object = {}) {
  const client = driving(options)
  client.driver.start()
  client.sends()
  client.hears(connack(options.version === undefined ? { properties } : {}))
  client.sends()
  const count = (options.sources?.length ?? 0) + (options.requests === true ? 1 : 0)
  if (count > 0) client.hears(suback(...Array.from({ length: count }, () => 2)))
  expect(client.tells()).toEqual([['ready']])
  return client
}

const publish = (topic: string, payload: string, more: object = {}): MqttFrame => ({
  type: 'publish',
  dup: false,
  qos: 0,
  retain: false,
  topic,
  payload: utf8(payload),
  ...more,
})

describe('opening', () => {
  test('CONNECT says all that there is to be said [3.1]', () => {
    const client = driving({
      user: 'ann',
      password: 'pw',
      keepAlive: 30,
      credit: 50,
      settings: { sessionExpiry: 60, cleanStart: false, willTopic: 'w', willPayload: 'gone', willQos: 1 },
    })
    client.driver.start()
    expect(client.sends()).toMatchObject([
      {
        type: 'connect',
        protocolName: 'MQTT',
        protocolVersion: 5,
        cleanStart: false,
        keepAlive: 30,
        clientId: 'c',
        username: 'ann',
        password: utf8('pw'),
        properties: { sessionExpiryInterval: 60, receiveMaximum: 50 },
        willTopic: 'w',
        willPayload: utf8('gone'),
        willQos: 1,
      },
    ])
  })

  test.each([
    ['3.1', 'MQIsdp', 3],
    ['3.1.1', 'MQTT', 4],
  ])('MQTT %s is asked for as %s %d', (version, protocolName, protocolVersion) => {
    const client = driving({ version })
    client.driver.start()
    expect(client.sends()).toMatchObject([{ protocolName, protocolVersion, properties: undefined }])
  })

  test('without sources it is ready at once; with some, when they are granted', () => {
    const client = driving({ sources: ['a/#', 'b'], settings: { qos: 1, noLocal: true } })
    client.driver.start()
    client.sends()
    client.hears(connack({ properties: {} }))
    expect(client.tells()).toEqual([])
    expect(client.sends()).toMatchObject([
      {
        type: 'subscribe',
        subscriptions: [
          { topicFilter: 'a/#', qos: 1, noLocal: true },
          { topicFilter: 'b', qos: 1, noLocal: true },
        ],
      },
    ])
    client.hears(suback(1, 0))
    expect(client.tells()).toEqual([['ready']])
  })

  test('refusals, in the words of the server', () => {
    const cases = [
      [connack({ reasonCode: 0x87, properties: { reasonString: 'not you' } }), 'not you'],
      [connack({ reasonCode: 0x87, properties: {} }), 'Not authorized'],
    ] as const
    for (const [answer, reason] of cases) {
      const client = driving()
      client.driver.start()
      client.hears(answer)
      expect(client.tells()).toEqual([['failed', reason]])
    }
    const client = driving({ sources: ['a', 'b'] })
    client.driver.start()
    client.hears(connack({ properties: {} }), suback(0, 0x87))
    expect(client.tells()).toEqual([['failed', 'no subscription to b: reason code 0x87']])
  })

  test('a DISCONNECT of the server ends it [3.14]', () => {
    const client = ready()
    client.hears({ type: 'disconnect', reasonCode: 0x8b, properties: {} } as MqttFrame)
    expect(client.tells()).toEqual([['failed', 'Server shutting down']])
  })
})

describe('publishing', () => {
  test('at QoS 0 nobody answers', () => {
    const client = ready({ settings: { retain: true } })
    expect(client.publishes('a/b', 'hello')).toBe(-1)
    expect(client.driver.room).toBe(Number.POSITIVE_INFINITY)
    expect(client.sends()).toMatchObject([
      { type: 'publish', topic: 'a/b', qos: 0, retain: true, payload: utf8('hello') },
    ])
  })

  test('a message may have properties otherwise than the rest', () => {
    const client = ready({ settings: { messageExpiry: 60 } })
    client.publishes('a', 'x', { settings: { messageExpiry: 5, retain: true } })
    expect(client.sends()).toMatchObject([{ retain: true, properties: { messageExpiryInterval: 5 } }])
  })

  test('properties say what there is to say [3.3.2.3]', () => {
    const client = ready({ settings: { messageExpiry: 60 } })
    client.publishes('a', 'x', { contentType: 'text/plain', replyTo: 'r', headers: { region: 'eu' } })
    expect(client.sends()).toMatchObject([
      {
        properties: {
          messageExpiryInterval: 60,
          contentType: 'text/plain',
          responseTopic: 'r',
          userProperties: [{ name: 'region', value: 'eu' }],
        },
      },
    ])
    const old = ready({ version: '3.1.1' })
    old.publishes('a', 'x', { contentType: 'text/plain' })
    expect(old.sends()).toMatchObject([{ topic: 'a', properties: undefined, payload: utf8('x') }])
  })

  test('the body can be stamped in the outbox', () => {
    const client = ready({ settings: { qos: 1 } })
    client.publishes('a', '....')
    client.outbox.view.setUint32(client.outbox.bodyAt, 0x77777777)
    expect(client.sends()).toMatchObject([{ payload: utf8('wwww') }])
  })

  test('at QoS 1 each PUBACK answers, whatever its order [4.3.2]', () => {
    const client = ready({ settings: { qos: 1 }, inFlight: 4 })
    expect([0, 1, 2, 3].map(() => client.publishes('a', 'x'))).toEqual([0, 1, 2, 3])
    expect(client.driver.room).toBe(0)
    const ids = client.sends().map(frame => (frame as { packetId: number }).packetId)
    expect(new Set(ids).size).toBe(4)
    const [first, second, third, fourth] = ids as [number, number, number, number]
    client.hears({ type: 'puback', packetId: second })
    client.hears({ type: 'puback', packetId: first, reasonCode: 0x10 })
    client.hears({ type: 'puback', packetId: third, reasonCode: 0x97 })
    client.hears({ type: 'puback', packetId: third }, { type: 'puback', packetId: 999 })
    expect(client.tells()).toEqual([
      ['answered', 1, 'accepted'],
      ['answered', 0, 'unroutable'],
      ['answered', 2, 'refused'],
    ])
    expect(client.driver.room).toBe(3)
    // A packet identifier is not used again while it is under way [2.2.1].
    for (let more = 0; more < 3; more++) client.publishes('a', 'x')
    expect(client.sends().map(frame => (frame as { packetId: number }).packetId)).not.toContain(fourth)
  })

  test('at QoS 2 PUBREC is answered by PUBREL, and PUBCOMP answers [4.3.3]', () => {
    const client = ready({ settings: { qos: 2 } })
    client.publishes('a', 'x')
    client.publishes('a', 'x')
    const [first, second] = client.sends() as unknown as [{ packetId: number }, { packetId: number }]
    client.hears({ type: 'pubrec', packetId: first.packetId })
    client.hears({ type: 'pubrec', packetId: second.packetId, reasonCode: 0x99 })
    expect(client.tells()).toEqual([['answered', 1, 'refused']])
    expect(client.sends()).toMatchObject([{ type: 'pubrel', packetId: first.packetId }])
    client.hears({ type: 'pubcomp', packetId: first.packetId })
    expect(client.tells()).toEqual([['answered', 0, 'accepted']])
  })

  test('no more are under way than the server takes at once [3.2.2.3.3]', () => {
    const client = ready({ settings: { qos: 1 } }, { receiveMaximum: 3 })
    expect(client.driver.room).toBe(3)
    client.publishes('a', 'x')
    expect(client.driver.room).toBe(2)
  })
})

describe('consuming', () => {
  const consuming: Partial<DriveOptions> = { sources: ['a/+', '$share/g/b/#'], settles: true, settings: { qos: 2 } }

  test('a delivery: where its body is, which source, where the answer goes', () => {
    const client = ready(consuming)
    client.hears(publish('x', 'before'))
    client.hears(publish('b/c/d', 'hello', { properties: { contentType: 't', responseTopic: 'r/1' } }))
    client.hears(publish('a/b', '', { qos: 1, packetId: 7, dup: true, properties: {} }))
    expect(client.deliveries().slice(1)).toEqual([
      { id: -1, text: 'hello', size: 5, source: 1, redelivered: false, replyTo: 'r/1' },
      { id: 7, text: '', size: 0, source: 0, redelivered: true, replyTo: undefined },
    ])
  })

  test('in pieces, several at a time', () => {
    const client = ready({ sources: ['a'] })
    const one = client.encoded(publish('a', 'x'.repeat(300), { properties: { responseTopic: 'r' } }))
    client.hearsBytes(Buffer.concat([one, one]), 11)
    expect(client.deliveries()).toMatchObject([
      { text: 'x'.repeat(300), replyTo: 'r' },
      { text: 'x'.repeat(300), replyTo: 'r' },
    ])
  })

  test('what says that it is longer than it is ends it', () => {
    const client = ready({ sources: ['a'] })
    client.hearsBytes(Uint8Array.of(0x30, 5, 0, 9, 0x61, 0x62, 0x63))
    client.hearsBytes(Uint8Array.of(0x30, 5, 0, 1, 0x61, 0x7f, 0x63))
    expect(client.tells()).toEqual([
      ['failed', 'its PUBLISH is malformed'],
      ['failed', 'its PUBLISH is malformed'],
    ])
  })

  test('a topic alias stands for the topic that it came with [3.3.2.3.4]', () => {
    const client = ready({ ...consuming, sources: ['a', 'b'] })
    client.hears(publish('b', 'x', { properties: { topicAlias: 3 } }))
    client.hears({ ...publish('b', 'y', { properties: { topicAlias: 3 } }), aliased: true } as MqttFrame)
    expect(client.deliveries()).toMatchObject([
      { text: 'x', source: 1 },
      { text: 'y', source: 1 },
    ])
  })

  test('PUBACK, or PUBREC and PUBCOMP, acknowledge; each once', () => {
    const client = ready(consuming)
    client.hears(publish('a/b', 'x', { qos: 1, packetId: 7 }), publish('a/b', 'x', { qos: 2, packetId: 7 }))
    const [first, second] = client.deliveries()
    expect(client.sends()).toEqual([])
    client.driver.settle(second!.id, 'accept', false)
    client.driver.settle(first!.id, 'accept', false)
    client.driver.settle(first!.id, 'accept', false)
    expect(client.sends()).toMatchObject([
      { type: 'pubrec', packetId: 7 },
      { type: 'puback', packetId: 7 },
    ])
    client.hears({ type: 'pubrel', packetId: 7 })
    expect(client.sends()).toMatchObject([{ type: 'pubcomp', packetId: 7 }])
  })

  test('all up to one are acknowledged in the order in which they came [4.6]', () => {
    const client = ready(consuming)
    client.hears(...[5, 3, 9, 4].map(packetId => publish('a/b', 'x', { qos: 1, packetId })))
    client.driver.settle(3, 'accept', false)
    client.driver.settle(9, 'accept', true)
    client.driver.settle(9, 'accept', true)
    expect(client.sends()).toMatchObject([{ packetId: 3 }, { packetId: 5 }, { packetId: 9 }])
    client.driver.settle(4, 'accept', true)
    expect(client.sends()).toMatchObject([{ packetId: 4 }])
  })

  test('whoever settles nothing acknowledges all the same', () => {
    const client = ready({ ...consuming, settles: false })
    client.hears(publish('a/b', 'x', { qos: 1, packetId: 7 }), publish('a/b', 'x', { qos: 2, packetId: 8 }))
    expect(client.deliveries()).toMatchObject([{ id: -1 }, { id: -1 }])
    expect(client.sends()).toMatchObject([
      { type: 'puback', packetId: 7 },
      { type: 'pubrec', packetId: 8 },
    ])
  })

  test('only MQTT 5 can say no', () => {
    const client = ready(consuming)
    client.hears(publish('a/b', 'x', { qos: 1, packetId: 7 }))
    client.driver.settle(7, 'reject', false)
    expect(client.sends()).toMatchObject([{ type: 'puback', packetId: 7, reasonCode: 0x80 }])
    const old = ready({ ...consuming, version: '3.1.1' })
    old.hears(publish('a/b', 'x', { qos: 1, packetId: 7 }))
    old.driver.settle(7, 'reject', false)
    expect(old.sends()).toMatchObject([{ type: 'puback', packetId: 7 }])
    expect(old.deliveries()).toMatchObject([{ text: 'x', replyTo: undefined }])
  })
})

test('answers come to a topic of the client [4.10]', () => {
  const client = driving({ requests: true, sources: ['a'], settles: true })
  client.driver.start()
  client.sends()
  client.hears(connack({ properties: {} }))
  const { replyTo } = client.driver
  expect(replyTo).toBe('mqinspect/replies/c')
  expect(client.sends()).toMatchObject([{ subscriptions: [{ topicFilter: 'a' }, { topicFilter: replyTo }] }])
  client.hears(suback(0, 0), publish(replyTo as string, 'answer', { qos: 1, packetId: 3 }), publish('a', 'x'))
  expect(client.deliveries()).toMatchObject([
    { id: -1, source: -1, text: 'answer' },
    { source: 0, text: 'x' },
  ])
  // Nobody settles it.
  expect(client.sends()).toMatchObject([{ type: 'puback', packetId: 3 }])
})

test('keep-alive is what was asked for, or what the server says [3.2.2.3.14]', () => {
  expect(ready({ keepAlive: 60 }).driver.keepAlive).toBe(30_000)
  expect(ready({ keepAlive: 0 }).driver.keepAlive).toBeUndefined()
  const client = ready({ keepAlive: 60 }, { serverKeepAlive: 10 })
  expect(client.driver.keepAlive).toBe(5000)
  client.driver.alive()
  expect(client.sends()).toMatchObject([{ type: 'pingreq' }])
  client.hears({ type: 'pingresp' })
  expect(client.tells()).toEqual([])
})

test('leaving is DISCONNECT, which has no answer [3.14]', () => {
  const client = ready()
  client.driver.leave()
  expect(client.sends()).toMatchObject([{ type: 'disconnect' }])
  expect(client.tells()).toEqual([['left']])
})

test('subscriptions are shared by name only; topics reach whoever has a filter for them', () => {
  const { shares, reaches } = mqtt.drive!
  expect([shares('a', {}), shares('$share/g/a', {})]).toEqual([false, true])
  expect(reaches('a/b', 'a/+', {})).toBe(true)
  expect(reaches('a/b', '$share/g/a/#', {})).toBe(true)
  expect(reaches('a/b', 'a', {})).toBe(false)
})
