import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { codecs } from '../../codecs/index.ts'
import { type Connection, codecAt, dialling, parseUpstream } from '../../src/net/index.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const codecOf = (id: string) => codecs.find(codec => codec.id === id)
const patience = { timeout: 2000, signal: new AbortController().signal }
const dial = dialling()
const dialled = (url: string, id?: string): Promise<Connection> =>
  dial(parseUpstream(url, codecs), { ...patience, codec: id === undefined ? undefined : codecOf(id) })

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close().closeAllConnections())
  return (server.address() as AddressInfo).port
}

async function webSocketServer(choose?: (offered: Set<string>) => string | false) {
  const http = createServer()
  const server = new WebSocketServer({ server: http, ...(choose === undefined ? {} : { handleProtocols: choose }) })
  const port = await listening(http)
  closing.push(() => {
    for (const client of server.clients) client.terminate()
  })
  return { port, server, accepted: once(server, 'connection') as Promise<[WebSocket, { url: string }]> }
}

describe('WebSocket', () => {
  test('the subprotocols are the codec’s, the path is the address’s, and what was chosen is known', async () => {
    const { port, accepted } = await webSocketServer(offered => [...offered][1] ?? false)
    const connection = await dialled(`ws://127.0.0.1:${port}/mq?a=1`, 'stomp')
    const [, { url }] = await accepted
    expect(url).toBe('/mq?a=1')
    expect(connection.carriers).toEqual([{ name: 'WebSocket', subprotocol: 'v11.stomp' }])
    expect(connection.peer).toEqual({ host: '127.0.0.1', port })
    connection.stream.destroy()
  })

  test('each write is a message: binary, or text of a protocol that is text, where it is UTF-8', async () => {
    const sent = async (id: string): Promise<[string, boolean][]> => {
      const { port, accepted } = await webSocketServer()
      const { stream } = await dialled(`ws://127.0.0.1:${port}`, id)
      const [peer] = await accepted
      const got: [string, boolean][] = []
      peer.on('message', (data, binary) => got.push([data.toString('latin1'), binary]))
      stream.cork()
      for (const unit of [utf8('a'), utf8('b'), Uint8Array.of(0xff)]) stream.write(unit)
      stream.uncork()
      stream.end()
      await once(peer, 'close')
      return got
    }
    expect(await sent('mqtt')).toEqual([
      ['a', true],
      ['b', true],
      ['\xff', true],
    ])
    expect(await sent('stomp')).toEqual([
      ['a', false],
      ['b', false],
      ['\xff', true],
    ])
  })

  test('each message is a chunk, whatever its kind; what comes with the answer is not lost', async () => {
    const { port, server } = await webSocketServer()
    server.on('connection', peer => {
      peer.send('first')
      peer.send(Uint8Array.of(1, 2))
      peer.close(1000)
    })
    const connection = await dialled(`ws://127.0.0.1:${port}`, 'mqtt')
    const chunks: string[] = []
    connection.read(chunk => chunks.push(Buffer.from(chunk).toString('latin1')))
    await once(connection.stream, 'end')
    expect(chunks).toEqual(['first', '\x01\x02'])
    expect(connection.stream.errored).toBeNull()
  })

  test('while nothing is taken, nothing more is read', async () => {
    const { port, accepted } = await webSocketServer()
    const connection = await dialled(`ws://127.0.0.1:${port}`, 'mqtt')
    const [peer] = await accepted
    const body = new Uint8Array(1 << 20)
    let all = 0
    const send = (): void => {
      if (all++ < 64) peer.send(body, send)
    }
    send()
    let before = -1
    const stuck = (): boolean => {
      const same = all === before
      before = all
      return same && peer.bufferedAmount > 0
    }
    await expect.poll(stuck).toBe(true)
    expect(all).toBeLessThan(64)
    expect(connection.stream.readableLength).toBeLessThanOrEqual(2)
    let taken = 0
    connection.read(chunk => (taken += chunk.length))
    await expect.poll(() => taken, { timeout: 10_000 }).toBe(64 << 20)
    connection.stream.destroy()
  })

  test('why it was closed is known, where that was not in order', async () => {
    const { port, server } = await webSocketServer()
    server.on('connection', peer => peer.close(1008, 'not you'))
    const connection = await dialled(`ws://127.0.0.1:${port}`, 'mqtt')
    connection.read(() => {})
    await once(connection.stream, 'end')
    expect(connection.failure?.message).toBe('it was closed with 1008, not you (RFC 6455 §7.4)')
  })

  test('what is no WebSocket is told', async () => {
    const http = createServer((_request, response) => response.writeHead(404).end())
    const port = await listening(http)
    await expect(dialled(`ws://127.0.0.1:${port}/mqtt`, 'mqtt')).rejects.toThrow(
      'it answers 404 to a WebSocket for /mqtt',
    )
    const { port: other } = await webSocketServer(() => false)
    await expect(dialled(`ws://127.0.0.1:${other}`, 'stomp')).rejects.toThrow(
      `no WebSocket for v12.stomp, v11.stomp, v10.stomp, stomp at ws://127.0.0.1:${other}`,
    )
    await expect(dialled('ws://127.0.0.1:1', 'mqtt')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('CoAP is another codec there, and another in datagrams', () => {
    const coap = codecOf('coap')
    const at = (url: string) => coap && codecAt(parseUpstream(url, codecs), coap, codecs)?.name
    expect(['coap://x', 'coap+tcp://x', 'ws://x'].map(at)).toEqual(['CoAP', 'CoAP over TCP', 'CoAP over WebSocket'])
    const mqtt = codecOf('mqtt')
    expect(mqtt && codecAt(parseUpstream('ws://x', codecs), mqtt, codecs)).toBe(mqtt)
    expect(mqtt && codecAt(parseUpstream('udp://x:1', codecs), mqtt, codecs)).toBeUndefined()
  })
})

describe('UDP', () => {
  test('each write is a datagram, and each datagram a chunk', async () => {
    const server = createSocket('udp4').bind(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close())
    server.on('message', (bytes, { port }) => server.send(Buffer.concat([bytes, bytes]), port))
    const connection = await dialled(`coap://127.0.0.1:${server.address().port}`)
    const chunks: string[] = []
    connection.read(chunk => chunks.push(Buffer.from(chunk).toString()))
    for (const text of ['a', 'b', 'c']) connection.stream.write(text)
    await expect.poll(() => chunks).toEqual(['aa', 'bb', 'cc'])
    connection.stream.end()
    await once(connection.stream, 'close')
  })

  test('goes out from the address that is told', async () => {
    const server = createSocket('udp4').bind(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close())
    const came = once(server, 'message')
    const address = parseUpstream(`coap://127.0.0.1:${server.address().port}`, codecs)
    const connection = await dial(address, { ...patience, localAddress: '127.0.0.2' })
    connection.stream.write('a')
    const [, from] = await came
    expect(from).toMatchObject({ address: '127.0.0.2', port: connection.local.port })
    connection.stream.end()
    await expect(dial(address, { ...patience, localAddress: '192.0.2.1' })).rejects.toThrow(/EADDRNOTAVAIL/)
  })

  test('nobody at that port ends it', async () => {
    const server = createSocket('udp4').bind(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address()
    server.close()
    const connection = await dialled(`coap://127.0.0.1:${port}`)
    connection.read(() => {})
    connection.stream.write('a')
    await new Promise(resolve => connection.stream.on('close', resolve))
    expect(connection.failure).toMatchObject({ code: 'ECONNREFUSED' })
  })
})
