import { describe, expect, test } from 'vitest'
import type { SaslInit, SaslResponse } from '../../../codecs/amqp10/frames.ts'
import { type Amqp10Frame, amqp10, type Context, type Message, type Transfer } from '../../../codecs/amqp10/index.ts'
import { AmqpMap, Described, Scalar } from '../../../codecs/amqp10/value.ts'
import type { Deferred, DriveOptions } from '../../../codecs/core/index.ts'
import { Driving } from '../driving.ts'
import { ScramServer } from '../scram-server.ts'
import { context, packetOf } from './support.ts'
import { at, attach, begin, disposition, flow, transfer } from './talk.ts'

const header = (protocolId: number): Amqp10Frame => ({
  type: 'protocol-header',
  protocolId,
  major: 1,
  minor: 0,
  revision: 0,
})
const open = (more: object = {}): Amqp10Frame => ({ type: 'open', channel: 0, containerId: 's', ...more })
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const mechanisms = (...saslServerMechanisms: string[]): Amqp10Frame => ({
  type: 'sasl-mechanisms',
  saslServerMechanisms,
})
const error = { condition: 'amqp:not-found', description: 'no queue' }

const driving = (options: Partial<DriveOptions> = {}) => new Driving<Amqp10Frame, Context>(amqp10, context, options)

interface Peer {
  readonly open?: object
  readonly window?: number
  readonly credit?: number
  readonly nextOutgoingId?: number
}

/** A client that is ready; what led there is out of the way. */
function ready(options: Partial<DriveOptions> = {}, peer: Peer = {}) {
  const { destinations = [], sources = [], publishes = true, settings = {} } = options
  const client = driving(options)
  client.driver.start()
  client.sends()
  client.hears(header(3), mechanisms('ANONYMOUS', 'PLAIN'))
  client.sends()
  client.hears({ type: 'sasl-outcome', code: 0 })
  client.sends()
  client.hears(header(0), open(peer.open))
  client.sends()
  client.hears({ ...begin(0, 0, peer.nextOutgoingId ?? 0), incomingWindow: peer.window ?? 1000 } as Amqp10Frame)
  client.sends()
  const targets = publishes ? (settings.anonymous === true ? [undefined] : destinations) : []
  for (const [handle, address] of targets.entries()) {
    client.hears(
      attach(`c-${handle}`, 40 + handle, 'receiver', { target: address === undefined ? {} : at(address) }),
      flow(40 + handle, peer.credit ?? 100, { deliveryCount: 0, incomingWindow: peer.window ?? 1000 }),
    )
  }
  for (const [source, address] of sources.entries()) {
    const handle = targets.length + source
    client.hears(attach(`c-${handle}`, 40 + handle, 'sender', { source: at(address) }))
  }
  client.sends()
  expect(client.tells()).toEqual([['ready']])
  return client
}

