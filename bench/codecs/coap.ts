import { generate, parse } from 'coap-packet'
import { type CoapFrame, coap, Datagram, Options } from '../../codecs/coap/index.ts'
import { converse, FrameReader, type Packet, Writer } from '../../codecs/core/index.ts'
import { compare, print } from '../pair.ts'

const COUNT = 500
const reader = new FrameReader()
const message = {
  code: '0.03',
  confirmable: true,
  messageId: 4711,
  token: Buffer.from('abcd'),
  options: [
    { name: 'Uri-Path', value: Buffer.from('sensors') },
    { name: 'Uri-Path', value: Buffer.from('temp') },
    { name: 'Content-Format', value: Buffer.from([50]) },
  ],
  payload: Buffer.alloc(100, 0x61),
} as const
const datagram = generate(message as never)
/** As a capture gives it. */
const bytes = new Uint8Array(datagram)
const conversation = converse(coap)

const each = (look: (packet: Packet) => unknown) => () => {
  for (let times = 0; times < COUNT; times++) {
    conversation.push('client', bytes, 0)
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) look(packet)
  }
  return COUNT
}
const theirs = (run: () => unknown) => () => {
  for (let times = 0; times < COUNT; times++) run()
  return COUNT
}
const peer = { name: 'coap-packet parse', run: theirs(() => parse(datagram)) }
const read = (packet: Packet) => reader.read(coap, packet).frame as CoapFrame
const whole = (packet: Packet) => {
  const { token, options, payload } = read(packet)
  return [token, payload, ...options.list.map(option => option.bytes)]
}

const what = 'CoAP PUT with 3 options, 100 B'
print(compare(`${what}: read`, 'messages', { name: 'mqinspect read', run: each(read) }, peer))
print(compare(`${what}: read with options`, 'messages', { name: 'mqinspect read, all of it', run: each(whole) }, peer))

const writer = new Writer()
conversation.push('client', bytes, 0)
const { context } = conversation.next() as Packet
const options = Options.of([
  ['Uri-Path', 'sensors'],
  ['Uri-Path', 'temp'],
  ['Content-Format', 50],
])
const { token, payload } = message
const frame = new Datagram({ type: 'CON', code: message.code, messageId: 4711, token, options, payload })
const ours = theirs(() => {
  coap.write(writer, frame, context as never)
  writer.reset()
})
const generated = { name: 'coap-packet generate', run: theirs(() => generate(message as never)) }
print(compare(`${what}: write`, 'messages', { name: 'mqinspect write', run: ours }, generated))
