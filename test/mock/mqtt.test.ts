import { expect, test } from 'vitest'
import { type MqttFrame, mqtt } from '../../codecs/mqtt/index.ts'
import type { Said } from '../tracking/story.ts'
import { type Recorded, type TheatreOptions, theatre } from './theatre.ts'

type Frame<T extends MqttFrame['type']> = MqttFrame & { readonly type: T }

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const connect = (clientId: string, more: Partial<Frame<'connect'>> = {}): Frame<'connect'> => ({
  type: 'connect',
  protocolName: 'MQTT',
  protocolVersion: 5,
  cleanStart: true,
  keepAlive: 60,
  properties: {},
  clientId,
  ...more,
})
const connack = (more: Partial<Frame<'connack'>> = {}): Frame<'connack'> => ({
  type: 'connack',
  sessionPresent: false,
  reasonCode: 0,
  properties: {},
  ...more,
})
const subscribe = (packetId: number, ...filters: readonly string[]): Frame<'subscribe'> => ({
  type: 'subscribe',
  packetId,
  subscriptions: filters.map(topicFilter => ({ topicFilter, qos: 1 })),
  properties: {},
})
const suback = (packetId: number, ...reasonCodes: readonly number[]): Frame<'suback'> => ({
  type: 'suback',
  packetId,
  reasonCodes,
  properties: {},
})
const publish = (
  topic: string,
  payload: string,
  packetId?: number,
  more: Partial<Frame<'publish'>> = {},
): Frame<'publish'> => ({
  type: 'publish',
  dup: false,
  qos: packetId === undefined ? 0 : 1,
  retain: false,
  topic,
  packetId,
  payload: utf8(payload),
  properties: {},
  ...more,
})
const puback = (packetId: number): Frame<'puback'> => ({ type: 'puback', packetId })

const on = (connection: number, ...said: readonly Said<MqttFrame>[]): Recorded<MqttFrame> =>
  said.map(one => [connection, one])
const play = (recorded: Recorded<MqttFrame>, options?: TheatreOptions) =>
  theatre(mqtt, { version: 5, guessed: false }, recorded, options)

const opening = (connection: number, clientId: string): Recorded<MqttFrame> =>
  on(connection, { client: connect(clientId) }, { server: connack() })

/** `sub` subscribes to a/#, then `pub` publishes a/1. */
const pubSub: Recorded<MqttFrame> = [
  ...opening(1, 'sub'),
  ...on(1, { client: subscribe(1, 'a/#') }, { server: suback(1, 1) }),
  ...opening(2, 'pub'),
  ...on(2, { client: publish('a/1', 'then', 7) }, { server: puback(7) }),
  ...on(1, { server: publish('a/1', 'then', 3) }, { client: puback(3) }),
]

test('a publisher is answered for its own packet identifiers, a subscriber gets what is published now [4.3.2]', async () => {
  const { client, deviations } = await play(pubSub)
  const [sub, pub] = [await client(), await client()]
  pub.say(connect('pub'))
  expect(await pub.hear()).toMatchObject([{ type: 'connack', reasonCode: 0 }])
  sub.say(connect('sub'))
  await sub.hear()
  sub.say(subscribe(9, 'a/#'))
  expect(await sub.hear()).toMatchObject([{ type: 'suback', packetId: 9, reasonCodes: [1] }])
  // As somebody is there who will publish it, nothing comes before that.
  expect(sub.rest).toEqual([])
  pub.say(publish('a/1', 'now', 1))
  expect(await pub.hear()).toMatchObject([{ type: 'puback', packetId: 1 }])
  const [message] = await sub.hear()
  expect(message).toMatchObject({ type: 'publish', topic: 'a/1', qos: 1, packetId: 1 })
  expect(text(message.payload)).toBe('now')
  sub.say(puback(1))
  await Promise.all([sub.leave(), pub.leave()])
  expect(await deviations()).toEqual([])
})

test('where nobody will publish it, it comes as recorded', async () => {
  const { client, deviations } = await play(pubSub)
  const sub = await client()
  sub.say(connect('sub'), subscribe(1, 'a/#'))
  const [, , message] = await sub.hear(3)
  expect(text(message.payload)).toBe('then')
  sub.say(puback(message.packetId))
  await sub.leave()
  expect(await deviations()).toEqual([])
})