const messageOf = (frame: Amqp10Frame | undefined): Message => ((frame as Transfer).message as Deferred<Message>).value
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('opening', () => {
  test('SASL, then AMQP; a session, then a link for each destination and each source', () => {
    const client = driving({
      user: 'ann',
      password: 'pw',
      keepAlive: 10,
      destinations: ['a', 'b'],
      sources: ['q'],
      settles: true,
    })
    client.driver.start()
    expect(client.sends()).toMatchObject([{ type: 'protocol-header', protocolId: 3, major: 1, minor: 0, revision: 0 }])
    client.hears(header(3), mechanisms('ANONYMOUS', 'PLAIN'))
    expect(client.sends()).toMatchObject([
      { type: 'sasl-init', mechanism: 'PLAIN', initialResponse: utf8('\0ann\0pw'), hostname: 'localhost' },
    ])
    client.hears({ type: 'sasl-outcome', code: 0 })
    expect(client.sends()).toMatchObject([
      { type: 'protocol-header', protocolId: 0 },
      { type: 'open', containerId: 'c', hostname: 'localhost', maxFrameSize: 1 << 20, idleTimeOut: 10_000 },
    ])
    client.hears(header(0), open({ idleTimeOut: 60_000 }))
    expect(client.driver.keepAlive).toBe(30_000)
    expect(client.sends()).toMatchObject([{ type: 'begin', nextOutgoingId: 0, incomingWindow: 0x7fff_ffff }])
    client.hears(begin(0, 0))
    expect(client.sends()).toMatchObject([
      { type: 'attach', name: 'c-0', handle: 0, role: 'sender', sndSettleMode: 0, target: { address: 'a' } },
      { type: 'attach', name: 'c-1', handle: 1, role: 'sender', target: { address: 'b' } },
      { type: 'attach', name: 'c-2', handle: 2, role: 'receiver', sndSettleMode: 0, source: { address: 'q' } },
    ])
    client.hears(attach('c-1', 0, 'receiver', { target: at('b') }), attach('c-0', 1, 'receiver', { target: at('a') }))
    expect(client.tells()).toEqual([])
    client.hears(attach('c-2', 2, 'sender', { source: at('q'), initialDeliveryCount: 7 }))
    expect(client.tells()).toEqual([['ready']])
    // Credit where nobody said how much.
    expect(client.sends()).toMatchObject([{ type: 'flow', handle: 2, deliveryCount: 7, linkCredit: 100 }])
    client.driver.alive()
    expect(client.sends()).toMatchObject([{ type: 'empty' }])
  })

  test('without a user it is ANONYMOUS; EXTERNAL says nothing of itself', () => {
    for (const [mechanism, options] of [
      ['ANONYMOUS', {}],
      ['EXTERNAL', { user: 'ann', settings: { mechanism: 'EXTERNAL' } }],
    ] as const) {
      const client = driving(options)
      client.driver.start()
      client.sends()
      client.hears(header(3), mechanisms('EXTERNAL', 'ANONYMOUS'))
      expect(client.sends()).toMatchObject([{ mechanism, initialResponse: new Uint8Array(0) }])
    }
  })

  test('a token is a password to PLAIN, whoever it is of', () => {
    const client = driving({ password: 'tok', token: true })
    client.driver.start()
    client.hears(header(3), mechanisms('PLAIN'))
    expect(client.sends()).toMatchObject([{}, { mechanism: 'PLAIN', initialResponse: utf8('\0token\0tok') }])
  })

  test('without SASL it begins with AMQP at once', () => {
    const client = driving({ settings: { mechanism: 'none' }, publishes: false })
    client.driver.start()
    expect(client.sends()).toMatchObject([{ type: 'protocol-header', protocolId: 0 }, { type: 'open' }])
    client.hears(header(0), open(), begin(0, 0))
    expect(client.tells()).toEqual([['ready']])
    expect(client.driver.keepAlive).toBeUndefined()
  })

  test('what addresses stand for is said as a capability; deliveries that are not settled are asked for settled', () => {
    const client = driving({ destinations: ['a'], sources: ['q'], settings: { node: 'topic', settled: true } })
    client.driver.start()
    client.hears(header(3), mechanisms('ANONYMOUS'), { type: 'sasl-outcome', code: 0 }, header(0), open())
    client.sends()
    client.hears(begin(0, 0))
    expect(client.sends()).toMatchObject([
      { role: 'sender', sndSettleMode: 1, target: { address: 'a', capabilities: ['topic'] } },
      { role: 'receiver', sndSettleMode: 1, source: { address: 'q', capabilities: ['topic'] } },
    ])
  })
})

describe('filters [3.5.8]', () => {
  const attached = (settings: DriveOptions['settings'], filter: object) => {
    const client = driving({ publishes: false, sources: ['q'], settings: { mechanism: 'none', ...settings } })
    client.driver.start()
    client.hears(header(0), open())
    client.sends()
    client.hears(begin(0, 0))
    const [asked] = client.sends()
    client.hears(attach('c-0', 40, 'sender', { source: { ...at('q'), ...filter } }))
    return [json((asked as { source: { filter: unknown } }).source.filter), client.tells()] as const
  }
  const filterOf = (name: string, value: Scalar) => ({
    filter: AmqpMap.fields({ [name]: new Described(Scalar.of('symbol', name), value) }),
  })
  const SELECTOR = 'apache.org:selector-filter:string'
  const OFFSET = 'rabbitmq:stream-offset-spec'

  test('a selector is a described string, and in place where the server says so', () => {
    const [asked, told] = attached({ selector: 'a = 1' }, filterOf(SELECTOR, Scalar.of('string', 'a = 1')))
    expect(asked).toEqual({ [SELECTOR]: { descriptor: SELECTOR, value: 'a = 1' } })
    expect(told).toEqual([['ready']])
  })

  test('where the server does not filter, nothing is as it was meant', () => {
    const [, told] = attached({ selector: 'a = 1' }, {})
    expect(told[0]).toEqual(['failed', `the server does not filter by ${SELECTOR}`])
  })

  test.each([
    ['first', Scalar.of('string', 'first')],
    ['1h', Scalar.of('string', '1h')],
    ['150', Scalar.of('ulong', 150)],
    ['2026-01-01T00:00:00Z', Scalar.of('timestamp', Date.UTC(2026, 0, 1))],
  ])('a stream is read from %s on', (streamOffset, value) => {
    const [asked, told] = attached({ streamOffset }, filterOf(OFFSET, value))
    expect(asked).toEqual({ [OFFSET]: { descriptor: OFFSET, value: json(value) } })
    expect(told).toEqual([['ready']])
  })
})

