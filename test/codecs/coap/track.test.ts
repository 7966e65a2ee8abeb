import { describe, expect, it } from 'vitest'
import {
  type Block,
  coap,
  coapTcp,
  coapWebSocket,
  type DatagramFrame,
  type PlainOption,
  type ReliableFrame,
} from '../../../codecs/coap/index.ts'
import { Budget } from '../../../codecs/core/index.ts'
import { capture } from '../../filter/captures.ts'
import { type Said, type Story, story, storyOf } from '../../tracking/story.ts'
import { empty, reliableRequest, reliableResponse, request, response, signal } from './messages.ts'

const told = (...steps: Said<DatagramFrame>[]): Story => story(coap, null, steps)
/** Without the levels. */
const lines = (...steps: Said<DatagramFrame>[]): readonly string[] =>
  told(...steps).lines.filter(line => !line.startsWith('level'))
const exchanges = (...steps: Said<DatagramFrame>[]): readonly string[] =>
  told(...steps).lines.filter(line => line.startsWith('exchange'))

const opening: Said<ReliableFrame>[] = [{ client: signal('csm') }, { server: signal('csm') }]
const unlimited = { first: false, maxMessageSize: undefined }
const overTcp = (...steps: Said<ReliableFrame>[]): readonly string[] =>
  story(coapTcp, unlimited, [...opening, ...steps]).lines

const block = (name: 'Block1' | 'Block2', num: number, more: boolean, size = 16, bert = false): PlainOption => [
  name,
  bert ? { num, more, size: 1024, bert } : ({ num, more, size } satisfies Block),
]
const observe = (value: number): PlainOption => ['Observe', value]
const sixteen = (letter: string): string => letter.repeat(16)
const seconds = (count: number): { ms: number } => ({ ms: count * 1000 })

