import { describe, expect, test } from 'vitest'
import type { MethodOf } from '../../../codecs/amqp091/frames.ts'
import { type AmqpFrame, amqp091, type Context, Table } from '../../../codecs/amqp091/index.ts'
import type { DriveOptions } from '../../../codecs/core/index.ts'
import { Driving } from '../driving.ts'
import { ScramServer } from '../scram-server.ts'
import { content, method } from './talk.ts'

const UNSETTLED = amqp091.dialogue('start').context('client', new Uint8Array(0), 0, 0, true) as Context

const driving = (options: Partial<DriveOptions> = {}) => new Driving<AmqpFrame, Context>(amqp091, UNSETTLED, options)
type Client = ReturnType<typeof driving>

/** The channels of a client. */
const PUBLISHING = 1
const CONSUMING = 2

const start = method('connection.start', {
  versionMajor: 0,
  versionMinor: 9,
  mechanisms: 'PLAIN AMQPLAIN EXTERNAL ANONYMOUS SCRAM-SHA-256',
})
const tune = (heartbeat = 60, frameMax = 131_072): AmqpFrame =>
  method('connection.tune', { channelMax: 2047, frameMax, heartbeat })
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The answer that the broker has to a request. */
function okOf(frame: AmqpFrame): AmqpFrame {
  const type = `${frame.type}-ok` as 'queue.declare-ok'
  const queue = frame.type === 'queue.declare' ? String(frame.queue || 'amq.gen-1') : ''
  const { channel } = frame as { channel: number }
  return method(type, { channel, ...(type === 'queue.declare-ok' ? { queue } : {}) })
}

/** Answers all that a client asks for until it asks no more: what it asked. */
function agree(client: Client): AmqpFrame[] {
  const asked: AmqpFrame[] = []
  for (let frames = client.sends(); frames.length > 0; frames = client.sends()) {
    for (const frame of frames) {
      if (frame.type === 'connection.tune-ok') continue
      asked.push(frame)
      client.hears(okOf(frame))
    }
  }
  return asked
}

function ready(options: Partial<DriveOptions> = {}, tuned = tune()): Client {
  const client = driving(options)
  client.driver.start()
  client.hears(start)
  client.sends()
  client.hears(tuned)
  agree(client)
  expect(client.tells()).toEqual([['ready']])
  return client
}

const asks = (options: Partial<DriveOptions>): AmqpFrame[] => {
  const client = driving(options)
  client.driver.start()
  client.hears(start)
  client.sends()
  client.hears(tune())
  return agree(client)
}

const deliver = (deliveryTag: number, given: object = {}): AmqpFrame =>
  method('basic.deliver', { channel: CONSUMING, deliveryTag, consumerTag: 'c0', routingKey: 'q', ...given })