describe('logging in by SCRAM [5.3.2, RFC 5802]', () => {
  const options = { user: 'ann', password: 'pw', settings: { mechanism: 'SCRAM-SHA-512' } }

  /** Up to the proof that a client answers the challenge with. */
  async function challenged(password: string) {
    const client = driving(options)
    const server = new ScramServer('sha512', password)
    client.driver.start()
    client.hears(header(3), mechanisms('PLAIN', 'SCRAM-SHA-512'))
    const [, init] = client.sends() as [Amqp10Frame, SaslInit]
    const { user, challenge } = server.first(init.initialResponse as Uint8Array)
    expect([init.mechanism, user]).toEqual(['SCRAM-SHA-512', 'ann'])
    const worked = client.worked()
    client.hears({ type: 'sasl-challenge', challenge })
    await worked
    const [{ response }] = client.sends() as [SaslResponse]
    return { client, signature: server.final(response) }
  }

  test('the server proves itself with its outcome', async () => {
    const { client, signature } = await challenged('pw')
    client.hears({ type: 'sasl-outcome', code: 0, additionalData: signature as Uint8Array })
    expect(client.sends()).toMatchObject([{ type: 'protocol-header', protocolId: 0 }, { type: 'open' }])
    expect(client.tells()).toEqual([])
  })

  test('or with one more challenge', async () => {
    const { client, signature } = await challenged('pw')
    client.hears({ type: 'sasl-challenge', challenge: signature as Uint8Array })
    expect(client.sends()).toMatchObject([{ type: 'sasl-response', response: new Uint8Array(0) }])
    client.hears({ type: 'sasl-outcome', code: 0 })
    expect(client.sends()).toMatchObject([{ type: 'protocol-header', protocolId: 0 }, { type: 'open' }])
  })

  test('one that does not is told nothing more', async () => {
    const { client } = await challenged('pw')
    client.hears({ type: 'sasl-outcome', code: 0 })
    expect(client.sends()).toEqual([])
    expect(client.tells()).toEqual([['failed', expect.stringContaining('does not prove')]])
  })

  test('a server that knows another password sees that the proof is wrong', async () => {
    expect((await challenged('other')).signature).toBeUndefined()
  })
})

describe('refusals', () => {
  const refused: readonly [string, Partial<DriveOptions>, readonly Amqp10Frame[], string][] = [
    ['of the protocol', {}, [header(0)], 'the server wants AMQP without SASL'],
    ['for want of SASL', { settings: { mechanism: 'none' } }, [header(3)], 'the server wants SASL'],
    [
      'of the version',
      {},
      [{ type: 'protocol-header', protocolId: 0, major: 0, minor: 9, revision: 1 }],
      'the server wants AMQP 0.9.1',
    ],
    ['of the mechanism', {}, [header(3), mechanisms('PLAIN', 'X')], 'the server has PLAIN, X to log in, not ANONYMOUS'],
    [
      'of the user',
      { user: 'ann' },
      [header(3), mechanisms('PLAIN'), { type: 'sasl-outcome', code: 1 }],
      'not logged in: SASL outcome 1',
    ],
    [
      'of a token, which is told why',
      { password: 'tok', token: true, settings: { mechanism: 'XOAUTH2' } },
      [
        header(3),
        mechanisms('XOAUTH2'),
        { type: 'sasl-challenge', challenge: utf8('{"status":"401"}') },
        { type: 'sasl-outcome', code: 1 },
      ],
      'not logged in: SASL outcome 1: {"status":"401"}',
    ],
    [
      'by a challenge that nobody expects',
      { user: 'ann' },
      [header(3), mechanisms('PLAIN'), { type: 'sasl-challenge', challenge: utf8('?') }],
      'the server wants another step to log in',
    ],
    [
      'to be let in unasked',
      { user: 'ann' },
      [header(3), { type: 'sasl-outcome', code: 0 }],
      'the server lets us in before we logged in',
    ],
  ]
  test.each(refused)('%s', (_, options, frames, reason) => {
    const client = driving(options)
    client.driver.start()
    client.hears(...frames)
    expect(client.tells()).toEqual([['failed', reason]])
  })

  const ended: readonly [string, Amqp10Frame, object][] = [
    ['detach', { type: 'detach', channel: 0, handle: 40, closed: true, error }, { type: 'detach', handle: 0 }],
    ['end', { type: 'end', channel: 0, error }, { type: 'end' }],
    ['close', { type: 'close', channel: 0, error }, { type: 'close' }],
  ]
  test.each(ended)('a %s is answered in kind, and ends all', (_, frame, answer) => {
    const client = ready({ destinations: ['a'] })
    client.hears(frame)
    expect(client.sends()).toMatchObject([answer])
    expect(client.tells()).toEqual([['failed', 'amqp:not-found: no queue']])
  })

  test('a link that has no target is not attached; its detach says why [2.6.3]', () => {
    const client = driving({ destinations: ['a'], settings: { mechanism: 'none' } })
    client.driver.start()
    client.hears(header(0), open(), begin(0, 0), attach('c-0', 0, 'receiver', { target: undefined }))
    expect(client.tells()).toEqual([])
    client.hears({ type: 'detach', channel: 0, handle: 0, closed: true, error })
    expect(client.tells()).toEqual([['failed', 'amqp:not-found: no queue']])
  })

  test('a frame without what it must have', () => {
    const client = ready({ destinations: ['a'] })
    client.hearsBytes(Uint8Array.of(0, 0, 0, 12, 2, 0, 0, 0, 0x00, 0x53, 0x12, 0x45))
    expect(client.tells()).toEqual([['failed', 'it sent a malformed frame: attach has no name, handle, role']])
  })

  test('more links than the server has handles for', () => {
    const client = driving({ destinations: ['a', 'b', 'c'], settings: { mechanism: 'none' } })
    client.driver.start()
    client.hears(header(0), open(), { ...begin(0, 0), handleMax: 1 } as Amqp10Frame)
    expect(client.tells()).toEqual([['failed', 'the server has no more than 2 links in a session']])
  })
})

