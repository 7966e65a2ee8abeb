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

  beforeAll(async () => {
    ;[port, asking] = (await freePorts(2)) as [number, number]
    const pair = [`certfile ${file('cert')}`, `keyfile ${file('key')}`]
    broker = await mosquitto([
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      ...[`listener ${port} 127.0.0.1`, ...pair],
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

  test.each([
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

  test('STOMP over WebSocket, where bodies that are not UTF-8 come as text', async () => {
    const where = [`ws://127.0.0.1:${webPort}/ws`, '--protocol', 'stomp', '-t', '/queue/web']
    expect(outcome(await load(...where, ...RUN))).toEqual(perfect(100))
  })
})
