/**
 * Memory where nothing is ever answered: AMQP 0-9-1 messages that wait for confirms on one connection, deliveries that
 * nobody acknowledges on another, followed by the tracker and judged by all rules. Beyond what trackers may hold, the
 * oldest are given up and counted; from then on memory must not grow.
 *
 *     node --expose-gc bench/open.ts [--exchanges 10000000]
 */
import { parseArgs } from 'node:util'
import { UNSETTLED } from '../codecs/amqp091/delimit.ts'
import { type AmqpFrame, amqp091, Table } from '../codecs/amqp091/index.ts'
import { type Side, Writer } from '../codecs/core/index.ts'
import { Diagnosis, trafficRules } from '../src/findings/index.ts'
import type { FlowSink } from '../src/flow.ts'
import { inspection } from '../src/inspection.ts'
import { Inspector } from '../src/inspector.ts'
import { Tracking } from '../src/tracking/index.ts'

const { values } = parseArgs({ options: { exchanges: { type: 'string', default: '10000000' } } })
const EXCHANGES = Number(values.exchanges)
const LINES = 10
/** Messages in one segment. */
const SEGMENT = 10

function bytesOf(...frames: AmqpFrame[]): Uint8Array {
  const writer = new Writer()
  for (const frame of frames) amqp091.write(writer, frame, UNSETTLED)
  return writer.take()
}

const channel = 1
const content: AmqpFrame[] = [
  { type: 'header', channel, classId: 60, bodySize: 2, properties: {} },
  { type: 'body', channel, body: Uint8Array.of(0x68, 0x69) },
]
const publish = bytesOf(
  { type: 'basic.publish', channel, exchange: '', routingKey: 'q', mandatory: false, immediate: false },
  ...content,
)
const deliver = bytesOf(
  {
    type: 'basic.deliver',
    channel,
    consumerTag: 'c',
    deliveryTag: 0,
    redelivered: false,
    exchange: '',
    routingKey: 'q',
  },
  ...content,
)
/** Behind the frame's header, class and method, and the consumer tag with its length. */
const TAG = 7 + 4 + 2

const findings = new Map<string, number>()
const diagnosis = new Diagnosis(
  { finding: ({ rule: { id } }) => findings.set(id, (findings.get(id) ?? 0) + 1) },
  trafficRules,
)
const tracking = new Tracking(diagnosis)
const inspector = new Inspector(inspection([{ transport: 'stream', port: 5672, codec: amqp091 }]), tracking)
let time = 0

function connect(id: number): FlowSink {
  const client = { host: '127.0.0.1', port: 40_000 + id }
  const server = { host: '127.0.0.1', port: 5672 }
  return inspector.open({ id, transport: 'stream', client, server, started: time, joined: 'start' })
}
const say = (flow: FlowSink, side: Side, bytes: Uint8Array): void => flow.data(side, bytes, (time += 1000), 0, 0)

inspector.start(0n)
const publisher = connect(1)
say(publisher, 'client', bytesOf({ type: 'channel.open', channel }, { type: 'confirm.select', channel, noWait: true }))
const consumer = connect(2)
say(
  consumer,
  'client',
  bytesOf(
    { type: 'channel.open', channel },
    {
      type: 'basic.consume',
      channel,
      queue: 'q',
      consumerTag: 'c',
      noLocal: false,
      noAck: false,
      exclusive: false,
      noWait: true,
      arguments: Table.empty,
    },
  ),
)

/** Messages one after the other, each with the tag that follows. */
function segment(message: Uint8Array, tag?: number): Uint8Array {
  const bytes = new Uint8Array(message.length * SEGMENT)
  for (let at = 0; at < SEGMENT; at++) bytes.set(message, at * message.length)
  if (tag === undefined) return bytes
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < SEGMENT; at++) view.setBigUint64(at * message.length + TAG, BigInt(tag + at))
  return bytes
}

const began = process.cpuUsage().user
console.log('   exchanges    given up   heap, MB')
for (let line = 0, count = 0; line <= LINES; line++) {
  for (; count < (EXCHANGES * line) / LINES; count += 2 * SEGMENT) {
    say(publisher, 'client', segment(publish))
    say(consumer, 'server', segment(deliver, count / 2 + 1))
  }
  globalThis.gc?.()
  const heap = (process.memoryUsage().heapUsed / 1e6).toFixed(0)
  console.log(
    [count, tracking.givenUp].map(each => each.toLocaleString('en-US').padStart(12)).join(''),
    heap.padStart(9),
  )
}
const seconds = (process.cpuUsage().user - began) / 1e6
console.log(`\n${(EXCHANGES / seconds / 1e6).toFixed(2)} M exchanges/s of processor time`)
console.log(`found: ${[...findings].map(([id, count]) => `${count} × ${id}`).join(', ')}`)
