import { describe, expect, test } from 'vitest'
import {
  type Connection,
  coap,
  coapTcp,
  coapWebSocket,
  type DatagramFrame,
  type ReliableFrame,
} from '../../../codecs/coap/index.ts'
import type { DriveOptions } from '../../../codecs/core/index.ts'
import { Driving } from '../driving.ts'
import { empty, type Rest, reliableResponse, request, response, signal } from './messages.ts'

const udp = (options: Partial<DriveOptions> = {}) => new Driving<DatagramFrame, null>(coap, null, options)
type Udp = ReturnType<typeof udp>

const connection: Connection = { first: false, maxMessageSize: undefined }
const tcp = (options: Partial<DriveOptions> = {}, codec = coapTcp) =>
  new Driving<ReliableFrame, Connection>(codec, connection, options)

/** A client that is ready: its ping was answered, its sources are observed. */
function ready(options: Partial<DriveOptions> = {}): Udp {
  const client = udp(options)
  client.driver.start()
  const [ping] = client.sends()
  client.hears(empty('RST', ping!.messageId))
  for (const { messageId, token } of client.sends()) {
    client.hears(response('ACK', messageId, '2.05', { token: hexOf(token), options: [['Observe', 1]] }))
  }
  expect(client.tells()).toEqual([['ready']])
  return client
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const textOf = ({ payload }: { readonly payload: Uint8Array | undefined }): string | undefined =>
  payload === undefined ? undefined : Buffer.from(payload).toString()

/** Observations have tokens of two bytes, their source; messages of four, their number. */
const SOURCE = '0000'

describe('opening', () => {
  test('nothing is agreed over UDP: a ping tells whether somebody is there', () => {
    const client = udp()
    client.driver.start()
    const [ping, ...more] = client.sends()
    expect(ping).toMatchObject({ type: 'CON', code: '0.00' })
    expect(more).toEqual([])
    expect(client.tells()).toEqual([])
    client.hears(empty('RST', ping!.messageId))
    expect(client.tells()).toEqual([['ready']])
  })

  test('nobody there: the ping is sent again, each time after twice the time, and given up', () => {
    const client = udp({ settings: { ackTimeout: 1000, maxRetransmit: 2 } })
    client.driver.start()
    const [ping] = client.sends()
    const { driver } = client
    expect(driver.tick?.(0)).toBe(1250)
    expect(driver.tick?.(1000)).toBe(1250)
    expect(client.sends()).toEqual([])
    expect(driver.tick?.(1250)).toBe(1250 + 2500)
    expect(client.sends()).toMatchObject([{ messageId: ping!.messageId }])
    expect(driver.tick?.(3750)).toBe(3750 + 5000)
    expect(client.sends()).toHaveLength(1)
    expect(client.tells()).toEqual([])
    driver.tick?.(8750)
    expect(client.sends()).toEqual([])
    expect(client.tells()).toEqual([['failed', 'no answer']])
  })

  test('it is ready when all sources are observed [RFC 7641 §3.1]', () => {
    const client = udp({ sources: ['/a/b?c=1', 'd'], virtualHost: 'v' })
    client.driver.start()
    client.hears(empty('RST', client.sends()[0]!.messageId))
    const asked = client.sends()
    expect(asked).toMatchObject([
      { type: 'CON', code: '0.01', uriHost: 'v', uriPath: 'a/b', uriQuery: 'c=1', observe: 0 },
      { type: 'CON', code: '0.01', uriPath: 'd', observe: 0 },
    ])
    expect(asked.map(({ token }) => hexOf(token))).toEqual(['0000', '0001'])
    const observed: Rest = { options: [['Observe', 7]], payload: 'old' }
    client.hears(response('ACK', asked[1]!.messageId, '2.05', { ...observed, token: '0001' }))
    expect(client.tells()).toEqual([])
    // A separate response: acknowledged first, and to be acknowledged [RFC 7252 §5.2.2].
    client.hears(empty('ACK', asked[0]!.messageId), response('CON', 99, '2.05', { ...observed, token: '0000' }))
    // What was there before is no notification.
    expect(client.tells()).toEqual([['ready']])
    expect(client.sends()).toMatchObject([{ type: 'ACK', code: '0.00', messageId: 99 }])
  })

  test('a resource that is not there is made, where that is wanted', () => {
    const client = udp({ sources: ['a'] })
    client.driver.start()
    client.hears(empty('RST', client.sends()[0]!.messageId))
    client.hears(response('ACK', client.sends()[0]!.messageId, '4.04', { token: SOURCE }))
    const [put] = client.sends()
    expect(put).toMatchObject({ type: 'CON', code: '0.03', uriPath: 'a' })
    client.hears(response('ACK', put!.messageId, '2.01', { token: hexOf(put!.token) }))
    const [get] = client.sends()
    expect(get).toMatchObject({ code: '0.01', observe: 0 })
    client.hears(response('ACK', get!.messageId, '2.05', { token: SOURCE, options: [['Observe', 1]] }))
    expect(client.tells()).toEqual([['ready']])
  })

  const refused: readonly [string, Partial<DriveOptions>, DatagramFrame, string][] = [
    [
      'not there',
      { settings: { create: false } },
      response('ACK', 0xff01, '4.04', { token: SOURCE }),
      'a cannot be observed: 4.04 Not Found',
    ],
    ['not observable', {}, response('ACK', 0xff01, '2.05', { token: SOURCE }), 'a cannot be observed'],
    ['not understood', {}, empty('RST', 0xff01), 'a request was reset'],
  ]
  test.each(refused)('a source that is %s', (_, options, answer, reason) => {
    const client = udp({ sources: ['a'], ...options })
    client.driver.start()
    client.hears(empty('RST', client.sends()[0]!.messageId))
    expect(client.sends()).toMatchObject([{ messageId: 0xff01 }])
    client.hears(answer)
    expect(client.tells()).toEqual([['failed', reason]])
  })

  test('a source that cannot be made', () => {
    const client = udp({ sources: ['a'] })
    client.driver.start()
    client.hears(empty('RST', client.sends()[0]!.messageId))
    client.hears(response('ACK', client.sends()[0]!.messageId, '4.04', { token: SOURCE }))
    const [put] = client.sends()
    client.hears(response('ACK', put!.messageId, '4.05', { token: hexOf(put!.token) }))
    expect(client.tells()).toEqual([['failed', 'a cannot be made: 4.05 Method Not Allowed']])
  })
})

describe('publishing', () => {
  test('a message is a request, with message ID and token patched into the plate', () => {
    const client = ready()
    const plate = client.driver.plate({
      destination: '/a/b%2Fc?x=1&y',
      body: new TextEncoder().encode('hello'),
      contentType: 'application/json',
    })
    expect([client.driver.publish(plate), client.driver.publish(plate)]).toEqual([0, 1])
    const frames = client.sends()
    expect(frames).toMatchObject([
      { type: 'CON', code: '0.03', messageId: 0 },
      { type: 'CON', code: '0.03', messageId: 1, uriPath: 'a/b%2Fc', uriQuery: 'x=1&y', contentFormat: 50 },
    ])
    expect(frames.map(({ token }) => hexOf(token))).toEqual(['00000000', '00000001'])
    expect(frames.map(textOf)).toEqual(['hello', 'hello'])
  })

  test('each is a datagram of its own, and its body can be stamped', () => {
    const client = ready()
    client.publishes('a', '....')
    client.outbox.view.setUint32(client.outbox.bodyAt, 0x77777777)
    client.publishes('a', '....')
    expect(client.bytes().map(bytes => new TextDecoder('latin1').decode(bytes).slice(-5))).toEqual(['ÿwwww', 'ÿ....'])
  })

  test('of other methods, and without a body where there is none; a stamp on it is not sent', () => {
    for (const [method, code] of [
      ['POST', '0.02'],
      ['FETCH', '0.05'],
    ]) {
      const client = ready({ settings: { method } })
      client.publishes('a', 'x')
      expect(client.sends()).toMatchObject([{ code }])
    }
    const client = ready({ settings: { method: 'GET' } })
    client.publishes('a', 'x'.repeat(100_000))
    client.outbox.view.setUint32(client.outbox.bodyAt + 99_996, 1)
    client.publishes('/', 'x')
    const [first, second] = client.sends()
    expect([first, second]).toMatchObject([
      { code: '0.01', uriPath: 'a', payload: undefined },
      { code: '0.01', uriPath: undefined, payload: undefined },
    ])
  })

  test('responses answer by their token: with the acknowledgement, or separate', () => {
    const client = ready({ inFlight: 4 })
    for (let sent = 0; sent < 4; sent++) client.publishes('a', 'x')
    expect(client.driver.room).toBe(0)
    client.sends()
    client.hears(response('ACK', 1, '2.04', { token: '00000001' }))
    client.hears(response('ACK', 0, '4.04', { token: '00000000' }))
    client.hears(empty('ACK', 2))
    expect(client.tells()).toEqual([
      ['answered', 1, 'accepted'],
      ['answered', 0, 'refused'],
    ])
    client.hears(
      response('CON', 7000, '2.04', { token: '00000002' }),
      response('NON', 7001, '5.00', { token: '00000003' }),
    )
    expect(client.tells()).toEqual([
      ['answered', 2, 'accepted'],
      ['answered', 3, 'refused'],
    ])
    expect(client.driver.room).toBe(4)
    expect(client.sends()).toMatchObject([{ type: 'ACK', messageId: 7000 }])
  })

  test('a separate response that comes again is acknowledged again; one to nothing of ours is reset', () => {
    const client = ready()
    client.publishes('a', 'x')
    client.sends()
    const separate = response('CON', 7000, '2.04', { token: '00000000' })
    client.hears(separate, separate, response('CON', 7001, '2.04', { token: '00000009' }))
    client.hears(response('CON', 7002, '2.04', { token: '99' }))
    expect(client.tells()).toEqual([['answered', 0, 'accepted']])
    expect(client.sends().map(({ type, messageId }) => `${type} ${messageId}`)).toEqual([
      'ACK 7000',
      'ACK 7000',
      'RST 7001',
      'RST 7002',
    ])
  })

  test('a reset is a refusal [RFC 7252 §4.2]', () => {
    const client = ready()
    client.publishes('a', 'x')
    client.sends()
    client.hears(empty('RST', 0))
    expect(client.tells()).toEqual([['answered', 0, 'refused']])
  })

  test('message IDs begin anew, and still tell what they are of', () => {
    const client = ready()
    const plate = client.driver.plate({ destination: 'a', body: new Uint8Array(1) })
    for (let number = 0; number < 0xff00; number++) {
      client.driver.publish(plate)
      const reset = Uint8Array.of(0x70, 0, number >> 8, number & 0xff)
      client.driver.hear({ buffer: reset, start: 0, end: 4, length: 4 } as never)
      if (number % 1000 === 0) client.outbox.reuse(client.outbox.take())
    }
    client.outbox.take()
    client.outbox.ends?.splice(0)
    expect(client.tells()).toHaveLength(0xff00)
    client.driver.publish(plate)
    expect(client.sends()).toMatchObject([{ messageId: 0, token: Uint8Array.of(0, 0, 0xff, 0) }])
    client.hears(response('ACK', 0, '2.04', { token: '0000ff00' }))
    expect(client.tells()).toMatchObject([['answered', expect.any(Number), 'accepted']])
  })

  test('without responses nobody waits: they are not wanted [RFC 7967]', () => {
    const client = ready({ settings: { confirms: false }, inFlight: 1 })
    expect([client.publishes('a', 'x'), client.publishes('a', 'x')]).toEqual([-1, -1])
    expect(client.driver.room).toBe(Number.POSITIVE_INFINITY)
    expect(client.sends()).toMatchObject([
      { type: 'NON', messageId: 0, noResponse: 26 },
      { type: 'NON', messageId: 1, noResponse: 26 },
    ])
  })
})

describe('again [RFC 7252 §4.2]', () => {
  const settings = { ackTimeout: 1000, maxRetransmit: 2 }

  test('what is not acknowledged is sent again as it was, stamp and all, and then given up', () => {
    const client = ready({ settings })
    const { driver } = client
    client.publishes('a', '....')
    client.outbox.view.setUint32(client.outbox.bodyAt, 0x77777777)
    const [sent] = client.bytes()
    client.publishes('a', 'next')
    client.bytes()
    client.hears(response('ACK', 1, '2.04', { token: '00000001' }))
    expect(driver.tick?.(100)).toBe(1350)
    expect(driver.tick?.(1350)).toBe(1350 + 2500)
    expect(client.bytes()).toEqual([sent])
    expect(driver.tick?.(3850)).toBe(3850 + 5000)
    expect(client.bytes()).toEqual([sent])
    client.tells()
    expect(driver.tick?.(8850)).toBeUndefined()
    expect(client.bytes()).toEqual([])
    expect(client.tells()).toEqual([['answered', 0, 'refused']])
  })

  test('what is acknowledged is waited for, and not sent again', () => {
    const client = ready({ settings })
    client.publishes('a', 'x')
    client.bytes()
    expect(client.driver.tick?.(0)).toBe(1250)
    client.hears(empty('ACK', 0))
    // As long as all its transmissions might have taken.
    expect(client.driver.tick?.(1250)).toBe(1250 * 7)
    expect(client.bytes()).toEqual([])
    client.driver.tick?.(1250 * 7)
    expect(client.tells()).toEqual([['answered', 0, 'refused']])
  })

  test('what is not confirmable is not sent again', () => {
    const client = ready({ settings: { ...settings, confirmable: false } })
    client.publishes('a', 'x')
    expect(client.sends()).toMatchObject([{ type: 'NON' }])
    expect(client.driver.tick?.(0)).toBe(1250 * 7)
    client.hears(response('NON', 7000, '2.04', { token: '00000000' }))
    client.driver.tick?.(1250 * 7)
    expect(client.bytes()).toEqual([])
    expect(client.tells()).toEqual([['answered', 0, 'accepted']])
  })

  test('slots that are used again keep their own', () => {
    const client = ready({ settings, inFlight: 2 })
    client.driver.tick?.(0)
    for (const [number, body] of ['first', 'second', 'third', '4'].entries()) {
      client.publishes('a', body)
      const [sent] = client.bytes()
      client.driver.tick?.(number * 10_000)
      client.driver.tick?.(number * 10_000 + 1250)
      expect(client.bytes()).toEqual([sent])
      client.hears(response('ACK', number, '2.04', { token: `0000000${number}` }))
    }
  })
})

describe('observing', () => {
  const notification = (type: 'CON' | 'NON', messageId: number, rest: Rest = {}) =>
    response(type, messageId, '2.05', { token: SOURCE, options: [['Observe', 2]], payload: 'new', ...rest })

  test('notifications are delivered, and acknowledged if they want to be', () => {
    const client = ready({ sources: ['a', 'b'] })
    client.hears(notification('NON', 1), notification('CON', 2, { token: '0001', payload: '' }))
    expect(client.deliveries()).toEqual([
      { id: -1, text: 'new', size: 3, source: 0, redelivered: false, replyTo: undefined },
      { id: -1, text: '', size: 0, source: 1, redelivered: false, replyTo: undefined },
    ])
    expect(client.sends()).toMatchObject([{ type: 'ACK', code: '0.00', messageId: 2 }])
  })

  test('one that comes again, as its acknowledgement was lost, is acknowledged and not delivered', () => {
    const client = ready({ sources: ['a'] })
    client.hears(notification('CON', 5), notification('CON', 5))
    expect(client.deliveries()).toHaveLength(1)
    expect(client.sends()).toHaveLength(2)
  })

  test('of a representation in blocks the first is delivered, with the size of all', () => {
    const client = ready({ sources: ['a'] })
    const options: Rest['options'] = [
      ['Observe', 2],
      ['Block2', { num: 0, more: true, size: 16 }],
      ['Size2', 5000],
    ]
    client.hears(notification('NON', 5, { options, payload: 'x'.repeat(16) }))
    expect(client.deliveries()).toMatchObject([{ text: 'x'.repeat(16), size: 5000 }])
  })

  test('a resource that goes ends it [RFC 7641 §4.2]', () => {
    const client = ready({ sources: ['a'] })
    client.hears(response('CON', 5, '4.04', { token: SOURCE }))
    expect(client.tells()).toEqual([['failed', 'a is not observed any more: 4.04 Not Found']])
  })

  test('what nobody observes is reset, so that it ends', () => {
    const client = ready({ sources: ['a'] })
    client.hears(notification('CON', 5, { token: '0007' }), notification('NON', 6, { token: '0007' }))
    expect(client.deliveries()).toEqual([])
    expect(client.sends()).toMatchObject([
      { type: 'RST', messageId: 5 },
      { type: 'RST', messageId: 6 },
    ])
  })
})

test('a response is the answer to a request, if answers are wanted and it is no refusal', () => {
  const client = ready({ requests: true, settings: { method: 'FETCH' } })
  client.publishes('a', 'x')
  client.publishes('a', 'x')
  client.sends()
  client.hears(response('ACK', 0, '2.05', { token: '00000000', payload: 'answer' }))
  client.hears(response('ACK', 1, '4.00', { token: '00000001', payload: 'no' }))
  expect(client.tells()).toEqual([
    ['delivered', expect.objectContaining({ source: -1, text: 'answer' })],
    ['answered', 0, 'accepted'],
    ['answered', 1, 'refused'],
  ])
})

describe('alive', () => {
  test('a ping is a message with nothing in it; theirs are answered', () => {
    const client = ready({ keepAlive: 20 })
    expect(client.driver.keepAlive).toBe(10_000)
    client.driver.alive()
    const [ping] = client.sends()
    expect(ping).toMatchObject({ type: 'CON', code: '0.00' })
    client.hears(empty('RST', ping!.messageId), empty('CON', 5), request('CON', 6, 'GET', 'a'))
    expect(client.sends()).toMatchObject([
      { type: 'RST', messageId: 5 },
      { type: 'RST', messageId: 6 },
    ])
    expect(client.tells()).toEqual([])
  })

  test('what is no message at all is passed over', () => {
    const client = ready()
    client.driver.hear({ buffer: Uint8Array.of(0x40, 1), start: 0, end: 2, length: 2 } as never)
    client.driver.hear({ buffer: Uint8Array.of(0x48, 0x45, 0, 0, 1), start: 0, end: 5, length: 5 } as never)
    expect(client.tells()).toEqual([])
  })
})

test('leaving takes the observations back [RFC 7641 §3.6]', () => {
  const client = ready({ sources: ['a'] })
  client.driver.leave()
  const [get] = client.sends()
  expect(get).toMatchObject({ type: 'CON', code: '0.01', uriPath: 'a', observe: 1, token: Uint8Array.of(0, 0) })
  // One that was on its way.
  client.hears(response('NON', 9, '2.05', { token: SOURCE, options: [['Observe', 9]] }))
  expect(client.tells()).toEqual([])
  client.hears(response('ACK', get!.messageId, '2.05', { token: SOURCE }))
  expect(client.tells()).toEqual([['left']])
  const none = ready()
  none.driver.leave()
  expect(none.tells()).toEqual([['left']])
})

describe('over TCP [RFC 8323]', () => {
  test('each side says what it can first; then sources are observed', () => {
    const client = tcp({ sources: ['a'], keepAlive: 20 })
    client.driver.start()
    expect(client.sends()).toMatchObject([{ type: 'csm', maxMessageSize: 1 << 20 }])
    client.hears(signal('csm'))
    expect(client.sends()).toMatchObject([{ type: 'message', code: '0.01', uriPath: 'a', observe: 0 }])
    client.hears(reliableResponse('2.05', { token: SOURCE, options: [['Observe', 0]] }))
    expect(client.tells()).toEqual([['ready']])
    client.driver.alive()
    expect(client.sends()).toMatchObject([{ type: 'ping' }])
    client.hears(signal('pong'), signal('ping', { token: '0102' }))
    expect(client.sends()).toMatchObject([{ type: 'pong', token: Uint8Array.of(1, 2) }])
  })

  function readyTcp(options: Partial<DriveOptions> = {}, codec = coapTcp) {
    const client = tcp(options, codec)
    client.driver.start()
    client.sends()
    client.hears(signal('csm', { options: [['Max-Message-Size', 1 << 20]] }))
    expect(client.tells()).toEqual([['ready']])
    return client
  }

  test.each([
    ['TCP', coapTcp],
    ['WebSocket', coapWebSocket],
  ])('over %s messages of any length are answered by their token', (_, codec) => {
    for (const size of [1, 100, 1000, 70_000]) {
      const client = readyTcp({}, codec)
      client.publishes('a', '.'.repeat(size))
      client.publishes('a', '.'.repeat(size))
      client.outbox.bytes[client.outbox.bodyAt] = 0x77
      const last = client.bytes().at(-1)!
      expect(last[last.length - size]).toBe(0x77)
      client.hears(reliableResponse('4.13', { token: '00000001' }))
      client.hears(reliableResponse('2.04', { token: '00000000' }))
      expect(client.tells()).toEqual([
        ['answered', 1, 'refused'],
        ['answered', 0, 'accepted'],
      ])
    }
  })

  test('split packets, notifications among them', () => {
    const client = tcp({ sources: ['a'] })
    client.driver.start()
    client.hears(signal('csm'), reliableResponse('2.05', { token: SOURCE, options: [['Observe', 0]] }))
    client.sends()
    client.tells()
    const observed: Rest = { token: SOURCE, options: [['Observe', 1]], payload: 'x'.repeat(300) }
    const bytes = client.encoded(reliableResponse('2.05', observed))
    client.hearsBytes(Buffer.concat([bytes, bytes]), 7)
    expect(client.deliveries()).toMatchObject([{ size: 300, source: 0 }, { size: 300 }])
    expect(client.sends()).toEqual([])
  })

  test('release and abort end it, in their words', () => {
    const client = readyTcp()
    client.hears(signal('release'))
    client.hears(signal('abort', { payload: 'too slow' }), signal('abort'))
    expect(client.tells()).toEqual([
      ['failed', 'the server wants to end the connection'],
      ['failed', 'too slow'],
      ['failed', 'the server ended the connection'],
    ])
  })

  test('leaving releases the connection, and with it the observations', () => {
    const client = readyTcp()
    client.driver.leave()
    expect(client.sends()).toMatchObject([{ type: 'release' }])
    expect(client.tells()).toEqual([['left']])
  })
})

test('all observers get all, of what is the same path', () => {
  const { shares, reaches } = coap.drive!
  expect(shares('/a', {})).toBe(false)
  expect(reaches('/a/b?c', 'a/b', {})).toBe(true)
  expect(reaches('/a', '/a/b', {})).toBe(false)
})

describe('what stays', () => {
  test('is what a response says was made: by a message, or to be observed', () => {
    const client = ready({ tellsMade: true, inFlight: 4 })
    for (const path of ['a', 'b']) client.publishes(path, 'x')
    client.sends()
    client.hears(response('ACK', 0, '2.04', { token: '00000000' }), response('ACK', 1, '2.01', { token: '00000001' }))
    expect(client.tells()).toEqual([
      ['answered', 0, 'accepted'],
      ['made', 'resource b'],
      ['answered', 1, 'accepted'],
    ])
    const observer = udp({ tellsMade: true, sources: ['a'] })
    observer.driver.start()
    observer.hears(empty('RST', observer.sends()[0]!.messageId))
    observer.hears(response('ACK', observer.sends()[0]!.messageId, '4.04', { token: SOURCE }))
    const [put] = observer.sends()
    observer.hears(response('ACK', put!.messageId, '2.01', { token: hexOf(put!.token) }))
    expect(observer.tells()).toEqual([['made', 'resource a']])
  })

  test('is not what a POST makes, which is elsewhere', () => {
    const client = ready({ tellsMade: true, settings: { method: 'POST' } })
    client.publishes('a', 'x')
    client.sends()
    client.hears(response('ACK', 0, '2.01', { token: '00000000' }))
    expect(client.tells()).toEqual([['answered', 0, 'accepted']])
    const { stays } = coap.drive!
    expect(stays?.({ method: 'POST' })).toContain('POST')
    expect(stays?.({ method: 'PUT' })).toBeUndefined()
  })

  const removes = ['a', 'b', 'gone'].map(name => ({ kind: 'resource', name }))
  const removed = [
    ['removed', 'resource a', undefined],
    ['removed', 'resource b', '4.05 Method Not Allowed'],
    ['removed', 'resource gone', undefined],
    ['ready'],
  ]

  test('is taken away, each by a DELETE that is sent again until it is answered', () => {
    const client = udp({ removes, settings: { ackTimeout: 1000 } })
    client.driver.start()
    client.hears(empty('RST', client.sends()[0]!.messageId))
    const asked = client.sends()
    expect(asked).toMatchObject(removes.map(({ name }) => ({ type: 'CON', code: '0.04', uriPath: name })))
    client.driver.tick?.(0)
    client.driver.tick?.(1250)
    expect(client.sends()).toHaveLength(3)
    for (const [at, code] of ['2.02', '4.05', '4.04'].entries()) {
      client.hears(response('ACK', asked[at]!.messageId, code, { token: hexOf(asked[at]!.token) }))
    }
    expect(client.tells()).toEqual(removed)
    expect(client.driver.tick?.(9999)).toBe(undefined)
  })

  test('… over TCP', () => {
    const client = tcp({ removes })
    client.driver.start()
    client.sends()
    client.hears(signal('csm'))
    const asked = client.sends() as { readonly token: Uint8Array }[]
    for (const [at, code] of ['2.02', '4.05', '4.04'].entries()) {
      client.hears(reliableResponse(code, { token: hexOf(asked[at]!.token) }))
    }
    expect(client.tells()).toEqual(removed)
  })

  test('no more are asked for at once than a server surely takes', () => {
    const client = udp({ removes: Array.from({ length: 20 }, (_, at) => ({ kind: 'resource', name: `r${at}` })) })
    client.driver.start()
    client.hears(empty('RST', client.sends()[0]!.messageId))
    const [first, ...more] = client.sends()
    expect(more).toHaveLength(15)
    client.hears(response('ACK', first!.messageId, '2.02', { token: hexOf(first!.token) }))
    expect(client.sends()).toMatchObject([{ code: '0.04', uriPath: 'r16' }])
  })
})