describe('opening', () => {
  test('from the protocol header to an open channel, one step after the other', () => {
    const client = driving({ user: 'ann', password: 'pw', virtualHost: 'v', keepAlive: 10 })
    client.driver.start()
    expect(client.sends()).toMatchObject([{ type: 'protocol-header', major: 0, minor: 9, revision: 1 }])
    client.hears(start)
    const [startOk] = client.sends()
    expect(startOk).toMatchObject({ type: 'connection.start-ok', mechanism: 'PLAIN', response: utf8('\0ann\0pw') })
    client.hears(tune(60))
    expect(client.sends()).toMatchObject([
      { type: 'connection.tune-ok', channelMax: 2047, frameMax: 131_072, heartbeat: 10 },
      { type: 'connection.open', virtualHost: 'v' },
    ])
    client.hears(method('connection.open-ok'))
    expect(client.sends()).toMatchObject([{ type: 'channel.open', channel: PUBLISHING }])
    client.hears(method('channel.open-ok'))
    expect(client.sends()).toMatchObject([{ type: 'confirm.select', channel: PUBLISHING }])
    expect(client.tells()).toEqual([])
    client.hears(method('confirm.select-ok'))
    expect(client.tells()).toEqual([['ready']])
  })

  test('of heartbeats, the more frequent; none where we want none [4.2.7]', () => {
    for (const [ours, theirs, agreed] of [
      [10, 60, 5000],
      [60, 10, 5000],
      [10, 0, 5000],
      [0, 60, undefined],
    ] as const) {
      const client = ready({ keepAlive: ours }, tune(theirs))
      expect(client.driver.keepAlive).toBe(agreed)
    }
    const client = ready({ keepAlive: 10 })
    client.driver.alive()
    expect(client.sends()).toMatchObject([{ type: 'heartbeat', channel: 0 }])
  })

  test('queues are declared, by whoever publishes to them and whoever consumes them, each once', () => {
    const settings = { queueType: 'quorum', arguments: 'x-max-length=10' }
    const asked = asks({ destinations: ['q', 'q', 'p'], sources: ['q'], settles: true, credit: 20, settings })
    expect(asked.map(({ type }) => type)).toEqual([
      'connection.open',
      'channel.open',
      'queue.declare',
      'queue.declare',
      'confirm.select',
      'channel.open',
      'basic.qos',
      'queue.declare',
      'basic.consume',
    ])
    expect(asked[2]).toMatchObject({ channel: PUBLISHING, queue: 'q', durable: true })
    expect((asked[2] as { arguments: Table }).arguments).toEqual(
      Table.of({ 'x-queue-type': 'quorum', 'x-max-length': 10 }),
    )
    expect(asked[6]).toMatchObject({ channel: CONSUMING, prefetchCount: 20 })
    expect(asked[8]).toMatchObject({ channel: CONSUMING, queue: 'q', consumerTag: 'c0', noAck: false })
  })

  test('of a stream, what comes from now on, and never more at once than some; or as its arguments say', () => {
    const consumed = (settings: DriveOptions['settings'], credit = 0) => {
      const asked = asks({
        publishes: false,
        sources: ['s'],
        settles: true,
        credit,
        settings: { queueType: 'stream', ...settings },
      })
      const consume = asked.at(-1) as { arguments: Table }
      const qos = asked.find(({ type }) => type === 'basic.qos') as { prefetchCount: number }
      return [consume.arguments, qos.prefetchCount]
    }
    expect(consumed({})).toEqual([Table.of({ 'x-stream-offset': 'next' }), 100])
    const consumeArguments = 'x-stream-offset=2026-01-01T00:00:00Z,x-priority=5'
    const since = new Date('2026-01-01T00:00:00Z')
    expect(consumed({ consumeArguments }, 7)).toEqual([Table.of({ 'x-stream-offset': since, 'x-priority': 5 }), 7])
  })

  test('of frames, the smaller size; 0 is no limit [4.2.7]', () => {
    for (const [wanted, offered, agreed] of [
      [8192, 131_072, 8192],
      [200_000, 131_072, 131_072],
      [8192, 0, 8192],
      [100, 131_072, 4096],
    ] as const) {
      const client = driving({ settings: { frameMax: wanted } })
      client.driver.start()
      client.hears(start)
      client.sends()
      client.hears(tune(0, offered))
      expect(client.sends()[0]).toMatchObject({ type: 'connection.tune-ok', frameMax: agreed })
    }
  })

  test('an exchange is declared, and each source is a queue of its own that is bound to it', () => {
    const settings = { exchange: 'e', exchangeType: 'topic' }
    const asked = asks({ publishes: false, sources: ['a.*', 'b.#'], settings }).slice(2)
    expect(asked).toMatchObject([
      { type: 'exchange.declare', exchange: 'e', exchangeType: 'topic' },
      { type: 'queue.declare', queue: '', exclusive: true },
      { type: 'queue.bind', exchange: 'e', routingKey: 'a.*', queue: '' },
      { type: 'basic.consume', consumerTag: 'c0', noAck: true, queue: '' },
      { type: 'queue.declare', queue: '' },
      { type: 'queue.bind', routingKey: 'b.#' },
      { type: 'basic.consume', consumerTag: 'c1' },
    ])
  })

  test('nothing is declared where that is not wanted, nor what every broker has', () => {
    const types = (settings: DriveOptions['settings']) =>
      asks({ destinations: ['q'], settings }).flatMap(({ type }) => (type.endsWith('.declare') ? [type] : []))
    expect(types({ declare: false })).toEqual([])
    expect(types({ exchange: 'amq.topic' })).toEqual([])
    expect(types({ exchange: 'e' })).toEqual(['exchange.declare'])
  })

  test('refusals, in the words of the broker', () => {
    const cases: readonly [AmqpFrame, string][] = [
      [{ type: 'protocol-header', protocolId: 3, major: 1, minor: 0, revision: 0 }, 'the server speaks AMQP 1.0.0'],
      [method('connection.secure'), 'the server wants another step to log in'],
      [method('connection.start', { mechanisms: 'X' }), 'the server has X to log in, not PLAIN'],
      [method('connection.tune'), 'the server lets us in before we logged in'],
      [method('connection.close', { replyCode: 403, replyText: 'ACCESS_REFUSED' }), '403 ACCESS_REFUSED'],
    ]
    for (const [frame, reason] of cases) {
      const client = driving()
      client.driver.start()
      client.hears(frame)
      expect(client.tells()).toEqual([['failed', reason]])
    }
  })
})

