import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FrameReader, type Packet, Writer } from '../../../codecs/core/index.ts'
import { mqtt } from '../../../codecs/mqtt/index.ts'
import { readCapture } from '../../../src/capture/index.ts'
import { Inspector } from '../../../src/inspector.ts'

/** Real clients against a real Mosquitto. */
const folder = new URL('../../../fixtures/mqtt/', import.meta.url).pathname
const captures = readdirSync(folder).filter(name => name.endsWith('.pcap'))

async function packetsOf(name: string): Promise<Packet[]> {
  const packets: Packet[] = []
  const options = { codecs: [mqtt], carriers: [], decodeAs: [] }
  const inspector = new Inspector(options, { packet: (_, packet) => packets.push(packet.kept()) })
  await readCapture({ path: join(folder, name) }, inspector)
  return packets
}

describe.each(captures.filter(name => !name.includes('errors')))('%s', name => {
  test('every packet is right, and is written back as it was', async () => {
    const packets = await packetsOf(name)
    expect(packets.length).toBeGreaterThan(10)
    const reader = new FrameReader()
    const writer = new Writer()
    for (const packet of packets) {
      expect(packet.kind).toBe('frame')
      const { frame, diagnostics } = reader.read(mqtt, packet, true)
      expect(diagnostics, `${frame.type} ${mqtt.summary(frame)}`).toEqual([])
      mqtt.write(writer, frame, packet.context as never)
      expect(Buffer.from(writer.take())).toEqual(Buffer.from(packet.bytes))
    }
  })
})

test('what a test client got wrong on purpose is told', async () => {
  const reader = new FrameReader()
  const told = new Set<string | undefined>()
  for (const packet of await packetsOf('mqtt_errors.pcap')) {
    const found = packet.kind === 'frame' ? reader.read(mqtt, packet, true).diagnostics : packet.diagnostics
    for (const { code, rule } of found) told.add(rule ?? code)
  }
  expect([...told].sort()).toEqual([
    'MQTT 3.1.1 §2.2.1',
    'MQTT 5.0 §2.2.2.2',
    'MQTT 5.0 §3.1.2.11.3',
    'MQTT-2.2.2-2',
    'MQTT-3.1.2-2',
    'MQTT-3.1.2-3',
    'MQTT-3.3.1-4',
    'MQTT-3.8.1-1',
    'MQTT-3.8.3-4',
    'frame-cut',
    'not-a-frame',
    'short-field',
    'version-guessed',
  ])
})
