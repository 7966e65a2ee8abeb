import { createRequire } from 'node:module'
import net from 'node:net'
import { Client, type IMessage, type IStompSocket } from '@stomp/stompjs'
import { expect, vi } from 'vitest'
import { WebSocket } from 'ws'
import { missing, type Watched, watch } from './watch.ts'

export interface StompOptions {
  /** The way in, where it is not TCP. */
  readonly path?: string
  readonly login?: string
  readonly passcode?: string
  /** A queue that nobody else uses. */
  readonly queue: string
  /** The broker may hang up at DISCONNECT, and answer the client's own farewell (WebSocket's close) with a reset. */
  readonly hangsUp?: boolean
}

/** A TCP connection, as @stomp/stompjs takes one for a WebSocket. */
class TcpSocket {
  readonly url: string
  readyState = 0
  onopen: IStompSocket['onopen']
  onmessage: IStompSocket['onmessage']
  onerror: IStompSocket['onerror']
  onclose: IStompSocket['onclose']
  readonly #tcp: net.Socket

  constructor(port: number) {
    this.url = `tcp://127.0.0.1:${port}`
    this.#tcp = net.connect(port, '127.0.0.1')
    this.#tcp.on('connect', () => {
      this.readyState = 1
      this.onopen?.()
    })
    this.#tcp.on('data', data => this.onmessage?.({ data: new Uint8Array(data).buffer }))
    this.#tcp.on('error', error => this.onerror?.(error))
    this.#tcp.on('close', () => {
      this.readyState = 3
      this.onclose?.({ wasClean: true })
    })
  }

  send(data: string | ArrayBuffer): void {
    this.#tcp.write(typeof data === 'string' ? data : new Uint8Array(data))
  }

  close(): void {
    this.#tcp.end()
  }
}

function clientOf(port: number, { path, login = 'ann', passcode = 'secret' }: StompOptions): Client {
  const overWebSocket = () => new WebSocket(`ws://127.0.0.1:${port}${path}`, ['v12.stomp']) as unknown as IStompSocket
  return new Client({
    webSocketFactory: path === undefined ? () => new TcpSocket(port) as IStompSocket : overWebSocket,
    connectHeaders: { login, passcode, host: '/' },
    reconnectDelay: 0,
    heartbeatIncoming: 0,
    heartbeatOutgoing: 0,
  })
}

async function connected(client: Client): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.onConnect = () => resolve()
    client.onStompError = ({ headers, body }) => reject(new Error(`${headers.message}: ${body}`))
    client.onWebSocketClose = () => reject(new Error('the connection was closed'))
    client.activate()
  })
}

/** Without the end of line that brokers put after a frame's NUL, which cannot be told from a heart-beat. */
const commands = (watched: Watched): string[] => watched.types().filter(type => !type.endsWith('heartbeat'))

/** @stomp/stompjs at work through the proxy: what any broker must let it do, and what must be shown of it. */
export async function checkStomp(port: number, how: StompOptions): Promise<void> {
  const watched = await watch(port)
  const client = clientOf(watched.port, how)
  await connected(client)
  const receipt = (id: string) => new Promise<void>(resolve => client.watchForReceipt(id, () => resolve()))

  const got: IMessage[] = []
  const all = new Promise<void>(resolve => {
    const take = (message: IMessage): void => {
      got.push(message)
      if (got.length === 4) message.nack({ requeue: 'false' })
      else message.ack()
      if (got.length === 4) resolve()
    }
    const subscribed = { id: 'orders', ack: 'client-individual', receipt: 'subscribed' }
    client.subscribe(how.queue, take, subscribed)
  })
  await receipt('subscribed')
  const note = 'a colon: a \\ and a\nline'
  client.publish({ destination: how.queue, body: 'größe', headers: { note, receipt: 'sent' } })
  await receipt('sent')
  // A broker that answers in WebSocket's text frames can carry no octets that are not UTF-8.
  const octets = how.path === undefined ? Uint8Array.of(0, 1, 10, 0, 255) : Uint8Array.of(0, 1, 10, 0, 127)
  const binary = { 'content-type': 'application/octet-stream' }
  client.publish({ destination: how.queue, binaryBody: octets, headers: binary })
  const big = 'b'.repeat(200_000)
  client.publish({ destination: how.queue, body: big })
  const transaction = client.begin('t1')
  client.publish({ destination: how.queue, body: 'in t1', headers: { transaction: transaction.id } })
  transaction.commit()
  await all
  client.unsubscribe('orders', { receipt: 'unsubscribed' })
  await receipt('unsubscribed')
  await client.deactivate()
  await watched.end()

  expect(got[0]!.body).toBe('größe')
  expect(got[0]!.headers.note).toBe(note)
  expect(new Uint8Array(got[1]!.binaryBody)).toEqual(octets)
  expect(got[2]!.body === big).toBe(true)
  expect(got[3]!.body).toBe('in t1')

  expect(watched.wrong.filter(what => what !== 'broken' || how.hangsUp !== true)).toEqual([])
  const types = commands(watched)
  expect(types.slice(0, 4)).toEqual(['>CONNECT', '<CONNECTED', '>SUBSCRIBE', '<RECEIPT'])
  const order = ['>SEND', '<RECEIPT', '>SEND', '>SEND', '>BEGIN', '>SEND', '>COMMIT']
  expect(missing(types, [...order, '>NACK', '>UNSUBSCRIBE', '<RECEIPT', '>DISCONNECT'])).toBeUndefined()
  expect(types.filter(type => type === '<MESSAGE')).toHaveLength(4)
  expect(types.filter(type => type === '>ACK')).toHaveLength(3)
  expect(watched.find('CONNECT')[0]!.fields).toMatchObject({ passcode: '***', login: how.login ?? 'ann' })
  expect(watched.find('CONNECTED')[0]!.fields.version).toBe('1.2')
  const fields = watched.find('MESSAGE').map(shown => shown.fields)
  expect(fields[0]).toMatchObject({ subscription: 'orders', destination: how.queue, body: 'größe', headers: { note } })
  const text = String.fromCharCode(...octets)
  expect(fields[1]!.body).toEqual(how.path === undefined ? { base64: Buffer.from(octets).toString('base64') } : text)
  expect(fields[2]!.body === big).toBe(true)
  expect(watched.find('SEND').map(shown => shown.fields.transaction)).toEqual([undefined, undefined, undefined, 't1'])
  const acknowledged = [...watched.find('ACK'), ...watched.find('NACK')].map(shown => shown.fields.id)
  expect(acknowledged).toEqual(fields.map(({ ack }) => ack))
  const [flow] = watched.flows
  expect(flow!.codec?.id).toBe('stomp')
  expect(flow!.carriers.map(({ name, subprotocol }) => [name, subprotocol])).toEqual(
    how.path === undefined ? [] : [['WebSocket', 'v12.stomp']],
  )
}

