import { expect, test } from 'vitest'
import { UNSETTLED } from '../../../codecs/amqp091/delimit.ts'
import { amqp091 } from '../../../codecs/amqp091/index.ts'
import { readingOf } from '../../mock/reading.ts'
import { ack, client, confirming, consuming, deliver, opening, publish, type Step, sent, server } from './talk.ts'

const read = (...steps: readonly Step[]) => readingOf(amqp091, UNSETTLED, steps)
const words = (...steps: readonly Step[]): readonly string[] => read(...steps).words

test('an answer answers the oldest call of its kind on its channel [4.2.4]', () => {
  const told = words(
    ...opening,
    client('queue.declare', { queue: 'a' }),
    client('basic.get', { queue: 'a' }),
    client('queue.declare', { queue: 'b' }),
    server('queue.declare-ok', { queue: 'a' }),
    server('basic.get-empty'),
    server('queue.declare-ok', { queue: 'b' }),
  )
  expect(told.slice(1)).toEqual([
    'queue.declare-ok answers queue.declare a',
    'basic.get-empty answers basic.get a',
    'queue.declare-ok answers queue.declare b',
  ])
})

test('what is not waited for is not answered', () => {
  const told = words(
    ...opening,
    client('queue.declare', { queue: 'a', noWait: true }),
    client('queue.declare', { queue: 'b' }),
    server('queue.declare-ok', { queue: 'b' }),
  )
  expect(told.slice(1)).toEqual(['queue.declare-ok answers queue.declare b'])
})

test('publishes are confirmed one by one, whatever was confirmed together', () => {
  const told = words(...confirming, ...publish('a'), ...publish('b'), ...publish('c'), { server: ack(2, true) })
  expect(told.slice(2)).toEqual(['basic.ack answers basic.publish a', 'basic.ack answers basic.publish b'])
})

test('a delivery is its method, header and bodies, and comes after its consumer', () => {
  const told = words(
    ...consuming(),
    ...sent('basic.deliver', { consumerTag: 'c', deliveryTag: 1, routingKey: 'q' }, {}, ['one', 'two']),
    ...deliver(2, { consumerTag: 'another' }),
  )
  expect(told.slice(2)).toEqual(['basic.deliver+header+body after basic.consume q'])
})

test('what is delivered again comes after what gave it back, too', () => {
  const told = words(
    ...consuming(),
    ...deliver(1),
    client('basic.nack', { deliveryTag: 1, requeue: true }),
    ...deliver(2, { redelivered: true }),
  )
  expect(told.at(-1)).toBe('basic.deliver+header+body after basic.consume q and basic.nack q')
})

test('a message that was got is for the first who asks', () => {
  const told = words(...opening, client('basic.get', { queue: 'q' }), ...sent('basic.get-ok', { deliveryTag: 1 }))
  expect(told.at(-1)).toBe('basic.get-ok+header+body answers basic.get q once')
})

test('what comes back answers the publish that could not be routed', () => {
  const told = words(
    ...opening,
    ...publish('a', { mandatory: true }),
    ...publish('b', { mandatory: true }),
    ...sent('basic.return', { replyCode: 312, routingKey: 'b' }),
  )
  expect(told.at(-1)).toBe('basic.return+header+body answers basic.publish b')
})

test('a close answers the method that it names [1.5.2.5]; one that names none comes after what was done last', () => {
  const because = words(
    ...opening,
    ...publish('a', { exchange: 'none' }),
    client('basic.qos', { prefetchCount: 1 }),
    server('channel.close', { replyCode: 404, classId: 60, methodId: 40 }),
  )
  expect(because.at(-1)).toBe('channel.close answers basic.publish none/a')
  const forced = words(...opening, client('basic.qos'), server('connection.close', { replyCode: 320 }))
  expect(forced.at(-1)).toBe('connection.close after basic.qos')
})

test('a consumer is cancelled after what was done last, on whatever channel', () => {
  const told = words(
    ...consuming(),
    client('queue.delete', { channel: 2, queue: 'q' }),
    server('basic.cancel', { consumerTag: 'c', noWait: true }),
  )
  expect(told.at(-1)).toBe('basic.cancel after basic.consume q and queue.delete q')
})

test('each delivery that is acknowledged is an act, whatever was acknowledged together [1.8.3.13]', () => {
  const { acts } = read(...consuming(), ...deliver(1), ...deliver(2), ...deliver(3), { client: ack(2, true) })
  expect(acts.slice(2)).toEqual(['basic.ack q', 'basic.ack q'])
  const all = read(...consuming(), ...deliver(1), ...deliver(2), ...deliver(3), { client: ack(0, true) })
  expect(all.acts.slice(2)).toEqual(['basic.ack q', 'basic.ack q', 'basic.ack q'])
})

test('channels, tags and bodies are no part of what is meant; whether it is confirmed is', () => {
  const meant = (...steps: readonly Step[]) => read(...steps).signatures.at(-1)
  const one = meant(...opening, ...publish('a', {}, {}, 'one'))
  expect(meant(...opening, ...publish('a', { channel: 9 }, { messageId: 'm' }, 'two'))).toBe(one)
  expect(meant(...confirming, ...publish('a'))).not.toBe(one)
  expect(meant(...opening, client('basic.consume', { queue: 'q', consumerTag: 'x' }))).toBe(
    meant(...opening, client('basic.consume', { channel: 3, queue: 'q' })),
  )
})

test('heartbeats and farewells are nothing that has to be answered', () => {
  const { words: told } = read(
    ...opening,
    { client: { type: 'heartbeat', channel: 0 } },
    { server: { type: 'heartbeat', channel: 0 } },
    client('channel.close', { replyCode: 200 }),
    server('channel.close-ok'),
    client('connection.close', { replyCode: 200 }),
    server('connection.close-ok'),
  )
  expect(told.slice(1)).toEqual([])
})
