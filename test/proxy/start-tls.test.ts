import { once } from 'node:events'
import net from 'node:net'
import { duplexPair } from 'node:stream'
import tls from 'node:tls'
import rhea from 'rhea'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AnyCodec } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { type Flow, Inspector } from '../../src/index.ts'
import { inspection } from '../../src/inspection.ts'
import { parseRoute, tlsTransport } from '../../src/net/index.ts'
import { adviceOn, describeEvent, isNotice, type ProxyEvent, startProxy } from '../../src/proxy/index.ts'
import { makeLeaf } from '../../src/tls/authority.ts'
import { Leaves } from '../../src/tls/index.ts'
import { ours, secureUpstream, theirs } from './secure.ts'
import { ending, everything, upstream } from './world.ts'

/** AMQP's header for TLS (AMQP 1.0 §5.2.1): asked for and agreed to in the clear, on the port without TLS. */

const header = (id: number) => Buffer.of(0x41, 0x4d, 0x51, 0x50, id, 1, 0, 0)
const [AMQP, TLS] = [header(0), header(2)]
/** `open` of a container `c`. */
const OPEN = Buffer.from('0000001102000000005310c00401a10163', 'hex')

/** A server that goes over to TLS where it is asked to, `agree` being its answer, and then says AMQP's header. */
async function broker(agree = TLS): Promise<string> {
  const leaf = await makeLeaf(theirs, ['127.0.0.1'])
  return upstream(socket => {
    socket.once('data', asked => {
      expect(asked).toEqual(TLS)
      socket.write(agree)
      const secure = new tls.TLSSocket(socket, { isServer: true, ...leaf })
      secure.on('error', () => {})
      secure.once('data', () => secure.end(AMQP))
    })
  })
}

async function relay(route: string) {
  const seen: string[] = []
  const events: ProxyEvent[] = []
  const flows: Flow[] = []
  const inspector = new Inspector(inspection(), {
    opened: flow => void flows.push(flow),
    packet: (flow, packet) => {
      const type = packet.kind === 'frame' ? (flow.codec as AnyCodec).type(packet) : packet.kind
      seen.push(`${packet.side} ${type}`)
    },
  })
  const leaves = new Leaves(ours)
  const handle = await startProxy({
    routes: [parseRoute(route, codecs)],
    sink: inspector,
    tls: tlsTransport({
      identity: names => leaves.get(names),
      trusted: theirs.cert,
      startTls: codecs.flatMap(codec => codec.startTls ?? []),
    }),
    onEvent: event => {
      if (!isNotice(event)) events.push(event)
    },
  })
  onTestFinished(() => handle.close())
  return { port: handle.routes[0]!.listen.port, seen, events, flows, end: () => handle.close() }
}

/** Asks for TLS in AMQP, and begins it once that is agreed to. */
async function client(port: number, ca: string): Promise<tls.TLSSocket> {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(TLS)
  expect(((await once(socket, 'data')) as [Buffer])[0]).toEqual(TLS)
  const secure = tls.connect({ socket, ca, servername: 'localhost', checkServerIdentity: () => undefined })
  onTestFinished(() => void secure.destroy())
  return secure
}

/** What a TLS client opens with. */
async function clientHello(): Promise<Buffer> {
  const [near, far] = duplexPair()
  const secure = tls.connect({ socket: near, servername: 'localhost' }).on('error', () => {})
  const [hello] = (await once(far, 'data')) as [Buffer]
  secure.destroy()
  return hello
}