/** A broker's refusal reaches the client, and is shown. */
export async function checkStompError(port: number, how: StompOptions): Promise<void> {
  const watched = await watch(port)
  const client = clientOf(watched.port, how)
  await connected(client)
  client.onWebSocketClose = () => {}
  const refused = new Promise<string>(resolve => {
    client.onStompError = ({ headers }) => resolve(headers.message ?? '')
  })
  client.commit('never-begun')
  const message = await refused
  await client.deactivate({ force: true })
  await watched.end()
  expect(missing(watched.types(), ['>CONNECT', '<CONNECTED', '>COMMIT', '<ERROR'])).toBeUndefined()
  expect(watched.find('COMMIT')[0]!.fields.transaction).toBe('never-begun')
  expect(watched.find('ERROR')[0]!.fields.message).toBe(message)
  expect(watched.wrong).toEqual([])
}

interface OldClient {
  debug: undefined
  heartbeat: { outgoing: number; incoming: number }
  connect(headers: object, connected: () => void, failed: (error: unknown) => void): void
  subscribe(destination: string, take: (message: OldMessage) => void, headers: object): void
  send(destination: string, headers: object, body: string): void
  disconnect(done: () => void): void
}
interface OldMessage {
  readonly body: string
  ack(): void
}

/** stompjs, unmaintained, which speaks STOMP 1.1. */
export async function checkOldStomp(port: number, how: StompOptions): Promise<void> {
  const { overTCP } = createRequire(import.meta.url)('stompjs') as {
    overTCP(host: string, port: number): OldClient
  }
  const watched = await watch(port)
  const client = overTCP('127.0.0.1', watched.port)
  client.debug = undefined
  client.heartbeat = { outgoing: 0, incoming: 0 }
  const { login = 'ann', passcode = 'secret', queue } = how
  await new Promise<void>((resolve, reject) => client.connect({ login, passcode, host: '/' }, resolve, reject))
  const got: string[] = []
  await new Promise<void>(resolve => {
    const take = (message: OldMessage): void => {
      got.push(message.body)
      message.ack()
      if (got.length === 10) resolve()
    }
    client.subscribe(queue, take, { id: 'old', ack: 'client' })
    for (let at = 0; at < 10; at++) client.send(queue, { n: at }, `message ${at}`)
  })
  // It says that it is disconnected before anything is sent.
  client.disconnect(() => {})
  await vi.waitFor(() => expect(watched.types().at(-1)).toBe('>DISCONNECT'), 5000)
  await watched.end()
  expect(got).toEqual(Array.from({ length: 10 }, (_, at) => `message ${at}`))

  expect(watched.wrong).toEqual([])
  const types = commands(watched)
  expect(types.slice(0, 3)).toEqual(['>CONNECT', '<CONNECTED', '>SUBSCRIBE'])
  expect(watched.find('CONNECTED')[0]!.fields.version).toBe('1.1')
  for (const type of ['SEND', 'MESSAGE', 'ACK']) expect(watched.find(type)).toHaveLength(10)
  const ids = watched.find('MESSAGE').map(({ fields }) => fields.messageId)
  expect(watched.find('ACK').map(({ fields }) => fields.messageId)).toEqual(ids)
}
