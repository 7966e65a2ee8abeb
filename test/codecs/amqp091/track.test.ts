import { describe, expect, it } from 'vitest'
import { UNSETTLED } from '../../../codecs/amqp091/delimit.ts'
import { amqp091, Decimal, Table } from '../../../codecs/amqp091/index.ts'
import { Budget, type Joined, type Message } from '../../../codecs/core/index.ts'
import { type Story, story } from '../../tracking/story.ts'
import { client, consuming, content, deliver, opening, publish, type Step, sent, server } from './talk.ts'

const told = (steps: readonly Step[], joined: Joined = 'start', room?: Parameters<typeof story>[4]): Story =>
  story(amqp091, UNSETTLED, steps, joined, room)
const lines = (word: string, steps: readonly Step[], joined?: Joined): string[] =>
  told(steps, joined)
    .lines.filter(line => line.startsWith(word))
    .map(line => line.slice(word.length + 1))

describe('messages', () => {
  it('are a method, a header and bodies', () => {
    expect(
      lines('message', [
        ...publish('q'),
        ...publish('eu.new', { exchange: 'orders' }, {}, ['ab', 'cd', 'ef']),
        ...publish('q', {}, {}, ''),
      ]),
    ).toEqual(['publish q 2 bytes in 1 2 3', 'publish orders/eu.new 6 bytes in 4 5 6 7 8', 'publish q 0 bytes in 9 10'])
  })

  it('are put together a channel at a time, and both ways at once', () => {
    const [one, two] = [publish('one'), publish('two', { channel: 2 })]
    const three = deliver(1, { routingKey: 'three' })
    const mixed = one.flatMap((step, at) => [step, two[at] as Step, three[at] as Step])
    const { messages, lines } = told(mixed)
    expect(lines.filter(line => line.startsWith('message'))).toEqual([
      'message publish one 2 bytes in 1 4 7',
      'message publish two 2 bytes in 2 5 8',
      'message deliver three 2 bytes in 3 6 9',
    ])
    expect(messages.map(({ body }) => new TextDecoder().decode(body))).toEqual(['hi', 'hi', 'hi'])
  })

  it('keep their bytes when these come in many pieces', () => {
    const [message] = told(publish('q', {}, {}, ['ab', '', 'cd', 'ef'])).messages as [Message]
    expect(new TextDecoder().decode(message.body)).toBe('abcdef')
    expect(message).toMatchObject({ size: 6, whole: true, started: 1000, time: 5000 })
  })

  it('say what they are', () => {
    const properties = {
      contentType: 'application/json',
      contentEncoding: 'gzip',
      headers: Table.of({ traceparent: '00-1', tries: 3, price: new Decimal(2, 1999), tags: ['a', 'b'] }),
      deliveryMode: 2,
      correlationId: Uint8Array.of(0xff, 0x00),
      replyTo: 'answers',
      messageId: 'm-1',
    }
    const [message] = told([
      ...consuming(),
      ...deliver(7, { exchange: 'orders', routingKey: 'eu', redelivered: true }, properties),
    ]).messages as [Message]
    expect(message).toMatchObject({
      direction: 'deliver',
      side: 'server',
      destination: { exchange: 'orders', routingKey: 'eu', queue: 'q' },
      address: 'orders/eu',
      contentType: 'application/json',
      contentEncoding: 'gzip',
      id: 'm-1',
      correlationId: '/wA=',
      replyTo: 'answers',
      repeated: true,
    })
    expect(message.properties).toEqual({
      consumerTag: 'c',
      deliveryTag: '7',
      redelivered: true,
      contentType: 'application/json',
      contentEncoding: 'gzip',
      headers: { traceparent: '00-1', tries: 3, price: '19.99', tags: ['a', 'b'] },
      deliveryMode: 2,
      correlationId: { base64: '/wA=' },
      replyTo: 'answers',
      messageId: 'm-1',
    })
    expect(['traceparent', 'tries', 'price', 'tags', 'none'].map(name => message.header(name))).toEqual([
      '00-1',
      '3',
      '19.99',
      '["a","b"]',
      undefined,
    ])
    expect(message.packets.map(packet => amqp091.type(packet as never))).toEqual(['basic.deliver', 'header'])
  })

  it('are of the publisher when they are returned, and say why', () => {
    const [message] = told(sent('basic.return', { replyCode: 312, replyText: 'NO_ROUTE', routingKey: 'gone' }))
      .messages as [Message]
    expect(message).toMatchObject({
      direction: 'deliver',
      address: 'gone',
      properties: { replyCode: 312, replyText: 'NO_ROUTE' },
    })
  })

  it.each<[string, Step[]]>([
    ['another method on its channel', [client('basic.qos')]],
    ['the next one', publish('q').slice(0, 1)],
    ['the end of its channel', [server('channel.close', { replyCode: 504 })]],
    ['the end of the connection', [server('connection.close', { replyCode: 320 })]],
    ['bytes that were lost', [{ lost: 10, by: 'client' }]],
    ['the end of the input', []],
  ])('are not whole when %s comes before their last byte', (_, after) => {
    const begun = publish('q', {}, {}, ['ab', 'cd']).slice(0, 3)
    const [message] = told([...begun, ...after]).messages as [Message]
    expect(message).toMatchObject({ whole: false, size: 4, frames: [1, 2, 3] })
    expect(new TextDecoder().decode(message.body)).toBe('ab')
  })

  it('have no address where they were joined in the middle', () => {
    const steps = [...content('hi').map(frame => ({ server: frame })), ...deliver(5)]
    const [message] = told(steps, 'middle').messages
    expect(message).toMatchObject({ direction: 'deliver', address: undefined, destination: {}, whole: true })
  })

  it('go on without their bytes where there is no room', () => {
    const room = { exchanges: new Budget(10), bytes: new Budget(1500) }
    const long = 'x'.repeat(1000)
    const { messages } = told(publish('q', {}, {}, [long, long, long]), 'start', room)
    expect(messages).toMatchObject([{ size: 3000, whole: true, frames: [1, 2, 3, 4, 5] }])
    expect(messages[0]?.body.length).toBeLessThan(3000)
  })

  it('are told as far as they came where there is no room at all', () => {
    const room = { exchanges: new Budget(10), bytes: new Budget(0) }
    const { messages } = told([...publish('a'), ...publish('b')], 'start', room)
    expect(messages.map(({ address, whole, frames }) => ({ address, whole, frames }))).toEqual([
      { address: 'a', whole: false, frames: [1] },
      { address: 'b', whole: false, frames: [4] },
    ])
  })
})

