import { describe, expect, it } from 'vitest'
import { UNSETTLED } from '../../../codecs/amqp091/delimit.ts'
import { amqp091, Table } from '../../../codecs/amqp091/index.ts'
import { Budget, type Joined } from '../../../codecs/core/index.ts'
import { story } from '../../tracking/story.ts'
import {
  ack,
  client,
  confirming,
  consuming,
  deliver,
  method,
  opening,
  publish,
  type Step,
  sent,
  server,
} from './talk.ts'

const lines = (word: string, steps: readonly Step[], joined?: Joined): string[] =>
  story(amqp091, UNSETTLED, steps, joined)
    .lines.filter(line => line.startsWith(word))
    .map(line => line.slice(word.length + 1))

/** Frames 5, 6 and 7; 8, 9 and 10; … after `confirming`. */
const four: readonly Step[] = ['a', 'b', 'c', 'd'].flatMap(key => publish(key))
const confirms = (...steps: Step[]): string[] => lines('exchange publish-confirm', [...confirming, ...steps])

describe('publisher confirms', () => {
  it('number messages from confirm.select on', () => {
    const steps = [...opening, ...publish('before'), client('confirm.select'), server('confirm.select-ok')]
    expect(lines('exchange publish-confirm', [...steps, ...publish('a'), { server: ack(1) }])).toEqual([
      'ch=1 1 a: 8→11 ok ack',
    ])
  })

  it('come one at a time, in any order, or many at once', () => {
    expect(confirms(...four, { server: ack(2) }, { server: ack(3, true) })).toEqual([
      'ch=1 2 b: 8→17 ok ack',
      'ch=1 1 a: 5→18 ok ack',
      'ch=1 3 c: 11→18 ok ack',
      'ch=1 4 d: 14→?',
    ])
  })

  it('are for all that there are where the tag is 0', () => {
    expect(confirms(...four, server('basic.nack', { deliveryTag: 0, multiple: true }))).toEqual([
      'ch=1 1 a: 5→17 failed nack',
      'ch=1 2 b: 8→17 failed nack',
      'ch=1 3 c: 11→17 failed nack',
      'ch=1 4 d: 14→17 failed nack',
    ])
  })

  it('begin when the last byte was sent, and count how many are awaited', () => {
    const { exchanges, lines } = story(amqp091, UNSETTLED, [...confirming, ...publish('a'), { server: ack(1) }])
    expect(exchanges.at(-1)).toMatchObject({ request: 5, started: 7000, reply: 8, ended: 8000 })
    expect(lines.filter(line => line.includes('unconfirmed'))).toEqual([
      'level ch=1 unconfirmed 1',
      'level ch=1 unconfirmed 0',
    ])
  })

  it('are each channel’s own', () => {
    const two = [client('confirm.select', { channel: 2 }), server('confirm.select-ok', { channel: 2 })]
    const acks = [{ server: method('basic.ack', { deliveryTag: 1, channel: 2 }) }, { server: ack(1) }]
    expect(confirms(...two, ...publish('a'), ...publish('b', { channel: 2 }), ...acks)).toEqual([
      'ch=2 1 b: 10→13 ok ack',
      'ch=1 1 a: 7→14 ok ack',
    ])
  })

  it('tell of a message that came back', () => {
    const back = sent('basic.return', { replyCode: 312, replyText: 'NO_ROUTE', routingKey: 'a' })
    expect(
      confirms(
        ...publish('a'),
        ...publish('a', { mandatory: true }),
        ...publish('b', { mandatory: true }),
        ...publish('a', { mandatory: true }),
        ...back,
        { server: ack(4, true) },
      ),
    ).toEqual([
      'ch=1 1 a: 5→20 ok ack',
      'ch=1 2 a: 8→17→20 failed returned 312 NO_ROUTE',
      'ch=1 3 b: 11→20 ok ack',
      'ch=1 4 a: 14→20 ok ack',
    ])
  })

  it('do not count what is not whole', () => {
    const cut = publish('cut').slice(0, 2)
    expect(confirms(...cut, ...publish('a'), { server: ack(1) })).toEqual(['ch=1 1 a: 7→10 ok ack'])
  })

  it('say nothing where a message may have been missed', () => {
    const lost: Step = { lost: 40, by: 'client' }
    const acks = [1, 3, 4, 5].map(tag => ({ server: ack(tag) }))
    const steps = [...publish('a'), lost, ...publish('c'), ...publish('d'), ...acks]
    expect(confirms(...steps)).toEqual(['ch=1 1 a: 5→15 ok ack'])
    expect(lines('exchange', [...publish('a'), ...publish('b'), ...acks], 'middle')).toEqual([])
  })

  it('go on after the broker’s bytes were lost', () => {
    const lost: Step = { lost: 40, by: 'server' }
    const more = ['b', 'c', 'd'].flatMap(key => publish(key))
    const acks = [2, 2, 2, 3, 4].map(tag => ({ server: ack(tag) }))
    expect(confirms(...publish('a'), lost, ...more, ...acks)).toEqual([
      'ch=1 1 a: 5→? bytes lost',
      'ch=1 2 b: 9→18 ok ack',
      'ch=1 3 c: 12→21 ok ack',
      'ch=1 4 d: 15→22 ok ack',
    ])
  })

  it('end with their channel, and begin anew with the next', () => {
    const close = [server('channel.close', { replyCode: 404, replyText: 'NOT_FOUND' }), client('channel.close-ok')]
    expect(confirms(...publish('a'), ...close, ...confirming, ...publish('b'), { server: ack(1) })).toEqual([
      'ch=1 1 a: 5→? channel closed: 404 NOT_FOUND',
      'ch=1 1 b: 14→17 ok ack',
    ])
  })

  it('may still come when the client has closed the channel', () => {
    const close = client('channel.close', { replyCode: 200 })
    expect(confirms(...publish('a'), ...publish('b'), close, { server: ack(1) }, server('channel.close-ok'))).toEqual([
      'ch=1 1 a: 5→12 ok ack',
      'ch=1 2 b: 8→? channel closed',
    ])
  })

  it('remember no more returns than there is room for', () => {
    const room = { exchanges: new Budget(2), bytes: new Budget(1 << 20) }
    const many = Array.from({ length: 3000 }, (_, at) => publish(`key-${at}`, { mandatory: true })).flat()
    const back = sent('basic.return', { replyCode: 312, replyText: 'NO_ROUTE', routingKey: 'key-2999' })
    const steps = [...confirming, ...many, ...back, { server: ack(3000, true) }]
    const { exchanges } = story(amqp091, UNSETTLED, steps, 'start', room)
    expect(exchanges.filter(({ outcome }) => outcome === 'given up')).toHaveLength(2998)
    expect(exchanges.at(-1)).toMatchObject({ id: 3000, outcome: 'returned 312 NO_ROUTE' })
  })
})

