import { expect, test } from 'vitest'
import { UNSETTLED } from '../../codecs/amqp091/delimit.ts'
import { type AmqpFrame, amqp091, type Properties, Table } from '../../codecs/amqp091/index.ts'
import { method, publish, type Step, sent } from '../codecs/amqp091/talk.ts'
import { type Client, type Recorded, type TheatreOptions, theatre } from './theatre.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const HEADER = utf8('AMQP\0\0\x09\x01')
const startOk = (user: string, password: string): AmqpFrame =>
  method('connection.start-ok', { mechanism: 'PLAIN', response: utf8(`\0${user}\0${password}`), locale: 'en_US' })

const play = (recorded: Recorded<AmqpFrame>, options?: TheatreOptions) => theatre(amqp091, UNSETTLED, recorded, options)
const on = (connection: number, ...steps: readonly Step[]): Recorded<AmqpFrame> => steps.map(step => [connection, step])

/** Connects as `user`, and opens channel 1. */
const opening = (connection: number, user = 'guest'): Recorded<AmqpFrame> =>
  on(
    connection,
    { client: HEADER },
    { server: method('connection.start', { versionMinor: 9, mechanisms: 'PLAIN', locales: 'en_US' }) },
    { client: startOk(user, user) },
    { server: method('connection.tune', { channelMax: 2047, frameMax: 4096, heartbeat: 0 }) },
    { client: method('connection.tune-ok', { channelMax: 2047, frameMax: 4096, heartbeat: 0 }) },
    { client: method('connection.open', { virtualHost: '/' }) },
    { server: method('connection.open-ok') },
    { client: method('channel.open') },
    { server: method('channel.open-ok') },
  )

async function open(client: Client, user = 'guest', channel = 1): Promise<void> {
  client.say(HEADER)
  expect(await client.hear()).toMatchObject([{ type: 'connection.start' }])
  client.say(startOk(user, 'any'))
  expect(await client.hear()).toMatchObject([{ type: 'connection.tune', frameMax: 4096 }])
  client.say(method('connection.tune-ok', { channelMax: 2047, frameMax: 4096 }))
  client.say(method('connection.open', { virtualHost: '/' }), method('channel.open', { channel }))
  expect(await client.hear(2)).toMatchObject([{ type: 'connection.open-ok' }, { type: 'channel.open-ok', channel }])
}

async function close(client: Client): Promise<void> {
  client.say(method('connection.close', { replyCode: 200 }))
  await client.hear()
  await client.left
  await client.leave()
}

const frames = (steps: readonly Step[]): AmqpFrame[] =>
  steps.flatMap(step => ('client' in step ? (step.client as AmqpFrame) : []))

/** Consumes from `queue`, under the tag that the broker makes up. */
const consuming = (connection: number, queue: string, tag: string, noAck = false): Recorded<AmqpFrame> =>
  on(
    connection,
    { client: method('basic.consume', { queue, noAck }) },
    { server: method('basic.consume-ok', { consumerTag: tag }) },
  )
const deliver = (tag: string, deliveryTag: number, body: string, properties: Properties = {}): Step[] =>
  sent('basic.deliver', { consumerTag: tag, deliveryTag, routingKey: 'q' }, properties, body)