describe('what stays', () => {
  /** Answers all that a client asks for; of passive declarations, those of `there` are found, and others refused. */
  function agreeWhere(client: Client, there: readonly string[], replyCode = 404): AmqpFrame[] {
    const asked: AmqpFrame[] = []
    for (let frames = client.sends(); frames.length > 0; frames = client.sends()) {
      for (const frame of frames) {
        asked.push(frame)
        if (frame.type === 'connection.tune-ok' || frame.type === 'channel.close-ok') continue
        const name =
          frame.type === 'queue.declare' ? frame.queue : frame.type === 'exchange.declare' ? frame.exchange : ''
        const isMissing = 'passive' in frame && frame.passive && !there.includes(String(name))
        client.hears(isMissing ? method('channel.close', { channel: frame.channel, replyCode }) : okOf(frame))
      }
    }
    return asked
  }

  function opening(options: Partial<DriveOptions>): Client {
    const client = driving(options)
    client.driver.start()
    client.hears(start)
    client.sends()
    client.hears(tune())
    return client
  }

  test('is told of where a passive declaration found nothing, which closes its channel; the declaration then makes it', () => {
    const settings = { exchange: 'e', queue: 'q' }
    const client = opening({ tellsMade: true, destinations: ['a'], sources: ['a'], settings })
    const asked = agreeWhere(client, ['e'])
    expect(asked.filter(frame => 'channel' in frame && frame.channel === 3).map(({ type }) => type)).toEqual([
      'channel.open',
      'exchange.declare',
      'queue.declare',
      'channel.close-ok',
      'channel.open',
    ])
    expect(client.tells()).toEqual([['made', 'queue q'], ['ready']])
  })

  test('is not what goes with the connection, nor what may not be looked at', () => {
    const own = opening({ tellsMade: true, publishes: false, sources: ['a'], settings: { exchange: 'amq.topic' } })
    agreeWhere(own, [])
    expect(own.tells()).toEqual([['ready']])
    const other = opening({ tellsMade: true, destinations: ['theirs'], sources: ['mine'] })
    agreeWhere(other, [], 405)
    expect(other.tells()).toEqual([['ready']])
  })

  test('is taken away, queues before exchanges; what is gone already is gone, and what is in use stays', () => {
    const removes = [
      { kind: 'exchange', name: 'e' },
      { kind: 'queue', name: 'gone' },
      { kind: 'queue', name: 'q' },
    ]
    const client = opening({ removes, publishes: false })
    client.hears(method('connection.open-ok'), method('channel.open-ok'))
    expect(client.sends().at(-1)).toMatchObject({ type: 'queue.delete', queue: 'gone', ifEmpty: false })
    client.hears(method('channel.close', { channel: 1, replyCode: 404, replyText: 'NOT_FOUND' }))
    client.hears(method('channel.open-ok'))
    expect(client.sends()).toMatchObject([
      { type: 'channel.close-ok' },
      { type: 'channel.open', channel: 1 },
      { type: 'queue.delete', queue: 'q' },
    ])
    client.hears(method('queue.delete-ok'))
    expect(client.sends()).toMatchObject([{ type: 'exchange.delete', exchange: 'e', ifUnused: true }])
    client.hears(method('channel.close', { channel: 1, replyCode: 406, replyText: 'PRECONDITION_FAILED - in use' }))
    client.hears(method('channel.open-ok'))
    expect(client.tells()).toEqual([
      ['removed', 'queue gone', undefined],
      ['removed', 'queue q', undefined],
      ['removed', 'exchange e', '406 PRECONDITION_FAILED - in use'],
      ['ready'],
    ])
  })
})

