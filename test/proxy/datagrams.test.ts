import dgram from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { parseRoute, transports } from '../../src/net/index.ts'
import { relayDatagrams } from '../../src/proxy/datagrams.ts'
import { adviceOn, describeEvent, type ProxyEvent } from '../../src/proxy/index.ts'
import { Setting } from '../../src/proxy/service.ts'
import { proxyTo, Seen, type World } from './world.ts'

async function bound(host = '127.0.0.1', port = 0): Promise<dgram.Socket> {
  const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.bind(port, host)
  await once(socket, 'listening')
  onTestFinished(() => {
    try {
      socket.close()
    } catch {
      // The test closed it.
    }
  })
  return socket
}

/** An upstream that answers with what it got, and from which port. */
async function echo(host = '127.0.0.1'): Promise<dgram.Socket> {
  const socket = await bound(host)
  socket.on('message', (bytes, { port, address }) => socket.send(bytes, port, address))
  return socket
}

const portOf = (socket: dgram.Socket): number => socket.address().port

async function ask(socket: dgram.Socket, port: number, bytes: Uint8Array | string, host = '127.0.0.1') {
  socket.send(bytes, port, host)
  const [answer] = (await once(socket, 'message')) as [Buffer]
  return answer
}

const listening = (world: World): number => world.handle.routes[0]!.listen.port

test('each client is a flow, and gets its own answers', async () => {
  const world = await proxyTo(`udp://127.0.0.1:${portOf(await echo())}`)
  const [ann, bob] = [await bound(), await bound()]
  const port = listening(world)
  expect(await Promise.all([ask(ann, port, 'a'), ask(bob, port, 'b')])).toEqual([Buffer.from('a'), Buffer.from('b')])
  expect(String(await ask(ann, port, 'A'))).toBe('A')
  expect(world.seen.flows.map(({ transport, client }) => [transport, client.port])).toEqual([
    ['datagram', portOf(ann)],
    ['datagram', portOf(bob)],
  ])
  expect(world.handle.connections).toBe(2)
  await world.handle.close()
  expect(world.seen.text('client')).toBe('abA')
  expect(world.seen.log.filter(entry => entry === 'close')).toHaveLength(2)
})

test('datagrams stay what they are: empty ones, the longest there can be, and many at once', async () => {
  const world = await proxyTo(`udp://127.0.0.1:${portOf(await echo())}`)
  const client = await bound()
  const port = listening(world)
  const longest = Buffer.alloc(65_507, 'x')
  expect(await ask(client, port, '')).toHaveLength(0)
  expect((await ask(client, port, longest)).equals(longest)).toBe(true)
  const got: number[] = []
  const all = new Promise<void>(resolve =>
    client.on('message', bytes => {
      got.push(bytes.length)
      if (got.length === 50) resolve()
    }),
  )
  for (let length = 1; length <= 50; length++) client.send(Buffer.alloc(length), port, '127.0.0.1')
  await all
  expect(got).toEqual(Array.from({ length: 50 }, (_, at) => at + 1))
  expect(world.seen.bytes.client.map(({ length }) => length)).toEqual([0, 65_507, ...got])
})

test('who was silent is forgotten, and is another flow when it comes back', async () => {
  const world = await proxyTo(`udp://127.0.0.1:${portOf(await echo())}`, { idleTimeout: 80 })
  const client = await bound()
  for (let round = 0; round < 4; round++) {
    await ask(client, listening(world), 'x')
    await sleep(40)
  }
  expect(world.handle.connections).toBe(1)
  await world.seen.until('close')
  expect(world.handle.connections).toBe(0)
  await ask(client, listening(world), 'y')
  expect(world.seen.flows.map(({ id }) => id)).toEqual([1, 2])
})