describe('publishing', () => {
  test('a message, with delivery-id and tag patched into the plate', () => {
    const client = ready({ destinations: ['a'], settings: { durable: true, priority: 7, ttl: 5000 } })
    const plate = client.driver.plate({
      destination: 'a',
      body: utf8('hello'),
      contentType: 'text/plain',
      replyTo: 'r',
      headers: { region: 'eu' },
    })
    expect([client.driver.publish(plate), client.driver.publish(plate)]).toEqual([0, 1])
    const frames = client.sends()
    expect(frames).toMatchObject([
      { type: 'transfer', handle: 0, deliveryId: 0, deliveryTag: Uint8Array.of(0, 0, 0, 0), messageFormat: 0 },
      { type: 'transfer', handle: 0, deliveryId: 1, deliveryTag: Uint8Array.of(0, 0, 0, 1), settled: false },
    ])
    expect(json(messageOf(frames[1]))).toMatchObject({
      header: { durable: true, priority: 7, ttl: 5000 },
      properties: { contentType: 'text/plain', replyTo: 'r' },
      applicationProperties: { region: 'eu' },
    })
    expect(new TextDecoder().decode(plate.bytes.subarray(plate.bodyAt))).toBe('hello')
  })

  test('properties that are the same of all messages', () => {
    const texts = { subject: 's', replyTo: 'r', groupId: 'g', contentEncoding: 'gzip' }
    const settings = { ...texts, messageId: 'm', correlationId: 'c', userId: 'u', creationTime: 1_700_000_000_000 }
    const client = ready({ destinations: ['q'], settings })
    client.publishes('q', 'hello')
    const { properties } = messageOf(client.sends()[0])
    expect(properties).toMatchObject({ ...texts, userId: utf8('u') })
    expect(json(properties)).toMatchObject({ messageId: 'm', correlationId: 'c', creationTime: expect.anything() })
  })

  test('the body can be stamped in the outbox, also of a message of several transfers', () => {
    for (const size of [4, 2000]) {
      const client = ready({ destinations: ['a'] }, { open: { maxFrameSize: 512 } })
      client.publishes('a', '.'.repeat(size))
      client.outbox.view.setUint32(client.outbox.bodyAt, 0x77777777)
      const [bytes] = client.bytes()
      expect(new TextDecoder('latin1').decode(bytes)).toMatch(size === 4 ? /wwww$/ : /[^.]wwww\.\./)
    }
  })

  test('a message larger than the frames of the peer takes several transfers', () => {
    const client = ready({ destinations: ['a'] }, { open: { maxFrameSize: 600 } })
    client.publishes('a', 'x'.repeat(1500))
    const frames = client.sends() as Transfer[]
    expect(frames.map(({ deliveryId, more }) => [deliveryId, more])).toEqual([
      [0, true],
      [undefined, true],
      [undefined, false],
    ])
    const payload = Buffer.concat(frames.map(({ payload }) => payload as Uint8Array))
    expect(payload.toString('latin1')).toMatch(/x{1500}$/)
    // All but the last are as large as they may be.
    expect(frames.slice(0, 2).map(frame => client.encoded(frame).length)).toEqual([600, 600])
  })

  test('outcomes answer, in ranges, whatever their order', () => {
    const client = ready({ destinations: ['a'] })
    for (let sent = 0; sent < 8; sent++) client.publishes('a', 'x')
    client.sends()
    client.hears(disposition('receiver', 2, { last: 4 }))
    client.hears(disposition('receiver', 0, { state: { type: 'rejected', error } }))
    client.hears(disposition('receiver', 1, { state: { type: 'released' } }))
    client.hears(disposition('receiver', 5, { state: { type: 'modified' } }))
    client.hears(disposition('receiver', 6, { state: undefined }))
    expect(client.tells()).toEqual([
      ['answered', 2, 'accepted'],
      ['answered', 3, 'accepted'],
      ['answered', 4, 'accepted'],
      ['answered', 0, 'refused'],
      ['answered', 1, 'unroutable'],
      ['answered', 5, 'refused'],
      ['answered', 6, 'accepted'],
    ])
    // Nothing of what is settled, is not sent, or is the peer's own.
    client.hears(disposition('receiver', 0, { last: 6 }), disposition('receiver', 100, { last: 200 }))
    client.hears(disposition('sender', 7))
    expect(client.tells()).toEqual([])
    expect(client.sends()).toEqual([])
  })

  test('an outcome that is not settled is settled by us [2.6.12]; a state that is none is not', () => {
    const client = ready({ destinations: ['a'] })
    client.publishes('a', 'x')
    client.publishes('a', 'x')
    client.sends()
    const received = { type: 'received', sectionNumber: 0, sectionOffset: 0 } as const
    client.hears(disposition('receiver', 0, { state: received, settled: false }))
    expect(client.tells()).toEqual([])
    client.hears(disposition('receiver', 0, { last: 1, settled: false }))
    expect(client.tells()).toHaveLength(2)
    expect(client.sends()).toMatchObject([
      { type: 'disposition', role: 'sender', first: 0, last: 1, settled: true, state: { type: 'accepted' } },
    ])
  })

  test('sent settled, nobody answers', () => {
    const client = ready({ destinations: ['a'], settings: { settled: true }, inFlight: 1 })
    expect([client.publishes('a', 'x'), client.publishes('a', 'x')]).toEqual([-1, -1])
    expect(client.sends()).toMatchObject([
      { deliveryId: 0, settled: true },
      { deliveryId: 1, settled: true },
    ])
    expect(client.driver.room).toBe(98)
  })

  test('a link for all destinations: messages say where they go', () => {
    const client = ready({ destinations: ['a', 'b'], settings: { anonymous: true } })
    client.publishes('a', 'x')
    client.publishes('c', 'x')
    const frames = client.sends()
    expect(frames).toMatchObject([{ handle: 0 }, { handle: 0 }])
    expect(frames.map(frame => messageOf(frame).properties?.to)).toEqual(['a', 'c'])
  })
})

