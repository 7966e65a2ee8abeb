import { describe, expect, test } from 'vitest'
import {
  type CoapFrame,
  coap,
  coapTcp,
  type DatagramFrame,
  type PlainOption,
  type ReliableFrame,
} from '../../../codecs/coap/index.ts'
import {
  hex,
  Packet,
  type Player,
  type PlayOptions,
  Renumbering,
  type Said,
  Writer,
} from '../../../codecs/core/index.ts'
import { ScramKeys } from '../../../src/scram.ts'
import { empty, reliableRequest, reliableResponse, request, response, signal } from './messages.ts'

function options(map: Readonly<Record<string, string>>): PlayOptions {
  return {
    copy: 0,
    names: new Renumbering(),
    scram: new ScramKeys({ waits: true }),
    address: path => map[path] ?? path,
  }
}

/** `at` is when it was seen, in seconds. */
function packetOf(frame: DatagramFrame, at: number): Packet<null> {
  const writer = new Writer()
  coap.write(writer, frame, null)
  const bytes = writer.take()
  return new Packet('frame', 'client', 0, at * 1e9, 0, bytes, 0, bytes.length, bytes.length, null, [])
}

function datagrams(map: Readonly<Record<string, string>> = {}) {
  const play = coap.play?.(options(map)) as Player<DatagramFrame, null>
  return {
    play,
    say: (frame: DatagramFrame, at = 0): Said<DatagramFrame> => play.say(frame, packetOf(frame, at)),
    recall: (frame: DatagramFrame, at = 0) => play.recall(frame, packetOf(frame, at)),
    hear: (frame: DatagramFrame, at = 0) => play.hear(frame, packetOf(frame, at)).map(line),
  }
}

function reliable() {
  const play = coapTcp.play?.(options({})) as Player<ReliableFrame>
  const none = {} as Packet
  return {
    say: (frame: ReliableFrame) => play.say(frame, none),
    recall: (frame: ReliableFrame) => play.recall(frame, none),
    hear: (frame: ReliableFrame) => play.hear(frame, none).map(line),
  }
}

/** `ACK 0.00 mid=7`. */
const line = (frame: CoapFrame): string =>
  [
    frame.type,
    frame.code,
    ...('messageId' in frame ? [`mid=${frame.messageId}`] : []),
    ...(frame.token.length > 0 ? [`token=${hex(frame.token)}`] : []),
  ].join(' ')

const sent = (said: Said<CoapFrame>): unknown => (said.action === 'send' ? said.frames.map(line) : said.action)

const get = (messageId: number, token: string, opts: readonly PlainOption[] = []): DatagramFrame =>
  request('CON', messageId, 'GET', '/a', { token, options: opts })
const content = (type: 'CON' | 'NON' | 'ACK', messageId: number, token: string, payload = 'x'): DatagramFrame =>
  response(type, messageId, '2.05', { token, payload })