describe('polling', () => {
  const getOk = (deliveryTag: number, channel = CONSUMING): AmqpFrame =>
    method('basic.get-ok', { channel, deliveryTag, routingKey: 'q' })
  const empty = (channel = CONSUMING): AmqpFrame => method('basic.get-empty', { channel })
  const polling = (poll: number, more: Partial<DriveOptions> = {}): Client =>
    ready({ sources: ['q'], settles: true, ...more, settings: { poll, ...more.settings } })

  test('asks again at its pace, not before the last is answered; there is no consumer', () => {
    const client = polling(10)
    expect(client.driver.tick?.(0)).toBe(undefined)
    expect(client.sends()).toMatchObject([{ type: 'basic.get', channel: CONSUMING, queue: 'q', noAck: false }])
    expect(client.driver.tick?.(25)).toBe(undefined)
    expect(client.sends()).toEqual([])
    client.hears(empty())
    expect(client.tells()).toEqual([['empty']])
    expect(client.driver.tick?.(26)).toBe(undefined)
    expect(client.sends()).toHaveLength(1)
    client.hears(getOk(1), ...content('hi', {}, CONSUMING))
    expect(client.deliveries()).toMatchObject([{ id: 1, text: 'hi', source: 0 }])
    client.driver.settle(1, 'accept', false)
    expect(client.sends()).toMatchObject([{ type: 'basic.ack', channel: CONSUMING, deliveryTag: 1 }])
    expect(client.driver.tick?.(30)).toBe(36)
    expect(client.sends()).toEqual([])
  })

  test('at no pace, it asks as soon as it is answered, until it leaves', () => {
    const client = polling(0)
    client.driver.tick?.(0)
    client.sends()
    client.hears(empty())
    expect(client.sends()).toMatchObject([{ type: 'basic.get' }])
    client.driver.leave()
    client.sends()
    client.hears(empty())
    expect(client.driver.tick?.(1)).toBe(undefined)
    expect(client.sends()).toEqual([])
  })

  test('asks each of its sources in turn, on each of its channels', () => {
    const client = polling(0, { publishes: false, sources: ['q', 'p'], settings: { channels: 2 } })
    client.driver.tick?.(0)
    expect(client.sends()).toMatchObject([
      { channel: 3, queue: 'q' },
      { channel: 4, queue: 'q' },
    ])
    client.hears(empty(3))
    expect(client.sends()).toMatchObject([{ channel: 3, queue: 'p' }])
    client.hears(getOk(1, 3), ...content('x', {}, 3))
    expect(client.deliveries()).toMatchObject([{ source: 1 }])
  })

  test('a queue of its own has a name that it can be asked for by', () => {
    const settings = { poll: 0, exchange: 'e', exchangeType: 'topic' }
    const asked = asks({ publishes: false, sources: ['#'], settings, clientId: 'me' })
    expect(asked.map(({ type }) => type)).not.toContain('basic.consume')
    expect(asked.at(-1)).toMatchObject({ type: 'queue.bind', queue: 'me.0' })
  })
})

describe('transactions', () => {
  test('so many messages, and a commit, whose answer is theirs; the channel waits for it [1.9]', () => {
    const client = ready({ settings: { transaction: 2 }, inFlight: 8 })
    client.publishes('q', 'a')
    expect(client.sends().map(({ type }) => type)).toEqual(['basic.publish', 'header', 'body'])
    client.publishes('q', 'b')
    expect(client.sends().at(-1)).toMatchObject({ type: 'tx.commit', channel: PUBLISHING })
    expect(client.driver.room).toBe(0)
    client.hears(method('tx.commit-ok'))
    expect(client.tells()).toEqual([
      ['answered', 0, 'accepted'],
      ['answered', 1, 'accepted'],
    ])
    expect(client.driver.room).toBe(8)
  })

  test('tx.select takes the place of confirm.select', () => {
    const types = asks({ settings: { transaction: 5 } }).map(({ type }) => type)
    expect(types).toEqual(['connection.open', 'channel.open', 'tx.select'])
  })

  test('where the window is full, or nothing follows for a while, what there is is committed', () => {
    const client = ready({ settings: { transaction: 100 }, inFlight: 2 })
    client.publishes('q', 'a')
    client.publishes('q', 'b')
    expect(client.sends().at(-1)).toMatchObject({ type: 'tx.commit' })
    client.hears(method('tx.commit-ok'))
    client.publishes('q', 'c')
    client.sends()
    expect(client.driver.tick?.(1000)).toBe(1100)
    expect(client.driver.tick?.(1099)).toBe(1100)
    expect(client.sends()).toEqual([])
    expect(client.driver.tick?.(1100)).toBe(undefined)
    expect(client.sends()).toMatchObject([{ type: 'tx.commit' }])
  })
})

