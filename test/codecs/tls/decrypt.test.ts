import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, connect as tlsConnect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Codec, Packet, Side } from '../../../codecs/core/index.ts'
import { carriers, codecs } from '../../../codecs/index.ts'
import { KeyLog } from '../../../src/keylog.ts'
import { services } from '../../../src/services.ts'
import { Session } from '../../../src/session.ts'
import { selfSigned } from '../../certificates.ts'
import { INFO } from '../../recording/info.ts'
import { prefixed, type Toy, toy } from '../core/toy.ts'

/** Real TLS between Node's two ends, taken down on the wire, then decrypted with the key log that they wrote. */

interface Taken {
  readonly side: Side
  readonly bytes: Uint8Array
}

let certificate: { readonly key: string; readonly cert: string }
beforeAll(async () => {
  certificate = await selfSigned('localhost')
})

const closers: (() => void)[] = []
afterAll(() => {
  for (const close of closers) close()
})

async function converseOverTls(options: TlsOptions, sessions: { ticket?: Buffer } = {}) {
  const keys = new KeyLog()
  const taken: Taken[] = []
  const server = createTlsServer({ ...certificate, ALPNProtocols: ['toy'], ...options }, socket => {
    socket.on('data', data => socket.write(data))
    socket.on('end', () => socket.end())
  })
  server.on('keylog', line => keys.add(line.toString()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const tap = createServer(client => {
    const upstream = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const relay = (from: Socket, to: Socket, side: Side) => {
      from.on('data', bytes => {
        taken.push({ side, bytes })
        to.write(bytes)
      })
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
    }
    relay(client, upstream, 'client')
    relay(upstream, client, 'server')
  })
  tap.listen(0, '127.0.0.1')
  await once(tap, 'listening')
  closers.push(
    () => server.close(),
    () => tap.close(),
  )
  const client: TLSSocket = tlsConnect({
    port: (tap.address() as AddressInfo).port,
    host: '127.0.0.1',
    servername: 'localhost',
    rejectUnauthorized: false,
    ALPNProtocols: ['toy'],
    ...(options.ciphers === undefined ? {} : { ciphers: options.ciphers }),
    ...(sessions.ticket === undefined ? {} : { session: sessions.ticket }),
  })
  client.on('session', ticket => {
    sessions.ticket = ticket
  })
  await once(client, 'secureConnect')
  const reused = client.isSessionReused()
  const { length } = sent
  let received = 0
  client.write(sent)
  for await (const chunk of client) {
    received += (chunk as Buffer).length
    if (received === length) client.end()
  }
  return { keys, taken, reused }
}

const sent = Buffer.concat([toy(3), toy(20_000, 0x62), toy(0), toy(100_000, 0x63)])

const codec: Codec<Toy, undefined> = { ...prefixed, subprotocols: ['toy'] }

function decode(taken: readonly Taken[], keys: KeyLog) {
  const session = new Session(INFO, { codecs: [...codecs, codec], carriers, services: services(keys), decodeAs: [] })
  const packets: Packet[] = []
  const drain = () => {
    for (let packet = session.next(); packet !== undefined; packet = session.next()) packets.push(packet)
  }
  for (const { side, bytes } of taken) {
    session.push(side, bytes, 0, 0, 0)
    drain()
  }
  session.close()
  drain()
  return { session, packets }
}

const lengths = (packets: readonly Packet[], side: Side) =>
  packets.filter(packet => packet.side === side).map(packet => [packet.kind, packet.length])

const wanted = [3, 20_000, 0, 100_000].map(length => ['frame', length + 5])

describe.each([
  ['TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
  ['TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
  ['TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256'],
  ['TLSv1.3', 'TLS_AES_128_CCM_SHA256'],
  ['TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['TLSv1.2', 'AES256-GCM-SHA384'],
  ['TLSv1.2', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ['TLSv1.2', 'ECDHE-RSA-AES128-SHA'],
  ['TLSv1.2', 'ECDHE-RSA-AES128-SHA256'],
  ['TLSv1.2', 'ECDHE-RSA-AES256-SHA384'],
  ['TLSv1.2', 'AES128-CCM'],
] as const)('%s with %s', (version, ciphers) => {
  const options: TlsOptions = { minVersion: version, maxVersion: version, ciphers }

  test('is decrypted both ways, and names what it carries', async () => {
    const { taken, keys } = await converseOverTls(options)
    const { session, packets } = decode(taken, keys)
    expect(lengths(packets, 'client')).toEqual(wanted)
    expect(lengths(packets, 'server')).toEqual(wanted)
    expect(session.carriers).toEqual([
      { encrypted: true, name: version.replace('v', ' '), serverName: 'localhost', subprotocol: 'toy' },
    ])
  })

  test('says that it has no keys where it has none', async () => {
    const { taken } = await converseOverTls(options)
    const { session, packets } = decode(taken, new KeyLog())
    expect(packets).toEqual([])
    expect(session.carriers[0]).toMatchObject({ serverName: 'localhost', opaque: 'no keys' })
  })

  test('says so where the keys are of another session', async () => {
    const { taken, keys } = await converseOverTls(options)
    const wrong = {
      secret: (label: string, random: string) => keys.secret(label, random)?.map(byte => byte ^ 1),
    } as KeyLog
    const { session, packets } = decode(taken, wrong)
    expect(packets).toEqual([])
    expect(session.carriers[0]?.opaque).toBe('the keys are not for this session')
  })
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a resumed session of %s is decrypted', async version => {
  const sessions: { ticket?: Buffer } = {}
  const options: TlsOptions = {
    minVersion: version,
    maxVersion: version,
    ticketKeys: Buffer.alloc(48, 7),
  }
  await converseOverTls(options, sessions)
  const { taken, keys, reused } = await converseOverTls(options, sessions)
  expect(reused).toBe(true)
  const { packets } = decode(taken, keys)
  expect(lengths(packets, 'client')).toEqual(wanted)
  expect(lengths(packets, 'server')).toEqual(wanted)
})

test("what follows AMQP's TLS header is TLS on the same connection (AMQP 1.0 §5.2.1)", async () => {
  const { taken, keys } = await converseOverTls({ minVersion: 'TLSv1.3' })
  const header = Buffer.from('AMQP\x02\x01\x00\x00', 'latin1')
  const [hello, ...rest] = taken as [Taken, ...Taken[]]
  const { session, packets } = decode(
    [
      { side: 'client', bytes: header },
      // A server may send its hello's first bytes along; a client may as well.
      { side: 'server', bytes: header },
      { side: 'client', bytes: hello.bytes.subarray(0, 10) },
      { side: 'client', bytes: hello.bytes.subarray(10) },
      ...rest,
    ],
    keys,
  )
  expect(lengths(packets, 'client')).toEqual([['frame', 8], ...wanted])
  expect(lengths(packets, 'server')).toEqual([['frame', 8], ...wanted])
  expect(session.carriers[0]?.name).toBe('TLS 1.3')
})

test('records that the capture lost cost what they held, no more', async () => {
  const { taken, keys } = await converseOverTls({ minVersion: 'TLSv1.3' })
  const session = new Session(INFO, { codecs: [codec], carriers, services: services(keys), decodeAs: [] })
  const packets: Packet[] = []
  const drain = () => {
    for (let packet = session.next(); packet !== undefined; packet = session.next()) packets.push(packet)
  }
  const chunks = taken.filter(({ side }) => side === 'server')
  const lost = chunks[chunks.length >> 1]
  for (const { side, bytes } of taken) {
    if (bytes === lost?.bytes) session.gap(side, bytes.length, 0, 0)
    else session.push(side, bytes, 0, 0, 0)
    drain()
  }
  session.close()
  drain()
  expect(lengths(packets, 'client')).toEqual(wanted)
  expect(packets.filter(({ side }) => side === 'server').map(({ kind }) => kind)).toContain('gap')
})