describe('destinations that were not known', () => {
  test('have a link as they come; the first message waits for its credit, stamp and all, and all others for it', () => {
    const client = ready({ destinations: ['a'], sources: ['q'], settles: true })
    client.hears(transfer(41, 0))
    client.publishes('a', 'before')
    expect(client.publishes('b', '....')).toBe(1)
    client.outbox.view.setUint32(client.outbox.bodyAt, 0x77777777)
    client.driver.settle(0, 'accept', false)
    expect(client.sends()).toMatchObject([
      { type: 'transfer', handle: 0, deliveryId: 0 },
      { type: 'attach', handle: 2, role: 'sender', sndSettleMode: 0, target: { address: 'b' } },
      { type: 'disposition', first: 0 },
    ])
    expect(client.driver.room).toBe(0)
    client.hears(flow(40, 100, { deliveryCount: 1, nextIncomingId: 1 }))
    expect(client.driver.room).toBe(0)
    client.hears(
      attach('c-2', 50, 'receiver', { target: at('b') }),
      flow(50, 5, { deliveryCount: 0, nextIncomingId: 1 }),
    )
    const [sent, ...more] = client.sends()
    expect(sent).toMatchObject({ type: 'transfer', handle: 2, deliveryId: 1 })
    expect(messageOf(sent).body?.sections).toMatchObject([{ value: utf8('wwww') }])
    expect(more).toEqual([])
    expect(client.driver.room).toBe(4)
    expect(client.publishes('b', 'next')).toBe(2)
    client.hears(disposition('receiver', 0, { last: 2 }))
    expect(client.tells().filter(([what]) => what === 'answered')).toHaveLength(3)
  })

  test('credit that comes at once lets it go with the rest', () => {
    const client = ready({ destinations: ['a'] })
    const plate = client.driver.plate({ destination: 'b', body: utf8('x') })
    client.sends()
    client.driver.publish(plate)
    client.driver.hear(packetOf(client.encoded(attach('c-1', 50, 'receiver', { target: at('b') }))))
    client.driver.hear(packetOf(client.encoded(flow(50, 5, { deliveryCount: 0 }))))
    expect(client.sends()).toMatchObject([{ type: 'transfer', handle: 1, deliveryId: 0 }])
    expect(client.driver.room).toBe(4)
  })
})

describe('room', () => {
  test('is what is asked for, what credit is left and what the session takes', () => {
    const client = ready({ destinations: ['a'], inFlight: 5 }, { credit: 3 })
    expect(client.driver.room).toBe(3)
    client.publishes('a', 'x')
    expect(client.driver.room).toBe(2)
    // The peer had seen nothing when it granted ten.
    client.hears(flow(40, 10, { deliveryCount: 0 }))
    expect(client.driver.room).toBe(4)
    client.hears(flow(40, 10, { deliveryCount: 1, nextIncomingId: 1, incomingWindow: 2 }))
    expect(client.driver.room).toBe(2)
    client.hears(flow(undefined, undefined, { nextIncomingId: 0, incomingWindow: 1 }))
    expect(client.driver.room).toBe(0)
  })

  test('with several links it is that of the one with the least credit', () => {
    const client = ready({ destinations: ['a', 'b'] }, { credit: 5 })
    client.publishes('b', 'x')
    expect(client.driver.room).toBe(4)
    client.hears(flow(41, 50, { deliveryCount: 1, nextIncomingId: 1 }))
    expect(client.driver.room).toBe(5)
  })

  test('of the session, a message takes as many transfers as it has', () => {
    const client = ready({ destinations: ['a'] }, { open: { maxFrameSize: 512 }, window: 10 })
    client.driver.plate({ destination: 'a', body: new Uint8Array(1200) })
    expect(client.driver.room).toBe(3)
  })

  test('credit that is drained is given up, and told [2.6.7]', () => {
    const client = ready({ destinations: ['a'] }, { credit: 5 })
    client.hears(flow(40, 5, { deliveryCount: 0, drain: true }))
    expect(client.driver.room).toBe(0)
    expect(client.sends()).toMatchObject([{ type: 'flow', handle: 0, deliveryCount: 5, linkCredit: 0, drain: true }])
  })

  test('who asks is told how things stand', () => {
    const client = ready({ destinations: ['a'], sources: ['q'] })
    client.publishes('a', 'x')
    client.sends()
    client.hears(flow(undefined, undefined, { echo: true, nextIncomingId: 1 }))
    client.hears(flow(40, 9, { deliveryCount: 1, echo: true, nextIncomingId: 1 }))
    client.hears(flow(41, undefined, { echo: true, nextIncomingId: 1 }))
    expect(client.sends()).toMatchObject([
      { type: 'flow', nextOutgoingId: 1, handle: undefined },
      { type: 'flow', handle: 0, deliveryCount: 1, linkCredit: 9 },
      { type: 'flow', handle: 1, linkCredit: 100 },
    ])
  })
})

