import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { type Flow, Inspector, type ProxyEvent, startProxy } from '../../src/index.ts'
import { inspection } from '../../src/inspection.ts'
import { parseRoute, tlsTransport } from '../../src/net/index.ts'
import { isNotice } from '../../src/proxy/index.ts'
import { makeAuthority, makeLeaf } from '../../src/tls/authority.ts'
import { Leaves } from '../../src/tls/index.ts'
import { type Broker, folderFor, freePorts, isMissing, mosquitto, run, start } from './brokers.ts'

/** Real clients and brokers with TLS and WebSocket between them and the proxy, and CoAP over UDP. */

const ours = await makeAuthority()
const theirs = await makeAuthority()

interface Relayed {
  readonly port: number
  readonly flows: readonly Flow[]
  /** `>connect` and so on, of all flows. */
  readonly types: readonly string[]
  readonly wrong: readonly ProxyEvent[]
  readonly end: () => Promise<void>
}

async function relay(route: string): Promise<Relayed> {
  const flows: Flow[] = []
  const types: string[] = []
  const wrong: ProxyEvent[] = []
  const inspector = new Inspector(inspection(), {
    opened: flow => flows.push(flow),
    packet: (flow, packet) => {
      const type = packet.kind === 'frame' ? flow.codec?.type(packet) : packet.kind
      types.push(`${packet.side === 'client' ? '>' : '<'}${type}`)
    },
  })
  const leaves = new Leaves(ours)
  const handle = await startProxy({
    routes: [parseRoute(route, codecs)],
    sink: inspector,
    tls: tlsTransport({ identity: names => leaves.get(names), trusted: theirs.cert }),
    onEvent: event => {
      if (!isNotice(event)) wrong.push(event)
    },
  })
  onTestFinished(() => handle.close())
  return { port: handle.routes[0]!.listen.port, flows, types, wrong, end: () => handle.close() }
}

const carriersOf = ({ carriers }: Flow): string[] => carriers.map(({ name }) => name)

