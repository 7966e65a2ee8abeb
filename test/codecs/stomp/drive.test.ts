import { describe, expect, test } from 'vitest'
import type { DriveOptions } from '../../../codecs/core/index.ts'
import { type Context, type StompFrame, stomp } from '../../../codecs/stomp/index.ts'
import { Driving } from '../driving.ts'

class Stomp extends Driving<StompFrame, Context> {
  constructor(options: Partial<DriveOptions> = {}) {
    super(stomp, { version: '1.2' }, options)
  }

  /** STOMP is text: what was sent reads like it. */
  says(): string {
    const bytes = this.bytes()
    return new TextDecoder().decode(bytes[0] ?? new Uint8Array(0)).replaceAll('\0', '^@')
  }

  frame(...lines: readonly string[]): this {
    return this.hearsBytes(`${lines.join('\n')}\0`)
  }
}

const text = (...lines: readonly string[]): string => `${lines.join('\n')}^@`

/** A client that is ready; what led there is out of the way. */
function ready(options: Partial<DriveOptions> = {}, version = options.version ?? '1.2'): Stomp {
  const client = new Stomp(options)
  client.driver.start()
  client.sends()
  client.frame('CONNECTED', ...(version === '1.0' ? [] : [`version:${version}`]), '', '')
  client.sends()
  for (const _ of options.sources ?? []) client.frame('RECEIPT', 'receipt-id:subscribed', '', '')
  expect(client.tells()).toEqual([['ready']])
  return client
}

describe('opening', () => {
  test('CONNECT says which version, whose host, who, and how often it can be heard', () => {
    const client = new Stomp({ user: 'ann', password: 'a:b', virtualHost: 'v', keepAlive: 10 })
    client.driver.start()
    expect(client.says()).toBe(
      text(
        'CONNECT',
        'accept-version:1.2',
        'host:v',
        'heart-beat:10000,10000',
        'login:ann',
        'passcode:a:b',
        'client-id:c',
        '',
        '',
      ),
    )
    expect(client.driver.keepAlive).toBeUndefined()
    client.frame('CONNECTED', 'version:1.2', 'heart-beat:0,30000', '', '')
    expect(client.tells()).toEqual([['ready']])
    expect(client.driver.keepAlive).toBe(15_000)
    client.driver.alive()
    expect(client.says()).toBe('\n')
  })

  test('a server that wants no heart-beats gets none; nor does one that was offered none', () => {
    for (const [keepAlive, heartBeat] of [
      [10, '10000,0'],
      [0, '10000,10000'],
    ] as const) {
      const client = new Stomp({ keepAlive })
      client.driver.start()
      client.frame('CONNECTED', 'version:1.2', `heart-beat:${heartBeat}`, '', '')
      expect(client.driver.keepAlive).toBeUndefined()
    }
  })

  test('STOMP 1.0 knows neither versions nor hosts nor heart-beats', () => {
    const client = new Stomp({ version: '1.0', user: 'ann', keepAlive: 10 })
    client.driver.start()
    expect(client.says()).toBe(text('CONNECT', 'login:ann', 'client-id:c', '', ''))
    client.frame('CONNECTED', '', '')
    expect(client.tells()).toEqual([['ready']])
  })

  test('it is ready when all subscriptions have their receipts', () => {
    const client = new Stomp({ sources: ['/queue/a', '/topic/b:c'], settles: true, credit: 50 })
    client.driver.start()
    client.says()
    client.frame('CONNECTED', 'version:1.2', '', '')
    const prefetch = ['prefetch-count:50', 'activemq.prefetchSize:50', '', '']
    const ack = ['ack:client-individual', 'receipt:subscribed']
    expect(client.says()).toBe(
      text('SUBSCRIBE', 'id:0', 'destination:/queue/a', ...ack, ...prefetch) +
        text('SUBSCRIBE', 'id:1', 'destination:/topic/b\\cc', ...ack, ...prefetch),
    )
    client.frame('RECEIPT', 'receipt-id:subscribed', '', '')
    expect(client.tells()).toEqual([])
    client.frame('RECEIPT', 'receipt-id:subscribed', '', '')
    expect(client.tells()).toEqual([['ready']])
  })

  test('other headers of subscriptions', () => {
    const settings = { ack: 'client', selector: 'a = 1', subscribeHeaders: 'durable=true, x-queue-type=quorum' }
    const client = new Stomp({ sources: ['/queue/a'], settles: true, settings })
    client.driver.start()
    client.frame('CONNECTED', 'version:1.2', '', '')
    expect(client.sends().at(-1)).toMatchObject({
      type: 'SUBSCRIBE',
      ack: 'client',
      headers: {
        entries: expect.arrayContaining(
          [
            ['selector', 'a = 1'],
            ['durable', 'true'],
            ['x-queue-type', 'quorum'],
          ].map(([name, value]) => expect.objectContaining({ name, value })),
        ),
      },
    })
  })

  test('what need not be settled is not asked to be acknowledged', () => {
    const client = new Stomp({ sources: ['/queue/a'] })
    client.driver.start()
    client.frame('CONNECTED', 'version:1.2', '', '')
    expect(client.sends().at(-1)).toMatchObject({ type: 'SUBSCRIBE', ack: 'auto' })
  })

  test('a refusal, in the words of the server', () => {
    const client = new Stomp()
    client.driver.start()
    client.frame('ERROR', 'message:Bad CONNECT', '', "Access refused for user 'ann'\n")
    expect(client.tells()).toEqual([['failed', "Bad CONNECT: Access refused for user 'ann'"]])
  })

  test('a version that nobody has', () => {
    const client = new Stomp()
    client.driver.start()
    client.frame('CONNECTED', 'version:2.0', '', '')
    expect(client.tells()).toEqual([['failed', 'the server speaks STOMP 2.0']])
  })
})