describe('methods and their answers', () => {
  it('are those of a connection’s life', () => {
    const greeting = { type: 'protocol-header', protocolId: 0, major: 0, minor: 9, revision: 1 } as const
    expect(
      lines('exchange', [
        { client: greeting },
        server('connection.start'),
        client('connection.start-ok', { mechanism: 'PLAIN' }),
        server('connection.secure'),
        client('connection.secure-ok'),
        server('connection.tune'),
        client('connection.tune-ok', { channelMax: 2047, frameMax: 131072, heartbeat: 60 }),
        client('connection.open', { virtualHost: '/' }),
        server('connection.open-ok'),
        client('connection.update-secret', { reason: 'refresh' }),
        server('connection.update-secret-ok'),
        client('connection.close', { replyCode: 200 }),
        server('connection.close-ok'),
      ]),
    ).toEqual([
      'protocol-header 0-9-1: 1→2 ok',
      'connection.start: 2→3 ok',
      'connection.secure: 4→5 ok',
      'connection.start-ok PLAIN: 3→4→6 ok',
      'connection.tune: 6→7 ok channel-max 2047, frame-max 131072, heartbeat 60 s',
      'connection.open /: 8→9 ok',
      'connection.update-secret: 10→11 ok',
      'connection.close: 12→13 ok',
    ])
  })

  it('fail where the server would rather speak another version', () => {
    const header = { type: 'protocol-header', protocolId: 0, major: 0, minor: 9 } as const
    const steps = [{ client: { ...header, revision: 2 } }, { server: { ...header, revision: 1 } }]
    expect(lines('exchange', steps)).toEqual(['protocol-header 0-9-2: 1→2 failed speaks 0-9-1'])
  })

  it('fail with the login that the broker refuses', () => {
    expect(
      lines('exchange', [
        server('connection.start'),
        client('connection.start-ok', { mechanism: 'PLAIN' }),
        server('connection.close', { replyCode: 403, replyText: 'ACCESS_REFUSED - Login was refused' }),
      ]).slice(1, 2),
    ).toEqual(['connection.start-ok PLAIN: 2→3 failed 403 ACCESS_REFUSED - Login was refused'])
  })

  it('are tied in order where a client does not wait', () => {
    expect(
      lines('exchange', [
        client('queue.declare', { queue: 'a' }),
        client('queue.declare', { queue: 'b' }),
        client('queue.purge', { queue: 'a' }),
        server('queue.declare-ok', { queue: 'a', messageCount: 2, consumerCount: 1 }),
        server('queue.declare-ok', { queue: 'b' }),
        server('queue.purge-ok', { messageCount: 2 }),
      ]),
    ).toEqual([
      'queue.declare ch=1 a: 1→4 ok a: 2 messages, 1 consumers',
      'queue.declare ch=1 b: 2→5 ok b: 0 messages, 0 consumers',
      'queue.purge ch=1 a: 3→6 ok 2 messages',
    ])
  })

  it('have none where the client does not want one', () => {
    const { lines } = told([
      client('queue.declare', { queue: 'a', noWait: true }),
      client('basic.consume', { queue: 'a', consumerTag: 'c', noWait: true }),
    ])
    expect(lines).toEqual(['add queue "a"', 'add consumer "c" of a'])
  })

  it('fail with the channel that they close', () => {
    const gone = { replyCode: 404, replyText: "NOT_FOUND - no queue 'a'", classId: 50, methodId: 10 }
    expect(
      lines('exchange', [
        ...opening,
        client('queue.declare', { queue: 'a', passive: true }),
        client('queue.purge', { queue: 'a' }),
        server('channel.close', gone),
        client('queue.delete', { queue: 'a' }),
        client('channel.close-ok'),
      ]).slice(1),
    ).toEqual([
      "queue.declare ch=1 a: 3→5 failed 404 NOT_FOUND - no queue 'a'",
      "queue.purge ch=1 a: 4→? channel closed: 404 NOT_FOUND - no queue 'a'",
      'queue.delete ch=1 a: 6→? channel closed',
      "channel.close ch=1 404 NOT_FOUND - no queue 'a': 5→7 ok",
    ])
  })

  it('fail with the connection that they close, whatever their channel', () => {
    const bad = { replyCode: 503, replyText: 'COMMAND_INVALID - unknown type', classId: 40, methodId: 10 }
    const steps = [client('exchange.declare', { channel: 5, exchange: 'x' }), server('connection.close', bad)]
    expect(lines('exchange', steps)[0]).toBe('exchange.declare ch=5 x: 1→2 failed 503 COMMAND_INVALID - unknown type')
  })

  it('are the server’s too', () => {
    expect(
      lines('exchange', [
        server('channel.flow', { active: false }),
        client('channel.flow-ok', { active: false }),
        server('basic.cancel', { consumerTag: 'c', noWait: true }),
      ]),
    ).toEqual(['channel.flow ch=1: 1→2 ok'])
  })

  it('may have been answered in what was lost', () => {
    const steps: Step[] = [client('queue.purge', { queue: 'a' }), { lost: 12, by: 'server' }]
    expect(lines('exchange', steps)).toEqual(['queue.purge ch=1 a: 1→? bytes lost'])
  })

  it('are transactions', () => {
    const select = [client('tx.select'), server('tx.select-ok')]
    const commit = [client('tx.commit'), client('tx.rollback'), server('tx.rollback-ok'), server('tx.commit-ok')]
    expect(lines('exchange', [...select, ...commit])).toEqual([
      'tx.select ch=1: 1→2 ok',
      'tx.rollback ch=1: 4→5 ok',
      'tx.commit ch=1: 3→6 ok',
    ])
  })
})
