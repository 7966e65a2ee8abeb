import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeAuthority, makeLeaf } from '../../src/tls/authority.ts'
import { selfSigned } from '../certificates.ts'
import { mqinspect } from '../commands/cli.ts'
import { type Broker, folderFor, freePorts, isMissing, mosquitto, rabbitmq } from '../interop/brokers.ts'
import { load, outcome, perfect } from './load.ts'

/** Loads over TLS and WebSocket: the same account as over TCP. */

const folder = folderFor('load-tls')
const file = (name: string): string => join(folder, name)

beforeAll(async () => {
  const authority = await makeAuthority()
  const server = await makeLeaf(authority, ['broker.test', 'localhost'])
  const client = await selfSigned('client')
  const files = { ca: authority.cert, cert: server.cert, key: server.key, client: `${client.cert}\n${client.key}` }
  for (const [name, text] of Object.entries(files)) writeFileSync(file(name), text)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const RUN = ['-r', '200', '-c', '100']

describe.skipIf(isMissing('mosquitto'))('Mosquitto (skipped where it is not installed)', () => {
  let broker: Broker & { readonly wsPort: number }
  let port: number
  let asking: number
  let modern: number

  beforeAll(async () => {
    ;[port, asking, modern] = (await freePorts(3)) as [number, number, number]
    const pair = [`certfile ${file('cert')}`, `keyfile ${file('key')}`]
    broker = await mosquitto([
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      ...[`listener ${port} 127.0.0.1`, ...pair],
      ...[`listener ${modern} 127.0.0.1`, ...pair, 'tls_version tlsv1.3'],
      ...[`listener ${asking} 127.0.0.1`, ...pair, `cafile ${file('client')}`, 'require_certificate true'],
    ])
  })

  afterAll(() => broker?.stop())

  const ca = (): string[] => ['--ca', file('ca')]

  test.each([
    ['by whom its certificate is of', () => [`mqtts://localhost:${port}`, ...ca()]],
    ['by any certificate', () => [`mqtts://127.0.0.1:${port}`, '--insecure']],
    ['by a name of its own', () => [`mqtts://127.0.0.1:${port}`, ...ca(), '--server-name', 'broker.test']],
    ['with a client certificate', () => [`mqtts://localhost:${asking}`, ...ca(), '--client-cert', file('client')]],
    ['over WebSocket', () => [`ws://127.0.0.1:${broker.wsPort}/mqtt`, '--protocol', 'mqtt']],
  ])('%s', async (_, where) => {
    expect(outcome(await load(...where(), '--qos', '1', ...RUN))).toEqual(perfect(100))
  })

  test('what was agreed on is told, and how long that took', async () => {
    const cipher = 'ECDHE-ECDSA-AES128-GCM-SHA256'
    const { result } = await load(`mqtts://localhost:${port}`, ...ca(), '--tls-ciphers', cipher, ...RUN)
    const [{ places } = { places: [] }] = result.groups
    const there = { url: `mqtts://localhost:${port}`, connections: 1, clients: 1 }
    expect(places).toEqual([{ ...there, tls: { version: 'TLS 1.2', cipher } }])
    const { connect, 'tls-handshake': handshake, login } = result.measures
    for (const part of [handshake, login]) {
      expect(part?.latency.count).toBe(connect?.latency.count)
      // As exact as its three digits.
      expect(part?.latency.max).toBeLessThan(1.01 * (connect?.latency.max ?? 0))
    }
  })

  test.each([
    ['(TLS 1.2)', () => [`mqtts://localhost:${modern}`, ...ca(), '--tls-max-version', '1.2']],
    ['signed by nobody who is trusted', () => [`mqtts://localhost:${port}`]],
    ['is for another name', () => [`mqtts://localhost:${port}`, ...ca(), '--server-name', 'other.test']],
    ['it wants a client certificate', () => [`mqtts://localhost:${asking}`, ...ca()]],
  ])('tells that %s', async (told, where) => {
    const { code, stderr } = await mqinspect(['load', '-q', ...where(), '-z', '1s'])
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(told) })
  })
})

describe.skipIf(isMissing('rabbitmq-server'))('RabbitMQ (skipped where it is not installed)', () => {
  let broker: Awaited<ReturnType<typeof rabbitmq>>
  let webPort: number

  beforeAll(async () => {
    ;[webPort] = (await freePorts(1)) as [number]
    broker = await rabbitmq(
      ['rabbitmq_amqp1_0', 'rabbitmq_web_stomp'],
      ['listeners.ssl.default'],
      [
        `ssl_options.certfile = ${file('cert')}`,
        `ssl_options.keyfile = ${file('key')}`,
        'ssl_options.versions.1 = tlsv1.2',
        'web_stomp.tcp.ip = 127.0.0.1',
        `web_stomp.tcp.port = ${webPort}`,
        'stomp.listeners.tcp = none',
      ],
    )
  }, 120_000)

  afterAll(() => broker?.stop())

  test.each([
    ['amqp091', 'secure'],
    ['amqp10', '/queue/secure.1.0'],
  ])('%s over TLS', async (protocol, queue) => {
    const where = [`amqps://localhost:${broker.ports[0]}`, '--ca', file('ca'), '--protocol', protocol, '-t', queue]
    expect(outcome(await load(...where, ...RUN))).toEqual(perfect(100))
  })

  test('versions that it does not speak are told with what was offered', async () => {
    const where = [`amqps://localhost:${broker.ports[0]}`, '--ca', file('ca')]
    const { result } = await load(...where, '-t', 'secure', ...RUN)
    expect(result.groups[0]?.places).toMatchObject([{ tls: { version: 'TLS 1.2' } }])
    const refused = await mqinspect(['load', '-q', ...where, '--tls-min-version', '1.3'])
    expect(refused.code).toBe(3)
    expect(refused.stderr).toMatch(/that it was offered \(TLS 1\.3\)\nOffer it another: --tls-min-version 1\.2\.\n/)
  })

  test('STOMP over WebSocket, where bodies that are not UTF-8 come as text', async () => {
    const where = [`ws://127.0.0.1:${webPort}/ws`, '--protocol', 'stomp', '-t', '/queue/web']
    expect(outcome(await load(...where, ...RUN))).toEqual(perfect(100))
  })
})
