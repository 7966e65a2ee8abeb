import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Broker, coapServer, isMissing } from '../interop/brokers.ts'
import { replay } from './replay.ts'

const UDP = 'fixtures/coap'
const flows = (...numbers: number[]): string[] => numbers.flatMap(number => ['--flow', String(number)])

describe.skipIf(isMissing('coap-server-notls'))('against libcoap (skipped where it is not installed)', () => {
  let server: Broker

  // Each test makes resources of its own on a new one.
  beforeEach(async () => {
    server = await coapServer()
  })

  afterEach(() => server?.stop())

  const udp = (): string => `coap://127.0.0.1:${server.port}`
  const tcp = (): string => `coap+tcp://127.0.0.1:${server.port}`

  test('requests and their answers; only what is the time is another, and said to be', async () => {
    const { code, kinds, deviations } = await replay(`${UDP}/coap_udp_basic.pcap`, udp(), '--expect', 'same')
    expect(kinds).toEqual({
      get: [9, 0, 0, 0],
      put: [2, 0, 0, 0],
      post: [2, 0, 0, 0],
      delete: [1, 0, 0, 0],
      fetch: [1, 0, 0, 0],
      patch: [1, 0, 0, 0],
      deliver: [5, 2, 0, 0],
    })
    for (const deviation of deviations) expect(deviation).toMatchObject({ kind: 'deliver', address: '/time' })
    expect(code).toBe(1)
  })

  test('block by block, each after the answer to the one before', async () => {
    const { code, kinds } = await replay(`${UDP}/coap_udp_block.pcap.gz`, udp(), '--expect', 'same')
    expect(kinds).toEqual({ put: [3, 0, 0, 0], get: [4, 0, 0, 0], deliver: [4, 0, 0, 0] })
    expect(code).toBe(0)
  })

  test('notifications are acknowledged as they come now', async () => {
    const file = `${UDP}/coap_udp_observe.pcap`
    const { code, kinds, stderr } = await replay(file, udp(), ...flows(3, 4, 5, 6), '--expect', 'same')
    expect(kinds).toEqual({
      put: [3, 0, 0, 0],
      observe: [1, 0, 0, 0],
      deliver: [4, 0, 0, 0],
      'deliver-ack': [2, 0, 0, 0],
      'observe-cancel': [1, 0, 0, 0],
    })
    expect(stderr).not.toContain('did not come')
    expect(code).toBe(0)
  })

  test('over TCP as it was recorded over TCP', async () => {
    // Then the server had been worked on already: what was changed would be created now.
    await replay(`${UDP}/coap_udp_basic.pcap`, udp())
    const tested = flows(2, ...Array.from({ length: 10 }, (_, at) => at + 4))
    const { code, kinds } = await replay('fixtures/coap-tcp/coap_tcp_basic.pcap', tcp(), ...tested, '--expect', 'same')
    expect(kinds).toMatchObject({ put: [2, 0, 0, 0], delete: [1, 0, 0, 0], fetch: [1, 0, 0, 0], patch: [1, 0, 0, 0] })
    expect(code).toBe(0)
  })

  test('another path, copies, again and again', async () => {
    const file = `${UDP}/coap_udp_basic.pcap`
    const many = ['--map', '/example_data=/x/y', '--copies', '5', '--loop', '3', ...flows(4, 5, 11, 12)]
    const { kinds, stderr } = await replay(file, udp(), ...many)
    // It is created once only.
    expect(kinds.put).toEqual([1, 14, 0, 0])
    expect(kinds).toMatchObject({ get: [15, 0, 0, 0], fetch: [15, 0, 0, 0], deliver: [15, 0, 0, 0] })
    expect(stderr).toContain('60 connections')
  })
})

test('a datagram that is lost is sent again', async () => {
  const server = createSocket('udp4').bind(0, '127.0.0.1')
  await once(server, 'listening')
  const heard: string[] = []
  server.on('message', (bytes, { port }: RemoteInfo) => {
    heard.push(bytes.toString('hex'))
    // 2.05, with the message ID and the token of the request.
    const answer = Buffer.concat([
      Uint8Array.of(0x61, 0x45),
      bytes.subarray(2, 5),
      Uint8Array.of(0xff),
      Buffer.alloc(136),
    ])
    if (heard.length > 1) server.send(answer, port, '127.0.0.1')
  })
  try {
    const to = `coap://127.0.0.1:${server.address().port}`
    const { kinds, stderr } = await replay(`${UDP}/coap_udp_basic.pcap`, to, ...flows(2))
    expect(kinds.get).toEqual([1, 0, 0, 0])
    expect(stderr).not.toContain('did not come')
    expect(heard).toHaveLength(2)
    expect(heard[1]).toBe(heard[0])
  } finally {
    server.close()
  }
})

test('what was recorded over TCP is played over WebSocket, a message in each of its own [RFC 8323 §4.2]', async () => {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const server = new WebSocketServer({ server: http, path: '/.well-known/coap' })
  const heard: string[] = []
  server.on('connection', peer => {
    // CSM; then 2.05 to what asks.
    peer.send(Uint8Array.of(0x00, 0xe1))
    peer.on('message', (data, binary) => {
      const bytes = data as Buffer
      heard.push(`${binary} ${bytes.toString('hex')}`)
      const answer = [Uint8Array.of(0x01, 0x45), bytes.subarray(2, 3), Uint8Array.of(0xff), Buffer.alloc(136)]
      if (bytes[1] === 1) peer.send(Buffer.concat(answer))
    })
  })
  try {
    const to = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/.well-known/coap`
    const { kinds, stderr } = await replay('fixtures/coap-tcp/coap_tcp_basic.pcap', to, ...flows(2))
    expect(kinds.get).toEqual([1, 0, 0, 0])
    expect(stderr).not.toContain('did not come')
    // The same messages, without a length.
    expect(heard).toEqual(['true 00e12380010020', 'true 010101'])
  } finally {
    for (const client of server.clients) client.terminate()
    http.close()
  }
})
