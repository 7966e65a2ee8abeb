import { UNSETTLED } from '../../codecs/amqp091/delimit.ts'
import { amqp091, Table } from '../../codecs/amqp091/index.ts'
import { coap } from '../../codecs/coap/index.ts'
import type { AnyCodec, Side } from '../../codecs/core/index.ts'
import { mqtt } from '../../codecs/mqtt/index.ts'
import { stomp } from '../../codecs/stomp/index.ts'
import { method, publish } from '../codecs/amqp091/talk.ts'
import { request, response } from '../codecs/coap/messages.ts'
import { CONNECT } from '../codecs/mqtt/support.ts'
import { bytesOf, type Said } from '../tracking/story.ts'

/** What is to be hidden, in conversations of every protocol: four letters of it stand nowhere else. */
export const PASSWORD = '9w7h-ub5c-0k'
export const HEADER = '4711-0815-1632'
export const BODY = 'qz7r4w-kvjx2p-gbyd6n-ht3mfs-l8'

/** What a client and a server say, as bytes on the wire. */
export interface Conversation {
  readonly port: number
  readonly transport: 'stream' | 'datagram'
  readonly said: readonly (readonly [Side, Uint8Array])[]
  /** The rule that overwrites what users put into headers. */
  readonly headers?: string
}

const text = new TextEncoder()

/** As they are written in the context of this moment. */
// biome-ignore lint/suspicious/noExplicitAny: the frames are those of the codec
function said(codec: AnyCodec, context: unknown, steps: readonly Said<any>[]): [Side, Uint8Array][] {
  return steps.flatMap((step): [Side, Uint8Array][] => {
    if ('client' in step) return [['client', bytesOf(codec, step.client, context)]]
    return 'server' in step ? [['server', bytesOf(codec, step.server, context)]] : []
  })
}

const amqp091Said = said(amqp091, UNSETTLED, [
  { client: Buffer.from('AMQP\0\0\x09\x01', 'latin1') },
  {
    server: method('connection.start', {
      versionMinor: 9,
      mechanisms: text.encode('PLAIN'),
      locales: text.encode('en'),
    }),
  },
  {
    client: method('connection.start-ok', {
      mechanism: 'PLAIN',
      response: text.encode(`\0ann\0${PASSWORD}`),
      locale: 'en',
    }),
  },
  ...publish('orders', {}, { contentType: 'text/plain', headers: Table.of({ card: HEADER, tries: 3 }) }, [
    BODY.slice(0, 9),
    BODY.slice(9),
  ]),
  ...publish('orders'),
])

const connect = {
  ...CONNECT,
  username: 'ann',
  password: text.encode(PASSWORD),
}

export const mqttSaid = said(mqtt, { version: 5, guessed: false }, [
  { client: connect },
  { server: { type: 'connack', sessionPresent: false, reasonCode: 0, properties: {} } },
  {
    client: {
      type: 'publish',
      dup: false,
      qos: 1,
      retain: false,
      topic: 'orders',
      packetId: 1,
      properties: { userProperties: [{ name: 'card', value: HEADER }] },
      payload: text.encode(BODY),
    },
  },
  { server: { type: 'puback', packetId: 1 } },
  { client: { type: 'pingreq' } },
])

export const stompSaid = said(stomp, { version: '1.2' }, [
  { client: text.encode(`CONNECT\naccept-version:1.2\nhost:/\nlogin:ann\npasscode:${PASSWORD}\n\n\0`) },
  { server: text.encode('CONNECTED\nversion:1.2\n\n\0') },
  { client: text.encode(`SEND\ndestination:/queue/orders\ncard:${HEADER}\n\n${BODY}\0`) },
  { client: text.encode('DISCONNECT\nreceipt:bye\n\n\0') },
])

const coapSaid = said(coap, null, [
  { client: request('CON', 7, 'POST', '/orders', { token: 'a1', options: [['Uri-Query', HEADER]], payload: BODY }) },
  { server: response('ACK', 7, '2.05', { token: 'a1', payload: BODY }) },
])

/** `size descriptor list`, with sizes of a byte. */
const section = (descriptor: number, ...value: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Uint8Array.of(0x00, 0x53, descriptor), ...value])
const sized = (code: number, count: number, content: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.of(code, content.length + 1, count), content])
const string = (value: string): Buffer => Buffer.concat([Uint8Array.of(0xa1, value.length), text.encode(value)])
const symbol = (value: string): Buffer => Buffer.concat([Uint8Array.of(0xa3, value.length), text.encode(value)])
const binary = (value: string): Buffer => Buffer.concat([Uint8Array.of(0xa0, value.length), text.encode(value)])
function frame10(type: number, ...body: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(body)
  const head = Buffer.from([0, 0, 0, 0, 2, type, 0, 0])
  head.writeUInt32BE(8 + content.length)
  return Buffer.concat([head, content])
}
const header10 = (id: number): Buffer => Buffer.concat([text.encode('AMQP'), Uint8Array.of(id, 1, 0, 0)])
const ZERO = Uint8Array.of(0x43)

const amqp10Said: [Side, Uint8Array][] = [
  ['client', header10(3)],
  ['server', header10(3)],
  ['server', frame10(1, section(0x40, sized(0xc0, 1, symbol('PLAIN'))))],
  ['client', frame10(1, section(0x41, sized(0xc0, 2, Buffer.concat([symbol('PLAIN'), binary(`\0ann\0${PASSWORD}`)]))))],
  ['server', frame10(1, section(0x44, sized(0xc0, 1, Uint8Array.of(0x50, 0))))],
  ['client', header10(0)],
  ['client', frame10(0, section(0x10, sized(0xc0, 1, string('probe'))))],
  [
    'client',
    frame10(
      0,
      section(0x14, sized(0xc0, 4, Buffer.concat([ZERO, ZERO, binary('1'), ZERO]))),
      section(0x74, sized(0xc1, 2, Buffer.concat([string('card'), string(HEADER)]))),
      section(0x75, binary(BODY)),
    ),
  ],
]

export const conversations: Readonly<Record<string, Conversation>> = {
  amqp091: { port: 5672, transport: 'stream', said: amqp091Said, headers: 'amqp091.properties.headers.card' },
  amqp10: { port: 5672, transport: 'stream', said: amqp10Said, headers: 'amqp10.message.applicationProperties.card' },
  mqtt: { port: 1883, transport: 'stream', said: mqttSaid, headers: 'mqtt.properties.userProperties.card' },
  stomp: { port: 61613, transport: 'stream', said: stompSaid, headers: 'stomp.headers.card' },
  coap: { port: 5683, transport: 'datagram', said: coapSaid },
}