describe('over UDP', () => {
  test('a request is sent again until it is acknowledged [RFC 7252 §4.2], and nothing goes before its answer', () => {
    const { say, recall, hear } = datagrams()
    const said = say(get(7, '01'))
    expect(said).toMatchObject({ action: 'same', orderly: true, insist: { after: 2000, times: 4 } })
    const { until } = (said as { insist: { until: { open: boolean } } }).insist
    const answer = recall(content('ACK', 7, '01'))
    expect(answer).toMatchObject({ loose: false, open: true, cause: 'the answer to GET /a' })
    hear(empty('ACK', 7))
    expect([until.open, answer?.open]).toEqual([false, true])
    hear(content('CON', 500, '01'))
    expect(answer?.open).toBe(false)
  })

  test('a response that overtakes its acknowledgement stands for it [RFC 7252 §5.2.2]', () => {
    const { say, hear } = datagrams()
    const said = say(get(7, '01'))
    hear(content('NON', 500, '01'))
    expect(said).toMatchObject({ insist: { until: { open: false } } })
    expect(say(request('NON', 8, 'GET', '/a', { token: '02' }))).toMatchObject({ insist: undefined })
  })

  test('what the recording has again is not played: retransmissions are its own', () => {
    const { say, recall } = datagrams()
    say(get(7, '01'), 0)
    expect(say(get(7, '01'), 2)).toEqual({ action: 'skip' })
    recall(content('CON', 500, '01'), 3)
    expect(recall(content('CON', 500, '01'), 5)).toBeUndefined()
  })

  test('the same message ID after its lifetime is another message, and needs another ID when it comes too soon', () => {
    const { say } = datagrams()
    say(get(7, '01'), 0)
    expect(sent(say(get(7, '01'), 300))).toEqual(['CON 0.01 mid=0 token=01'])
    expect(sent(say(get(0, '02'), 301))).toEqual(['CON 0.01 mid=1 token=02'])
  })

  test('ACK goes to the message ID of now', () => {
    const { say, recall, hear } = datagrams()
    say(get(7, '01'))
    const answer = recall(content('CON', 500, '01'))
    expect(say(empty('ACK', 500))).toEqual({ action: 'wait', for: answer })
    expect(hear(content('CON', 900, '01'))).toEqual([])
    expect(sent(say(empty('ACK', 500)))).toEqual(['ACK 0.00 mid=900'])
    expect(say(empty('ACK', 500)).action).toBe('skip')
    // Its sender did not get that: it is sent at once, whatever the recording has.
    expect(hear(content('CON', 900, '01'), 2)).toEqual(['ACK 0.00 mid=900'])
  })

  test('notifications are taken in their order; where one is confirmable only now, it is acknowledged', () => {
    const { say, recall, hear } = datagrams()
    say(get(7, '01', [['Observe', 0]]))
    recall(content('ACK', 7, '01', 'one'))
    hear(content('ACK', 7, '01', 'one'))
    const second = recall(content('CON', 500, '01', 'two'))
    const third = recall(content('NON', 501, '01', 'three'))
    expect([second?.loose, third?.loose]).toEqual([true, true])
    hear(content('NON', 900, '01', 'two'))
    expect(say(empty('ACK', 500)).action).toBe('skip')
    expect(hear(content('CON', 901, '01', 'three'))).toEqual(['ACK 0.00 mid=901'])
    expect([second?.open, third?.open]).toEqual([false, false])
  })

  test('RST goes to the notification of now, also where that needs no acknowledgement [RFC 7641 §3.6]', () => {
    const { say, recall, hear } = datagrams()
    say(get(7, '01', [['Observe', 0]]))
    recall(content('CON', 500, '01'))
    hear(content('NON', 900, '01'))
    expect(sent(say(empty('RST', 500)))).toEqual(['RST 0.00 mid=900'])
  })

  test('what the recording does not have is acknowledged in the end', () => {
    const { play, hear } = datagrams()
    expect(hear(content('CON', 900, '09'))).toEqual([])
    expect(play.unexpected).toBe(1)
    expect(play.leave().map(line)).toEqual(['ACK 0.00 mid=900'])
    expect(play.leave()).toEqual([])
  })

  test('a ping is answered when it comes; ours waits for its RST [RFC 7252 §4.3]', () => {
    const { say, recall, hear } = datagrams()
    expect(hear(empty('CON', 900))).toEqual(['RST 0.00 mid=900'])
    expect(say(empty('RST', 33)).action).toBe('skip')
    say(empty('CON', 7))
    const answer = recall(empty('RST', 7))
    expect(answer).toMatchObject({ open: true, loose: false })
    hear(empty('RST', 7))
    expect(answer?.open).toBe(false)
  })

  test('a request that was not understood is answered by RST, then or now', () => {
    const then = datagrams()
    then.say(get(7, '01'))
    const answer = then.recall(empty('RST', 7))
    then.hear(content('ACK', 7, '01'))
    expect(answer?.open).toBe(false)
    const now = datagrams()
    now.say(get(7, '01'))
    const response = now.recall(content('ACK', 7, '01'))
    now.hear(empty('RST', 7))
    expect(response?.open).toBe(false)
  })

  test('requests of the server are answered as they come now', () => {
    const ask = (messageId: number, token: string, type: 'CON' | 'NON' = 'CON') =>
      request(type, messageId, 'GET', '/3/0', { token })
    const { say, recall, hear } = datagrams()
    const asked = recall(ask(500, 'aa'))
    expect(say(content('ACK', 500, 'aa'))).toEqual({ action: 'wait', for: asked })
    hear(ask(900, 'bb'))
    expect(sent(say(content('ACK', 500, 'aa')))).toEqual(['ACK 2.05 mid=900 token=bb'])
    recall(ask(501, 'ac'))
    hear(ask(901, 'bc', 'NON'))
    expect(sent(say(content('ACK', 501, 'ac')))).toEqual(['NON 2.05 mid=501 token=bc'])
  })

  test('other paths; resources and representations that the server names are called as it calls them now', () => {
    const { say, recall, hear } = datagrams({ '/a': '/b c/d' })
    const moved = say(get(7, '01'))
    expect(moved).toMatchObject({ frames: [{ uriPath: 'b c/d' }] })
    const made = (location: string, etag: number) =>
      response('ACK', 8, '2.01', {
        token: '02',
        options: [
          ['Location-Path', 'made'],
          ['Location-Path', location],
          ['ETag', Uint8Array.of(etag)],
        ],
      })
    say(request('CON', 8, 'POST', '/made', { token: '02' }))
    recall(made('1', 0x11))
    hear(made('9', 0x99))
    const again = say(request('CON', 9, 'PUT', '/made/1', { options: [['If-Match', Uint8Array.of(0x11)]] }))
    expect(again).toMatchObject({ frames: [{ uriPath: 'made/9', ifMatch: ['99'] }] })
  })
})

describe('over TCP and WebSocket', () => {
  test('CSM comes first [RFC 8323 §5.3], an answer before what comes after it', () => {
    const { say, recall, hear } = reliable()
    expect(say(signal('csm'))).toEqual({ action: 'same', orderly: true })
    const csm = recall(signal('csm'))
    hear(signal('csm'))
    expect(csm).toMatchObject({ open: false, loose: false })
    say(reliableRequest('GET', '/a', { token: '01' }))
    const answer = recall(reliableResponse('2.05', { token: '01' }))
    expect(answer).toMatchObject({ open: true, loose: false })
    hear(reliableResponse('4.04', { token: '01' }))
    expect(answer?.open).toBe(false)
  })

  test('neither CSM waits for the other', () => {
    const { say, recall } = reliable()
    expect(recall(signal('csm'))).toBeUndefined()
    expect(say(signal('csm')).action).toBe('same')
  })

  test('a ping is answered when it comes [RFC 8323 §5.4]', () => {
    const { say, hear } = reliable()
    expect(hear(signal('ping', { token: '07' }))).toEqual(['pong 7.03 token=07'])
    expect(say(signal('pong', { token: '05' })).action).toBe('skip')
  })

  test('requests of the server are answered under its token of now', () => {
    const { say, recall, hear } = reliable()
    recall(reliableRequest('GET', '/3/0', { token: 'aa' }))
    hear(reliableRequest('GET', '/3/0', { token: 'bb' }))
    expect(sent(say(reliableResponse('2.05', { token: 'aa' })))).toEqual(['message 2.05 token=bb'])
    expect(say(reliableResponse('2.05', { token: 'cc' }))).toEqual({
      action: 'skip',
      reason: 'nobody asked for the answer cc',
    })
  })
})