describe('requests and their responses, in datagrams', () => {
  it('finds the response in the acknowledgement', () => {
    expect(
      told(
        { client: request('CON', 7, 'GET', '/temp', { token: 'a1' }) },
        { server: response('ACK', 7, '2.05', { token: 'a1', payload: '21.5' }) },
      ).lines,
    ).toEqual([
      'level client outstanding 1',
      'level client outstanding 0',
      'message deliver /temp 4 bytes in 2',
      'exchange get a1 /temp: 1→2 ok 2.05 Content',
      'use resource "/temp"',
    ])
  })

  it('follows a response that comes later by itself, and its acknowledgement', () => {
    expect(
      lines(
        { client: request('CON', 7, 'GET', '/temp', { token: 'a1' }) },
        { server: empty('ACK', 7) },
        { server: response('CON', 900, '2.05', { token: 'a1', payload: '21.5' }) },
        { client: empty('ACK', 900) },
      ),
    ).toEqual([
      'message deliver /temp 4 bytes in 3',
      'exchange get a1 /temp: 1→2→3 ok 2.05 Content',
      'use resource "/temp"',
      'exchange deliver-ack 900 /temp: 3→4 ok ACK',
    ])
  })

  it('takes a response that overtakes the acknowledgement for one', () => {
    const { lines } = told(
      { client: request('CON', 7, 'GET', '/temp', { token: 'a1' }) },
      { server: response('NON', 900, '2.05', { token: 'a1', payload: '21.5' }) },
      { server: empty('ACK', 7) },
    )
    expect(lines.filter(line => line.startsWith('level'))).toEqual([
      'level client outstanding 1',
      'level client outstanding 0',
    ])
    expect(lines).toContain('exchange get a1 /temp: 1→2 ok 2.05 Content')
  })

  it('calls errors and resets failures', () => {
    expect(
      lines(
        { client: request('NON', 1, 'GET', '/none', { token: 'a1' }) },
        { server: response('NON', 2, '4.04', { token: 'a1', payload: 'no such thing' }) },
        { client: request('CON', 3, 'DELETE', '/none', { token: 'a2' }) },
        { server: empty('RST', 3) },
        { client: request('CON', 4, 'GET', '/slow', { token: 'a3' }) },
        { server: response('ACK', 4, '5.03', { token: 'a3', options: [['Max-Age', 30]] }) },
      ),
    ).toEqual([
      'exchange get a1 /none: 1→2 failed 4.04 Not Found',
      'exchange delete a2 /none: 3→4 failed RST',
      'exchange get a3 /slow: 5→6 failed 5.03 Service Unavailable',
    ])
  })

  it('has either side ask', () => {
    expect(
      exchanges(
        { client: request('CON', 1, 'GET', '/a', { token: '01' }) },
        { server: request('CON', 1, 'GET', '/b', { token: '01' }) },
        { client: response('ACK', 1, '2.05', { token: '01', payload: 'b' }) },
        { server: response('ACK', 1, '2.05', { token: '01', payload: 'a' }) },
      ),
    ).toEqual(['exchange get 01 /b: 2→3 ok 2.05 Content', 'exchange get 01 /a: 1→4 ok 2.05 Content'])
  })

  it('follows a ping', () => {
    expect(exchanges({ client: empty('CON', 5) }, { server: empty('RST', 5) })).toEqual(['exchange ping 5: 1→2 ok RST'])
  })

  it('ends a request whose token is used again', () => {
    expect(
      exchanges(
        { client: request('NON', 1, 'GET', '/a', { token: '01' }) },
        { client: request('NON', 2, 'GET', '/b', { token: '01' }) },
        { server: response('NON', 3, '2.05', { token: '01', payload: 'b' }) },
      ),
    ).toEqual(['exchange get 01 /a: 1→? superseded', 'exchange get 01 /b: 2→3 ok 2.05 Content'])
  })

  it('shows a response whose request nobody saw', () => {
    expect(lines({ server: response('ACK', 7, '2.05', { token: 'a1', payload: '21.5' }) })).toEqual([
      'message deliver ? 4 bytes in 1',
    ])
  })

  it('does not wait where no response is wanted', () => {
    const put = (type: 'CON' | 'NON', messageId: number, value: number) =>
      request(type, messageId, 'PUT', '/led', {
        token: `0${messageId}`,
        payload: 'on',
        options: [['No-Response', value]],
      })
    expect(
      exchanges(
        { client: put('NON', 1, 26) },
        { client: put('CON', 2, 26) },
        { server: empty('ACK', 2) },
        { client: put('NON', 3, 2) },
        { client: put('NON', 4, 2) },
        { server: response('NON', 9, '4.03', { token: '04' }) },
      ),
    ).toEqual([
      'exchange put 01 /led: 1→? no response wanted',
      'exchange put 02 /led: 2→3 ok ACK',
      'exchange put 04 /led: 5→6 failed 4.03 Forbidden',
      'exchange put 03 /led: 4→? no response wanted',
    ])
  })
})

describe('messages that are sent again', () => {
  const get = { client: request('CON', 7, 'PUT', '/led', { token: 'a1', payload: 'on' }) }

  it('counts them once, either way', () => {
    const answer = { server: response('ACK', 7, '2.05', { token: 'a1', payload: 'done' }) }
    expect(lines(get, seconds(2), get, answer, get, answer)).toEqual([
      'message publish /led 2 bytes in 1',
      'message deliver /led 4 bytes in 3',
      'exchange put a1 /led: 1→2→3 ok 2.05 Content',
      'use resource "/led"',
    ])
  })

  it('counts a separate response once', () => {
    const later = { server: response('CON', 900, '2.05', { token: 'a1', payload: 'done' }) }
    expect(lines(get, { server: empty('ACK', 7) }, later, seconds(2), later, { client: empty('ACK', 900) })).toEqual([
      'message publish /led 2 bytes in 1',
      'message deliver /led 4 bytes in 3',
      'exchange put a1 /led: 1→2→3 ok 2.05 Content',
      'use resource "/led"',
      'exchange deliver-ack 900 /led: 3→4→5 ok ACK',
    ])
  })

  it('takes a message ID for another message when the first is forgotten', () => {
    expect(exchanges(get, seconds(248), get)).toEqual([
      'exchange put a1 /led: 1→? no answer',
      'exchange put a1 /led: 2→?',
    ])
  })

  it('gives up at EXCHANGE_LIFETIME what was never acknowledged', () => {
    const { exchanges } = told(get, seconds(300), { client: empty('CON', 8) })
    expect(exchanges).toMatchObject([{ kind: 'put', outcome: 'no answer', ended: 247e9 + 1000 }])
  })

  it('no longer counts as outstanding what its sender gave up', () => {
    const { lines } = told(get, seconds(94), { client: request('NON', 9, 'GET', '/x') })
    expect(lines.filter(line => line.startsWith('level'))).toEqual([
      'level client outstanding 1',
      'level client outstanding 0',
    ])
  })
})