test('of too many clients, the one that was silent longest is forgotten; that is told once', async () => {
  const seen = new Seen()
  const events: ProxyEvent[] = []
  const setting = new Setting(seen, transports(), { connectTimeout: 1000, idleTimeout: 60_000 }, e => events.push(e))
  const upstream = await echo()
  const service = await relayDatagrams(parseRoute(`0=udp://127.0.0.1:${portOf(upstream)}`, []), setting, 2)
  onTestFinished(() => service.close())
  const { port } = service.route.listen
  const [a, b, c] = [await bound(), await bound(), await bound()]
  await ask(a, port, 'a')
  await ask(b, port, 'b')
  await ask(a, port, 'a')
  await ask(c, port, 'c')
  expect(service.connections).toBe(2)
  await ask(a, port, 'a')
  expect(seen.flows).toHaveLength(3)
  await ask(b, port, 'b')
  expect(seen.flows).toHaveLength(4)
  expect(events.map(({ type }) => type)).toEqual(['crowded'])
  expect(describeEvent(events[0]!)).toContain('more than 2 clients')
})

test('nobody at the upstream: told once, again once it answered; what comes later gets there', async () => {
  const gone = await bound()
  const port = portOf(gone)
  gone.close()
  const world = await proxyTo(`udp://127.0.0.1:${port}`)
  const client = await bound()
  const undelivered = () => world.events.filter(({ type }) => type === 'undelivered')
  const fail = async (times: number) => {
    while (undelivered().length < times) {
      client.send('x', listening(world), '127.0.0.1')
      await sleep(20)
    }
  }
  await fail(1)
  for (let round = 0; round < 3; round++) {
    client.send('x', listening(world), '127.0.0.1')
    await sleep(10)
  }
  expect(undelivered()).toHaveLength(1)
  expect(describeEvent(undelivered()[0]!)).toBe(`flow 1: nothing gets to 127.0.0.1:${port}: connection refused`)
  expect(adviceOn(undelivered()[0]!)).toContain(`UDP port ${port}`)
  const back = await bound('127.0.0.1', port)
  back.on('message', (bytes, from) => back.send(bytes, from.port, from.address))
  expect(String(await ask(client, listening(world), 'y'))).toBe('y')
  back.close()
  await fail(2)
  expect(world.seen.flows).toHaveLength(1)
})

test('an upstream whose name there is not', async () => {
  const world = await proxyTo('udp://no.such.host.invalid:5')
  const client = await bound()
  client.send('x', listening(world), '127.0.0.1')
  while (!world.events.some(({ type }) => type === 'upstream-failed')) await sleep(10)
  expect(describeEvent(world.events.at(-1)!)).toContain('no such host')
  expect(world.handle.connections).toBe(0)
})

const local = (await lookup('localhost', { all: true })).map(({ address }) => address)
const hasIPv6 = Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === '::1'))

describe.skipIf(!hasIPv6)('IPv6 (skipped where there is none)', () => {
  test('to IPv4, and named by its address', async () => {
    const world = await proxyTo(`udp://127.0.0.1:${portOf(await echo())}`, { listen: 'udp://[::]:0' })
    const client = await bound('::1')
    expect(String(await ask(client, listening(world), 'x', '::1'))).toBe('x')
    expect(world.seen.flows[0]!.client.host).toBe('::1')
    const old = await bound()
    expect(String(await ask(old, listening(world), 'y'))).toBe('y')
    expect(world.seen.flows[1]!.client.host).toBe('127.0.0.1')
  })

  test.skipIf(!local.includes('::1'))('a name is reached the way the client came', async () => {
    const upstream = await echo('::1')
    const world = await proxyTo(`udp://localhost:${portOf(upstream)}`, { listen: 'udp://[::1]:0' })
    const client = await bound('::1')
    expect(String(await ask(client, listening(world), 'x', '::1'))).toBe('x')
    expect(world.seen.flows[0]!.server.host).toBe('::1')
  })
})

test('a port in use', async () => {
  const taken = await bound()
  await expect(proxyTo('udp://127.0.0.1:5', { listen: `udp://:${portOf(taken)}` })).rejects.toThrow(
    /the port is in use/,
  )
})

test('to itself is refused', async () => {
  await expect(proxyTo('udp://127.0.0.1:5', { listen: 'udp://:5' })).rejects.toThrow(/connected to itself/)
})

test('what is relayed as DTLS is said to be not decrypted', async () => {
  const world = await proxyTo('coaps://127.0.0.1:5', { codecs, listen: 'coaps://:0' })
  expect(describeEvent(world.events[0]!)).toContain('DTLS is not decrypted')
})
