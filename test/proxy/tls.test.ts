import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Packet, Side } from '../../codecs/core/index.ts'
import type { Flow, FlowInfo, Sink } from '../../src/flow.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import { KeyLog } from '../../src/keylog.ts'
import { adviceOn, describeEvent, isNotice } from '../../src/proxy/index.ts'
import { makeAuthority, makeLeaf } from '../../src/tls/authority.ts'
import { loadTrust } from '../../src/tls/index.ts'
import { selfSigned } from '../certificates.ts'
import { ours, secureProxyTo, secureUpstream, theirs } from './secure.ts'
import { deadPort, ending, everything, upstream as plainUpstream, proxyTo, type World } from './world.ts'

const echo = (socket: net.Socket): void => void socket.pipe(socket)

/** Resolves with the first event of this type. */
async function eventOf(world: World, type: string) {
  for (;;) {
    const event = world.events.find(each => each.type === type)
    if (event !== undefined) return event
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', version => {
  test.each([
    ['TLS to TLS', 'tls://:0', 'tls'],
    ['TLS to plain', 'tls://:0', 'tcp'],
  ])('%s: what either side sends arrives, and is seen in the clear', async (_, listen, scheme) => {
    const port =
      scheme === 'tls' ? await secureUpstream(echo, { maxVersion: version }) : (await plainUpstream(echo)).split(':')[1]
    const world = await secureProxyTo(`${scheme}://localhost:${port}`, {}, listen)
    const client = world.secure({ maxVersion: version })
    client.end('hello')
    expect(await everything(client)).toBe('hello')
    await world.seen.until('close')
    expect(world.seen.text('client')).toBe('hello')
    expect(world.seen.text('server')).toBe('hello')
    expect(world.seen.flows[0]!.unwrapped).toMatchObject([
      { name: version.replace('v', ' '), cipher: expect.any(String) },
    ])
    expect(world.events.filter(event => !isNotice(event))).toEqual([])
  })

  test('plain to TLS', async () => {
    const port = await secureUpstream(echo, { maxVersion: version })
    const world = await secureProxyTo(`tls://localhost:${port}`, {}, '0')
    const client = world.dial()
    client.end('hello')
    expect(await everything(client)).toBe('hello')
    await world.seen.until('close')
    const carriers = [{ name: version.replace('v', ' '), serverName: 'localhost' }]
    expect(world.seen.flows[0]!.unwrapped).toMatchObject(carriers)
    const cipher = world.seen.flows[0]!.unwrapped?.[0]?.cipher
    const [secured] = world.events.filter(({ type }) => type === 'upstream-secured')
    expect(describeEvent(secured!)).toBe(`tls://localhost:${port}: ${carriers[0]?.name}, ${cipher}`)
  })

  test('the keys of both sides are told, so that either can be decrypted', async () => {
    const port = await secureUpstream(echo, { maxVersion: version })
    const world = await secureProxyTo(`tls://localhost:${port}`)
    const client = world.secure({ maxVersion: version })
    client.end('x')
    await everything(client)
    const randoms = new Set(world.keys.map(line => line.split(' ')[1]))
    expect(randoms.size).toBe(2)
    const label = version === 'TLSv1.2' ? 'CLIENT_RANDOM' : 'CLIENT_TRAFFIC_SECRET_0'
    expect(world.keys.filter(line => line.startsWith(`${label} `))).toHaveLength(2)
    for (const line of world.keys) expect(line).toMatch(/^[A-Z0-9_]+ [0-9a-f]{64} [0-9a-f]+\n$/)
  })

  test('an upstream that wants a client certificate gets the one there is', async () => {
    const client = await selfSigned('ann')
    const options = { requestCert: true, rejectUnauthorized: true, ca: client.cert, maxVersion: version }
    const port = await secureUpstream(socket => {
      socket.end(String(socket.getPeerCertificate().subject.CN))
    }, options)
    const world = await secureProxyTo(`tls://localhost:${port}`, { client })
    expect(await everything(world.secure({ maxVersion: version }))).toBe('ann')
  })

  test('without one it is said what is wanted', async () => {
    const options = { requestCert: true, rejectUnauthorized: true, ca: ours.cert, maxVersion: version }
    const port = await secureUpstream(echo, options)
    const world = await secureProxyTo(`tls://localhost:${port}`)
    const client = world.secure({ maxVersion: version })
    client.on('error', () => {})
    // With TLS 1.3 the upstream looks at it when the handshake is over for us, and perhaps for the client.
    const event = await Promise.race([eventOf(world, 'upstream-failed'), eventOf(world, 'broken')])
    expect(adviceOn(event)).toContain('--client-cert')
  })
})