describe('observation', () => {
  const register = { client: request('CON', 1, 'GET', '/t', { token: '4a', options: [observe(0)] }) }
  const first = { server: response('ACK', 1, '2.05', { token: '4a', options: [observe(12)], payload: '18' }) }
  const notify = (messageId: number, sequence: number, type: 'CON' | 'NON' = 'NON') => ({
    server: response(type, messageId, '2.05', { token: '4a', options: [observe(sequence)], payload: '19' }),
  })

  it('answers a registration with the first notification, and delivers the rest', () => {
    expect(lines(register, first, notify(2, 13), notify(3, 14, 'CON'), { client: empty('ACK', 3) })).toEqual([
      'message deliver /t 2 bytes in 2',
      'exchange observe 4a /t: 1→2 ok 2.05 Content',
      'add subscription "/t"',
      'use resource "/t"',
      'message deliver /t 2 bytes in 3',
      'message deliver /t 2 bytes in 4',
      'exchange deliver-ack 3 /t: 4→5 ok ACK',
    ])
  })

  it('ends with a deregistration; a notification on the way is none of its business', () => {
    const deregister = { client: request('CON', 4, 'GET', '/t', { token: '4a', options: [observe(1)] }) }
    const last = { server: response('ACK', 4, '2.05', { token: '4a', payload: '20' }) }
    expect(lines(register, first, deregister, notify(2, 13), last, notify(3, 14)).slice(4)).toEqual([
      'message deliver /t 2 bytes in 4',
      'message deliver /t 2 bytes in 5',
      'exchange observe-cancel 4a /t: 3→5 ok 2.05 Content',
      'remove subscription "/t"',
      'message deliver ? 2 bytes in 6',
    ])
  })

  it.each(['CON', 'NON'] as const)('ends where a %s notification is reset', type => {
    const told = lines(register, first, notify(2, 13, type), { client: empty('RST', 2) })
    expect(told.at(-1)).toBe('remove subscription "/t"')
    expect(told.filter(line => line.includes('deliver-ack'))).toEqual(
      type === 'CON' ? ['exchange deliver-ack 2 /t: 3→4 failed RST'] : [],
    )
  })

  it('ends with an error', () => {
    const gone = { server: response('NON', 2, '4.04', { token: '4a' }) }
    expect(lines(register, first, gone).at(-1)).toBe('remove subscription "/t"')
  })

  it('registers again under the same token', () => {
    const again = { client: request('CON', 9, 'GET', '/t', { token: '4a', options: [observe(0)] }) }
    const answer = { server: response('ACK', 9, '2.05', { token: '4a', options: [observe(20)], payload: '18' }) }
    expect(lines(register, first, again, answer, notify(2, 21)).slice(4)).toEqual([
      'message deliver /t 2 bytes in 4',
      'exchange observe 4a /t: 3→4 ok 2.05 Content',
      'message deliver /t 2 bytes in 5',
    ])
  })

  it('is none where the server does not take part', () => {
    const plain = { server: response('ACK', 1, '2.05', { token: '4a', payload: '18' }) }
    expect(lines(register, plain)).not.toContain('add subscription "/t"')
  })

  const late = (...steps: Said<DatagramFrame>[]): readonly unknown[] =>
    told(register, first, ...steps).messages.map(({ properties }) => [properties.observe, properties.outOfOrder])

  it('tells what came late by 24-bit sequence numbers', () => {
    expect(late(notify(2, 14), notify(3, 13), notify(4, 15))).toEqual([
      [12, undefined],
      [14, undefined],
      [13, true],
      [15, undefined],
    ])
  })

  it('lets numbers wrap, and mean nothing after 128 s', () => {
    expect(late(notify(2, 0x7fffff), notify(3, 0xfffffe), notify(4, 3), notify(5, 0xffffff)).slice(1)).toEqual([
      [0x7fffff, undefined],
      [0xfffffe, undefined],
      [3, undefined],
      [0xffffff, true],
    ])
    expect(late(notify(2, 14), seconds(129), notify(3, 1))[2]).toEqual([1, undefined])
  })
})