describe('consuming', () => {
  const consuming: Partial<DriveOptions> = { publishes: false, sources: ['q', 'p'], settles: true, credit: 10 }

  test('a delivery: where its body is, which source, where the answer goes', () => {
    const client = ready(consuming)
    const payload = Uint8Array.of(
      ...[0x00, 0x53, 0x70, 0xc0, 7, 5, 0x40, 0x40, 0x40, 0x40, 0x52, 1],
      ...[0x00, 0x53, 0x73, 0xc0, 8, 5, 0x40, 0x40, 0x40, 0x40, 0xa1, 1, 0x72],
      ...[0x00, 0x53, 0x75, 0xa0, 5, ...utf8('hello')],
    )
    client.hears(transfer(41, 0, { payload }))
    expect(client.tells()).toEqual([
      ['delivered', { id: 0, text: 'hello', size: 5, source: 1, redelivered: true, replyTo: 'r' }],
    ])
    client.hears(transfer(40, 1))
    expect(client.tells()).toEqual([
      ['delivered', { id: 1, text: '21.5', size: 4, source: 0, redelivered: false, replyTo: undefined }],
    ])
  })

  test('texts and long bodies are bodies too; of other values it is their encoding', () => {
    const client = ready(consuming)
    const sections = [
      [0x00, 0x53, 0x77, 0xa1, 2, 0x68, 0x69],
      [0x00, 0x53, 0x75, 0xb0, 0, 0, 0, 2, 0x68, 0x69],
      [0x00, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x75, 0xa0, 2, 0x68, 0x69],
      [0x00, 0x53, 0x77, 0x54, 0x21],
      [],
    ]
    for (const [id, section] of sections.entries()) {
      client.hears(transfer(40, id, { payload: Uint8Array.from(section) }))
    }
    expect(client.deliveries().map(({ text, size }) => [text, size])).toEqual([
      ['hi', 2],
      ['hi', 2],
      ['hi', 2],
      ['T!', 2],
      ['', 0],
    ])
  })

  test('in several transfers, mixed with those of another link, in split packets', () => {
    const client = ready(consuming)
    const body = utf8('x'.repeat(6000))
    const payload = Uint8Array.of(0x00, 0x53, 0x75, 0xb0, 0, 0, body.length >> 8, body.length & 0xff, ...body)
    const part = (from: number, to: number, id: number | undefined, more: boolean) =>
      client.encoded(transfer(40, id, { payload: payload.subarray(from, to), more }))
    const bytes = [part(0, 100, 0, true), client.encoded(transfer(41, 1)), part(100, 5000, undefined, true)]
    client.hearsBytes(Buffer.concat([...bytes, part(5000, payload.length, undefined, false)]), 333)
    expect(client.tells()).toEqual([
      ['delivered', expect.objectContaining({ id: 1, text: '21.5', source: 1 })],
      ['delivered', expect.objectContaining({ id: 0, text: 'x'.repeat(4096 - 8), size: 6000, source: 0 })],
    ])
  })

  test('what is aborted is no delivery, and takes credit [2.6.14]', () => {
    const client = ready(consuming)
    client.hears(transfer(40, 0, { payload: Uint8Array.of(0), more: true }))
    client.hears(transfer(40, undefined, { aborted: true }))
    client.hears(transfer(40, 1))
    expect(client.tells()).toMatchObject([['delivered', { id: 1, text: '21.5' }]])
  })

  test.each([
    ['accept', 'accepted'],
    ['reject', 'rejected'],
    ['release', 'released'],
  ] as const)('%s is the outcome %s', (how, type) => {
    const client = ready(consuming)
    client.hears(transfer(40, 0))
    client.driver.settle(0, how, false)
    expect(client.sends()).toMatchObject([
      { type: 'disposition', role: 'receiver', first: 0, last: 0, settled: true, state: { type } },
    ])
    client.driver.settle(0, how, false)
    expect(client.sends()).toEqual([])
  })

  test('a release may be the outcome modified, which counts as a failed delivery [3.4.5]', () => {
    const client = ready({ ...consuming, settings: { release: 'modified' } })
    client.hears(transfer(40, 0), transfer(40, 1))
    client.driver.settle(0, 'release', false)
    client.driver.settle(1, 'accept', false)
    expect(client.sends()).toMatchObject([
      { first: 0, last: 0, settled: true, state: { type: 'modified', deliveryFailed: true } },
      { first: 1, last: 1, settled: true, state: { type: 'accepted' } },
    ])
  })

  test('the session takes as many transfers as it says, and says so again when half of them came [2.5.6]', () => {
    const client = ready({ ...consuming, sources: ['q'], credit: 100, settings: { incomingWindow: 4 } })
    client.hears(transfer(40, 0))
    expect(client.sends()).toEqual([])
    client.hears(transfer(40, 1))
    expect(client.sends()).toMatchObject([{ type: 'flow', handle: undefined, nextIncomingId: 2, incomingWindow: 4 }])
    client.hears(transfer(40, 2))
    expect(client.sends()).toEqual([])
  })

  test('up to a delivery: one range, whatever the sources; what has not come whole is left out', () => {
    const client = ready(consuming)
    for (const [id, handle] of [40, 40, 41, 40].entries()) client.hears(transfer(handle, id))
    client.hears(transfer(41, 4, { payload: Uint8Array.of(0), more: true }), transfer(40, 5), transfer(40, 6))
    client.driver.settle(1, 'accept', false)
    client.sends()
    client.driver.settle(3, 'accept', true)
    client.driver.settle(6, 'release', true)
    expect(client.sends()).toMatchObject([
      { type: 'disposition', first: 0, last: 3 },
      { first: 5, last: 6, state: { type: 'released' } },
      // Half of the credit may be used again.
      { type: 'flow', handle: 0, linkCredit: 10, deliveryCount: 5 },
    ])
    client.hears(transfer(41, undefined, { payload: Uint8Array.of(0) }))
    client.driver.settle(4, 'accept', true)
    client.driver.settle(5, 'accept', true)
    expect(client.sends()).toMatchObject([{ first: 4, last: 4 }])
  })

  test('credit comes back when deliveries are settled, not before', () => {
    const client = ready({ ...consuming, sources: ['q'], credit: 4 })
    for (let id = 0; id < 4; id++) client.hears(transfer(40, id))
    expect(client.sends()).toEqual([])
    client.driver.settle(0, 'accept', false)
    expect(client.sends()).toMatchObject([{ type: 'disposition' }])
    client.driver.settle(1, 'accept', false)
    expect(client.sends()).toMatchObject([
      { type: 'disposition' },
      { type: 'flow', handle: 0, deliveryCount: 4, linkCredit: 2, nextIncomingId: 4, incomingWindow: 0x7fff_ffff },
    ])
  })

  test('without settling credit comes back by itself, and what still comes unsettled is accepted', () => {
    const client = ready({ ...consuming, sources: ['q'], settles: false, credit: 2 })
    client.hears(transfer(40, 0, { settled: true }), transfer(40, 1))
    expect(client.tells()).toMatchObject([
      ['delivered', { id: -1 }],
      ['delivered', { id: -1 }],
    ])
    expect(client.sends()).toMatchObject([
      { type: 'flow', deliveryCount: 1, linkCredit: 2 },
      { type: 'disposition', first: 1, state: { type: 'accepted' } },
      { type: 'flow', deliveryCount: 2, linkCredit: 2 },
    ])
  })

  test('a delivery that came settled is not settled again', () => {
    const client = ready(consuming)
    client.hears(transfer(40, 0, { settled: true }), transfer(40, 1))
    expect(client.tells()).toMatchObject([
      ['delivered', { id: -1 }],
      ['delivered', { id: 1 }],
    ])
    client.driver.settle(-1, 'accept', true)
    expect(client.sends()).toEqual([])
  })

  test('delivery-ids begin anew after 2^32 - 1 [2.8.9]', () => {
    const client = ready({ ...consuming, sources: ['q'] }, { nextOutgoingId: 0xffff_fffe })
    const ids = [0xffff_fffe, 0xffff_ffff, 0, 1]
    client.hears(...ids.map(id => transfer(40, id)))
    const [first, , third] = client.deliveries()
    client.driver.settle(first!.id, 'accept', false)
    client.driver.settle(third!.id, 'accept', true)
    expect(client.sends()).toMatchObject([
      { first: 0xffff_fffe, last: 0xffff_fffe },
      { first: 0xffff_ffff, last: 0 },
    ])
  })
})

