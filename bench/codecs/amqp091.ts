import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { amqp091 } from '../../codecs/amqp091/index.ts'
import { Decoder, FrameReader, type Packet, Writer } from '../../codecs/core/index.ts'
import { compare, print } from '../pair.ts'

const require = createRequire(import.meta.url)

interface AmqplibFrame {
  parseFrame(bytes: Buffer): { readonly size: number; readonly rest: Buffer; readonly payload: Buffer } | false
  decodeFrame(frame: unknown): unknown
}
interface AmqplibDefs {
  readonly BasicDeliver: number
  readonly BasicAck: number
  readonly BasicPublish: number
  readonly BasicProperties: number
  encodeMethod(id: number, channel: number, fields: object): Buffer
  encodeProperties(id: number, channel: number, size: number, fields: object): Buffer
}
// Its codec is not among the package's exports.
const lib = join(dirname(require.resolve('amqplib')), 'lib')
const frames = require(join(lib, 'frame.js')) as AmqplibFrame
const defs = require(join(lib, 'defs.js')) as AmqplibDefs

const COUNT = 500
const reader = new FrameReader()

const properties = {
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  headers: { tenant: 'acme', attempt: 2, traced: true },
  deliveryMode: 2,
  priority: 4,
  correlationId: '3f0b4b1c-90f4-4a63-9d0a-6dcb8a4ba1a4',
  replyTo: 'amq.rabbitmq.reply-to',
  expiration: '60000',
  messageId: 'msg-00004711',
  appId: 'shop',
}
const body = Buffer.alloc(100, 0x61)
const bodyFrame = Buffer.concat([Buffer.from([3, 0, 1, 0, 0, 0, body.length]), body, Buffer.from([0xce])])
const deliver = Buffer.concat([
  defs.encodeMethod(defs.BasicDeliver, 1, {
    consumerTag: 'ctag-1',
    deliveryTag: 4711,
    redelivered: false,
    exchange: 'orders',
    routingKey: 'eu.new',
  }),
  defs.encodeProperties(defs.BasicProperties, 1, body.length, properties),
  bodyFrame,
])
const ack = defs.encodeMethod(defs.BasicAck, 1, { deliveryTag: 4711, multiple: false })

function contenders(bytes: Buffer, look: (packet: Packet) => unknown) {
  const chunk = Buffer.concat(Array.from({ length: COUNT }, () => bytes))
  const decoder = new Decoder(amqp091, 'server', amqp091.dialogue('start'))
  return {
    ours: () => {
      decoder.push(chunk, 0)
      for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) look(packet)
      return COUNT
    },
    theirs: () => {
      let rest: Buffer = chunk
      for (let frame = frames.parseFrame(rest); frame !== false; frame = frames.parseFrame(rest)) {
        frames.decodeFrame(frame)
        rest = frame.rest
      }
      return COUNT
    },
  }
}

const peer = (name: string, run: () => number) => ({ name: `amqplib ${name}`, run })
const shallow = (packet: Packet) => reader.read(amqp091, packet)
const deep = (packet: Packet) => reader.read(amqp091, packet, true)

for (const [title, bytes, look, name] of [
  ['basic.deliver with 10 properties: properties unread', deliver, shallow, 'mqinspect read'],
  ['basic.deliver with 10 properties: all read', deliver, deep, 'mqinspect read, deep'],
  ['basic.ack', ack, shallow, 'mqinspect read'],
] as const) {
  const { ours, theirs } = contenders(bytes, look)
  print(compare(`AMQP 0-9-1 ${title}`, 'messages', { name, run: ours }, peer('decode', theirs)))
}

const writer = new Writer()
const fields = { ticket: 0, exchange: 'orders', routingKey: 'eu.new', mandatory: false, immediate: false }
const written = Buffer.concat([
  defs.encodeMethod(defs.BasicPublish, 1, fields),
  defs.encodeProperties(defs.BasicProperties, 1, body.length, properties),
  bodyFrame,
])
const decoder = new Decoder(amqp091, 'client', amqp091.dialogue('start'))
decoder.push(written, 0)
const packets: Packet[] = []
for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) packets.push(packet)
const read = packets.map(packet => ({ frame: deep(packet).frame, context: packet.context }))
const ours = () => {
  for (let times = 0; times < COUNT; times++) {
    for (const { frame, context } of read) amqp091.write(writer, frame as never, context as never)
    writer.reset()
  }
  return COUNT
}
const theirs = () => {
  for (let times = 0; times < COUNT; times++) {
    defs.encodeMethod(defs.BasicPublish, 1, fields)
    defs.encodeProperties(defs.BasicProperties, 1, body.length, properties)
  }
  return COUNT
}
print(
  compare(
    'AMQP 0-9-1 basic.publish with 10 properties: write',
    'messages',
    { name: 'mqinspect write, body too', run: ours },
    peer('encode, no body', theirs),
  ),
)