describe('logging in', () => {
  test('by SCRAM, in steps; a signature comes as one of them [RFC 5802]', async () => {
    const server = new ScramServer('sha256', 'pw')
    const client = driving({ user: 'ann', password: 'pw', settings: { mechanism: 'SCRAM-SHA-256' } })
    client.driver.start()
    client.hears(start)
    const [, startOk] = client.sends() as [AmqpFrame, MethodOf<'connection.start-ok'>]
    const { user, challenge } = server.first(startOk.response)
    expect([startOk.mechanism, user]).toEqual(['SCRAM-SHA-256', 'ann'])
    const worked = client.worked()
    client.hears(method('connection.secure', { challenge }))
    await worked
    const [{ response }] = client.sends() as [MethodOf<'connection.secure-ok'>]
    client.hears(method('connection.secure', { challenge: server.final(response) as Uint8Array }))
    expect(client.sends()).toMatchObject([{ type: 'connection.secure-ok', response: new Uint8Array(0) }])
    client.hears(tune())
    expect(client.sends()).toMatchObject([{ type: 'connection.tune-ok' }, { type: 'connection.open' }])
  })

  test('a server that did not prove itself is told nothing more', () => {
    const client = driving({ user: 'ann', password: 'pw', settings: { mechanism: 'SCRAM-SHA-256' } })
    client.driver.start()
    client.hears(start)
    client.sends()
    client.hears(tune())
    expect(client.sends()).toEqual([])
    expect(client.tells()).toEqual([['failed', expect.stringContaining('does not prove')]])
  })

  test('a token that is renewed is told; where it is renewed too early, once all is agreed', () => {
    const client = ready({ password: 'one', token: true })
    client.driver.renew?.('two')
    expect(client.sends()).toMatchObject([{ type: 'connection.update-secret', newSecret: utf8('two') }])
    client.hears(method('connection.update-secret-ok'))
    expect(client.tells()).toEqual([])

    const early = driving({ password: 'one', token: true, publishes: false })
    early.driver.start()
    early.hears(start)
    early.driver.renew?.('two')
    early.sends()
    early.hears(tune())
    expect(agree(early).at(-1)).toMatchObject({ type: 'connection.update-secret', newSecret: utf8('two') })
    expect(early.tells()).toEqual([['ready']])
  })

  test('who leaves renews nothing', () => {
    const client = ready({ password: 'one', token: true })
    client.driver.leave()
    client.sends()
    client.driver.renew?.('two')
    expect(client.sends()).toEqual([])
  })
})

