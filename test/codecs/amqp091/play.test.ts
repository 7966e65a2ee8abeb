import { expect, test } from 'vitest'
import { type AmqpFrame, amqp091, Table } from '../../../codecs/amqp091/index.ts'
import { type Packet, type Player, Renumbering, type Said } from '../../../codecs/core/index.ts'
import { ScramKeys } from '../../../src/scram.ts'

const none = {} as Packet
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Put {
  readonly user?: string
  readonly password?: string
  readonly map?: Readonly<Record<string, string>>
  readonly copy?: number
}

function player({ map = {}, copy = 0, ...put }: Put = {}) {
  const play = amqp091.play?.({
    copy,
    names: new Renumbering(),
    scram: new ScramKeys({ waits: true }),
    address: name => map[name] ?? name,
    ...put,
  }) as Player<AmqpFrame>
  return {
    say: (frame: AmqpFrame): Said<AmqpFrame> => play.say(frame, none),
    recall: (frame: AmqpFrame) => play.recall(frame, none),
    hear: (frame: AmqpFrame) => play.hear(frame, none),
    leave: () => play.leave(),
  }
}

const consume: AmqpFrame = {
  type: 'basic.consume',
  channel: 1,
  queue: 'q',
  consumerTag: '',
  noLocal: false,
  noAck: false,
  exclusive: false,
  noWait: false,
  arguments: Table.empty,
}
const consumeOk = (consumerTag: string): AmqpFrame => ({ type: 'basic.consume-ok', channel: 1, consumerTag })
const deliver = (consumerTag: string, deliveryTag: number): AmqpFrame => ({
  type: 'basic.deliver',
  channel: 1,
  consumerTag,
  deliveryTag,
  redelivered: false,
  exchange: '',
  routingKey: 'q',
})
const header = (bodySize: number): AmqpFrame => ({ type: 'header', channel: 1, classId: 60, bodySize, properties: {} })
const ack = (deliveryTag: number, multiple = false): AmqpFrame => ({
  type: 'basic.ack',
  channel: 1,
  deliveryTag,
  multiple,
})

/** A consumer that was `then` and is `now`, with so many recorded deliveries from tag 1 on. */
function consumer(deliveries: number) {
  const play = player()
  play.say(consume)
  play.recall(consumeOk('then'))
  play.hear(consumeOk('now'))
  const expected = Array.from({ length: deliveries }, (_, at) => play.recall(deliver('then', at + 1)))
  const arrive = (tag: number): void => {
    play.hear(deliver('now', tag))
    play.hear(header(0))
  }
  return { ...play, expected, arrive }
}

test('an acknowledgement goes to what stands for its delivery now', () => {
  const { say, arrive } = consumer(2)
  arrive(11)
  arrive(12)
  expect(say(ack(2))).toEqual({ action: 'send', frames: [ack(12)] })
  expect(say(ack(1))).toEqual({ action: 'send', frames: [ack(11)] })
})

test('it waits for its delivery, which counts once it is whole', () => {
  const { say, hear, expected } = consumer(1)
  expect(say(ack(1))).toEqual({ action: 'wait', for: expected[0] })
  hear(deliver('now', 5))
  hear(header(3))
  expect(say(ack(1)).action).toBe('wait')
  hear({ type: 'body', channel: 1, body: utf8('abc') })
  expect(say(ack(1))).toEqual({ action: 'send', frames: [ack(5)] })
})

test('one for all up to it is for all of those, and for no other', () => {
  const { say, arrive, expected } = consumer(3)
  arrive(1)
  arrive(2)
  arrive(3)
  expect(say(ack(2, true))).toEqual({ action: 'same' })
  expected[2]?.giveUp()
  const other = consumer(2)
  other.arrive(4)
  // The second is another queue's, and came between.
  other.hear({ ...deliver('now', 5), routingKey: 'elsewhere' } as AmqpFrame)
  other.hear(header(0))
  other.arrive(6)
  expect(other.say(ack(2, true))).toEqual({ action: 'send', frames: [ack(4), ack(6)] })
})

test('what did not come is not acknowledged; what the recording does not have is, in the end', () => {
  const { say, arrive, expected, leave } = consumer(2)
  arrive(1)
  expect(say(ack(1))).toEqual({ action: 'same' })
  expected[1]?.giveUp()
  expect(say(ack(2)).action).toBe('skip')
  arrive(2)
  expect(leave()).toEqual([ack(2)])
  expect(leave()).toEqual([])
})

test('a tag of which there was no delivery is a fault, and made again', () => {
  expect(player().say(ack(99))).toEqual({ action: 'same' })
})