describe('names', () => {
  const naming = (socket: tls.TLSSocket): void => void socket.end(String(socket.servername || 'none'))

  test('the certificate is for the name that is asked for', async () => {
    const world = await secureProxyTo(`tls://localhost:${await secureUpstream(echo)}`)
    const client = world.secure({ servername: 'broker.example' })
    await once(client, 'secureConnect')
    expect(client.getPeerCertificate().subjectaltname).toBe('DNS:broker.example')
    client.end()
    await everything(client)
  })

  test('and without a name for the address that was called', async () => {
    const world = await secureProxyTo(`tls://localhost:${await secureUpstream(echo)}`)
    const client = world.secure()
    await once(client, 'secureConnect')
    expect(client.getPeerCertificate().subjectaltname).toBe('IP Address:127.0.0.1, DNS:localhost')
    client.end()
    await everything(client)
  })

  test.each([
    ['127.0.0.1', 'broker.example', 'broker.example'],
    ['localhost', 'broker.example', 'broker.example'],
    ['127.0.0.1', 'localhost', 'none'],
    ['127.0.0.1', undefined, 'none'],
    ['localhost', undefined, 'localhost'],
    ['localhost', 'localhost', 'localhost'],
  ])('upstream %s, client asks for %s: the upstream is asked for %s', async (host, asked, expected) => {
    const port = await secureUpstream(naming, {}, ['localhost', '127.0.0.1', 'broker.example'])
    const world = await secureProxyTo(`tls://${host}:${port}`)
    const client = world.secure(asked === undefined ? {} : { servername: asked })
    expect(await everything(client)).toBe(expected)
  })

  test('an upstream that is known by its address only may have a certificate for either', async () => {
    const port = await secureUpstream(naming, {}, ['127.0.0.1'])
    const world = await secureProxyTo(`tls://127.0.0.1:${port}`)
    expect(await everything(world.secure({ servername: 'proxy.example' }))).toBe('proxy.example')
  })
})

describe('ALPN', () => {
  const chosen = (socket: tls.TLSSocket): void => void socket.end(String(socket.alpnProtocol))

  test.each([
    [['a', 'mqtt'], ['mqtt', 'b'], 'mqtt'],
    [['a', 'b'], ['b', 'a'], 'b'],
    [['a'], undefined, false],
  ])('the client offers %j, the upstream can %j: both have %s', async (offered, able, expected) => {
    const port = await secureUpstream(chosen, able === undefined ? {} : { ALPNProtocols: able })
    const world = await secureProxyTo(`tls://localhost:${port}`)
    const client = world.secure({ ALPNProtocols: offered })
    expect(await everything(client)).toBe(String(expected))
    expect(client.alpnProtocol).toBe(expected)
    expect(world.seen.flows[0]!.unwrapped![0]!.subprotocol).toBe(expected === false ? undefined : expected)
  })

  test('what the upstream cannot, the client is refused', async () => {
    const port = await secureUpstream(chosen, { ALPNProtocols: ['b'] })
    const world = await secureProxyTo(`tls://localhost:${port}`)
    const client = world.secure({ ALPNProtocols: ['a'] })
    expect(await ending(client)).not.toBe('close')
    const event = await eventOf(world, 'upstream-failed')
    expect(describeEvent(event)).toContain('ALPN')
  })

  test('before a plain upstream, the name of its protocol is chosen', async () => {
    const address = await plainUpstream(echo)
    const world = await secureProxyTo(`mqtt://${address}`)
    const client = world.secure({ ALPNProtocols: ['x', 'mqtt'] })
    await once(client, 'secureConnect')
    expect(client.alpnProtocol).toBe('mqtt')
  })

  test('an upstream is asked for what is said here, and clients are answered in the name that they know', async () => {
    const port = await secureUpstream(chosen, { ALPNProtocols: ['x-amzn-mqtt-ca'] })
    const { offer } = await loadTrust({ alpn: ['x-amzn-mqtt-ca'] })
    const world = await secureProxyTo(`mqtts://localhost:${port}`, { offer })
    const client = world.secure({ ALPNProtocols: ['mqtt'] })
    expect(await everything(client)).toBe('x-amzn-mqtt-ca')
    expect(client.alpnProtocol).toBe('mqtt')
  })
})