describe('publishing', () => {
  test('a message is a method, a header and its body', () => {
    const settings = { persistent: true, priority: 3, expiration: 5000, mandatory: true }
    const client = ready({ settings })
    client.publishes('q', 'hello', { contentType: 'text/plain', replyTo: 'r', headers: { region: 'eu' } })
    const frames = client.sends()
    expect(frames).toMatchObject([
      { type: 'basic.publish', channel: PUBLISHING, exchange: '', routingKey: 'q', mandatory: true },
      {
        type: 'header',
        bodySize: 5,
        properties: { contentType: 'text/plain', replyTo: 'r', deliveryMode: 2, priority: 3, expiration: '5000' },
      },
      { type: 'body', body: utf8('hello') },
    ])
    expect((frames[1] as { properties: { headers: Table } }).properties.headers).toEqual(Table.of({ region: 'eu' }))
  })

  test('properties that are the same of all messages', () => {
    const said = { type: 't', messageId: 'm', correlationId: 'c', replyTo: 'r', userId: 'u', appId: 'a' }
    const client = ready({ settings: { ...said, contentEncoding: 'gzip', timestamp: 1_700_000_000 } })
    client.publishes('q', 'hello')
    const properties = { ...said, contentEncoding: 'gzip', timestamp: 1_700_000_000, deliveryMode: 1 }
    expect(client.sends()[1]).toMatchObject({ type: 'header', properties })
    client.publishes('q', 'hello', { replyTo: 'mine' })
    expect(client.sends()[1]).toMatchObject({ properties: { replyTo: 'mine' } })
  })

  test('a message may have properties otherwise than the rest', () => {
    const client = ready({ settings: { persistent: true, priority: 3 } })
    client.publishes('q', 'hello', { settings: { persistent: false, priority: 4, mandatory: true } })
    expect(client.sends().slice(0, 2)).toMatchObject([
      { mandatory: true },
      { properties: { deliveryMode: 1, priority: 4 } },
    ])
  })

  test('the body can be stamped in the outbox', () => {
    const client = ready()
    client.publishes('q', '....')
    client.outbox.view.setUint32(client.outbox.bodyAt, 0x77777777)
    expect(client.sends().at(-1)).toMatchObject({ body: utf8('wwww') })
  })

  test('a body larger than a frame takes several; one of nothing takes none [4.2.6.2]', () => {
    const client = ready({}, tune(0, 4096))
    client.publishes('q', 'x'.repeat(10_000))
    const bodies = client.sends().slice(2) as { body: Uint8Array }[]
    expect(bodies.map(({ body }) => body.length)).toEqual([4088, 4088, 1824])
    client.publishes('q', '')
    expect(client.sends().map(({ type }) => type)).toEqual(['basic.publish', 'header'])
  })

  test('confirms answer one, or all before it too; nacks refuse', () => {
    const client = ready({ inFlight: 8 })
    for (let sent = 0; sent < 6; sent++) expect(client.publishes('q', 'x')).toBe(sent)
    expect(client.driver.room).toBe(2)
    client.hears(method('basic.ack', { deliveryTag: 2 }))
    client.hears(method('basic.ack', { deliveryTag: 3, multiple: true }))
    client.hears(method('basic.nack', { deliveryTag: 5, multiple: true }))
    client.hears(method('basic.ack', { deliveryTag: 2 }), method('basic.ack', { deliveryTag: 99 }))
    expect(client.tells()).toEqual([
      ['answered', 1, 'accepted'],
      ['answered', 0, 'accepted'],
      ['answered', 2, 'accepted'],
      ['answered', 3, 'refused'],
      ['answered', 4, 'refused'],
    ])
    expect(client.driver.room).toBe(7)
  })

  test('a confirm of all that ever was is of what there is', () => {
    const client = ready()
    client.publishes('q', 'x')
    client.hears(method('basic.ack', { deliveryTag: 2 ** 53, multiple: true }))
    expect(client.tells()).toEqual([['answered', 0, 'accepted']])
  })

  test('without confirms there is no answer, and no end of room', () => {
    const client = ready({ settings: { confirms: false } })
    expect(client.publishes('q', 'x')).toBe(-1)
    expect(client.driver.room).toBe(Number.POSITIVE_INFINITY)
  })

  test('what no queue gets comes back, and is confirmed besides', () => {
    const client = ready({ settings: { exchange: 'e', mandatory: true } })
    client.publishes('nobody', 'hello')
    client.hears(method('basic.return', { replyCode: 312, replyText: 'NO_ROUTE' }), ...content('hello'))
    client.hears(method('basic.ack', { deliveryTag: 1 }))
    expect(client.tells()).toEqual([
      ['returned', 'hello'],
      ['answered', 0, 'accepted'],
    ])
  })

  test('nothing may be published while the broker asks not to', () => {
    const client = ready()
    client.hears(method('connection.blocked', { reason: 'low on memory' }))
    expect(client.driver.room).toBe(0)
    client.hears(method('connection.unblocked'))
    expect(client.driver.room).toBe(16)
    client.hears(method('channel.flow', { active: false }))
    expect(client.driver.room).toBe(0)
    client.hears(method('channel.flow', { active: true }))
    expect(client.tells()).toEqual([
      ['blocked', 'low on memory'],
      ['unblocked'],
      ['blocked', 'channel.flow'],
      ['unblocked'],
    ])
    expect(client.sends()).toMatchObject([
      { type: 'channel.flow-ok', active: false },
      { type: 'channel.flow-ok', active: true },
    ])
  })
})

