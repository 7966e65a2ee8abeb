import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type PerMessageDeflateOptions, WebSocket, WebSocketServer } from 'ws'
import { websocket } from '../../../codecs/carriers/websocket/index.ts'
import { type AnyCarrier, converse, type Side } from '../../../codecs/core/index.ts'
import { KeyLog } from '../../../src/keylog.ts'
import { services } from '../../../src/services.ts'

/** The `ws` package at both ends: what its ends were given is what we take off the wire between them. */

interface Talk {
  /** What each side was given, message by message. */
  readonly given: Readonly<Record<Side, readonly Uint8Array[]>>
  readonly wire: readonly { readonly side: Side; readonly bytes: Uint8Array }[]
}

const noise = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * at * 7919) >> 5))
const messages = [
  Buffer.from('the same again and again'),
  Buffer.alloc(0),
  Buffer.from('the same again and again'),
  Buffer.alloc(100_000, 'abcdefg'),
  noise,
  Buffer.from('the same again and again'),
]

async function talk(
  server: PerMessageDeflateOptions | boolean,
  client: PerMessageDeflateOptions | boolean,
): Promise<Talk> {
  const given: Record<Side, Uint8Array[]> = { client: [], server: [] }
  const wire: { side: Side; bytes: Uint8Array }[] = []
  const upstream = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: server })
  await once(upstream, 'listening')
  const tap = net.createServer(socket => {
    const onward = net.connect((upstream.address() as AddressInfo).port, '127.0.0.1')
    const relay = (from: net.Socket, to: net.Socket, side: Side): void => {
      from.on('data', bytes => {
        wire.push({ side, bytes })
        to.write(bytes)
      })
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
    }
    relay(socket, onward, 'client')
    relay(onward, socket, 'server')
  })
  await once(tap.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    tap.close()
    upstream.close()
  })
  upstream.on('connection', socket => {
    socket.on('message', (data, isBinary) => {
      given.client.push(data as Buffer)
      socket.ping('still there?')
      socket.send(data, { binary: isBinary })
    })
  })
  const socket = new WebSocket(`ws://127.0.0.1:${(tap.address() as AddressInfo).port}`, 'x', {
    perMessageDeflate: client,
  })
  await once(socket, 'open')
  const all = new Promise<void>(resolve => {
    socket.on('message', data => given.server.push(data as Buffer) === messages.length + 1 && resolve())
  })
  for (const message of messages) socket.send(message)
  // In three fragments, with a ping between them.
  socket.send('the same ', { fin: false })
  socket.ping()
  socket.send('again and ', { fin: false })
  socket.send('again', { fin: true })
  await all
  const closed = once(socket, 'close')
  socket.close(1000, 'done')
  await closed
  return { given, wire }
}

const carrier: AnyCarrier = websocket

function taken(wire: Talk['wire']) {
  const conversation = converse(carrier.codec)
  const unwrapper = carrier.open(services(new KeyLog()))
  const messages: Record<Side, Uint8Array[]> = { client: [], server: [] }
  const parts: Record<Side, Uint8Array[]> = { client: [], server: [] }
  const gaps: Side[] = []
  const carried = {
    data(side: Side, bytes: Uint8Array, _time: number, _record: number, last: boolean) {
      parts[side].push(bytes.slice())
      if (last) messages[side].push(Buffer.concat(parts[side].splice(0)))
    },
    gap: (side: Side) => void gaps.push(side),
  }
  for (const { side, bytes } of wire) {
    conversation.push(side, bytes, 0)
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) {
      unwrapper.take(packet, carried)
    }
  }
  return { messages, gaps, status: unwrapper.status }
}

const compressed = { threshold: 0 }

describe.each<[string, PerMessageDeflateOptions | boolean, PerMessageDeflateOptions | boolean]>([
  ['uncompressed', false, false],
  ['offered and not taken', false, true],
  ['with the context of both taken over', compressed, compressed],
  ['the server starts anew each time', { ...compressed, serverNoContextTakeover: true }, compressed],
  ['the client starts anew each time', { ...compressed, clientNoContextTakeover: true }, compressed],
  ['both do', { ...compressed, serverNoContextTakeover: true, clientNoContextTakeover: true }, compressed],
  ['small windows', { ...compressed, serverMaxWindowBits: 9, clientMaxWindowBits: 10 }, compressed],
  ['only what is long', { threshold: 1024 }, { threshold: 1024 }],
])('%s', (_, server, client) => {
  test('what each side was given is what was taken', async () => {
    const { given, wire } = await talk(server, client)
    expect(given.client).toHaveLength(messages.length + 1)
    const { messages: ours, gaps, status } = taken(wire)
    expect(gaps).toEqual([])
    const text = (list: readonly Uint8Array[]) => list.map(bytes => Buffer.from(bytes).toString('latin1'))
    expect(text(ours.client)).toEqual(text(given.client))
    expect(text(ours.server)).toEqual(text(given.server))
    const sent = wire.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const whole = [...given.client, ...given.server].reduce((sum, { length }) => sum + length, 0)
    if (server === false) expect(sent).toBeGreaterThan(whole)
    else expect(sent).toBeLessThan(whole)
    expect(status).toEqual({
      name: 'WebSocket',
      serverName: expect.stringMatching(/^127\.0\.0\.1:/),
      subprotocol: '***',
    })
  })
})