describe('request and reply', () => {
  test('answers come to a node that the peer makes, settled, whatever is settled else', () => {
    const client = driving({ destinations: ['a'], sources: ['q'], requests: true, settles: true })
    client.driver.start()
    client.hears(header(3), mechanisms('ANONYMOUS'), { type: 'sasl-outcome', code: 0 }, header(0), open())
    client.sends()
    client.hears(begin(0, 0))
    expect(client.sends()).toMatchObject([
      { handle: 0, role: 'sender' },
      { handle: 1, role: 'receiver', sndSettleMode: 0 },
      { handle: 2, role: 'receiver', sndSettleMode: 1, source: { dynamic: true } },
    ])
    client.hears(attach('c-0', 40, 'receiver', { target: at('a') }), attach('c-1', 41, 'sender', { source: at('q') }))
    expect(client.tells()).toEqual([])
    client.hears(attach('c-2', 42, 'sender', { source: { address: 'temporary', dynamic: true } }))
    expect(client.tells()).toEqual([['ready']])
    expect(client.driver.replyTo).toBe('temporary')
    client.sends()
    client.hears(transfer(42, 0))
    expect(client.deliveries()).toMatchObject([{ id: -1, source: -1, text: '21.5' }])
  })

  test('where the peer makes no addresses, they have one of the client', () => {
    const client = driving({ requests: true, settings: { mechanism: 'none', replies: '/queue/replies-' } })
    client.driver.start()
    client.hears(header(0), open())
    client.sends()
    client.hears(begin(0, 0))
    expect(client.sends()).toMatchObject([{ role: 'receiver', source: { address: '/queue/replies-c' } }])
    client.hears(attach('c-0', 0, 'sender', { source: at('/queue/replies-c') }))
    expect(client.driver.replyTo).toBe('/queue/replies-c')
  })

  test('an answer goes by a link of its own, settled, as soon as there is credit for it', () => {
    const client = ready({ destinations: ['a'], sources: ['q'] })
    expect(client.driver.replyTo).toBeUndefined()
    expect(client.publishes('replies', 'x', { answers: true })).toBe(-1)
    expect(client.sends()).toMatchObject([
      { type: 'attach', handle: 2, role: 'sender', sndSettleMode: 1, target: { address: 'replies' } },
    ])
    // Other messages do not wait for it.
    expect(client.driver.room).toBe(16)
    client.publishes('a', 'y')
    expect(client.sends()).toMatchObject([{ handle: 0, deliveryId: 0 }])
    client.hears(attach('c-2', 50, 'receiver', { target: at('replies') }), flow(50, 10, { deliveryCount: 0 }))
    expect(client.sends()).toMatchObject([{ type: 'transfer', handle: 2, deliveryId: 1, settled: true }])
    // There is a link now.
    client.publishes('replies', 'z', { answers: true })
    expect(client.sends()).toMatchObject([{ handle: 2, deliveryId: 2 }])
    client.hears(disposition('receiver', 0))
    expect(client.tells()).toEqual([['answered', 0, 'accepted']])
    expect(client.publishes('a', 'x')).toBe(3)
  })

  test('no more answers wait for credit than may be under way', () => {
    const client = ready({ destinations: ['a'], inFlight: 2 })
    client.publishes('replies', 'x', { answers: true })
    client.publishes('replies', 'x', { answers: true })
    expect(client.driver.room).toBe(0)
    client.sends()
    client.hears(attach('c-1', 50, 'receiver', { target: at('replies') }), flow(50, 1, { deliveryCount: 0 }))
    expect(client.sends()).toHaveLength(1)
    expect(client.driver.room).toBe(2)
  })
})