describe('consuming', () => {
  const consuming: Partial<DriveOptions> = { sources: ['q', 'p'], settles: true }

  test('a delivery: where its body is, which source, where the answer goes', () => {
    const client = ready(consuming)
    client.hears(deliver(1), ...content('hello', { replyTo: 'r' }, CONSUMING))
    client.hears(deliver(2, { consumerTag: 'c1', redelivered: true }), ...content('', {}, CONSUMING))
    expect(client.deliveries()).toEqual([
      { id: 1, text: 'hello', size: 5, source: 0, redelivered: false, replyTo: 'r' },
      { id: 2, text: '', size: 0, source: 1, redelivered: true, replyTo: undefined },
    ])
  })

  test('a body of several frames is delivered by its front, in split packets too', () => {
    const client = ready(consuming)
    const frames = [deliver(1), ...content(['x'.repeat(3000), 'y'.repeat(3000)], {}, CONSUMING)]
    const bytes = Buffer.concat(frames.map(frame => client.encoded(frame)))
    client.hearsBytes(Buffer.concat([bytes, bytes]), 777)
    const text = 'x'.repeat(3000) + 'y'.repeat(1096)
    expect(client.deliveries()).toMatchObject([
      { text, size: 6000 },
      { text, size: 6000 },
    ])
  })

  test('a body that is longer than its header said ends where that did', () => {
    const client = ready(consuming)
    const [header] = content('hello', {}, CONSUMING)
    const body = (text: string): AmqpFrame => ({ type: 'body', channel: CONSUMING, body: utf8(text) })
    client.hears(deliver(1), header!, body('hello, and more'), body('and more'))
    expect(client.deliveries()).toMatchObject([{ text: 'hello', size: 5 }])
  })

  test('frames of channels may be mixed: what comes back is not what is delivered [4.2.6]', () => {
    const client = ready(consuming)
    const [header, body] = content('delivered', {}, CONSUMING)
    const [header1, body1] = content('returned')
    client.hears(deliver(1), header!, method('basic.return'), header1!, body!, body1!)
    expect(client.tells()).toEqual([
      ['delivered', expect.objectContaining({ text: 'delivered' })],
      ['returned', 'returned'],
    ])
  })

  test.each([
    ['accept', { type: 'basic.ack' }],
    ['reject', { type: 'basic.nack', requeue: false }],
    ['release', { type: 'basic.nack', requeue: true }],
  ] as const)('%s is %j', (how, frame) => {
    const client = ready(consuming)
    client.driver.settle(7, how, false)
    client.driver.settle(0x1_0000_0001, how, true)
    expect(client.sends()).toMatchObject([
      { ...frame, channel: CONSUMING, deliveryTag: 7, multiple: false },
      { ...frame, deliveryTag: 0x1_0000_0001, multiple: true },
    ])
  })

  test('a consumer whose queue goes, or a channel that is closed, ends it', () => {
    const client = ready(consuming)
    client.hears(method('basic.cancel', { channel: CONSUMING, consumerTag: 'c0' }))
    client.hears(method('channel.close', { channel: CONSUMING, replyCode: 406, replyText: 'PRECONDITION_FAILED' }))
    expect(client.tells()).toEqual([
      ['failed', 'consumer c0 was cancelled: its queue is gone'],
      ['failed', '406 PRECONDITION_FAILED'],
    ])
    expect(client.sends()).toMatchObject([{ type: 'channel.close-ok', channel: CONSUMING }])
  })
})

test('answers come to a queue that the broker names, and go to a queue whatever messages go to', () => {
  const asking = ready({ requests: true, sources: ['q'] })
  expect(asking.driver.replyTo).toBe('amq.gen-1')
  asking.hears(deliver(1, { consumerTag: 'r' }), ...content('answer', {}, CONSUMING))
  expect(asking.deliveries()).toMatchObject([{ source: -1, text: 'answer' }])
  const answering = ready({ settings: { exchange: 'e' } })
  expect(answering.driver.replyTo).toBeUndefined()
  answering.publishes('amq.gen-1', 'answer', { answers: true })
  expect(answering.sends()[0]).toMatchObject({ type: 'basic.publish', exchange: '', routingKey: 'amq.gen-1' })
})

test('leaving closes the connection', () => {
  const client = ready()
  client.driver.leave()
  expect(client.sends()).toMatchObject([{ type: 'connection.close', replyCode: 200 }])
  client.hears(method('connection.close-ok'))
  expect(client.tells()).toEqual([['left']])
})

test('who acknowledged closes channels before the connection, so that what is on its way there is read', () => {
  const client = ready({ sources: ['q'], settles: true, settings: { channels: 2 } })
  client.driver.leave()
  expect(client.sends()).toMatchObject([
    { type: 'channel.close', channel: 3, replyCode: 200 },
    { type: 'channel.close', channel: 4 },
  ])
  client.hears(method('channel.close-ok', { channel: 4 }))
  expect(client.sends()).toEqual([])
  client.hears(method('channel.close-ok', { channel: 3 }))
  expect(client.sends()).toMatchObject([{ type: 'connection.close', replyCode: 200 }])
  client.hears(method('connection.close-ok'))
  expect(client.tells()).toEqual([['left']])
})

test('what comes while it leaves is not ours if it would have to be acknowledged [1.4.2.10]', () => {
  for (const settles of [true, false]) {
    const client = ready({ sources: ['q'], settles })
    client.driver.leave()
    client.sends()
    client.hears(deliver(1), ...content('x', {}, CONSUMING))
    client.driver.settle(1, 'accept', false)
    expect(client.deliveries()).toHaveLength(settles ? 0 : 1)
    expect(client.sends()).toEqual([])
  }
})

