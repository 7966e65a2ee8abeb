import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstHello } from '../../../codecs/carriers/index.ts'

/** What Node.js says first as a TLS client. */
async function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = tls.connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ...options })
  client.on('error', () => {})
  const [socket] = (await once(server, 'connection')) as [net.Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  client.destroy()
  server.close()
  return bytes
}

const hello = await helloOf({ servername: 'broker.example', ALPNProtocols: ['mqtt', 'x'] })

/** The same hello in records of this length. */
function inRecords(size: number): Buffer {
  const message = hello.subarray(5)
  const parts: Buffer[] = []
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size)
    parts.push(Buffer.of(22, 3, 1, part.length >> 8, part.length & 255), part)
  }
  return Buffer.concat(parts)
}

test('what it asks for is read', async () => {
  expect(firstHello(hello)).toMatchObject({ serverName: 'broker.example', alpn: ['mqtt', 'x'] })
  expect(firstHello(await helloOf({}))).toMatchObject({ serverName: undefined, alpn: [] })
})

test('however it is divided into records, every prefix asks for more', () => {
  for (const bytes of [hello, inRecords(1), inRecords(3), inRecords(100)]) {
    const prefixes = Array.from({ length: bytes.length }, (_, length) => firstHello(bytes.subarray(0, length)))
    expect(prefixes.findIndex(found => found !== 'more')).toBe(-1)
    expect(firstHello(bytes)).toEqual(firstHello(hello))
  }
})

test.each([
  ['MQTT', '\x10\x0e\0\x04MQTT'],
  ['AMQP', 'AMQP\0\0\x09\x01'],
  ['HTTP', 'GET / HTTP/1.1\r\n'],
  ['a TLS alert', '\x15\x03\x01\0\x02\x02\x46'],
  ['a ServerHello', '\x16\x03\x03\0\x04\x02\0\0\x2e'],
  ['SSL 2', '\x80\x2e\x01\x03\x01'],
])('%s is none', (_, text) => {
  expect(firstHello(Buffer.from(text, 'latin1'))).toBeUndefined()
})

test('a hello without end is none', () => {
  const endless = Buffer.concat([hello.subarray(0, 5), Buffer.of(1, 255, 255, 255), Buffer.alloc(70_000)])
  endless.writeUInt16BE(0xffff, 3)
  expect(firstHello(endless)).toBeUndefined()
})

test('whatever comes, it answers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(hello.length), fc.boolean(), (bytes, at, inside) => {
      const text = inside ? Buffer.concat([hello.subarray(0, at), bytes]) : Buffer.from(bytes)
      const found = firstHello(text)
      expect(found === undefined || found === 'more' || Array.isArray(found.alpn)).toBe(true)
    }),
  )
})