describe.skipIf(isMissing('mosquitto'))('Mosquitto with TLS and WebSocket (skipped where it is not installed)', () => {
  let broker: Broker & { readonly wsPort: number }
  let tlsPort: number
  let folder: string

  beforeAll(async () => {
    folder = folderFor('tls')
    const { cert, key } = await makeLeaf(theirs, ['localhost', '127.0.0.1'])
    const files = { certfile: cert, keyfile: key, ours: ours.cert }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    ;[tlsPort] = (await freePorts(1)) as [number]
    const user = process.getuid?.() === 0 ? ['user root'] : []
    const pair = [`certfile ${join(folder, 'certfile')}`, `keyfile ${join(folder, 'keyfile')}`]
    broker = await mosquitto([...user, `listener ${tlsPort} 127.0.0.1`, ...pair])
  })

  afterAll(async () => {
    await broker?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const talk = ['>connect', '<connack', '>publish', '<puback', '>disconnect']

  test.skipIf(isMissing('mosquitto_pub')).each([
    ['TLS to TLS', () => `tls://:0=mqtts://localhost:${tlsPort}`, true],
    ['TLS to plain', () => `mqtts://:0=127.0.0.1:${broker.port}`, true],
    ['plain to TLS', () => `0=tls://127.0.0.1:${tlsPort}`, false],
  ])("Mosquitto's own client, %s", async (_, route, secure) => {
    const relayed = await relay(route())
    const trust = secure ? ['--cafile', join(folder, 'ours')] : []
    const where = ['-h', 'localhost', '-p', String(relayed.port)]
    await run('mosquitto_pub', ...where, ...trust, '-t', 'a/b', '-m', 'hi', '-q', '1')
    await relayed.end()
    expect(relayed.wrong).toEqual([])
    expect(relayed.types).toEqual(talk)
    expect(carriersOf(relayed.flows[0]!)).toEqual(['TLS 1.3'])
    expect(relayed.flows[0]!.codec?.id).toBe('mqtt')
  })

  test.each([
    ['mqtts', () => `mqtts://:0=mqtts://localhost:${tlsPort}`, ['TLS 1.3']],
    ['ws', () => `ws://:0=ws://127.0.0.1:${broker.wsPort}`, ['WebSocket']],
    ['wss', () => `wss://:0=ws://127.0.0.1:${broker.wsPort}`, ['TLS 1.3', 'WebSocket']],
  ])('MQTT.js over %s', async (scheme, route, carriers) => {
    const relayed = await relay(route())
    const path = scheme === 'mqtts' ? '' : '/mqtt'
    const options = { ca: ours.cert, reconnectPeriod: 0, username: 'ann', password: 's3cret' }
    const client = await mqtt.connectAsync(`${scheme}://localhost:${relayed.port}${path}`, options)
    await client.publishAsync('a/b', 'hi', { qos: 1 })
    await client.endAsync()
    await relayed.end()
    expect(relayed.wrong).toEqual([])
    expect(relayed.types).toEqual(talk)
    expect(carriersOf(relayed.flows[0]!)).toEqual(carriers)
    expect(relayed.flows[0]!.facts.client).toMatchObject({ user: 'ann' })
  })

  test('what is plain HTTP passes, and is named', async () => {
    const relayed = await relay(`ws://:0=ws://127.0.0.1:${broker.wsPort}`)
    await fetch(`http://127.0.0.1:${relayed.port}/`).catch(() => {})
    await relayed.end()
    expect(carriersOf(relayed.flows[0]!)).toEqual(['HTTP'])
    expect(relayed.types).toEqual([])
  })
})

const CLIENT = 'coap-client-notls'
const SERVER = 'coap-server-notls'

describe.skipIf(isMissing(SERVER) || isMissing(CLIENT))('libcoap (skipped where it is not installed)', () => {
  let server: Broker
  let port: number

  beforeAll(async () => {
    const folder = folderFor('coap')
    ;[port] = (await freePorts(1)) as [number]
    // It has the port over TCP, too, so that one can see when it is there.
    server = await start(SERVER, ['-A', '127.0.0.1', '-p', String(port)], { port, folder })
  })

  afterAll(() => server?.stop())

  test('over UDP, with a body in blocks', async () => {
    const relayed = await relay(`coap://:0=coap://localhost:${port}`)
    const body = 'x'.repeat(3000)
    const url = `coap://127.0.0.1:${relayed.port}/example_data`
    await run(CLIENT, '-m', 'put', '-b', '512', '-e', body, url)
    expect((await run(CLIENT, '-m', 'get', '-b', '512', url)).trim()).toBe(body)
    await relayed.end()
    expect(relayed.wrong).toEqual([])
    expect(relayed.flows.map(({ transport, codec }) => [transport, codec?.id])).toEqual([
      ['datagram', 'coap'],
      ['datagram', 'coap'],
    ])
    expect(new Set(relayed.types)).toEqual(new Set(['>CON', '<ACK']))
    expect(relayed.types.length).toBeGreaterThan(20)
  })

  test('over TCP', async () => {
    const relayed = await relay(`coap+tcp://:0=coap+tcp://127.0.0.1:${port}`)
    expect(await run(CLIENT, '-m', 'get', `coap+tcp://127.0.0.1:${relayed.port}/`)).toContain('libcoap')
    await relayed.end()
    expect(relayed.wrong).toEqual([])
    expect(relayed.flows[0]).toMatchObject({ transport: 'stream', codec: { id: 'coap' } })
    expect(relayed.types).toContain('>csm')
  })
})

const SECURE_CLIENT = 'coap-client-openssl'
const SECURE_SERVER = 'coap-server-openssl'

describe.skipIf(isMissing(SECURE_SERVER) || isMissing(SECURE_CLIENT))(
  'libcoap with DTLS (skipped where it is not installed)',
  () => {
    let server: Broker
    let port: number

    beforeAll(async () => {
      const folder = folderFor('coaps')
      ;[port] = (await freePorts(1)) as [number]
      // DTLS has the next port.
      server = await start(SECURE_SERVER, ['-A', '127.0.0.1', '-p', String(port), '-k', 'sesame'], { port, folder })
    })

    afterAll(() => server?.stop())

    test.each(['coaps', 'udp'])('passes as it is over %s, and is named', async scheme => {
      const relayed = await relay(`${scheme}://:0=${scheme}://127.0.0.1:${port + 1}`)
      const url = `coaps://localhost:${relayed.port}/`
      expect(await run(SECURE_CLIENT, '-k', 'sesame', '-u', 'me', url)).toContain('libcoap')
      await relayed.end()
      expect(relayed.wrong).toEqual([])
      expect(relayed.types).toEqual([])
      expect(relayed.flows.map(({ transport, carriers }) => [transport, carriers])).toEqual([
        ['datagram', [{ name: 'DTLS 1.2', encrypted: true, serverName: 'localhost', opaque: 'no keys' }]],
      ])
    })
  },
)
