import { expect, test } from 'vitest'
import { amqp091, type Context } from '../../../codecs/amqp091/index.ts'
import { FrameReader, type Packet, Writer } from '../../../codecs/core/index.ts'
import { readCapture } from '../../../src/capture/index.ts'
import { Inspector } from '../../../src/inspector.ts'

/** What RabbitMQ and its clients said to each other, and whether every byte of it comes out again. */

const fixtures = new URL('../../../fixtures/amqp091/', import.meta.url).pathname

async function packetsOf(capture: string): Promise<Packet<Context>[]> {
  const packets: Packet<Context>[] = []
  const observer = {
    packet: (_: unknown, packet: Packet) => void packets.push(packet.kept() as Packet<Context>),
  }
  const inspector = new Inspector({ codecs: [amqp091], decodeAs: [] }, observer)
  await readCapture({ path: `${fixtures}${capture}.pcap` }, inspector, { ports: new Set(amqp091.ports) })
  return packets
}

const wire = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test.each([
  ['abort', 11],
  ['acks', 312],
  ['basic', 89],
  ['confirms', 202],
  ['heartbeat-blocked', 30],
  ['tx', 52],
])('%s: %i frames, nothing to report, each written as it was read', async (capture, frames) => {
  const packets = await packetsOf(capture)
  const reader = new FrameReader()
  const writer = new Writer()
  expect(packets.length).toBe(frames)
  for (const packet of packets) {
    expect(packet.kind).toBe('frame')
    const { frame, diagnostics } = reader.trace(amqp091, packet)
    expect(diagnostics).toEqual([])
    amqp091.write(writer, frame, packet.context)
    expect(wire(writer.take())).toBe(wire(packet.bytes))
  }
})

test('errors: the two faulty frames are told as what they are, and the rest is found', async () => {
  const packets = await packetsOf('errors')
  const reader = new FrameReader()
  const faulty = packets.filter(packet => {
    if (packet.kind !== 'frame') return true
    return reader.trace(amqp091, packet).diagnostics.length > 0
  })
  expect(faulty.map(packet => [packet.kind, wire(packet.bytes)])).toEqual([
    ['frame', '01000100000004003c0028ff'],
    ['frame', '010001000000050014000a0000'],
    ['malformed', '0900000000000000ce'],
    // Undecided until its connection ended.
    ['malformed', wire(Buffer.from('GET / HTTP/1.0\r\n\r\n'))],
  ])
  const types = packets.flatMap(packet => (packet.kind === 'frame' ? [amqp091.type(packet)] : []))
  expect(types.filter(type => type === 'connection.close').length).toBe(9)
  expect(types.filter(type => type === 'connection.close-ok').length).toBe(6)
})