describe('is ended, and asked of the upstream as the client asked for it', () => {
  test('both ways', async () => {
    const relayed = await relay(`amqps://:0=amqps://${await broker()}`)
    const secure = await client(relayed.port, ours.cert)
    secure.write(Buffer.concat([AMQP, OPEN]))
    expect(await everything(secure)).toBe(AMQP.toString('latin1'))
    secure.end()
    await relayed.end()
    expect(relayed.events).toEqual([])
    expect(relayed.seen).toEqual([
      ...['client protocol-header', 'server protocol-header'],
      ...['client protocol-header', 'client open', 'server protocol-header'],
    ])
    expect(relayed.flows[0]!.carriers).toMatchObject([{ name: 'TLS 1.3', serverName: 'localhost' }])
    expect(relayed.flows[0]!.codec?.id).toBe('amqp10')
  })

  test('before an upstream without TLS', async () => {
    const plain = await upstream(socket => socket.once('data', () => socket.end(AMQP)))
    const relayed = await relay(`amqps://:0=${plain}`)
    const secure = await client(relayed.port, ours.cert)
    secure.write(AMQP)
    expect(await everything(secure)).toBe(AMQP.toString('latin1'))
    secure.end()
    await relayed.end()
    expect(relayed.events).toEqual([])
    expect(relayed.seen).toHaveLength(4)
  })

  test('before an upstream that speaks TLS from the first byte', async () => {
    const port = await secureUpstream(socket => socket.once('data', () => socket.end(AMQP)))
    const relayed = await relay(`amqps://:0=amqps://127.0.0.1:${port}`)
    const secure = await client(relayed.port, ours.cert)
    secure.write(AMQP)
    expect(await everything(secure)).toBe(AMQP.toString('latin1'))
    await relayed.end()
    expect(relayed.events).toEqual([])
    expect(relayed.seen).toHaveLength(4)
  })

  test('a client that does not wait for the answer', async () => {
    const relayed = await relay(`amqps://:0=${await upstream(() => {})}`)
    const socket = net.connect(relayed.port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void socket.destroy())
    socket.write(Buffer.concat([TLS, await clientHello()]))
    let got = Buffer.alloc(0)
    while (got.length <= TLS.length) got = Buffer.concat([got, ...((await once(socket, 'data')) as [Buffer])])
    expect(got.subarray(0, TLS.length)).toEqual(TLS)
    // A TLS record of the handshake.
    expect([...got.subarray(TLS.length, TLS.length + 2)]).toEqual([22, 3])
  })

  test('rhea speaks in it', async () => {
    const server = rhea.create_container({ id: 'server' })
    server.sasl_server_mechanisms.enable_anonymous()
    const accepting = server.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => void accepting.close())
    await once(accepting, 'listening')
    const relayed = await relay(`amqps://:0=127.0.0.1:${(accepting.address() as net.AddressInfo).port}`)
    const socket = await client(relayed.port, ours.cert)
    const connect = (_port: number, _host: string, _options: unknown, done: () => void) =>
      socket.once('secureConnect', done)
    const { port } = relayed
    const details = { host: 'localhost', port, connect, options: {} }
    const connection = rhea.create_container({ id: 'client' }).connect({
      port,
      username: 'anonymous',
      reconnect: false,
      connection_details: () => details as never,
    })
    await once(connection, 'connection_open')
    connection.close()
    await once(connection, 'connection_close')
    await relayed.end()
    expect(relayed.events).toEqual([])
    expect(relayed.seen.slice(0, 2)).toEqual(['client protocol-header', 'server protocol-header'])
    expect(relayed.seen).toEqual(expect.arrayContaining(['client sasl-init', 'client open', 'server close']))
  })

  test('a header of another kind is not TLS', async () => {
    const relayed = await relay(`amqps://:0=${await upstream(() => {})}`)
    const socket = net.connect(relayed.port, '127.0.0.1')
    const ended = ending(socket)
    socket.write(AMQP)
    await ended
    await relayed.end()
    expect(relayed.events.map(describeEvent)).toEqual([expect.stringContaining('it does not speak TLS')])
  })

  test('the port goes on to take TLS from the first byte', async () => {
    const plain = await upstream(socket => socket.once('data', () => socket.end(AMQP)))
    const relayed = await relay(`amqps://:0=${plain}`)
    const secure = tls.connect({ port: relayed.port, host: '127.0.0.1', ca: ours.cert, servername: 'localhost' })
    secure.write(AMQP)
    expect(await everything(secure)).toBe(AMQP.toString('latin1'))
    await relayed.end()
    expect(relayed.seen).toEqual(['client protocol-header', 'server protocol-header'])
  })

  test('an upstream that answers something else', async () => {
    const relayed = await relay(`amqps://:0=amqps://${await broker(AMQP)}`)
    const secure = await client(relayed.port, ours.cert)
    await new Promise(resolve => secure.on('error', () => {}).on('close', resolve))
    await relayed.end()
    const [event] = relayed.events as [ProxyEvent]
    expect(describeEvent(event)).toContain('it does not go over to TLS when it is asked in its protocol')
    expect(adviceOn(event)).toContain('Use the port where it does')
  })
})

test('on a route without TLS it passes, and is named', async () => {
  const relayed = await relay(`0=${await broker()}`)
  const secure = await client(relayed.port, theirs.cert)
  secure.write(AMQP)
  expect(await everything(secure)).toBe(AMQP.toString('latin1'))
  secure.end()
  await relayed.end()
  expect(relayed.seen).toEqual(['client protocol-header', 'server protocol-header'])
  expect(relayed.flows[0]!.carriers).toMatchObject([{ name: 'TLS 1.3', opaque: 'no keys' }])
})