test('deliveries have this channel, this consumer and tags that count from 1 [1.8.3.9]', async () => {
  const recorded = [
    ...opening(1),
    ...consuming(1, 'q', 'amq.ctag-then'),
    ...on(1, ...deliver('amq.ctag-then', 7, 'one'), ...deliver('amq.ctag-then', 8, 'two')),
    ...on(1, { client: method('basic.ack', { deliveryTag: 8, multiple: true }) }),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  await open(c, 'guest', 5)
  c.say(method('basic.consume', { channel: 5, queue: 'q', consumerTag: 'mine' }))
  expect(await c.hear(7)).toMatchObject([
    { type: 'basic.consume-ok', channel: 5, consumerTag: 'mine' },
    { type: 'basic.deliver', channel: 5, consumerTag: 'mine', deliveryTag: 1 },
    { type: 'header', bodySize: 3 },
    { type: 'body' },
    { type: 'basic.deliver', consumerTag: 'mine', deliveryTag: 2 },
    { type: 'header' },
    { type: 'body' },
  ])
  // One by one, where all at once were acknowledged then.
  c.say(method('basic.ack', { channel: 5, deliveryTag: 1 }), method('basic.ack', { channel: 5, deliveryTag: 2 }))
  await close(c)
  expect(await deviations()).toEqual([])
})

test('publishes are confirmed by their own numbers, whatever was confirmed together [Publisher Confirms]', async () => {
  const recorded = [
    ...opening(1),
    ...on(1, { client: method('confirm.select') }, { server: method('confirm.select-ok') }),
    ...on(1, ...publish('a'), ...publish('b'), { server: method('basic.ack', { deliveryTag: 2, multiple: true }) }),
    ...on(1, ...publish('c'), { server: method('basic.nack', { deliveryTag: 3 }) }),
  ]
  const { client } = await play(recorded)
  const c = await client()
  await open(c)
  c.say(method('confirm.select'), ...frames(publish('c')), ...frames(publish('b')), ...frames(publish('a')))
  const heard = await c.hear(4)
  expect(heard[0]).toMatchObject({ type: 'confirm.select-ok' })
  const confirms = heard.slice(1).sort((a, b) => a.deliveryTag - b.deliveryTag)
  expect(confirms).toMatchObject([
    { type: 'basic.nack', deliveryTag: 1 },
    { type: 'basic.ack', deliveryTag: 2, multiple: false },
    { type: 'basic.ack', deliveryTag: 3, multiple: false },
  ])
})

test('no more is delivered than the client takes, of each consumer [1.8.3.1]', async () => {
  const bodies = ['one', 'two', 'three']
  const recorded = [
    ...opening(1),
    ...on(1, { client: method('basic.qos', { prefetchCount: 1 }) }, { server: method('basic.qos-ok') }),
    ...consuming(1, 'q', 'amq.ctag-then'),
    ...on(1, ...bodies.flatMap((body, at) => deliver('amq.ctag-then', at + 1, body))),
  ]
  const { client } = await play(recorded)
  const c = await client()
  await open(c)
  c.say(method('basic.qos', { prefetchCount: 1 }), method('basic.consume', { queue: 'q' }))
  await c.hear(2)
  for (const body of bodies) {
    const [delivery, , content] = await c.hear(3)
    expect(text(content.body)).toBe(body)
    // Something else is answered meanwhile, and nothing more is delivered.
    c.say(method('queue.declare', { queue: 'x', passive: true }))
    expect(await c.hear()).toMatchObject([{ type: 'queue.declare-ok' }])
    c.say(method('basic.ack', { deliveryTag: delivery.deliveryTag }))
  }
})

test('what another publishes is delivered once, also to who takes no more for now', async () => {
  const bodies = ['one', 'two', 'three']
  const recorded = [
    ...opening(1, 'ann'),
    ...on(1, { client: method('basic.qos', { prefetchCount: 1 }) }, { server: method('basic.qos-ok') }),
    ...consuming(1, 'q', 'amq.ctag-then'),
    ...opening(2, 'bob'),
    ...on(2, ...bodies.flatMap(body => publish('q', {}, {}, body))),
    ...on(1, ...bodies.flatMap((body, at) => deliver('amq.ctag-then', at + 1, body))),
  ]
  const { client } = await play(recorded)
  const [consumer, publisher] = [await client(), await client()]
  await open(consumer, 'ann')
  consumer.say(method('basic.qos', { prefetchCount: 1 }), method('basic.consume', { queue: 'q' }))
  // Nobody is there who would publish them: one comes, the others are held back.
  await consumer.hear(5)
  await open(publisher, 'bob')
  for (const body of bodies) publisher.say(...frames(publish('q', {}, {}, body)))
  publisher.say(method('queue.declare', { queue: 'x' }))
  await publisher.hear()
  for (const [at, body] of bodies.slice(1).entries()) {
    consumer.say(method('basic.ack', { deliveryTag: at + 1 }))
    expect(text((await consumer.hear(3))[2].body)).toBe(body)
  }
  consumer.say(method('basic.ack', { deliveryTag: 3 }), method('queue.declare', { queue: 'x' }))
  expect(await consumer.hear()).toMatchObject([{ type: 'queue.declare-ok' }])
})

test('a queue that the broker named is the recorded one for the first client, another for others', async () => {
  const then = 'amq.gen-0123456789abcdefghijkl'
  const recorded = [
    ...opening(1),
    ...on(
      1,
      { client: method('queue.declare', { exclusive: true }) },
      { server: method('queue.declare-ok', { queue: then }) },
      { client: method('queue.bind', { queue: then, exchange: 'amq.topic', routingKey: '#' }) },
      { server: method('queue.bind-ok') },
    ),
    ...consuming(1, then, 'amq.ctag-then'),
    ...on(1, ...sent('basic.deliver', { consumerTag: 'amq.ctag-then', deliveryTag: 1, routingKey: then })),
  ]
  const { client, deviations } = await play(recorded, { loop: true })
  const names: string[] = []
  for (const c of [await client(), await client()]) {
    await open(c)
    c.say(method('queue.declare', { exclusive: true }))
    const [{ queue }] = await c.hear()
    names.push(queue)
    c.say(method('queue.bind', { queue, exchange: 'amq.topic', routingKey: '#' }), method('basic.consume', { queue }))
    expect((await c.hear(5))[2]).toMatchObject({ type: 'basic.deliver', routingKey: queue })
    await c.leave()
  }
  expect(names[0]).toBe(then)
  expect(names[1]).toMatch(/^amq\.gen-[\w-]{22}$/)
  expect(names[1]).not.toBe(then)
  expect(await deviations()).toEqual([])
})

test('what is published now is what is delivered, in frames as large as this client takes [4.2.6.2]', async () => {
  const recorded = [
    ...opening(1),
    ...consuming(1, 'q', 'amq.ctag-then', true),
    ...on(1, ...publish('q', {}, { messageId: 'then' }, 'what was said then')),
    ...on(1, ...deliver('amq.ctag-then', 1, 'what was said then', { messageId: 'then' })),
  ]
  const { client } = await play(recorded)
  const c = await client()
  await open(c)
  c.say(method('basic.consume', { queue: 'q', noAck: true }))
  await c.hear()
  c.say(...frames(publish('q', {}, { messageId: 'now' }, ['x'.repeat(4000), 'y'.repeat(4000)])))
  const [, header, ...bodies] = await c.hear(4)
  expect(header.properties.messageId).toBe('now')
  expect(bodies.map(({ body }) => body.length)).toEqual([4088, 3912])
})

test('a reply is to the request of now: after it, with its correlation-id, to its reply-to', async () => {
  const recorded = [
    ...opening(1),
    ...consuming(1, 'replies-7f3a91c2', 'amq.ctag-then', true),
    ...on(1, ...publish('rpc', {}, { replyTo: 'replies-7f3a91c2', correlationId: 'id-then' }, 'question')),
    ...on(1, ...deliver('amq.ctag-then', 1, 'the answer', { correlationId: 'id-then' })),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  await open(c)
  c.say(method('basic.consume', { queue: 'replies-99ffaa00', noAck: true }))
  await c.hear()
  expect(c.rest).toEqual([])
  c.say(...frames(publish('rpc', {}, { replyTo: 'replies-99ffaa00', correlationId: 'id-now' }, 'question')))
  const [, header, body] = await c.hear(3)
  expect(header.properties.correlationId).toBe('id-now')
  expect(text(body.body)).toBe('the answer')
  await c.leave()
  expect(await deviations()).toEqual([])
})

test('what was given back comes again after it is given back [1.8.3.14]', async () => {
  const again: Step[] = sent(
    'basic.deliver',
    { consumerTag: 'amq.ctag-then', deliveryTag: 2, routingKey: 'q', redelivered: true },
    {},
    'once',
  )
  const recorded = [
    ...opening(1),
    ...consuming(1, 'q', 'amq.ctag-then'),
    ...on(1, ...deliver('amq.ctag-then', 1, 'once')),
    ...on(1, { client: method('basic.nack', { deliveryTag: 1, requeue: true }) }, ...again),
    ...on(1, { client: method('basic.ack', { deliveryTag: 2 }) }),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  await open(c)
  c.say(method('basic.consume', { queue: 'q' }))
  await c.hear(4)
  expect(c.rest).toEqual([])
  c.say(method('basic.nack', { deliveryTag: 1, requeue: true }))
  expect(await c.hear(3)).toMatchObject([{ deliveryTag: 2, redelivered: true }, {}, {}])
  c.say(method('basic.ack', { deliveryTag: 2 }))
  await c.leave()
  expect(await deviations()).toEqual([])
})

test('messages that are got come one by one, each once; then there is none', async () => {
  const recorded = [
    ...opening(1),
    ...on(1, { client: method('basic.get', { queue: 'q' }) }, ...sent('basic.get-ok', { deliveryTag: 1 }, {}, 'one')),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  await open(c)
  c.say(method('basic.get', { queue: 'q' }), method('basic.get', { queue: 'q' }))
  expect(await c.hear(4)).toMatchObject([
    { type: 'basic.get-ok', deliveryTag: 1 },
    { type: 'header' },
    { type: 'body' },
    { type: 'basic.get-empty' },
  ])
  await c.leave()
  expect(await deviations()).toEqual(['basic.get q: again'])
})

test('what cannot be routed comes back as it is now, before its confirm', async () => {
  const recorded = [
    ...opening(1),
    ...on(1, { client: method('confirm.select') }, { server: method('confirm.select-ok') }),
    ...on(
      1,
      ...publish('nowhere', { mandatory: true }, {}, 'then'),
      ...sent('basic.return', { replyCode: 312, replyText: 'NO_ROUTE', routingKey: 'nowhere' }, {}, 'then'),
      { server: method('basic.ack', { deliveryTag: 1 }) },
    ),
  ]
  const { client } = await play(recorded)
  const c = await client()
  await open(c)
  c.say(method('confirm.select'), ...frames(publish('nowhere', { mandatory: true }, {}, 'now')))
  const [, returned, , body, confirm] = await c.hear(5)
  expect(returned).toMatchObject({ type: 'basic.return', replyCode: 312, routingKey: 'nowhere' })
  expect(text(body.body)).toBe('now')
  expect(confirm).toMatchObject({ type: 'basic.ack', deliveryTag: 1 })
})

test('a channel that was closed for what was done is closed again, and can be opened anew [1.5.2.5]', async () => {
  const recorded = [
    ...opening(1),
    ...on(
      1,
      { client: method('queue.declare', { queue: 'x', passive: true }) },
      { server: method('channel.close', { replyCode: 404, replyText: 'NOT_FOUND', classId: 50, methodId: 10 }) },
      { client: method('channel.close-ok') },
      { client: method('channel.open') },
      { server: method('channel.open-ok') },
    ),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  await open(c)
  c.say(method('queue.declare', { queue: 'x', passive: true }))
  expect(await c.hear()).toMatchObject([{ type: 'channel.close', replyCode: 404 }])
  c.say(method('basic.qos'), method('channel.close-ok'), method('channel.open'))
  expect(await c.hear()).toMatchObject([{ type: 'channel.open-ok' }])
  await c.leave()
  expect(await deviations()).toEqual([])
})

test('what is done in another way is told, and goes on as it did', async () => {
  const recorded = [
    ...opening(1),
    ...consuming(1, 'q', 'amq.ctag-then', true),
    ...on(1, ...publish('q', {}, {}, 'hello'), ...deliver('amq.ctag-then', 1, 'hello')),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  await open(c)
  c.say(method('confirm.select'))
  await c.hear()
  c.say(method('basic.consume', { queue: 'q', noAck: true, arguments: Table.of({ 'x-priority': 9 }) }))
  expect(await c.hear()).toMatchObject([{ type: 'basic.consume-ok' }])
  c.say(...frames(publish('q', {}, {}, 'hello')))
  const heard = await c.hear(4)
  expect(heard.map(({ type }) => type).sort()).toEqual(['basic.ack', 'basic.deliver', 'body', 'header'])
  await c.leave()
  expect(await deviations()).toEqual([
    'confirm.select: unknown',
    'basic.consume q: unknown: basic.consume q noAck {"x-priority":9}, then basic.consume q noAck',
    'basic.publish q: unknown: basic.publish confirmed /q, then basic.publish /q',
  ])
})

test('with strict, what is not recorded closes its channel: 406', async () => {
  const { client, deviations } = await play(opening(1), { strict: true })
  const c = await client()
  await open(c)
  c.say(method('queue.declare', { queue: 'x', arguments: Table.of({ a: 1 }) }))
  expect(await c.hear()).toMatchObject([{ type: 'channel.close', replyCode: 406, classId: 50, methodId: 10 }])
  c.say(method('channel.close-ok'))
  await c.leave()
  expect(await deviations()).toEqual(['queue.declare x: unknown'])
})

test('each is played the connection of its user, whatever its password', async () => {
  const recorded = [
    ...opening(1, 'ann'),
    ...on(1, { client: method('basic.get', { queue: 'q' }) }, ...sent('basic.get-ok', { deliveryTag: 1 }, {}, 'ann')),
    ...opening(2, 'bob'),
    ...on(2, { client: method('basic.get', { queue: 'q' }) }, ...sent('basic.get-ok', { deliveryTag: 1 }, {}, 'bob')),
  ]
  const { client, deviations } = await play(recorded)
  for (const user of ['bob', 'ann']) {
    const c = await client()
    await open(c, user)
    c.say(method('basic.get', { queue: 'q' }))
    expect(text((await c.hear(3))[2].body)).toBe(user)
    await c.leave()
  }
  expect(await deviations()).toEqual([])
})

test('a consumer that was cancelled gets no more', async () => {
  const recorded = [
    ...opening(1),
    ...consuming(1, 'q', 'amq.ctag-then'),
    ...on(1, ...deliver('amq.ctag-then', 1, 'one'), { ms: 200 }, ...deliver('amq.ctag-then', 2, 'two')),
  ]
  const { client, deviations } = await play(recorded, { speed: 1 })
  const c = await client()
  await open(c)
  c.say(method('basic.consume', { queue: 'q' }))
  const [{ consumerTag }] = await c.hear(4)
  c.say(method('basic.cancel', { consumerTag }))
  expect(await c.hear()).toMatchObject([{ type: 'basic.cancel-ok', consumerTag }])
  await new Promise(resolve => setTimeout(resolve, 400))
  expect(c.rest).toEqual([])
  await c.leave()
  expect(await deviations()).toContain('< basic.deliver q: undone')
})

test("heartbeats are the mock's own [4.2.7]", async () => {
  const { client } = await play(opening(1))
  const c = await client()
  c.say(HEADER, startOk('guest', 'guest'), method('connection.tune-ok', { frameMax: 4096, heartbeat: 1 }))
  c.say({ type: 'heartbeat', channel: 0 })
  expect((await c.hear(3))[2]).toMatchObject({ type: 'heartbeat' })
})

test('who leaves sooner than then gets what is owed, and the farewell, before the connection ends', async () => {
  const recorded: Recorded<AmqpFrame> = [
    ...opening(1),
    ...on(
      1,
      { client: method('confirm.select') },
      { server: method('confirm.select-ok') },
      ...publish('q'),
      { ms: 300 },
      { server: method('basic.ack', { deliveryTag: 1 }) },
      { client: method('connection.close', { replyCode: 200 }) },
      { server: method('connection.close-ok') },
    ),
    [1, { ends: 'server' }],
  ]
  const { client } = await play(recorded, { speed: 1 })
  const c = await client()
  await open(c)
  c.say(method('confirm.select'))
  await c.hear()
  c.say(...frames(publish('q')), method('connection.close', { replyCode: 200 }))
  await c.left
  expect(c.rest).toMatchObject([{ type: 'basic.ack' }, { type: 'connection.close-ok' }])
})