describe('bodies in blocks', () => {
  it('assembles a request, each block with a token of its own', () => {
    const put = (messageId: number, num: number, more: boolean, payload: string) => ({
      client: request('CON', messageId, 'PUT', '/big', {
        token: `0${messageId}`,
        payload,
        options: [block('Block1', num, more)],
      }),
    })
    const answer = (messageId: number, code: string, num: number, more: boolean) => ({
      server: response('ACK', messageId, code, { token: `0${messageId}`, options: [block('Block1', num, more)] }),
    })
    const { lines, messages } = told(
      put(1, 0, true, sixteen('a')),
      answer(1, '2.31', 0, true),
      put(2, 1, true, sixteen('b')),
      put(2, 1, true, sixteen('b')),
      answer(2, '2.31', 1, true),
      put(3, 2, false, 'c'),
      answer(3, '2.04', 2, false),
    )
    expect(lines.filter(line => !line.startsWith('level'))).toEqual([
      'message publish /big 33 bytes in 1 3 6',
      'exchange put 01 /big: 1→2→3→4→5→6→7 ok 2.04 Changed',
      'use resource "/big"',
    ])
    expect(Buffer.from(messages[0]!.body).toString()).toBe(`${sixteen('a')}${sixteen('b')}c`)
  })

  const get = (messageId: number, num: number, size = 16, path = '/big') => ({
    client: request('CON', messageId, 'GET', path, {
      token: `0${messageId}`,
      options: num === 0 ? [] : [block('Block2', num, false, size)],
    }),
  })
  const part = (messageId: number, num: number, more: boolean, payload: string, size = 16, etag = 1) => ({
    server: response('ACK', messageId, '2.05', {
      token: `0${messageId}`,
      payload,
      options: [block('Block2', num, more, size), ['ETag', Uint8Array.of(etag)], ['Content-Format', 0]],
    }),
  })

  it('assembles a response', () => {
    const steps = [get(1, 0), part(1, 0, true, sixteen('a')), get(2, 1), part(2, 1, false, 'b')]
    const { messages, lines } = told(...steps)
    expect(lines.filter(line => !line.startsWith('level'))).toEqual([
      'message deliver /big 17 bytes in 2 4',
      'exchange get 01 /big: 1→2→3→4 ok 2.05 Content',
      'use resource "/big"',
    ])
    expect(messages[0]).toMatchObject({ contentType: 'text/plain; charset=utf-8', whole: true, correlationId: '01' })
  })

  it('goes by the size in each block, which the other side may make smaller', () => {
    const [message] = told(
      get(1, 0),
      part(1, 0, true, 'a'.repeat(32), 32),
      get(2, 2, 16),
      part(2, 2, true, sixteen('b'), 16),
      get(3, 3, 16),
      part(3, 3, false, 'c', 16),
    ).messages
    expect(Buffer.from(message!.body).toString()).toBe(`${'a'.repeat(32)}${sixteen('b')}c`)
  })

  it('assembles a notification, which the client fetches the rest of', () => {
    const register = { client: request('CON', 1, 'GET', '/big', { token: '4a', options: [observe(0)] }) }
    const first = { server: response('ACK', 1, '2.05', { token: '4a', options: [observe(1)], payload: 'x' }) }
    const notification = {
      server: response('NON', 50, '2.05', {
        token: '4a',
        payload: sixteen('a'),
        options: [observe(2), block('Block2', 0, true)],
      }),
    }
    expect(lines(register, first, notification, get(2, 1), part(2, 1, false, 'b')).slice(4)).toEqual([
      'message deliver /big 17 bytes in 3 5',
      'exchange get 02 /big: 4→5 ok 2.05 Content',
    ])
  })

  it('takes one block that was asked for by itself', () => {
    expect(lines(get(1, 5), part(1, 5, true, sixteen('f')))).toEqual([
      'exchange get 01 /big: 1→2 ok 2.05 Content, not fetched whole',
      'message deliver /big 96 bytes in 2, not whole',
    ])
  })

  it('starts anew where the body changed on the way, or is fetched again', () => {
    const changed = [get(1, 0), part(1, 0, true, sixteen('a')), get(2, 1), part(2, 1, false, 'b', 16, 2)]
    expect(lines(...changed).filter(line => line.startsWith('message'))).toEqual([
      'message deliver /big 16 bytes in 2, not whole',
      'message deliver /big 17 bytes in 4, not whole',
    ])
    const options = [block('Block2', 0, false)]
    const again = { client: request('CON', 2, 'GET', '/big', { token: '02', options }) }
    expect(exchanges(get(1, 0), part(1, 0, true, sixteen('a')), again, part(2, 0, false, 'b'))).toEqual([
      'exchange get 01 /big: 1→2 ok 2.05 Content, not fetched whole',
      'exchange get 02 /big: 3→4 ok 2.05 Content',
    ])
  })

  it('keeps bodies apart that are sent at once, by Request-Tag', () => {
    const put = (messageId: number, tag: number, num: number, more: boolean, payload: string) => ({
      client: request('NON', messageId, 'POST', '/log', {
        token: `0${messageId}`,
        payload,
        options: [block('Block1', num, more), ['Request-Tag', Uint8Array.of(tag)]],
      }),
    })
    const { messages } = told(
      put(1, 1, 0, true, sixteen('a')),
      put(2, 2, 0, true, sixteen('x')),
      put(3, 1, 1, false, 'b'),
      put(4, 2, 1, false, 'y'),
    )
    expect(messages.map(({ body }) => Buffer.from(body).toString())).toEqual([`${sixteen('a')}b`, `${sixteen('x')}y`])
  })

  it('says that a body was refused midway', () => {
    expect(
      lines(
        {
          client: request('CON', 1, 'PUT', '/big', {
            token: '01',
            payload: sixteen('a'),
            options: [block('Block1', 0, true)],
          }),
        },
        { server: response('ACK', 1, '4.13', { token: '01' }) },
      ),
    ).toEqual([
      'exchange put 01 /big: 1→2 failed 4.13 Request Entity Too Large',
      'message publish /big 16 bytes in 1, not whole',
    ])
  })

  it('takes blocks of Q-Block in any order, and those that were missing', () => {
    const put = (messageId: number, num: number, more: boolean, payload: string) => ({
      client: request('NON', messageId, 'PUT', '/big', {
        token: `0${messageId}`,
        payload,
        options: [['Q-Block1', { num, more, size: 16 }]] as PlainOption[],
      }),
    })
    const { lines, messages } = told(
      put(1, 0, true, sixteen('a')),
      put(3, 2, false, 'c'),
      { server: response('NON', 70, '4.08', { token: '03', payload: '\x01', options: [['Content-Format', 272]] }) },
      put(4, 1, true, sixteen('b')),
      { server: response('NON', 71, '2.04', { token: '04' }) },
    )
    expect(Buffer.from(messages[0]!.body).toString()).toBe(`${sixteen('a')}${sixteen('b')}c`)
    expect(lines).toContain('exchange put 01 /big: 1→2→3→4→5 ok 2.04 Changed')
  })

  it('counts what there is no room for', () => {
    const room = { exchanges: new Budget(10), bytes: new Budget(500) }
    const steps = Array.from({ length: 40 }, (_, num) => [
      get(num + 10, num),
      part(num + 10, num, num < 39, sixteen('a')),
    ]).flat()
    const { messages } = story(coap, null, steps as Said<DatagramFrame>[], 'start', room)
    expect(messages).toHaveLength(1)
    expect(messages[0]).toMatchObject({ size: 640, whole: true })
    expect(messages[0]!.body.length).toBeLessThan(640)
  })
})

