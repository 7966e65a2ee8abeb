import { describe, expect, test } from 'vitest'
import { FrameReader, type Packet, Writer } from '../../../codecs/core/index.ts'
import { codecs } from '../../../codecs/index.ts'
import { stomp } from '../../../codecs/stomp/index.ts'
import { readCapture } from '../../../src/capture/index.ts'
import { Inspector } from '../../../src/inspector.ts'

const folder = new URL('../../../fixtures/stomp/', import.meta.url).pathname

async function packetsOf(name: string): Promise<Packet[]> {
  const packets: Packet[] = []
  const inspector = new Inspector({ codecs, decodeAs: [] }, { packet: (_, packet) => void packets.push(packet.kept()) })
  await readCapture({ path: `${folder}${name}.pcap` }, inspector)
  return packets
}

/** Real brokers and clients. The numbers of frames are those that an independent parser found. */
describe.each([
  ['activemq_versions', 54, 54],
  ['activemq_errors', 21, 10],
  ['rabbit_acks', 97, 97],
  ['rabbit_errors', 22, 11],
])('%s', (name, frames, heartbeats) => {
  test('is all frames, each written back as it came', async () => {
    const packets = await packetsOf(name)
    expect(packets.map(({ kind }) => kind)).not.toContain('malformed')
    const beats = packets.filter(packet => stomp.type(packet as never) === 'heartbeat')
    expect([packets.length - beats.length, beats.length]).toEqual([frames, heartbeats])
    const reader = new FrameReader()
    const writer = new Writer()
    for (const packet of packets as Packet<never>[]) {
      for (const deep of [false, true]) {
        stomp.write(writer, reader.read(stomp, packet, deep).frame, packet.context)
        expect(Buffer.from(writer.take()).toString('latin1')).toBe(Buffer.from(packet.bytes).toString('latin1'))
      }
    }
  })
})