describe('what goes where', () => {
  const { shares, reaches } = amqp091.drive!

  test('a queue is shared; what is bound to an exchange has a queue of its own, unless it is named', () => {
    expect(shares('q', {})).toBe(true)
    expect(shares('k', { exchange: 'e' })).toBe(false)
    expect(shares('k', { exchange: 'e', queue: 'q' })).toBe(true)
  })

  test.each([
    [{}, 'q', 'q', true],
    [{}, 'q', 'p', false],
    [{ exchange: 'e', exchangeType: 'fanout' }, 'a', 'b', true],
    [{ exchange: 'e', exchangeType: 'topic' }, 'a.b', 'a.*', true],
    [{ exchange: 'e', exchangeType: 'topic' }, 'a.b', 'b.*', false],
    [{ exchange: 'e', exchangeType: 'direct' }, 'a.b', 'a.*', false],
  ])('%j: %s to %s %s', (settings, destination, source, expected) => {
    expect(reaches(destination, source, settings as DriveOptions['settings'])).toBe(expected)
  })
})

describe('where a message went, as a client publishes to it', () => {
  test.each([
    [
      { exchange: '', routingKey: 'orders' },
      { destination: 'orders', settings: {} },
    ],
    [
      { exchange: 'x', routingKey: 'a.b', queue: 'q' },
      { destination: 'a.b', settings: { exchange: 'x' } },
    ],
    [
      { exchange: 'fan', routingKey: '' },
      { destination: '', settings: { exchange: 'fan' } },
    ],
    [{ exchange: '', routingKey: 'amq.gen-Qo0OxmWL' }, undefined],
    [{ exchange: 'x', routingKey: { base64: '/w==' } }, undefined],
    [{}, undefined],
  ])('%j: %j', (destination, target) => expect(amqp091.drive?.target?.(destination)).toEqual(target))
})

describe('several channels', () => {
  const several = { settings: { channels: 2 } }

  test('are published on in turn, and confirm by counts of their own', () => {
    const client = ready({ ...several, inFlight: 8 })
    for (const slot of [0, 4, 1, 5]) expect(client.publishes('q', 'x')).toBe(slot)
    const channels = client.sends().map(frame => (frame as { channel: number }).channel)
    expect(channels).toEqual([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2])
    client.hears(method('basic.ack', { channel: 2, deliveryTag: 2, multiple: true }))
    client.hears(method('basic.nack', { channel: 1, deliveryTag: 2 }))
    expect(client.tells()).toEqual([
      ['answered', 4, 'accepted'],
      ['answered', 5, 'accepted'],
      ['answered', 1, 'refused'],
    ])
    // A slot is free once all before it on its channel are answered.
    expect(client.driver.room).toBe(6)
  })

  test('where one is full, the other is published on', () => {
    const client = ready({ ...several, inFlight: 4 })
    for (let sent = 0; sent < 4; sent++) client.publishes('q', 'x')
    expect(client.driver.room).toBe(0)
    client.hears(method('basic.ack', { channel: 2, deliveryTag: 1 }))
    client.sends()
    expect(client.driver.room).toBe(1)
    expect(client.publishes('q', 'x')).toBe(2)
    expect(client.sends()[0]).toMatchObject({ type: 'basic.publish', channel: 2 })
  })

  test('have a consumer of each source, and acknowledge each what came on it', () => {
    const client = ready({ ...several, publishes: false, sources: ['q'], settles: true })
    for (const [channel, deliveryTag] of [
      [3, 1],
      [4, 1],
      [3, 2],
      [4, 2],
    ] as const) {
      client.hears(deliver(deliveryTag, { channel }), ...content('x', {}, channel))
    }
    expect(client.deliveries()).toMatchObject([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }])
    client.driver.settle(2, 'release', false)
    client.driver.settle(3, 'accept', true)
    client.driver.settle(4, 'reject', false)
    expect(client.sends()).toMatchObject([
      { type: 'basic.nack', channel: 4, deliveryTag: 1, requeue: true },
      { type: 'basic.ack', channel: 3, deliveryTag: 2, multiple: true },
      { type: 'basic.nack', channel: 4, deliveryTag: 2, requeue: false },
    ])
  })

  test('share the queue that a source has at an exchange', () => {
    const settings = { channels: 2, exchange: 'e', exchangeType: 'topic' }
    const asked = asks({ publishes: false, sources: ['#'], settings, clientId: 'me' })
    const consumed = asked.filter(({ type }) => type === 'basic.consume')
    expect(consumed).toMatchObject([
      { channel: 3, queue: 'me.0' },
      { channel: 4, queue: 'me.0' },
    ])
  })
})