describe('room', () => {
  it('gives up the oldest request, and lets go of its body', () => {
    const put = (messageId: number) => ({
      client: request('NON', messageId, 'PUT', `/${messageId}`, {
        token: `0${messageId}`,
        payload: sixteen('a'),
        options: [block('Block1', 0, true)],
      }),
    })
    const room = { exchanges: new Budget(2), bytes: new Budget(10_000) }
    const { exchanges, messages } = story(coap, null, [put(1), put(2), put(3)], 'start', room)
    expect(exchanges.map(({ id, outcome }) => [id, outcome])).toEqual([['01', 'given up']])
    expect(messages[0]).toMatchObject({ address: '/1', whole: false, size: 16 })
  })
})

describe('over a reliable transport', () => {
  it('ties responses to requests by token, in any order', () => {
    expect(
      overTcp(
        { client: reliableRequest('GET', '/a', { token: '01' }) },
        { client: reliableRequest('GET', '/b', { token: '02' }) },
        { server: reliableResponse('2.05', { token: '02', payload: 'b' }) },
        { server: reliableResponse('4.04', { token: '01' }) },
      ),
    ).toEqual([
      'message deliver /b 1 bytes in 5',
      'exchange get 02 /b: 4→5 ok 2.05 Content',
      'use resource "/b"',
      'exchange get 01 /a: 3→6 failed 4.04 Not Found',
    ])
  })

  it('ties a pong to its ping, and tells what each side takes', () => {
    const csm = signal('csm', { options: [['Max-Message-Size', 9000]] })
    expect(
      overTcp(
        { client: csm },
        { client: signal('ping', { token: '07' }) },
        { server: signal('pong', { token: '07' }) },
      ),
    ).toEqual(['level client max message size 9000', 'exchange ping 07: 4→5 ok Pong'])
  })

  it('ends with an abort what is open', () => {
    expect(overTcp({ client: reliableRequest('GET', '/a', { token: '01' }) }, { server: signal('abort') })).toEqual([
      'exchange get 01 /a: 3→? connection aborted',
    ])
  })

  it('answers after a release what was asked before', () => {
    expect(
      overTcp(
        { client: reliableRequest('DELETE', '/a', { token: '01' }) },
        { server: signal('release') },
        { server: reliableResponse('2.02', { token: '01' }) },
      ),
    ).toEqual(['exchange delete 01 /a: 3→5 ok 2.02 Deleted', 'remove resource "/a"'])
  })

  it('assembles BERT blocks: several of 1024 in one message', () => {
    const { messages } = story(coapTcp, unlimited, [
      ...opening,
      { client: reliableRequest('GET', '/big', { token: '01', options: [block('Block2', 0, false, 1024, true)] }) },
      {
        server: reliableResponse('2.05', {
          token: '01',
          payload: 'a'.repeat(4096),
          options: [block('Block2', 0, true, 1024, true)],
        }),
      },
      { client: reliableRequest('GET', '/big', { token: '01', options: [block('Block2', 4, false, 1024, true)] }) },
      {
        server: reliableResponse('2.05', {
          token: '01',
          payload: 'b'.repeat(100),
          options: [block('Block2', 4, false, 1024, true)],
        }),
      },
    ])
    expect(messages).toHaveLength(1)
    expect(messages[0]).toMatchObject({ size: 4196, whole: true })
  })

  it('takes notifications in the order in which they come', () => {
    const { messages } = story(coapWebSocket, unlimited, [
      ...opening,
      { client: reliableRequest('GET', '/t', { token: '4a', options: [observe(0)] }) },
      { server: reliableResponse('2.05', { token: '4a', options: [observe(7)], payload: '1' }) },
      { server: reliableResponse('2.05', { token: '4a', options: [observe(7)], payload: '2' }) },
    ])
    expect(messages.map(({ properties }) => properties.outOfOrder)).toEqual([undefined, undefined])
  })
})