describe('publishing', () => {
  test('each message has its number as receipt, patched into the plate', () => {
    const client = ready({ settings: { persistent: true, priority: 4 } })
    const plate = client.driver.plate({
      destination: '/queue/a',
      body: new TextEncoder().encode('h\0llo'),
      contentType: 'text/plain',
      replyTo: '/queue/r',
      headers: { 'a:b': 'c\nd' },
    })
    const lines = [
      'destination:/queue/a',
      'content-type:text/plain',
      'reply-to:/queue/r',
      'persistent:true',
      'priority:4',
      'a\\cb:c\\nd',
      'content-length:5',
      '',
      'h^@llo',
    ]
    expect(client.driver.publish(plate)).toBe(0)
    expect(client.says()).toBe(text('SEND', 'receipt:0000000000', ...lines))
    for (let more = 1; more < 12; more++) client.driver.publish(plate)
    client.says()
    client.driver.publish(plate)
    expect(client.says()).toBe(text('SEND', 'receipt:0000000012', ...lines))
  })

  test('the body can be stamped in the outbox', () => {
    const client = ready()
    client.publishes('/queue/a', '....')
    client.outbox.view.setUint32(client.outbox.bodyAt, 0x77777777)
    expect(client.says()).toMatch(/\n\nwwww\^@$/)
  })

  test('receipts answer in whatever order they come; room is what is asked for', () => {
    const client = ready({ inFlight: 3 })
    expect([0, 1, 2].map(() => client.publishes('/queue/a', 'x'))).toEqual([0, 1, 2])
    expect(client.driver.room).toBe(0)
    client.frame('RECEIPT', 'receipt-id:0000000001', '', '').frame('RECEIPT', 'receipt-id:0000000000', '', '')
    expect(client.tells()).toEqual([
      ['answered', 1, 'accepted'],
      ['answered', 0, 'accepted'],
    ])
    expect(client.driver.room).toBe(2)
    // None is answered twice, and none that was not sent.
    client.frame('RECEIPT', 'receipt-id:0000000001', '', '').frame('RECEIPT', 'receipt-id:0000000099', '', '')
    expect(client.tells()).toEqual([])
  })

  test('receipts that come split, or with CR LF [STOMP 1.2, STOMP Frames]', () => {
    const client = ready()
    client.publishes('/queue/a', 'x')
    client.publishes('/queue/a', 'x')
    client.hearsBytes('RECEIPT\r\nreceipt-id:0000000000\r\n\r\n\0\nRECEIPT\nreceipt-id:0000000001\n\n\0\n', 1)
    expect(client.tells()).toEqual([
      ['answered', 0, 'accepted'],
      ['answered', 1, 'accepted'],
    ])
  })

  test('without receipts there is no answer, and no end of room', () => {
    const client = ready({ settings: { confirms: false } })
    expect(client.publishes('/queue/a', 'x')).toBe(-1)
    expect(client.says()).toBe(text('SEND', 'destination:/queue/a', 'content-length:1', '', 'x'))
    expect(client.driver.room).toBe(Number.POSITIVE_INFINITY)
  })

  test('an ERROR that has the receipt of a message refuses it, and ends all', () => {
    const client = ready()
    client.publishes('/exchange/none', 'x')
    client.frame('ERROR', 'message:not_found', 'receipt-id:0000000000', '', '')
    expect(client.tells()).toEqual([
      ['answered', 0, 'refused'],
      ['failed', 'not_found'],
    ])
  })
})