describe('how it ends', () => {
  test('each half by itself', async () => {
    const port = await secureUpstream(socket => {
      socket.on('data', () => {})
      socket.on('end', () => setTimeout(() => socket.end('late'), 50))
    })
    const world = await secureProxyTo(`tls://localhost:${port}`)
    const client = world.secure()
    client.end('early')
    expect(await everything(client)).toBe('late')
    await world.seen.until('close')
    expect(world.seen.log.indexOf('client fin')).toBeLessThan(world.seen.log.indexOf('server fin'))
  })

  test('a reset is a reset', async () => {
    const raw: net.Socket[] = []
    const address = await plainUpstream(socket => {
      raw.push(socket)
      socket.on('data', () => socket.resetAndDestroy())
    })
    const world = await secureProxyTo(`tcp://${address}`)
    const client = world.secure()
    client.write('x')
    expect(await ending(client)).toBe('ECONNRESET')
    await world.seen.until('server reset')
  })

  test('the proxy ends while a client has not said its hello', async () => {
    const world = await secureProxyTo(`tls://localhost:${await secureUpstream(echo)}`)
    const client = world.dial()
    await once(client, 'connect')
    client.write(Buffer.of(22, 3))
    await new Promise(resolve => setTimeout(resolve, 50))
    await world.handle.close()
    expect(await ending(client)).toBe('ECONNRESET')
    expect(world.events.map(({ type }) => type)).toEqual(['listening'])
  })

  test('much, both ways, with a slow reader', async () => {
    const port = await secureUpstream(echo)
    const world = await secureProxyTo(`tls://localhost:${port}`)
    const client = world.secure()
    const sent = Buffer.alloc(8 << 20, 'abcdefghij')
    client.end(sent)
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(Buffer.from(await everything(client), 'latin1').equals(sent)).toBe(true)
    await world.seen.until('close')
    expect(world.seen.text('client').length).toBe(sent.length)
    expect(world.seen.text('server').length).toBe(sent.length)
  })
})