describe('what a message is', () => {
  it('has the URI as its destination, the options as its properties, the token as its id', () => {
    const [message] = told({
      client: request('CON', 1, 'POST', '/a/b', {
        token: 'c0ffee',
        payload: '{}',
        options: [
          ['Uri-Query', 'x=1'],
          ['Uri-Query', 'y=2'],
          ['Content-Format', 11050],
          ['If-Match', Uint8Array.of(1)],
        ],
      }),
    }).messages
    expect(message).toMatchObject({
      direction: 'publish',
      side: 'client',
      address: '/a/b',
      destination: { uriPath: 'a/b', uriQuery: 'x=1&y=2' },
      contentType: 'application/json',
      contentEncoding: 'deflate',
      correlationId: 'c0ffee',
      properties: { type: 'CON', messageId: 1, code: '0.02', codeName: 'POST', ifMatch: ['01'], contentFormat: 11050 },
      whole: true,
    })
  })

  it('takes what an error says to people for no message', () => {
    const problem = { token: '01', payload: '\xa0', options: [['Content-Format', 257]] as PlainOption[] }
    expect(
      lines(
        { client: request('NON', 1, 'GET', '/a', { token: '01' }) },
        { server: response('NON', 2, '4.00', problem) },
      ),
    ).toContain('message deliver /a 2 bytes in 2')
  })
})