test('leaving closes the connection; what the peer ends before it closes is its goodbye', () => {
  const client = ready({ destinations: ['a'] })
  client.driver.leave()
  expect(client.sends()).toMatchObject([{ type: 'close' }])
  client.hears({ type: 'detach', channel: 0, handle: 40, closed: true }, { type: 'end', channel: 0 })
  client.hears({ type: 'close', channel: 0 })
  expect(client.tells()).toEqual([['left']])
  expect(client.sends()).toEqual([])
})

test('what comes while it leaves is not ours if it would have to be settled', () => {
  const client = ready({ sources: ['q'], settles: true })
  client.hears(transfer(40, 0))
  client.driver.leave()
  client.sends()
  client.hears(transfer(40, 1))
  client.driver.settle(0, 'accept', true)
  expect(client.deliveries()).toMatchObject([{ id: 0 }])
  expect(client.sends()).toEqual([])
  const settled = ready({ sources: ['q'] })
  settled.driver.leave()
  settled.sends()
  settled.hears(transfer(40, 0, { settled: true }), transfer(40, 1))
  expect(settled.deliveries()).toHaveLength(2)
  expect(settled.sends()).toEqual([])
})

describe('what goes where', () => {
  const { shares, reaches } = amqp10.drive!

  test('queues are shared, topics and exchanges are not', () => {
    const sources = ['q', '/queue/q', 'queue://q', '/topic/t', 'topic://t', '/exchange/e/k']
    expect(sources.filter(source => shares(source, {}))).toEqual(['q', '/queue/q', 'queue://q'])
    expect(sources.filter(source => shares(source, { node: 'topic' }))).toEqual(['/queue/q', 'queue://q'])
  })

  test.each([
    ['q', 'q', true],
    ['q', 'p', false],
    ['/queue/q', '/amq/queue/q', true],
    ['queue://q', 'q', true],
    ['topic://a.b', 'topic://a.*', true],
    ['/topic/a.b.c', '/topic/a.#', true],
    ['topic://q', 'q', false],
    ['/exchange/amq.topic/a.b', '/topic/a.*', true],
    ['/exchange/e/a', '/exchange/e/b', false],
  ])('%s comes to who receives from %s: %s', (destination, source, expected) => {
    expect(reaches(destination, source, {})).toBe(expected)
  })
})
