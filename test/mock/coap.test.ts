import { expect, test } from 'vitest'
import { type CoapFrame, coap, coapTcp, type DatagramFrame, type ReliableFrame } from '../../codecs/coap/index.ts'
import { type Act, hex, Packet, Renumbering, Writer } from '../../codecs/core/index.ts'
import { empty, reliableRequest, reliableResponse, request, response, signal } from '../codecs/coap/messages.ts'
import { type Recorded, theatre } from './theatre.ts'

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString()

/** `CON 2.05 mid=7 token=01 x`. */
const line = (frame: CoapFrame): string =>
  [
    frame.type,
    frame.code,
    ...('messageId' in frame ? [`mid=${frame.messageId}`] : []),
    ...(frame.token.length > 0 ? [`token=${hex(frame.token)}`] : []),
    ...(frame.payload === undefined ? [] : [text(frame.payload)]),
  ].join(' ')

/** Over TCP, in a whole mock. */
const get = (path: string, token: string, observe?: number): ReliableFrame =>
  reliableRequest('GET', path, { token, ...(observe === undefined ? {} : { options: [['Observe', observe]] }) })
const told = (token: string, payload: string, observe?: number): ReliableFrame =>
  reliableResponse('2.05', { token, payload, ...(observe === undefined ? {} : { options: [['Observe', observe]] }) })

const recorded: Recorded<ReliableFrame> = [
  [1, { client: signal('csm') }],
  [1, { server: signal('csm') }],
  [1, { client: get('/a', '01') }],
  [1, { server: told('01', 'a') }],
  [1, { client: get('/b', '02', 0) }],
  [1, { server: told('02', 'one', 1) }],
  [1, { server: told('02', 'two', 2) }],
]
const play = () => theatre(coapTcp, { first: false, maxMessageSize: undefined }, recorded)

test('answers go to the tokens of now; notifications follow the request that observes', async () => {
  const { client, deviations } = await play()
  const one = await client()
  one.say(signal('csm'), get('/b', 'aa', 0))
  expect((await one.hear(3)).map(line)).toEqual(['csm 7.01', 'message 2.05 token=aa one', 'message 2.05 token=aa two'])
  one.say(get('/a', 'bb'), signal('ping', { token: '07' }))
  expect((await one.hear(2)).map(line).sort()).toEqual(['message 2.05 token=bb a', 'pong 7.03 token=07'])
  await one.leave()
  expect(await deviations()).toEqual([])
})

test('what is not recorded is not found, and told', async () => {
  const { client, deviations } = await play()
  const one = await client()
  one.say(signal('csm'), get('/a', '01'), get('/c', '02'))
  expect((await one.hear(3)).map(line)).toContain('message 4.04 token=02')
  await one.leave()
  expect(await deviations()).toContain('GET /c: unknown')
})

/** In datagrams, frame by frame. */
function server() {
  const actor = coap.mock?.actor({ names: new Renumbering(), take: 0 })
  if (actor === undefined) throw new TypeError('CoAP cannot be mocked')
  const hear = (frame: DatagramFrame, at = 0) => {
    const writer = new Writer()
    coap.write(writer, frame, null)
    const bytes = writer.take()
    const packet = new Packet('frame', 'client', 0, at * 1e9, 0, bytes, 0, bytes.length, bytes.length, null, [])
    const { acts, send = [] } = actor.hear(frame, packet)
    return { acts, sent: (send as CoapFrame[]).map(line) }
  }
  const say = (frame: DatagramFrame, now: Act | undefined): string | string[] => {
    const said = actor.say({ frames: [frame], part: 0 }, now, undefined)
    return typeof said === 'string' ? said : (said as CoapFrame[]).map(line)
  }
  return { hear, say }
}
const ask = (type: 'CON' | 'NON', messageId: number, observe?: number): DatagramFrame =>
  request(type, messageId, 'GET', '/a', {
    token: 'aa',
    ...(observe === undefined ? {} : { options: [['Observe', observe]] }),
  })
const answer = (type: 'ACK' | 'CON' | 'NON', observe?: number): DatagramFrame =>
  response(type, 500, '2.05', {
    token: '01',
    payload: 'x',
    ...(observe === undefined ? {} : { options: [['Observe', observe]] }),
  })

test('an answer is in the acknowledgement where there is to be one, apart where it was [RFC 7252 §5.2]', () => {
  const { hear, say } = server()
  expect(say(answer('ACK'), hear(ask('CON', 7)).acts[0])).toEqual(['ACK 2.05 mid=7 token=aa x'])
  expect(say(answer('ACK'), hear(ask('NON', 8)).acts[0])).toEqual(['NON 2.05 mid=1 token=aa x'])
  expect(say(answer('CON'), hear(ask('CON', 9)).acts[0])).toEqual(['ACK 0.00 mid=9', 'CON 2.05 mid=2 token=aa x'])
})

test('who asks again gets the same answer again [RFC 7252 §4.5]', () => {
  const { hear, say } = server()
  say(answer('ACK'), hear(ask('CON', 7)).acts[0])
  const again = hear(ask('CON', 7), 2)
  expect(again).toEqual({ acts: [], sent: ['ACK 2.05 mid=7 token=aa x'] })
})

test('no notification comes after who observes has said RST, or GET with Observe 1 [RFC 7641 §3.6]', () => {
  const { hear, say } = server()
  const [observing] = hear(ask('CON', 7, 0)).acts
  say(answer('ACK', 1), observing)
  expect(say(answer('NON', 2), observing)).toEqual(['NON 2.05 mid=1 token=aa x'])
  hear(empty('RST', 1))
  expect(say(answer('NON', 3), observing)).toBe('never')
  const [anew] = hear(ask('CON', 8, 0)).acts
  expect(say(answer('ACK', 4), anew)).toEqual(['ACK 2.05 mid=8 token=aa x'])
  hear(ask('CON', 9, 1))
  expect(say(answer('NON', 5), anew)).toBe('never')
})

test('a ping is answered by RST [RFC 7252 §4.3]', () => {
  expect(server().hear(empty('CON', 7))).toEqual({ acts: [], sent: ['RST 0.00 mid=7'] })
})