describe('captures of libcoap', () => {
  it('answers everything in a simple conversation', async () => {
    const { exchanges, open, messages } = await storyOf(capture('coap/coap_udp_basic.pcap'))
    expect(open).toEqual([])
    expect(exchanges).toHaveLength(16)
    expect(exchanges.filter(({ ok }) => ok === false).map(({ outcome }) => outcome)).toEqual([
      '4.04 Not Found',
      '4.05 Method Not Allowed',
      '4.05 Method Not Allowed',
      '4.02 Bad Option',
    ])
    // What its client printed.
    const delivered = messages
      .filter(({ direction }) => direction === 'deliver')
      .map(({ body }) => String(Buffer.from(body)))
    expect(delivered.slice(2, 5)).toEqual(['Nov 23 07:36:14', 'hello', 'put body'])
  })

  it('delivers what an observer printed', async () => {
    const { messages, lines, open } = await storyOf(capture('coap/coap_udp_observe.pcap'))
    const delivered = messages.filter(({ address, direction }) => address === '/obs' && direction === 'deliver')
    expect(delivered.map(({ body }) => String(Buffer.from(body)))).toEqual(['o1', 'o2', 'o3', 'o3'])
    expect(delivered.every(({ properties }) => properties.outOfOrder === undefined)).toBe(true)
    expect(lines.filter(line => line.includes('subscription')).sort()).toEqual([
      'add subscription "/obs"',
      'add subscription "/time"',
      'add subscription "/time"',
      'remove subscription "/obs"',
      'remove subscription "/time"',
      'remove subscription "/time"',
    ])
    expect(open).toEqual([])
  })

  it('assembles every body, whatever its block size', async () => {
    const { messages, open } = await storyOf(capture('coap/coap_udp_block.pcap.gz'))
    expect(open).toEqual([])
    const whole = messages
      .filter(({ whole }) => whole)
      .map(({ direction, address, size }) => [direction, address, size])
    expect(whole).toEqual([
      ['publish', '/big', 6756],
      ['deliver', '/big', 6756],
      ['deliver', '/big', 6756],
      ['publish', '/big2', 6756],
      ['publish', '/big3', 6756],
      ['deliver', '/big3', 6756],
    ])
    const bodies = new Set(messages.filter(({ whole }) => whole).map(({ body }) => String(Buffer.from(body))))
    expect(bodies.size).toBe(1)
    // The client that asked for one block of it got that.
    const [one] = messages.filter(({ whole }) => !whole)
    expect(one).toMatchObject({ address: '/big2', frames: [454] })
    expect([...bodies][0]).toContain(String(Buffer.from(one!.body)))
  })

  it('answers everything over TCP', async () => {
    const { exchanges, open, messages } = await storyOf(capture('coap-tcp/coap_tcp_basic.pcap'))
    expect(open).toEqual([])
    expect(exchanges.filter(({ ok }) => ok === true)).toHaveLength(12)
    expect(messages.map(({ whole }) => whole)).not.toContain(false)
  })
})
