import { describe, expect, test } from 'vitest'
import type { DriveOptions } from '../../../codecs/core/index.ts'
import type { Auth, Connect } from '../../../codecs/mqtt/frames.ts'
import { type MqttContext, type MqttFrame, mqtt } from '../../../codecs/mqtt/index.ts'
import { Driving } from '../driving.ts'
import { ScramServer } from '../scram-server.ts'
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

describe('logging in by a method of its own [4.12]', () => {
  const options = { user: 'ann', password: 'pw', settings: { mechanism: 'SCRAM-SHA-1' } }
  const authenticationMethod = 'SCRAM-SHA-1'
  const auth = (properties: object, reasonCode = 0x18): MqttFrame => ({ type: 'auth', reasonCode, properties })

  /** Up to the proof that a client answers the challenge with. */
  async function challenged() {
    const client = driving(options)
    const server = new ScramServer('sha1', 'pw')
    client.driver.start()
    const [connect] = client.sends() as [Connect]
    const { user, challenge } = server.first(connect.properties?.authenticationData as Uint8Array)
    expect([connect.properties?.authenticationMethod, user]).toEqual([authenticationMethod, 'ann'])
    // The password is for nobody, and the method says who it is.
    expect([connect.username, connect.password]).toEqual([undefined, undefined])
    const worked = client.worked()
    client.hears(auth({ authenticationMethod, authenticationData: challenge }))
    await worked
    const [answer] = client.sends() as [Auth]
    expect(answer).toMatchObject({ type: 'auth', reasonCode: 0x18, properties: { authenticationMethod } })
    return { client, signature: server.final(answer.properties?.authenticationData as Uint8Array) }
  }

  test('SCRAM: AUTH packets go to and fro, and CONNACK holds the signature', async () => {
    const { client, signature } = await challenged()
    client.hears(connack({ properties: { authenticationMethod, authenticationData: signature } }))
    expect(client.tells()).toEqual([['ready']])
  })

  test('a CONNACK without it is not believed', async () => {
    const { client } = await challenged()
    client.hears(connack({ properties: { authenticationMethod } }))
    expect(client.tells()).toEqual([['failed', expect.stringContaining('does not prove')]])
  })

  test.each([
    ['by another method [MQTT-4.12.0-5]', options, auth({ authenticationMethod: 'X' })],
    ['that says it is over', options, auth({ authenticationMethod }, 0)],
    ['that nobody asked for [MQTT-4.12.0-6]', {}, auth({ authenticationMethod })],
  ])('an AUTH %s ends it', (_, given, frame) => {
    const client = driving(given)
    client.driver.start()
    client.hears(frame)
    expect(client.tells()).toEqual([['failed', 'the server authenticates by what it was not asked for']])
  })

  test('before MQTT 5 there is none', () => {
    const client = driving({ ...options, version: '3.1.1' })
    client.driver.start()
    expect(client.tells()).toEqual([['failed', 'SCRAM-SHA-1 is for MQTT 5 alone']])
    expect(client.sends()).toEqual([])
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

describe('topic aliases [3.3.2.3.4]', () => {
  const aliased = (options: Partial<DriveOptions> = {}, topicAliasMaximum: number | undefined = 2) =>
    ready({ ...options, settings: { topicAlias: true, qos: 1, ...options.settings } }, { topicAliasMaximum })

  test('a topic is said once, and then by its number; what differs is still patched in', () => {
    const client = aliased()
    const plates = ['a/b', 'c'].map(destination => client.driver.plate({ destination, body: utf8('....') }))
    for (const plate of [plates[0]!, plates[0]!, plates[1]!, plates[0]!]) client.driver.publish(plate)
    client.outbox.view.setUint32(client.outbox.bodyAt, 0x77777777)
    expect(client.sends()).toMatchObject([
      { topic: 'a/b', aliased: undefined, packetId: 1, properties: { topicAlias: 1 } },
      { topic: 'a/b', aliased: true, packetId: 2, properties: { topicAlias: 1 } },
      { topic: 'c', aliased: undefined, packetId: 3, properties: { topicAlias: 2 } },
      { topic: 'a/b', aliased: true, packetId: 4, properties: { topicAlias: 1 }, payload: utf8('wwww') },
    ])
  })

  test('there are no more than the server takes; without a word of it, none', () => {
    const client = aliased({}, 1)
    for (const topic of ['a', 'b', 'b', 'a']) client.publishes(topic, 'x')
    expect(client.sends()).toMatchObject([
      { topic: 'a', aliased: undefined },
      { topic: 'b', aliased: undefined, properties: {} },
      { topic: 'b', aliased: undefined },
      { topic: 'a', aliased: true },
    ])
    const none = ready({ settings: { topicAlias: true } })
    for (const topic of ['a', 'a']) none.publishes(topic, 'x')
    expect(none.sends()).toMatchObject([{ topic: 'a' }, { topic: 'a', aliased: undefined }])
  })

  test('answers have none: each goes somewhere else', () => {
    const client = aliased()
    for (const topic of ['r', 'r']) client.publishes(topic, 'x', { answers: true })
    expect(client.sends()).toMatchObject([{ aliased: undefined }, { aliased: undefined }])
  })
})

test('properties of messages, and options of subscriptions [3.3.2.3, 3.8.3.1]', () => {
  const said = { payloadFormat: 1, responseTopic: 'r', correlationData: 'c' }
  const client = ready({ settings: said })
  client.publishes('a', 'x')
  const properties = { payloadFormatIndicator: 1, responseTopic: 'r', correlationData: utf8('c') }
  expect(client.sends()).toMatchObject([{ properties }])
  client.publishes('a', 'x', { replyTo: 'mine' })
  expect(client.sends()).toMatchObject([{ properties: { responseTopic: 'mine' } }])
  const subscriber = driving({ sources: ['a'], settings: { retainHandling: 2, retainAsPublished: true } })
  subscriber.driver.start()
  subscriber.sends()
  subscriber.hears(connack({ properties: {} }))
  expect(subscriber.sends()).toMatchObject([{ subscriptions: [{ retainHandling: 2, retainAsPublished: true }] }])
})

describe('what stays', () => {
  const made = (options: Partial<DriveOptions>, more: object = {}) => {
    const client = driving({ tellsMade: true, ...options })
    client.driver.start()
    client.hears(connack({ ...(options.version === undefined ? { properties: {} } : {}), ...more }))
    return client.tells()
  }

  test('a session that outlives its connection, and was not there before', () => {
    expect(made({ settings: { sessionExpiry: 60 } })).toEqual([['made', 'session c'], ['ready']])
    expect(made({ settings: { sessionExpiry: 60, cleanStart: false } }, { sessionPresent: true })).toEqual([['ready']])
    expect(made({ settings: { cleanStart: false } })).toEqual([['ready']])
    expect(made({ version: '3.1.1', settings: { cleanStart: false } })).toEqual([['made', 'session c'], ['ready']])
    expect(made({ version: '3.1.1' })).toEqual([['ready']])
  })

  test('messages that are retained, but not what takes one away', () => {
    const client = ready({ tellsMade: true, settings: { retain: true } })
    client.publishes('a', 'x')
    client.publishes('b', '')
    expect(client.tells()).toEqual([['made', 'retained message a']])
  })

  const removes = [
    { kind: 'session', name: 'c' },
    { kind: 'retained message', name: 'a' },
    { kind: 'retained message', name: 'b' },
  ]

  test('is taken away: a session by one that begins anew, messages by retained ones of nothing', () => {
    const settings = { sessionExpiry: 60, cleanStart: false, willTopic: 'w' }
    const client = driving({ removes, settings })
    client.driver.start()
    const [connect] = client.sends()
    expect(connect).toMatchObject({ clientId: 'c', cleanStart: true, properties: {}, willTopic: undefined })
    client.hears(connack({ properties: { receiveMaximum: 1 } }))
    const message = { type: 'publish', qos: 1, retain: true, payload: utf8('') }
    expect(client.sends()).toMatchObject([{ ...message, topic: 'a', packetId: 1 }])
    client.hears({ type: 'puback', packetId: 1 })
    expect(client.sends()).toMatchObject([{ ...message, topic: 'b', packetId: 2 }])
    client.hears({ type: 'puback', packetId: 2, reasonCode: 0x87 })
    expect(client.tells()).toEqual([
      ['removed', 'session c', undefined],
      ['removed', 'retained message a', undefined],
      ['removed', 'retained message b', 'reason code 0x87'],
      ['ready'],
    ])
  })

  test('where the server takes nothing but QoS 0, nobody answers', () => {
    const client = driving({ removes })
    client.driver.start()
    client.hears(connack({ properties: { maximumQos: 0 } }))
    expect(client.tells()).toHaveLength(4)
  })
})