const acks = (...steps: Step[]): string[] => lines('exchange deliver-ack', [...consuming(), ...steps])

describe('deliveries', () => {
  it('are acknowledged, rejected, sent back', () => {
    expect(
      acks(
        ...[1, 2, 3, 4, 5].flatMap(tag => deliver(tag)),
        { client: ack(1) },
        client('basic.nack', { deliveryTag: 2, requeue: true }),
        client('basic.nack', { deliveryTag: 3 }),
        client('basic.reject', { deliveryTag: 4, requeue: true }),
        client('basic.reject', { deliveryTag: 5 }),
      ),
    ).toEqual([
      'ch=1 1 q: 5→20 ok ack',
      'ch=1 2 q: 8→21 failed nack requeued',
      'ch=1 3 q: 11→22 failed nack',
      'ch=1 4 q: 14→23 failed reject requeued',
      'ch=1 5 q: 17→24 failed reject',
    ])
  })

  it('are acknowledged up to a tag, or all', () => {
    const three = [...deliver(1), ...deliver(2), ...deliver(9)]
    expect(acks(...three, { client: ack(2, true) }, { client: ack(0, true) })).toEqual([
      'ch=1 1 q: 5→14 ok ack',
      'ch=1 2 q: 8→14 ok ack',
      'ch=1 9 q: 11→15 ok ack',
    ])
  })

  it('wait for nothing where the consumer wants no acknowledgement', () => {
    const steps = [...consuming(true), ...deliver(1)]
    expect(lines('exchange deliver-ack', steps)).toEqual([])
    expect(lines('level ch=1', steps)).toEqual([])
  })

  it('are what basic.get brings too, unless it wants no acknowledgement', () => {
    const get = (noAck: boolean, deliveryTag: number): Step[] => [
      client('basic.get', { queue: 'work', noAck }),
      ...sent('basic.get-ok', { deliveryTag, exchange: 'x', routingKey: 'k' }),
    ]
    const steps = [...opening, ...get(true, 1), ...get(false, 2), { client: ack(2) }, client('basic.get')]
    expect(lines('exchange', [...steps, server('basic.get-empty')]).slice(1)).toEqual([
      'basic.get ch=1 work: 3→4 ok',
      'basic.get ch=1 work: 7→8 ok',
      'deliver-ack ch=1 2 work: 8→11 ok ack',
      'basic.get ch=1: 12→13 ok empty',
    ])
  })

  it('are all sent again by basic.recover', () => {
    const recover = [client('basic.recover', { requeue: true }), server('basic.recover-ok')]
    const again = deliver(3, { redelivered: true })
    const steps = [...consuming(), ...deliver(1), ...deliver(2), ...recover, ...again]
    expect(lines('exchange deliver-ack', steps)).toEqual([
      'ch=1 1 q: 5→11 failed recovered',
      'ch=1 2 q: 8→11 failed recovered',
      'ch=1 3 q: 13→?',
    ])
    expect(lines('level ch=1', steps)).toEqual([
      'unacknowledged 1',
      'unacknowledged 2',
      'unacknowledged 0',
      'unacknowledged 1',
      'redelivered 1',
    ])
  })

  it('are given up with their channel, and where acknowledgements may have been lost', () => {
    expect(acks(...deliver(1), { lost: 40, by: 'client' })).toEqual(['ch=1 1 q: 5→? bytes lost'])
    const close = [client('channel.close', { replyCode: 200 }), server('channel.close-ok')]
    expect(acks(...deliver(1), ...close)).toEqual(['ch=1 1 q: 5→? channel closed'])
  })

  it('are followed from the middle on once their consumer has acknowledged one', () => {
    const auto = [...deliver(1, { consumerTag: 'auto' }), ...deliver(2, { consumerTag: 'auto' })]
    const manual = [...deliver(3, { consumerTag: 'manual' }), ...[99, 99, 99, 99, 3].map(tag => ({ client: ack(tag) }))]
    const more = [...deliver(4, { consumerTag: 'auto' }), ...deliver(5, { consumerTag: 'manual' })]
    expect(lines('exchange', [...auto, ...manual, ...more, { client: ack(5) }], 'middle')).toEqual([
      'deliver-ack ch=1 5 q: 18→21 ok ack',
    ])
  })
})