test('as many publishes must be confirmed as were, however the broker gathers them', () => {
  const { recall, hear } = player()
  const first = recall(ack(1))
  const both = recall(ack(3, true))
  hear(ack(2, true))
  expect([first?.open, both?.open]).toEqual([false, true])
  hear(ack(3))
  expect(both?.open).toBe(false)
})

test('a queue that was named by the broker has its name of now, wherever it is named', () => {
  const { say, recall, hear } = player()
  const declare: AmqpFrame = {
    type: 'queue.declare',
    channel: 1,
    queue: '',
    passive: false,
    durable: false,
    exclusive: true,
    autoDelete: false,
    noWait: false,
    arguments: Table.empty,
  }
  const named = (queue: string): AmqpFrame => ({
    type: 'queue.declare-ok',
    channel: 1,
    queue,
    messageCount: 0,
    consumerCount: 0,
  })
  expect(say(declare)).toEqual({ action: 'same', orderly: true })
  expect(recall(named('amq.gen-then'))?.loose).toBe(false)
  hear(named('amq.gen-now'))
  expect(say({ ...consume, queue: 'amq.gen-then' })).toMatchObject({ frames: [{ queue: 'amq.gen-now' }] })
  const publish: AmqpFrame = {
    type: 'basic.publish',
    channel: 1,
    exchange: '',
    routingKey: 'amq.gen-then',
    mandatory: false,
    immediate: false,
  }
  expect(say(publish)).toMatchObject({ frames: [{ routingKey: 'amq.gen-now' }] })
  expect(say({ ...publish, exchange: 'x' })).toEqual({ action: 'same' })
  const content = { ...header(0), properties: { replyTo: 'amq.gen-then', messageId: 'm' } } as AmqpFrame
  expect(say(content)).toMatchObject({ frames: [{ properties: { replyTo: 'amq.gen-now', messageId: 'm' } }] })
})

test('values are negotiated with this server, and bodies cut as it takes them', () => {
  const { say, hear } = player()
  hear({ type: 'connection.tune', channel: 0, channelMax: 10, frameMax: 4096, heartbeat: 60 })
  const tuneOk: AmqpFrame = { type: 'connection.tune-ok', channel: 0, channelMax: 0, frameMax: 131_072, heartbeat: 7 }
  expect(say(tuneOk)).toMatchObject({ frames: [{ channelMax: 10, frameMax: 4096, heartbeat: 7 }] })
  const said = say({ type: 'body', channel: 1, body: new Uint8Array(10_000) })
  const sizes = said.action === 'send' ? said.frames.map(frame => ('body' in frame ? frame.body.length : 0)) : []
  expect(sizes).toEqual([4088, 4088, 1824])
})

test('other credentials are sent; overwritten ones are asked for', () => {
  const startOk = (response: string): AmqpFrame => ({
    type: 'connection.start-ok',
    channel: 0,
    clientProperties: Table.empty,
    mechanism: 'PLAIN',
    response: utf8(response),
    locale: 'en_US',
  })
  expect(player().say(startOk('\0guest\0guest'))).toEqual({ action: 'same', orderly: true })
  expect(player({ password: 'new' }).say(startOk('\0guest\0old'))).toMatchObject({
    frames: [{ response: utf8('\0guest\0new') }],
  })
  expect(player().say(startOk('************'))).toMatchObject({ action: 'impossible' })
  expect(player({ user: 'ann' }).say(startOk('************'))).toMatchObject({ action: 'impossible' })
  expect(player({ user: 'ann', password: 'x' }).say(startOk('************'))).toMatchObject({
    frames: [{ response: utf8('\0ann\0x') }],
  })
  const scram = { ...startOk('n,,n=ann,r=1'), mechanism: 'SCRAM-SHA-256' } as AmqpFrame
  expect(player({ user: 'ann', password: 'x' }).say(scram)).toMatchObject({ action: 'impossible' })
})

test('a channel that the broker closes now is answered, and left alone until it is opened again', () => {
  const { say, hear, recall } = player()
  hear({ type: 'channel.close', channel: 1, replyCode: 404, replyText: 'NOT_FOUND', classId: 50, methodId: 10 })
  expect(say(consume)).toEqual({ action: 'send', frames: [{ type: 'channel.close-ok', channel: 1 }] })
  expect(recall(consumeOk('then'))).toBeUndefined()
  expect(say(consume).action).toBe('skip')
  expect(say({ type: 'channel.open', channel: 1 }).action).toBe('same')
  expect(say(consume).action).toBe('same')
})
