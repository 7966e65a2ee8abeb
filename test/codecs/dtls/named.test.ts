import { expect, test } from 'vitest'
import { dtls } from '../../../codecs/carriers/dtls/index.ts'
import type { CarrierStatus, Packet } from '../../../codecs/core/index.ts'
import { type Flow, Inspector, readCapture } from '../../../src/index.ts'
import { inspection } from '../../../src/inspection.ts'
import { Session } from '../../../src/session.ts'
import { type Vector, vectors } from '../../battery/wire.ts'

/** DTLS is named with what its handshake shows, and nothing is taken out of it. */

const vector = (name: string): Vector =>
  vectors(dtls.codec).find(({ file }) => file.endsWith(`/${name}.wire`)) as Vector

function statusOf({ steps, joined }: Vector): { carriers: readonly CarrierStatus[]; packets: readonly Packet[] } {
  const end = (port: number) => ({ host: '127.0.0.1', port })
  const flow = { id: 1, transport: 'datagram', client: end(40_000), server: end(5684), started: 0, joined } as const
  const session = new Session(flow, inspection())
  const packets: Packet[] = []
  const drain = () => {
    for (let packet = session.next(); packet !== undefined; packet = session.next()) packets.push(packet)
  }
  for (const step of steps) {
    if (step.type === 'data') session.push(step.side, step.bytes, 0, 0, 0)
    drain()
  }
  session.close()
  drain()
  return { carriers: session.carriers, packets }
}

const hello = { name: 'DTLS 1.2', encrypted: true, serverName: 'broker', subprotocol: 'coap' }

test.each([
  ['hello', { ...hello, opaque: 'no keys' }],
  ['hello-in-fragments', { ...hello, name: 'DTLS' }],
  ['dtls-1.0', { name: 'DTLS 1.0', encrypted: true }],
  ['dtls-1.3', { name: 'DTLS 1.3', encrypted: true, opaque: 'no keys' }],
  ['middle', { name: 'DTLS 1.2', encrypted: true, opaque: 'the handshake was not captured' }],
  ['connection-id', { name: 'DTLS 1.2', encrypted: true, opaque: 'the handshake was not captured' }],
])('%s', (name, status) => {
  expect(statusOf(vector(name))).toEqual({ carriers: [status], packets: [] })
})

test('fragments that lie about where they belong change nothing', () => {
  const { steps, ...rest } = vector('hello-in-fragments')
  for (let at = 13; at < 25; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const changed = steps.map(step => {
        if (step.type !== 'data') return step
        const bytes = step.bytes.slice()
        bytes[at] = value
        return { ...step, bytes }
      })
      expect(statusOf({ ...rest, steps: changed }).carriers).toHaveLength(1)
    }
  }
})

test("libcoap's client and server with a pre-shared key, as captured", async () => {
  const flows: Flow[] = []
  const packets: Packet[] = []
  const path = new URL('../../../fixtures/dtls/coaps_dtls12_psk.pcap', import.meta.url).pathname
  const observer = {
    opened: (flow: Flow) => void flows.push(flow),
    packet: (_: Flow, cut: Packet) => packets.push(cut),
  }
  await readCapture({ path }, new Inspector(inspection(), observer))
  expect(packets).toEqual([])
  const known = { name: 'DTLS 1.2', encrypted: true, serverName: '127.0.0.1' }
  // The last client has the wrong key: its handshake comes to nothing.
  expect(flows.map(({ carriers }) => carriers)).toEqual([
    [{ ...known, opaque: 'no keys' }],
    [{ ...known, opaque: 'no keys' }],
    [known],
  ])
})
