import { createRequire } from 'node:module'
import { FrameImpl } from '@stomp/stompjs'
import { converse, FrameReader, type Packet, Writer } from '../../codecs/core/index.ts'
import { type CommandFrame, type Context, Headers, stomp, stompFrame } from '../../codecs/stomp/index.ts'
import { Parser } from '../../node_modules/@stomp/stompjs/esm6/parser.js'
import { compare, print } from '../pair.ts'

const { Stomp } = createRequire(import.meta.url)('stompjs/lib/stomp.js') as {
  Stomp: { Frame: { unmarshall(data: string): { readonly body: string }[] } }
}

const reader = new FrameReader()
const writer = new Writer(1 << 16)
const context: Context = { version: '1.2' }

/** As a broker delivers it. */
function delivered(length: number): CommandFrame {
  const headers = [
    ['subscription', 'sub-0'],
    ['message-id', 'T_sub-0@@session-7yTj@@4711'],
    ['destination', '/queue/orders'],
    ['content-type', 'application/json'],
    ['tenant', 'acme'],
    ['content-length', String(length)],
  ] as const
  return stompFrame('MESSAGE', Headers.of(...headers), new Uint8Array(length).fill(0x61))
}

function parse(length: number, count: number): void {
  stomp.write(writer, delivered(length), context)
  const one = writer.take().slice()
  const chunk = Buffer.concat(Array.from({ length: count }, () => one))
  const conversation = converse(stomp)
  const ours = (look: (packet: Packet) => unknown) => () => {
    conversation.push('server', chunk, 0)
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) look(packet)
    return count
  }
  const raw = (packet: Packet) => reader.read(stomp, packet).frame as CommandFrame
  const whole = (packet: Packet) => {
    const { headers, body } = raw(packet)
    return [body, ...headers.entries]
  }
  const newer = () => {
    const parser = new Parser(
      frame => FrameImpl.fromRawFrame(frame, true),
      () => {},
    )
    parser.parseChunk(chunk as unknown as ArrayBuffer)
    return count
  }
  const older = () => Stomp.Frame.unmarshall(chunk.toString()).length

  const what = `STOMP MESSAGE with 6 headers, ${length} B`
  const read = { name: 'mqinspect read', run: ours(raw) }
  const readAll = { name: 'mqinspect read, all headers', run: ours(whole) }
  print(compare(`${what}: read`, 'frames', read, { name: '@stomp/stompjs', run: newer }))
  print(compare(`${what}: read with headers`, 'frames', readAll, { name: '@stomp/stompjs', run: newer }))
  print(compare(`${what}: read with headers`, 'frames', readAll, { name: 'stompjs', run: older }))
}

parse(100, 500)
parse(10_000, 50)

const frame = delivered(100)
const params = {
  command: 'MESSAGE',
  headers: Object.fromEntries(frame.headers.entries.map(({ name, value }) => [name, value])),
  binaryBody: frame.body,
  escapeHeaderValues: true,
} as unknown as Parameters<typeof FrameImpl.marshall>[0]
const write = (one: () => unknown) => () => {
  for (let times = 0; times < 500; times++) one()
  writer.reset()
  return 500
}
print(
  compare(
    'STOMP MESSAGE with 6 headers, 100 B: write',
    'frames',
    { name: 'mqinspect write', run: write(() => stomp.write(writer, frame, context)) },
    { name: '@stomp/stompjs', run: write(() => FrameImpl.marshall(params)) },
  ),
)