const message = (id: string, body = 'x', source = 0): string[] => [
  'MESSAGE',
  `subscription:${source}`,
  `message-id:m-${id}`,
  `ack:a-${id}`,
  'destination:/queue/a',
  '',
  body,
]

const MODES = [
  ['1.2', ['id:a-1']],
  ['1.1', ['subscription:0', 'message-id:m-1']],
  ['1.0', ['message-id:m-1']],
] as const

describe('consuming', () => {
  const consuming: Partial<DriveOptions> = { sources: ['/queue/a', '/queue/b'], settles: true }

  test('a delivery: where its body is, which source, where the answer goes', () => {
    const client = ready(consuming)
    client.hearsBytes(
      'MESSAGE\nsubscription:1\nmessage-id:m\nack:a\nredelivered:true\nreply-to:/queue/r\\cs\ndestination:d\n' +
        'content-length:5\nsubscription:0\n\nh\0llo\0',
      7,
    )
    expect(client.tells()).toEqual([
      ['delivered', { id: 0, text: 'h\0llo', size: 5, source: 1, redelivered: true, replyTo: '/queue/r:s' }],
    ])
    client.frame(...message('1', ''))
    expect(client.tells()).toMatchObject([['delivered', { text: '', size: 0, source: 0, redelivered: false }]])
  })

  test.each(MODES)('STOMP %s acknowledges by %j', (version, names) => {
    const client = ready({ ...consuming, version })
    client.frame(...message('1'))
    client.driver.settle(0, 'accept', false)
    expect(client.says()).toBe(text('ACK', ...names, '', ''))
    // Once.
    client.driver.settle(0, 'accept', false)
    expect(client.says()).toBe('')
  })

  test('one by one: a delivery and all before it, of whatever source', () => {
    const client = ready(consuming)
    for (const id of ['0', '1']) client.frame(...message(id))
    client.frame(...message('2', 'x', 1))
    client.frame(...message('3'))
    client.driver.settle(1, 'accept', false)
    client.driver.settle(3, 'accept', true)
    expect(client.says()).toBe(['a-1', 'a-0', 'a-2', 'a-3'].map(id => text('ACK', `id:${id}`, '', '')).join(''))
  })

  test('in mode `client` one speaks for all before it, of its subscription', () => {
    const client = ready({ ...consuming, settings: { ack: 'client' } })
    for (const id of ['0', '1']) client.frame(...message(id))
    for (const id of ['2', '3']) client.frame(...message(id, 'x', 1))
    client.frame(...message('4'))
    client.driver.settle(1, 'accept', false)
    client.driver.settle(0, 'accept', false)
    client.driver.settle(4, 'accept', true)
    client.driver.settle(2, 'accept', false)
    expect(client.says()).toBe(['a-1', 'a-4', 'a-3'].map(id => text('ACK', `id:${id}`, '', '')).join(''))
  })

  test('NACK rejects or gives back, where there is such a thing', () => {
    const client = ready(consuming)
    for (const id of ['0', '1']) client.frame(...message(id))
    client.driver.settle(0, 'reject', false)
    client.driver.settle(1, 'release', false)
    expect(client.says()).toBe(
      text('NACK', 'requeue:false', 'id:a-0', '', '') + text('NACK', 'requeue:true', 'id:a-1', '', ''),
    )
    const old = ready({ ...consuming, version: '1.0' })
    old.frame(...message('0'))
    old.driver.settle(0, 'reject', false)
    expect(old.says()).toBe(text('ACK', 'message-id:m-0', '', ''))
  })

  test('thousands that are not settled are all remembered', () => {
    const client = ready(consuming)
    const count = 3000
    for (let id = 0; id < count; id++) client.frame(...message(String(id)))
    // Each third is left for the end, so that what is kept has holes when it moves.
    for (let id = 0; id < count; id++) if (id % 3 > 0) client.driver.settle(id, 'accept', false)
    client.says()
    for (let id = count; id < 2 * count; id++) client.frame(...message(String(id)))
    client.driver.settle(2 * count - 1, 'accept', true)
    const said = client.says().matchAll(/id:a-(\d+)/g)
    expect(Array.from(said, ([, id]) => Number(id))).toEqual(
      Array.from({ length: 2 * count }, (_, id) => id).filter(id => id >= count || id % 3 === 0),
    )
  })

  test('a delivery that cannot be acknowledged ends it', () => {
    const client = ready(consuming)
    client.frame('MESSAGE', 'subscription:0', 'message-id:m', 'destination:d', '', 'x')
    expect(client.tells()).toEqual([['failed', 'a message came that cannot be acknowledged']])
  })

  test('without settling, deliveries just come', () => {
    const client = ready({ sources: ['/topic/a'] })
    client.frame('MESSAGE', 'subscription:0', 'message-id:m', 'destination:d', '', 'x')
    client.driver.settle(-1, 'accept', true)
    expect(client.tells()).toMatchObject([['delivered', { id: -1, text: 'x' }]])
    expect(client.says()).toBe('')
  })
})

