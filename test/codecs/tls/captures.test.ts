import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AnyCodec } from '../../../codecs/core/index.ts'
import { type Flow, Inspector, readCapture } from '../../../src/index.ts'
import { inspection } from '../../../src/inspection.ts'

/**
 * OpenSSL's client and server with MQTT between them, captured with their keys. Where tshark is there, what it decrypts of
 * the same file is the same.
 */
const folder = new URL('../../../fixtures/tls/', import.meta.url).pathname
const captures = readdirSync(folder).filter(name => name.endsWith('.pcapng'))

async function decrypted(name: string): Promise<{ readonly rows: string[]; readonly flows: Flow[] }> {
  const rows: string[] = []
  const flows: Flow[] = []
  const inspector = new Inspector(inspection(), {
    opened: flow => void flows.push(flow),
    packet: (flow, packet) => {
      const type = packet.kind === 'frame' ? (flow.codec as AnyCodec).type(packet) : packet.kind
      rows.push(`${flow.id} ${packet.side} ${type}`)
    },
  })
  await readCapture({ path: folder + name }, inspector)
  return { rows, flows }
}

const TYPES: Readonly<Record<string, string>> = {
  1: 'connect',
  2: 'connack',
  3: 'publish',
  12: 'pingreq',
  13: 'pingresp',
}

function byTshark(name: string): string[] {
  const fields = ['tcp.stream', 'tcp.srcport', 'mqtt.msgtype'].flatMap(field => ['-e', field])
  const args = ['-r', folder + name, '-d', 'tls.port==8883,mqtt', '-Y', 'mqtt', '-T', 'fields', ...fields]
  const { stdout } = spawnSync('tshark', args, { encoding: 'utf8' })
  return stdout
    .trimEnd()
    .split('\n')
    .flatMap(line => {
      const [stream, port, types = ''] = line.split('\t')
      const side = port === '8883' ? 'server' : 'client'
      return types.split(',').map(type => `${Number(stream) + 1} ${side} ${TYPES[type] ?? type}`)
    })
}

const there = spawnSync('tshark', ['--version']).status === 0
/** What is not as tshark has it, on purpose. */
const APART = ['tls11.pcapng', 'tls13-early-data-refused.pcapng']

describe.skipIf(!there)('tshark decrypts the same (left out where tshark is not installed)', () => {
  test.each(captures.filter(name => !APART.includes(name)))('%s', async name => {
    const { rows } = await decrypted(name)
    expect(rows.length).toBeGreaterThanOrEqual(6)
    expect(rows).toEqual(byTshark(name))
  })
})

const greeting = ['client connect', 'server connack']
const talk = ['client publish', 'server publish', 'client pingreq', 'server pingresp']
const of = (flow: number, rows: readonly string[]) => rows.map(row => `${flow} ${row}`)

test.each([
  ['tls12-cbc', 1],
  ['tls12-cbc-encrypt-then-mac', 1],
  ['tls12-chacha20', 1],
  ['tls12-psk-ccm8', 1],
  ['tls12-client-certificate', 1],
  ['tls12-renegotiated', 1],
  ['tls12-resumed-id', 2],
  ['tls12-resumed-ticket', 2],
  ['tls13-client-certificate', 1],
  ['tls13-hello-retry', 1],
  ['tls13-resumed', 2],
])('%s: all of it, on %i connections', async (name, connections) => {
  const { rows, flows } = await decrypted(`${name}.pcapng`)
  expect(rows).toEqual(Array.from({ length: connections }, (_, at) => of(at + 1, [...greeting, ...talk])).flat())
  const version = name.startsWith('tls12') ? 'TLS 1.2' : 'TLS 1.3'
  const carriers = [{ name: version, encrypted: true, serverName: 'localhost' }]
  expect(flows.map(flow => flow.carriers)).toEqual(flows.map(() => carriers))
})

test('keys are updated, by one side or both (RFC 8446 §4.6.3)', async () => {
  const { rows } = await decrypted('tls13-key-updates.pcapng')
  expect(rows).toEqual(of(1, [...greeting, ...talk, ...talk, 'client publish']))
})

test('early data that the server takes are part of it (RFC 8446 §2.3)', async () => {
  const { rows } = await decrypted('tls13-early-data.pcapng')
  expect(rows).toEqual([
    ...of(1, [...greeting, ...talk]),
    ...of(2, ['client connect', 'client publish', ...greeting, ...talk]),
  ])
})

test('early data that it does not take never were: the client sends them again', async () => {
  const { rows } = await decrypted('tls13-early-data-refused.pcapng')
  expect(rows).toEqual(of(1, [...greeting, ...talk]))
})

test('TLS before 1.2 is named as what is not decrypted', async () => {
  const { rows, flows } = await decrypted('tls11.pcapng')
  expect(rows).toEqual([])
  expect(flows[0]!.carriers).toMatchObject([{ name: 'TLS 1.1', opaque: 'TLS 1.1 is not decrypted' }])
})