describe('requests over messages', () => {
  const ask = publish('rpc', {}, { replyTo: 'amq.rabbitmq.reply-to', correlationId: '7' })
  const rpc = (...steps: Step[]): string[] => lines('exchange rpc', [...opening, ...steps])

  it('are answered at the reply-to with the same correlation-id', () => {
    const consume = [
      client('basic.consume', { queue: 'mine', consumerTag: 'c' }),
      server('basic.consume-ok', { consumerTag: 'c' }),
    ]
    const request = publish('rpc', {}, { replyTo: 'mine', correlationId: '7' })
    const [other, reply] = [deliver(1, {}, { correlationId: '8' }), deliver(2, {}, { correlationId: '7' })]
    expect(rpc(...consume, ...request, ...other, ...reply)).toEqual(['mine 7 rpc: 5→11 ok'])
  })

  it('are answered directly', () => {
    const reply = deliver(1, { routingKey: 'amq.rabbitmq.reply-to.g1h2AA' }, { correlationId: '7' })
    expect(rpc(...ask, ...reply)).toEqual(['amq.rabbitmq.reply-to 7 rpc: 3→6 ok'])
  })

  it('are not answered by the request itself, where one connection does both', () => {
    const request = deliver(1, { routingKey: 'rpc' }, { replyTo: 'amq.rabbitmq.reply-to.g1h2AA', correlationId: '7' })
    expect(rpc(...ask, ...request)).toEqual(['amq.rabbitmq.reply-to 7 rpc: 3→?'])
  })

  it('fail where they come back', () => {
    const back = sent(
      'basic.return',
      { replyCode: 312, replyText: 'NO_ROUTE', routingKey: 'rpc' },
      { replyTo: 'amq.rabbitmq.reply-to.g1h2AA', correlationId: '7' },
    )
    expect(rpc(...ask, ...back)).toEqual(['amq.rabbitmq.reply-to 7 rpc: 3→6 failed returned 312 NO_ROUTE'])
  })
})

