import { once } from 'node:events'
import { request } from 'node:http'
import net from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { codecs } from '../../codecs/index.ts'
import { type Connection, type Hello, type Incoming, listening, parseListen, transports } from '../../src/net/index.ts'

const patience = { timeout: 500, signal: new AbortController().signal }
const codecOf = (id: string) => codecs.filter(codec => codec.id === id)

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Somebody who listens for `ids`, and what comes of the next who knocks. */
async function door(...ids: readonly string[]) {
  const address = parseListen('ws://:0', codecs)
  let arrive: (client: Incoming) => void = () => {}
  const arrived = new Promise<Incoming>(resolve => {
    arrive = resolve
  })
  const tls = transports()(parseListen('tls://:0', codecs))
  const listen = listening(address, tls, ids.flatMap(codecOf))
  const listener = await listen(address, {
    incoming: arrive,
    failed: error => {
      throw error
    },
  })
  closing.push(() => listener.close())
  return { port: listener.address.port, arrived }
}

/** Lets in who comes, with the first of what it asks for. */
async function letIn(arrived: Promise<Incoming>): Promise<{ hello: Hello | undefined; connection: Connection }> {
  const incoming = await arrived
  const hello = await incoming.hello(patience)
  const connection = await incoming.accept(hello?.protocols[0], patience)
  closing.push(() => connection.reset())
  return { hello, connection }
}

function client(port: number, ...protocols: readonly string[]): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/any/path`, [...protocols])
  closing.push(() => socket.terminate())
  return socket
}

describe('who asks for a WebSocket', () => {
  test.each([
    ['v12.stomp', 'stomp', false],
    ['mqtt', 'mqtt', true],
    ['amqp', 'amqp10', true],
  ])('is answered %s, which of all that are spoken says whether messages are binary', async (name, _, binary) => {
    const { port, arrived } = await door('stomp', 'mqtt', 'amqp10')
    const socket = client(port, name, 'another')
    const heard = once(socket, 'message')
    const { hello, connection } = await letIn(arrived)
    expect(hello?.protocols).toEqual([name, 'another'])
    expect(connection.carriers).toEqual([{ name: 'WebSocket', subprotocol: name }])
    connection.stream.write(Buffer.from('hello'))
    const [data, isBinary] = await heard
    expect([String(data), isBinary, socket.protocol]).toEqual(['hello', binary, name])
  })

  test('and for no subprotocol gets text where only text is spoken', async () => {
    const { port, arrived } = await door('stomp')
    const heard = once(client(port), 'message')
    const { connection } = await letIn(arrived)
    connection.stream.write(Buffer.from('hello'))
    expect((await heard)[1]).toBe(false)
  })

  test('sends messages, each of which is a chunk', async () => {
    const { port, arrived } = await door('mqtt')
    const socket = client(port, 'mqtt')
    const { connection } = await letIn(arrived)
    const chunks: string[] = []
    const two = new Promise<void>(resolve => {
      connection.read(chunk => {
        if (chunks.push(String(Buffer.from(chunk))) === 2) resolve()
      })
    })
    if (socket.readyState !== WebSocket.OPEN) await once(socket, 'open')
    socket.send('one')
    socket.send(Buffer.from('two'))
    await two
    expect(chunks).toEqual(['one', 'two'])
    const end = once(connection.stream, 'end')
    socket.close()
    await end
  })
})

describe('who asks for anything else', () => {
  test('by HTTP is told that an upgrade is required [RFC 9110 §15.5.22]', async () => {
    const { port, arrived } = await door('mqtt')
    const asking = request({ port, host: '127.0.0.1', path: '/' }).end()
    const answered = once(asking, 'response')
    await expect((await arrived).hello(patience)).rejects.toThrow('something other than a WebSocket')
    const [{ statusCode, headers }] = await answered
    expect([statusCode, headers.upgrade]).toEqual([426, 'websocket'])
  })

  test.each([
    ['in another protocol', (socket: net.Socket) => socket.write(Buffer.from([0x10, 0x0c, 0, 4])), 'does not speak'],
    ['and says nothing', () => {}, 'no answer in 0.5 s'],
    ['and leaves', (socket: net.Socket) => socket.destroy(), 'left without a word'],
  ])('%s is told', async (_, speak, words) => {
    const { port, arrived } = await door('mqtt')
    const socket = net.connect(port, '127.0.0.1').on('error', () => {})
    closing.push(() => socket.destroy())
    await once(socket, 'connect')
    speak(socket)
    await expect((await arrived).hello(patience)).rejects.toThrow(words)
  })

  test('of a WebSocket of a version that is not [RFC 6455 §4.4] is refused', async () => {
    const { port, arrived } = await door('mqtt')
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '7' }
    const asking = request({ port, host: '127.0.0.1', headers }).end()
    const answered = once(asking, 'response')
    const incoming = await arrived
    await incoming.hello(patience)
    await expect(incoming.accept(undefined, patience)).rejects.toThrow('another version')
    expect((await answered)[0].statusCode).toBe(400)
  })
})