describe('who is not trusted', () => {
  async function refused(world: World & { secure(): tls.TLSSocket }): Promise<string> {
    const client = world.secure()
    expect(await ending(client)).toBe('ECONNRESET')
    const event = await eventOf(world, 'upstream-failed')
    expect(world.seen.flows).toEqual([])
    return `${describeEvent(event)}\n${adviceOn(event)}`
  }

  test('an upstream signed by a stranger', async () => {
    const stranger = await makeLeaf(await makeAuthority(), ['localhost'])
    const port = await secureUpstream(echo, stranger)
    const said = await refused(await secureProxyTo(`tls://localhost:${port}`))
    expect(said).toMatch(
      /signed by nobody who is trusted here \(DNS:localhost; signed by mqinspect [0-9a-f]{8}; valid from/,
    )
    expect(said).toMatch(/--ca FILE.*--insecure/)
  })

  test('what the machine trusts, where nothing is said', async () => {
    const port = await secureUpstream(echo)
    const world = await secureProxyTo(`tls://localhost:${port}`, { trusted: undefined as never })
    expect(await refused(world)).toContain('signed by nobody who is trusted here')
  })

  test('an upstream of another name', async () => {
    const port = await secureUpstream(echo, {}, ['other.example'])
    const said = await refused(await secureProxyTo(`tls://localhost:${port}`))
    expect(said).toContain('its certificate is for another name (DNS:other.example;')
  })

  test('any is taken where that is asked for', async () => {
    const port = await secureUpstream(echo, await makeLeaf(await makeAuthority(), ['other.example']))
    const world = await secureProxyTo(`tls://localhost:${port}`, { insecure: true })
    const client = world.secure()
    client.end('hello')
    expect(await everything(client)).toBe('hello')
  })

  test('we are not, by a client on Node.js', async () => {
    const world = await secureProxyTo(`tls://localhost:${await secureUpstream(echo)}`)
    const client = world.secure({ ca: theirs.cert })
    expect(await ending(client)).toBe('SELF_SIGNED_CERT_IN_CHAIN')
    const event = await Promise.race([eventOf(world, 'client-failed'), eventOf(world, 'misfit')])
    expect(adviceOn(event)).toMatch(/[Mm]ake it trust the authority/)
  })
})

describe('who speaks otherwise', () => {
  test('a plain client', async () => {
    const world = await secureProxyTo(`tls://localhost:${await secureUpstream(echo)}`)
    const client = world.dial()
    client.write('\x10\x0e\0\x04MQTT')
    expect(await ending(client)).toBe('ECONNRESET')
    const event = await eventOf(world, 'client-failed')
    expect(describeEvent(event)).toMatch(/client 127\.0\.0\.1:\d+ was turned away: it does not speak TLS/)
    expect(adviceOn(event)).toContain('tcp://')
  })

  test('one that only looks whether anyone is there is not told of', async () => {
    const world = await secureProxyTo(`tls://localhost:${await secureUpstream(echo)}`)
    const client = world.dial()
    client.end()
    await ending(client.resume())
    expect(world.events.map(({ type }) => type)).toEqual(['listening'])
  })

  test('a plain upstream', async () => {
    const address = await plainUpstream(socket => socket.end('220 welcome\r\n'))
    const world = await secureProxyTo(`tls://${address}`)
    world.secure().on('error', () => {})
    const event = await eventOf(world, 'upstream-failed')
    expect(describeEvent(event)).toContain('it does not speak TLS on this port')
  })

  test('an upstream that hangs up on a hello', async () => {
    const address = await plainUpstream(socket => socket.once('data', () => socket.resetAndDestroy()))
    const world = await secureProxyTo(`tls://${address}`)
    world.secure().on('error', () => {})
    const event = await eventOf(world, 'upstream-failed')
    expect(describeEvent(event)).toContain('it closed the connection within the TLS handshake')
    expect(adviceOn(event)).toContain('a scheme without TLS')
  })

  test('an upstream that is not there', async () => {
    const world = await secureProxyTo(`tls://127.0.0.1:${await deadPort()}`)
    world.secure().on('error', () => {})
    expect(describeEvent(await eventOf(world, 'upstream-failed'))).toContain('connection refused')
  })

  test('a client with TLS where the proxy begins it', async () => {
    const port = await secureUpstream(echo)
    const world = await secureProxyTo(`mqtts://localhost:${port}`, {}, '0')
    world.secure().on('error', () => {})
    const event = await eventOf(world, 'misfit')
    expect(describeEvent(event)).toContain('TLS within TLS')
    const { port: listening } = world.handle.routes[0]!.listen
    expect(adviceOn(event)).toBe(
      `End it here, with a scheme for LISTEN: mqtts://127.0.0.1:${listening}=mqtts://localhost:${port}`,
    )
  })

  test('a plain client at an upstream with TLS, which says so', async () => {
    const address = await plainUpstream(socket => socket.end(Buffer.of(21, 3, 3, 0, 2, 2, 70)))
    const world = await secureProxyTo(`tcp://${address}`, {}, '0')
    const client = world.dial()
    client.end('MQTT')
    await everything(client)
    expect(adviceOn(await eventOf(world, 'misfit'))).toBe(`Give it a scheme with TLS: tls://${address}`)
  })

  test.each<[string, (socket: net.Socket) => void]>([
    ['answers', socket => socket.once('data', () => socket.end('220 welcome'))],
    ['hangs up', socket => socket.once('data', () => socket.end())],
  ])('a client with TLS on a plain route, at a plain upstream that %s', async (_, serve) => {
    const address = await plainUpstream(serve)
    const world = await secureProxyTo(`mqtt://${address}`, {}, '0')
    world.secure().on('error', () => {})
    const event = await eventOf(world, 'misfit')
    expect(describeEvent(event)).toBe('flow 1: the client speaks TLS, and the upstream does not')
    const { port: listening } = world.handle.routes[0]!.listen
    expect(adviceOn(event)).toContain(`End it here: tls://127.0.0.1:${listening}=mqtt://${address};`)
  })

  test('TLS that passes through, as nothing of it can be shown', async () => {
    const port = await secureUpstream(echo)
    const world = await secureProxyTo(`127.0.0.1:${port}`, {}, '0')
    const client = world.secure({ ca: theirs.cert, servername: 'localhost' })
    client.end('hello')
    expect(await everything(client)).toBe('hello')
    const event = await eventOf(world, 'misfit')
    expect(describeEvent(event)).toContain('speak TLS with each other')
    const { port: listening } = world.handle.routes[0]!.listen
    expect(adviceOn(event)).toBe(
      `End it here, and begin it again: tls://127.0.0.1:${listening}=tls://127.0.0.1:${port}`,
    )
    expect(world.events.filter(({ type }) => type === 'misfit')).toHaveLength(1)
  })

  test('a client that left without a word after the handshake', async () => {
    const world = await secureProxyTo(`tls://localhost:${await secureUpstream(echo)}`)
    const client = world.secure()
    await once(client, 'secureConnect')
    client.end()
    expect(describeEvent(await eventOf(world, 'misfit'))).toContain('left without a word')
  })
})

test('a hello in many pieces, over several records', async () => {
  const world = await secureProxyTo(`tls://localhost:${await secureUpstream(echo)}`)
  const { port } = world.handle.routes[0]!.listen
  // What the client writes is cut between it and the proxy.
  const cutter = net.createServer(socket => {
    const onward = net.connect(port, '127.0.0.1').setNoDelay()
    onward.pipe(socket)
    socket.on('data', async chunk => {
      socket.pause()
      for (let at = 0; at < chunk.length; at += 40) {
        onward.write(chunk.subarray(at, at + 40))
        await new Promise(resolve => setTimeout(resolve, 1))
      }
      socket.resume()
    })
    socket.on('end', () => onward.end())
    onward.on('error', () => {})
    socket.on('error', () => {})
  })
  cutter.listen(0, '127.0.0.1')
  await once(cutter, 'listening')
  onTestFinished(() => void cutter.close())
  const client = tls.connect({ port: (cutter.address() as net.AddressInfo).port, host: '127.0.0.1', ca: ours.cert })
  client.write('hello')
  expect(String((await once(client, 'data'))[0])).toBe('hello')
  client.destroy()
})

/** A sink that keeps all it is told, to be told again. */
function tape() {
  const flows: { readonly info: FlowInfo; readonly chunks: [Side, Uint8Array][] }[] = []
  const sink: Sink = {
    start: () => {},
    open: info => {
      const chunks: [Side, Uint8Array][] = []
      flows.push({ info, chunks })
      return { data: (side, bytes) => chunks.push([side, bytes.slice()]), gap() {}, end() {}, close() {} }
    },
  }
  return { flows, sink }
}

test.each(['TLSv1.2', 'TLSv1.3'] as const)('with its keys both legs of %s are decrypted', async version => {
  const beyond = tape()
  const before = tape()
  const options = { maxVersion: version }
  const broker = await secureUpstream(socket => socket.once('data', () => socket.end(CONNACK)), options)
  const far = await proxyTo(`127.0.0.1:${broker}`, { sink: beyond.sink })
  const world = await secureProxyTo(`tls://localhost:${far.handle.routes[0]!.listen.port}`)
  const near = await proxyTo(`127.0.0.1:${world.handle.routes[0]!.listen.port}`, { sink: before.sink })
  const { port } = near.handle.routes[0]!.listen
  const client = tls.connect({ ...options, host: '127.0.0.1', port, ca: ours.cert })
  client.end(CONNECT)
  await everything(client)
  const log = new KeyLog()
  for (const line of world.keys) log.add(line)
  for (const { flows } of [before, beyond]) {
    const types: string[] = []
    const packet = (flow: Flow, cut: Packet): void => void types.push(String(flow.codec?.type(cut)))
    const sink = new Inspector(inspection([], log), { packet }).open(flows[0]!.info)
    for (const [side, bytes] of flows[0]!.chunks) sink.data(side, bytes, 0, 0, 0)
    sink.close(0)
    expect(types).toEqual(['connect', 'connack'])
  }
})

const CONNECT = Buffer.from('100e00044d5154540402003c00026d65', 'hex')
const CONNACK = Buffer.from('20020000', 'hex')