test('what comes by itself stays behind what a publisher that is there is yet to publish', async () => {
  const recorded = [
    ...opening(1, 'sub'),
    ...on(1, { client: subscribe(1, 'a/#') }, { server: suback(1, 0) }),
    ...opening(2, 'ann'),
    ...on(2, { client: publish('a/1', 'of ann') }),
    ...on(1, { server: publish('a/1', 'of ann') }),
    ...opening(3, 'bob'),
    ...on(3, { client: publish('a/2', 'of bob') }),
    ...on(1, { server: publish('a/2', 'of bob') }),
  ]
  const { client } = await play(recorded)
  const [sub, ann] = [await client(), await client()]
  ann.say(connect('ann'))
  await ann.hear()
  sub.say(connect('sub'), subscribe(1, 'a/#'), { type: 'pingreq' })
  await sub.hear(3)
  expect(sub.rest).toEqual([])
  ann.say(publish('a/1', 'of ann'))
  expect((await sub.hear(2)).map(({ payload }) => text(payload))).toEqual(['of ann', 'of bob'])
})

test('where a publisher leaves before it has published, it comes as recorded', async () => {
  const { client } = await play(pubSub)
  const [sub, pub] = [await client(), await client()]
  pub.say(connect('pub'))
  await pub.hear()
  sub.say(connect('sub'), subscribe(1, 'a/#'))
  await sub.hear(2)
  expect(sub.rest).toEqual([])
  await pub.leave()
  const [message] = await sub.hear()
  expect(text(message.payload)).toBe('then')
})