describe('topology', () => {
  const changes = (...steps: Step[]) => story(amqp091, UNSETTLED, steps).changes

  it('says what was declared, once that was answered', () => {
    const quorum = Table.of({ 'x-queue-type': 'quorum' })
    const [exchange, used, queue, binding] = changes(
      client('exchange.declare', { exchange: 'orders', exchangeType: 'topic', durable: true }),
      client('exchange.declare', { exchange: 'logs', passive: true }),
      client('queue.declare', { durable: true, arguments: quorum }),
      client('queue.bind', { exchange: 'orders', routingKey: 'eu.#' }),
      client('queue.declare', { queue: 'refused' }),
      server('exchange.declare-ok'),
      server('exchange.declare-ok'),
      server('queue.declare-ok', { queue: 'amq.gen-1' }),
      server('queue.bind-ok'),
      server('channel.close', { replyCode: 406, classId: 50, methodId: 10 }),
    )
    expect(exchange).toMatchObject({
      action: 'add',
      name: 'orders',
      details: { type: 'topic', durable: true, autoDelete: false, internal: false },
      frame: 6,
    })
    expect(used).toMatchObject({ action: 'use', kind: 'exchange', name: 'logs' })
    expect(queue).toMatchObject({
      action: 'add',
      name: 'amq.gen-1',
      details: { durable: true, exclusive: false, autoDelete: false, arguments: { 'x-queue-type': 'quorum' } },
    })
    expect(binding).toMatchObject({
      action: 'add',
      kind: 'binding',
      name: 'eu.# → amq.gen-1',
      parent: 'orders',
      details: { to: 'queue', routingKey: 'eu.#' },
    })
  })

  it('says who consumes, with what prefetch, and who no longer does', () => {
    const [, consumer, gone] = changes(
      ...opening,
      client('basic.qos', { prefetchCount: 20 }),
      server('basic.qos-ok'),
      client('basic.consume', { queue: 'q' }),
      server('basic.consume-ok', { consumerTag: 'ctag-1' }),
      server('basic.cancel', { consumerTag: 'ctag-1', noWait: true }),
    )
    expect(consumer).toMatchObject({
      action: 'add',
      name: 'ctag-1',
      parent: 'q',
      details: { channel: 1, prefetch: 20 },
    })
    expect(gone).toMatchObject({ action: 'remove', name: 'ctag-1', parent: 'q', frame: 7 })
  })

  it('takes consumers and channels away with what they are on', () => {
    const { lines } = story(amqp091, UNSETTLED, [...consuming(), server('connection.close', { replyCode: 320 })])
    expect(lines.slice(5)).toEqual([
      'remove consumer "c" of q',
      'remove channel "1"',
      'level connection channels 0',
      'exchange connection.close 320 CONNECTION_FORCED: 5→?',
    ])
  })
})
