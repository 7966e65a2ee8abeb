import { type Endpoint, formatEndpoint } from '../flow.ts'
import type { Address } from './address.ts'
import type { Take } from './reading.ts'
import { plainHost } from './socket.ts'
import type { Connection, Incoming, Listener, ListenHandlers } from './transport.ts'
import { bindUdp, type DatagramSocket } from './udp.ts'
import { Units } from './units.ts'

/** Clients at once; beyond, who was silent longest is forgotten. */
const MOST_CLIENTS = 1000
/** EXCHANGE_LIFETIME of CoAP (RFC 7252 §4.8.2), in milliseconds: who is silent for so long is forgotten. */
const IDLE = 247_000

/** Whoever sends datagrams to `address` is a connection, each datagram a unit of it. Rejects with the system's own errors. */
export async function listenUdp(address: Address, handlers: ListenHandlers, idle = IDLE): Promise<Listener> {
  const clients = new Clients(handlers, idle)
  const socket = await bindUdp(address, {
    received: ({ bytes, from }) => clients.received(socket, bytes, from),
    failed: error => handlers.failed(error),
  })
  return {
    address: { ...address, port: socket.local.port },
    close: () => {
      clients.close()
      socket.close()
    },
  }
}

class Clients {
  readonly #handlers: ListenHandlers
  readonly #idle: number
  /** By address and port; who was silent longest comes first. */
  readonly #known = new Map<string, Client>()
  #timer: NodeJS.Timeout | undefined

  constructor(handlers: ListenHandlers, idle: number) {
    this.#handlers = handlers
    this.#idle = idle
  }

  received(socket: DatagramSocket, bytes: Uint8Array, from: Endpoint): void {
    const key = formatEndpoint(from)
    const known = this.#known.get(key)
    const client = known ?? new Client(socket, from, () => this.#known.delete(key))
    client.last = performance.now()
    this.#known.delete(key)
    this.#known.set(key, client)
    if (known === undefined) this.#handlers.incoming(client)
    client.stream.took(bytes)
    if (this.#known.size > MOST_CLIENTS) this.#known.values().next().value?.stream.destroy()
    this.#timer ??= setTimeout(this.#expire, this.#idle)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  readonly #expire = (): void => {
    this.#timer = undefined
    for (const { last, stream } of this.#known.values()) {
      const left = last + this.#idle - performance.now()
      if (left > 0) {
        this.#timer = setTimeout(this.#expire, Math.ceil(left))
        return
      }
      stream.destroy()
    }
  }
}

/** One that sends datagrams: there is nothing to agree on. */
class Client implements Incoming, Connection {
  readonly local: Endpoint
  readonly peer: Endpoint
  readonly carriers = []
  readonly stream: Datagrams
  readonly failure = undefined
  readonly lends = false
  /** When one last came, in milliseconds of `performance.now()`. */
  last = 0

  constructor(socket: DatagramSocket, { host, port }: Endpoint, gone: () => void) {
    this.local = socket.local
    this.peer = { host: plainHost(host), port }
    this.stream = new Datagrams(socket, { host, port })
    this.stream.on('close', gone)
  }

  hello(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  accept(): Promise<Connection> {
    return Promise.resolve(this)
  }

  refuse(): void {
    this.stream.destroy()
  }

  read(take: Take): void {
    this.stream.on('data', take)
  }

  /** There is no such thing as a reset. */
  reset(): void {
    this.stream.destroy()
  }
}

/** Datagrams that came and nobody took; more are lost, as they would be in a system's buffer. */
const MOST_HELD = 1024

class Datagrams extends Units {
  readonly #socket: DatagramSocket
  readonly #to: Endpoint

  constructor(socket: DatagramSocket, to: Endpoint) {
    super()
    this.#socket = socket
    this.#to = to
  }

  took(bytes: Uint8Array): void {
    if (this.readableLength < MOST_HELD && !this.destroyed) this.push(bytes)
  }

  override _read(): void {
    // They come when they come.
  }

  /** What there is no room for is lost, as the network loses. */
  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.#socket.send(chunk, this.#to)
    done()
  }

  override _final(done: () => void): void {
    this.push(null)
    done()
  }
}