test('one SUBSCRIBE or several, in whatever order: each filter is answered as it was [3.8.4]', async () => {
  const recorded = [
    ...opening(1, 'c'),
    ...on(1, { client: subscribe(1, 'a', 'b', 'c') }, { server: suback(1, 1, 0, 0x87) }),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  c.say(connect('c'), subscribe(5, 'c', 'b'), subscribe(6, 'a'))
  expect((await c.hear(3)).slice(1)).toMatchObject([
    { packetId: 5, reasonCodes: [0x87, 0] },
    { packetId: 6, reasonCodes: [1] },
  ])
  await c.leave()
  expect(await deviations()).toEqual([])
})

test('what is not recorded is answered as a broker does, and told', async () => {
  const { client, deviations } = await play(opening(1, 'c'))
  const c = await client()
  c.say(connect('c'), subscribe(1, 'x'), publish('y', '', 2), publish('z', '', 3, { qos: 2 }))
  expect((await c.hear(4)).slice(1)).toMatchObject([
    { type: 'suback', packetId: 1, reasonCodes: [1] },
    { type: 'puback', packetId: 2 },
    { type: 'pubrec', packetId: 3 },
  ])
  c.say({ type: 'pubrel', packetId: 3 })
  expect(await c.hear()).toMatchObject([{ type: 'pubcomp', packetId: 3 }])
  await c.leave()
  expect(await deviations()).toEqual(['subscribe x: unknown', 'publish y: unknown', 'publish z: unknown'])
})

test('with strict it is refused: DISCONNECT, and the connection ends [3.14.2.1]', async () => {
  const { client, deviations } = await play(opening(1, 'c'), { strict: true })
  const c = await client()
  c.say(connect('c'), subscribe(1, 'x'), publish('y', ''))
  expect((await c.hear(2))[1]).toMatchObject({ type: 'disconnect', reasonCode: 0x83 })
  await c.left
  await c.leave()
  expect(await deviations()).toEqual(['subscribe x: unknown'])
})

test('what is done more often is answered as the last time, and told; what is not done is told', async () => {
  const recorded = [
    ...opening(1, 'c'),
    ...on(1, { client: publish('a', 'x', 1) }, { server: puback(1) }),
    ...on(1, { client: publish('b', 'x', 2) }, { server: puback(2) }),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  c.say(connect('c'), publish('a', 'x', 1), publish('a', 'y', 2))
  expect((await c.hear(3)).slice(1)).toMatchObject([
    { type: 'puback', packetId: 1 },
    { type: 'puback', packetId: 2 },
  ])
  await c.leave()
  expect(await deviations()).toEqual(['publish a: again', 'publish b: undone'])
})

test('a second client is played a connection that was played already: answers, no messages; with loop all of it', async () => {
  const once = await play(pubSub)
  const again = await play(pubSub, { loop: true })
  for (const { client } of [once, again]) {
    const first = await client()
    first.say(connect('sub'), subscribe(1, 'a/#'))
    await first.hear(3)
    await first.leave()
  }
  const second = await once.client()
  second.say(connect('sub'), subscribe(2, 'a/#'), { type: 'pingreq' })
  expect((await second.hear(3)).map(({ type }) => type).sort()).toEqual(['connack', 'pingresp', 'suback'])
  await second.leave()
  expect(await once.deviations()).toContain('connection: again')
  const looped = await again.client()
  looped.say(connect('sub'), subscribe(2, 'a/#'))
  expect((await looped.hear(3)).map(({ type }) => type)).toEqual(['connack', 'suback', 'publish'])
  await looped.leave()
  expect(await again.deviations()).not.toContain('connection: again')
})

test('with loop, several at once: each publisher has a subscriber of its own, who has none gets from all', async () => {
  const { client } = await play(pubSub, { loop: true })
  const subs = [await client(), await client(), await client()]
  const pubs = [await client(), await client()]
  for (const pub of pubs) {
    pub.say(connect('pub'))
    await pub.hear()
  }
  for (const sub of subs) {
    sub.say(connect('sub'), subscribe(1, 'a/#'))
    await sub.hear(2)
  }
  for (const [at, pub] of pubs.entries()) {
    pub.say(publish('a/1', `message ${at}`, 1))
    await pub.hear()
  }
  const heard: string[][] = []
  for (const [at, sub] of subs.entries())
    heard.push((await sub.hear(at < 2 ? 1 : 2)).map(({ payload }) => text(payload)))
  expect(heard).toEqual([['message 0'], ['message 1'], ['message 0', 'message 1']])
})

test('with loop, who stays gets what is published again and again', async () => {
  const { client } = await play(pubSub, { loop: true })
  const sub = await client()
  for (const payload of ['first', 'second', 'third']) {
    const pub = await client()
    pub.say(connect('pub'))
    await pub.hear()
    if (payload === 'first') {
      sub.say(connect('sub'), subscribe(1, 'a/#'))
      await sub.hear(2)
    }
    pub.say(publish('a/1', payload, 1))
    const [message] = await sub.hear()
    expect(text(message.payload)).toBe(payload)
    await pub.leave()
  }
})

test('an assigned client identifier is the recorded one first, another for others, also in topics [3.2.2.3.7]', async () => {
  const recorded = [
    ...on(1, { client: connect('') }, { server: connack({ properties: { assignedClientIdentifier: 'auto-1' } }) }),
    ...on(1, { client: subscribe(1, 'to/auto-1') }, { server: suback(1, 0) }),
    ...on(1, { server: publish('to/auto-1', 'hi') }),
  ]
  const { client } = await play(recorded, { loop: true })
  const [first, second] = [await client(), await client()]
  const names: string[] = []
  for (const one of [first, second]) {
    one.say(connect(''))
    const [{ properties }] = await one.hear()
    names.push(properties.assignedClientIdentifier)
    one.say(subscribe(1, `to/${names.at(-1)}`))
    expect((await one.hear(2))[1].topic).toBe(`to/${names.at(-1)}`)
  }
  expect(names[0]).toBe('auto-1')
  expect(names[1]).not.toBe('auto-1')
})

test('a name that a client makes up is its own name of now: requests are replied to there', async () => {
  const [then, now] = ['reply/7f3a91c2d4e5', 'reply/0b1c2d3e4f5a']
  const asking = (topic: string, id: string) =>
    publish('ask', 'q', undefined, { properties: { responseTopic: topic, correlationData: utf8(id) } })
  const recorded = [
    ...opening(1, 'c'),
    ...on(1, { client: subscribe(1, then) }, { server: suback(1, 0) }),
    ...on(1, { client: asking(then, 'id-then') }),
    ...on(1, { server: publish(then, 'answer', undefined, { properties: { correlationData: utf8('id-then') } }) }),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  c.say(connect('c'), subscribe(1, now))
  await c.hear(2)
  expect(c.rest).toEqual([])
  c.say(asking(now, 'id-now'))
  const [reply] = await c.hear()
  expect(reply.topic).toBe(now)
  expect(text(reply.properties.correlationData)).toBe('id-now')
  await c.leave()
  expect(await deviations()).toEqual([])
})

test('no more is in flight than the client takes [3.1.2.11.3]', async () => {
  const recorded = [
    ...opening(1, 'c'),
    ...on(1, { client: subscribe(1, 'a') }, { server: suback(1, 1) }),
    ...on(1, ...[1, 2, 3].map(id => ({ server: publish('a', `m${id}`, id) }))),
  ]
  const { client } = await play(recorded)
  const c = await client()
  c.say(connect('c', { properties: { receiveMaximum: 1 } }), subscribe(1, 'a'))
  await c.hear(2)
  for (const payload of ['m1', 'm2', 'm3']) {
    const [message] = await c.hear()
    expect(text(message.payload)).toBe(payload)
    c.say({ type: 'pingreq' })
    expect(await c.hear()).toMatchObject([{ type: 'pingresp' }])
    c.say(puback(message.packetId))
  }
})

test('who was refused is refused, by its password; any other password is taken', async () => {
  const recorded = [
    ...on(
      1,
      { client: connect('c', { username: 'ann', password: utf8('wrong') }) },
      { server: connack({ reasonCode: 0x86 }) },
    ),
    ...on(2, { client: connect('c', { username: 'ann', password: utf8('right') }) }, { server: connack() }),
  ]
  const { client } = await play(recorded)
  const codes: number[] = []
  for (const password of ['right', 'wrong']) {
    const c = await client()
    c.say(connect('c', { username: 'ann', password: utf8(password) }))
    codes.push((await c.hear())[0].reasonCode)
    await c.leave()
  }
  expect(codes).toEqual([0, 0x86])
})

test('who does not look like a recorded client is known by what it does', async () => {
  const recorded = [
    ...opening(1, 'mqttjs_11aa22bb'),
    ...on(1, { client: subscribe(1, 'a') }, { server: suback(1, 1) }),
    ...opening(2, 'mqttjs_33cc44dd'),
    ...on(2, { client: publish('b', 'x', 1) }, { server: puback(1) }),
  ]
  const { client, deviations } = await play(recorded)
  for (const act of [publish('b', 'x', 4), subscribe(5, 'a')]) {
    const c = await client()
    c.say(connect('mqttjs_55ee66ff'), act)
    await c.hear(2)
    await c.leave()
  }
  expect(await deviations()).toEqual([])
})

test('deliveries come as long after what made them possible as they did', async () => {
  const recorded = [
    ...opening(1, 'c'),
    ...on(1, { client: subscribe(1, 'a') }, { server: suback(1, 0) }, { ms: 300 }, { server: publish('a', 'late') }),
  ]
  const { client } = await play(recorded, { speed: 2 })
  const c = await client()
  c.say(connect('c'), subscribe(1, 'a'))
  await c.hear(2)
  const began = performance.now()
  await c.hear()
  expect(performance.now() - began).toBeGreaterThan(140)
})

test('who is sent very much is heard all the same', async () => {
  const large = 'x'.repeat(1_500_000)
  const recorded = [
    ...opening(1, 'c'),
    ...on(1, { client: subscribe(1, 'a') }, { server: suback(1, 1) }),
    ...on(1, ...[1, 2, 3].map(id => ({ server: publish('a', `${id}${large}`, id) }))),
    ...on(1, ...[1, 2, 3].map(id => ({ client: puback(id) }))),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  c.say(connect('c'), subscribe(1, 'a'))
  for (const { packetId, payload } of (await c.hear(5)).slice(2)) {
    expect(payload.length).toBe(large.length + 1)
    c.say(puback(packetId))
  }
  c.say({ type: 'pingreq' })
  expect(await c.hear()).toMatchObject([{ type: 'pingresp' }])
  await c.leave()
  expect(await deviations()).toEqual([])
})

test('what is published quicker than it was is delivered in its order', async () => {
  const own = (payload: string, ms: number): Recorded<MqttFrame> =>
    on(1, { client: publish('a', payload) }, { ms }, { server: publish('a', payload) })
  const recorded = [
    ...opening(1, 'c'),
    ...on(1, { client: subscribe(1, 'a') }, { server: suback(1, 0) }),
    ...own('the first', 150),
    ...own('the second', 1),
  ]
  const { client } = await play(recorded, { speed: 1 })
  const c = await client()
  c.say(connect('c'), subscribe(1, 'a'))
  await c.hear(2)
  c.say(publish('a', 'the first'), publish('a', 'the second'))
  expect((await c.hear(2)).map(({ payload }) => text(payload))).toEqual(['the first', 'the second'])
})

test('what was published before comes after the subscription is answered, however long that takes', async () => {
  const recorded = [
    ...opening(1, 'sub'),
    ...on(1, { client: subscribe(1, 'a') }, { ms: 100 }, { server: suback(1, 0) }),
    ...opening(2, 'pub'),
    ...on(2, { client: publish('a', 'x', 7) }, { server: puback(7) }),
    ...on(1, { server: publish('a', 'x') }),
  ]
  const { client } = await play(recorded, { speed: 1 })
  const [sub, pub] = [await client(), await client()]
  pub.say(connect('pub'), publish('a', 'x', 1))
  await pub.hear(2)
  sub.say(connect('sub'), subscribe(1, 'a'))
  expect((await sub.hear(3)).map(({ type }) => type)).toEqual(['connack', 'suback', 'publish'])
})

test('who says what cannot be understood is left', async () => {
  const { client, deviations } = await play(opening(1, 'c'))
  const c = await client()
  c.say(connect('c'), Uint8Array.of(0x00, 0x00), ...[1, 2, 3, 4].map(id => publish('a', 'x', id)))
  await c.hear()
  await c.left
  await c.leave()
  expect(await deviations()).toEqual(['malformed: unknown'])
})
