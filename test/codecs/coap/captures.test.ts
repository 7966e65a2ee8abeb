import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CoapFrame, coap, coapTcp, Datagram, Message, Options, Signal } from '../../../codecs/coap/index.ts'
import { type AnyCodec, FrameReader, type Packet, Writer } from '../../../codecs/core/index.ts'
import { readCapture } from '../../../src/capture/index.ts'
import { Inspector } from '../../../src/inspector.ts'

/** libcoap's client and server, over UDP and TCP. */
const fixtures = new URL('../../../fixtures/', import.meta.url).pathname
/** A client that tries what a server makes of a critical option: its number is one that is taken. */
const ON_PURPOSE = 'OCF-Accept-Content-Format-Version has 8 bytes, not 0 to 2'
const captures = ['coap', 'coap-tcp'].flatMap(folder =>
  readdirSync(join(fixtures, folder))
    .filter(name => name.includes('.pcap'))
    .map(name => join(folder, name)),
)

async function packetsOf(name: string): Promise<[AnyCodec, Packet][]> {
  const packets: [AnyCodec, Packet][] = []
  const inspector = new Inspector(
    { codecs: [coap, coapTcp], carriers: [], decodeAs: [] },
    { packet: (flow, packet) => packets.push([flow.codec as AnyCodec, packet.kept()]) },
  )
  await readCapture({ path: join(fixtures, name) }, inspector)
  return packets
}

/** The same, with options that have no bytes to be copied. */
function remade(frame: CoapFrame): CoapFrame {
  const { code, token, payload } = frame
  const content = { code, token, payload, options: Options.from(frame.options.list) }
  if (frame instanceof Datagram) return new Datagram({ ...content, type: frame.type, messageId: frame.messageId })
  return frame instanceof Signal ? new Signal({ ...content, type: frame.type }) : new Message(content)
}

describe.each(captures)('%s', name => {
  test('every message is right, and is written back as it was', async () => {
    const packets = await packetsOf(name)
    expect(packets.length).toBeGreaterThan(10)
    const reader = new FrameReader()
    const writer = new Writer()
    for (const [codec, packet] of packets) {
      expect(packet.kind).toBe('frame')
      const { frame, diagnostics } = reader.read(codec, packet, true)
      const told = diagnostics.filter(({ message }) => message !== ON_PURPOSE).map(({ message }) => message)
      expect(told, `${frame.type} ${codec.summary(frame)}`).toEqual([])
      const written = (from: object): string => {
        codec.write(writer, from, packet.context)
        return Buffer.from(writer.take()).toString('hex')
      }
      const wire = Buffer.from(packet.bytes).toString('hex')
      expect(written(frame)).toBe(wire)
      expect(written(remade(frame as CoapFrame))).toBe(wire)
    }
  })
})

test('a body that came in blocks is whole', async () => {
  const reader = new FrameReader()
  const blocks: Uint8Array[] = []
  let size: number | undefined
  for (const [, packet] of await packetsOf('coap/coap_udp_block.pcap.gz')) {
    const { fields } = (reader.read(coap, packet as Packet<null>).frame as CoapFrame).options
    if (fields.block1 === undefined || packet.side === 'server') continue
    const { frame } = reader.read(coap, packet as Packet<null>)
    if (fields.block1.num === 0) blocks.length = 0
    size = fields.size1
    blocks.push(frame.payload as Uint8Array)
    if (!fields.block1.more) break
  }
  expect(blocks.length).toBeGreaterThan(2)
  expect(Buffer.concat(blocks)).toHaveLength(size as number)
})