describe('request and reply', () => {
  const asking: Partial<DriveOptions> = { requests: true, settles: true }

  test('answers come to a queue of the connection, and are not acknowledged', () => {
    const client = new Stomp(asking)
    client.driver.start()
    client.says()
    client.frame('CONNECTED', 'version:1.2', 'server:ActiveMQ/5.17.2', '', '')
    expect(client.says()).toBe(
      text('SUBSCRIBE', 'id:answers', 'destination:/temp-queue/replies-c', 'ack:auto', 'receipt:subscribed', '', ''),
    )
    expect(client.tells()).toEqual([])
    client.frame('RECEIPT', 'receipt-id:subscribed', '', '')
    expect(client.tells()).toEqual([['ready']])
    client.frame('MESSAGE', 'subscription:answers', 'message-id:m', 'destination:d', '', 'x')
    expect(client.deliveries()).toMatchObject([{ id: -1, source: -1, text: 'x' }])
  })

  test('RabbitMQ subscribes by itself, by the name in the reply-to', () => {
    const client = new Stomp(asking)
    client.driver.start()
    client.says()
    client.frame('CONNECTED', 'version:1.2', 'server:RabbitMQ/3.10.8', '', '')
    expect(client.says()).toBe('')
    expect(client.tells()).toEqual([['ready']])
    const { replyTo } = client.driver
    client.publishes('/queue/a', 'x', { replyTo })
    expect(client.says()).toContain('\nreply-to:/temp-queue/replies-c\n')
    client.frame('MESSAGE', `subscription:${replyTo}`, 'message-id:m', 'destination:d', '', 'x')
    expect(client.deliveries()).toMatchObject([{ id: -1, source: -1, text: 'x' }])
  })
})

test('leaving ends the subscriptions, and waits for the receipt of DISCONNECT', () => {
  const client = ready({ sources: ['/queue/a'] })
  client.driver.leave()
  expect(client.says()).toBe(
    text('UNSUBSCRIBE', 'id:0', 'destination:/queue/a', '', '') + text('DISCONNECT', 'receipt:leaving', '', ''),
  )
  client.frame('RECEIPT', 'receipt-id:leaving', '', '')
  expect(client.tells()).toEqual([['left']])
})

test('what comes while it leaves is not ours if it would have to be acknowledged', () => {
  const client = ready({ sources: ['/queue/a'], settles: true })
  client.frame(...message('0'))
  client.driver.leave()
  client.says()
  client.frame(...message('1'))
  client.driver.settle(0, 'accept', true)
  expect(client.deliveries()).toMatchObject([{ id: 0 }])
  expect(client.says()).toBe('')
  const auto = ready({ sources: ['/queue/a'] })
  auto.driver.leave()
  auto.frame(...message('0'))
  expect(auto.deliveries()).toHaveLength(1)
})

describe('what goes where', () => {
  const { shares, reaches } = stomp.drive!

  test('queues are shared, topics and exchanges are not', () => {
    const sources = ['/queue/a', '/amq/queue/a', '/topic/a', '/exchange/e/k', '/temp-topic/a', 'a']
    expect(sources.filter(source => shares(source, {}))).toEqual(['/queue/a', '/amq/queue/a', 'a'])
  })

  test.each([
    ['/queue/a', '/queue/a', true],
    ['/queue/a', '/queue/b', false],
    ['/queue/a', '/amq/queue/a', true],
    ['/topic/a.b', '/topic/a.*', true],
    ['/topic/a.b.c', '/topic/a.*', false],
    ['/topic/a.b.c', '/topic/a.>', true],
    ['/topic/a.b', '/exchange/amq.topic/a.#', true],
    ['/queue/a.b', '/queue/a.*', false],
  ])('%s comes to who subscribed to %s: %s', (destination, source, expected) => {
    expect(reaches(destination, source, {})).toBe(expected)
  })
})
