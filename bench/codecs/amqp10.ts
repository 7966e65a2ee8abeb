import { createRequire } from 'node:module'
import { type Amqp10Frame, AmqpMap, amqp10, Body, type Context, Scalar } from '../../codecs/amqp10/index.ts'
import { Decoder, FrameReader, type Packet, Writer } from '../../codecs/core/index.ts'
import { compare, print } from '../pair.ts'

const require = createRequire(import.meta.url)

interface RheaFrames {
  amqp_frame(channel: number, performative: unknown, payload?: Buffer): unknown
  read_frame(bytes: Buffer): { readonly payload: Buffer }
  write_frame(frame: unknown): Buffer
  transfer(fields: object): { described(): unknown }
  disposition(fields: object): { described(): unknown }
}
interface RheaMessage {
  encode(message: object): Buffer
  decode(bytes: Buffer): unknown
  data_section(bytes: Buffer): unknown
  accepted(): { described(): unknown }
}
/** The package amqp10, which reads from a list of buffers of its own. */
interface Amqp10Frames {
  readFrame(buffer: unknown, options: { readonly verbose: boolean }): { readonly payload: Buffer }
}
interface Amqp10Messages {
  decodeMessage(bytes: Buffer): unknown
}
const older = createRequire(require.resolve('amqp10'))
const BufferList = older('bl') as new (bytes: Buffer) => unknown
const olderFrames = older('./frames.js') as Amqp10Frames
const olderMessages = older('./types/message.js') as Amqp10Messages
const readOlder = (bytes: Buffer) => olderFrames.readFrame(new BufferList(bytes), { verbose: false })

const frames = require('rhea/lib/frames.js') as RheaFrames
const messages = require('rhea/lib/message.js') as RheaMessage

const COUNT = 500
const reader = new FrameReader()
const created = new Date(1_700_000_000_000)
const body = Buffer.alloc(100, 0x61)
const tag = Buffer.from('0001')

const message = {
  durable: true,
  message_id: 'm-4711',
  to: 'orders',
  content_type: 'text/plain',
  creation_time: created,
  application_properties: { tenant: 'acme', attempt: 2 },
  body: messages.data_section(body),
}
const payload = messages.encode(message)
const transferOf = (id: number) =>
  frames.transfer({ handle: 1, delivery_id: id, delivery_tag: tag, message_format: 0, settled: false }).described()
const transfer = frames.write_frame(frames.amqp_frame(1, transferOf(70_000), payload))
const dispositionOf = (id: number) => {
  const state = messages.accepted().described()
  return frames.disposition({ role: true, first: id, last: id, settled: true, state }).described()
}
const disposition = frames.write_frame(frames.amqp_frame(1, dispositionOf(70_000)))

function parsing(bytes: Buffer, look: (packet: Packet<Context>) => unknown, peerLook: (bytes: Buffer) => unknown) {
  const chunk = Buffer.concat(Array.from({ length: COUNT }, () => bytes))
  const decoder = new Decoder(amqp10, 'client', amqp10.dialogue('start'))
  const ours = () => {
    decoder.push(chunk, 0)
    for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) look(packet as Packet<Context>)
    return COUNT
  }
  const theirs = () => {
    for (let at = 0; at < chunk.length; at += bytes.length) peerLook(chunk.subarray(at, at + bytes.length))
    return COUNT
  }
  return { ours, theirs }
}

function parse(
  title: string,
  bytes: Buffer,
  look: (packet: Packet<Context>) => unknown,
  peers: Readonly<Record<string, (b: Buffer) => unknown>>,
): void {
  for (const [name, peer] of Object.entries(peers)) {
    const { ours, theirs } = parsing(bytes, look, peer)
    print(compare(`AMQP 1.0 ${title}`, 'frames', { name: 'mqinspect', run: ours }, { name, run: theirs }))
  }
}

const shallow = (packet: Packet<Context>) => reader.read(amqp10, packet).frame
const whole = (packet: Packet<Context>) => {
  const frame = shallow(packet)
  return frame.type === 'transfer' && frame.message !== undefined && 'value' in frame.message && frame.message.value
}

parse('transfer: cut and read', transfer, shallow, { rhea: bytes => frames.read_frame(bytes), amqp10: readOlder })
parse('transfer with its message', transfer, whole, {
  rhea: bytes => messages.decode(frames.read_frame(bytes).payload),
  amqp10: bytes => olderMessages.decodeMessage(readOlder(bytes).payload),
})
parse('disposition: cut and read', disposition, shallow, {
  rhea: bytes => frames.read_frame(bytes),
  amqp10: readOlder,
})

const writer = new Writer(1 << 16)
const context: Context = { phase: 'amqp', maxFrameSize: undefined, opened: true, continuation: false }

function generate(title: string, make: (id: number) => Amqp10Frame, peer: (id: number) => Buffer): void {
  const ours = () => {
    for (let id = 0; id < COUNT; id++) amqp10.write(writer, make(70_000 + id), context)
    writer.reset()
    return COUNT
  }
  const theirs = () => {
    for (let id = 0; id < COUNT; id++) peer(70_000 + id)
    return COUNT
  }
  print(compare(`AMQP 1.0 ${title}`, 'frames', { name: 'mqinspect', run: ours }, { name: 'rhea', run: theirs }))
}

generate(
  'transfer with its message: write',
  deliveryId => ({
    type: 'transfer',
    channel: 1,
    handle: 1,
    deliveryId,
    deliveryTag: tag,
    messageFormat: 0,
    settled: false,
    message: {
      header: { durable: true },
      properties: {
        messageId: Scalar.of('string', 'm-4711'),
        to: 'orders',
        contentType: 'text/plain',
        creationTime: Scalar.of('timestamp', created.getTime()),
      },
      applicationProperties: AmqpMap.of({ tenant: Scalar.of('string', 'acme'), attempt: Scalar.of('int', 2) }),
      body: Body.data(body),
    },
  }),
  id => frames.write_frame(frames.amqp_frame(1, transferOf(id), messages.encode(message))),
)
generate(
  'disposition: write',
  id => ({
    type: 'disposition',
    channel: 1,
    role: 'receiver',
    first: id,
    last: id,
    settled: true,
    state: { type: 'accepted' },
  }),
  id => frames.write_frame(frames.amqp_frame(1, dispositionOf(id))),
)
