import { type Endpoint, formatEndpoint } from '../flow.ts'
import {
  type Address,
  bindUdp,
  cannotListen,
  type Datagram,
  type DatagramSocket,
  openUdp,
  plainHost,
  type Route,
} from '../net/index.ts'
import { ELSEWHERE, type Service, type Setting } from './service.ts'
import type { Tap } from './tap.ts'

/** Clients that are relayed at once: each has a socket of its own towards the upstream. */
const MOST_CLIENTS = 1000
/** Datagrams of a new client that wait until its socket is open. */
const MOST_WAITING = 64

/** Relays the datagrams that come to LISTEN to UPSTREAM, and the answers back. Rejects where it cannot listen. */
export async function relayDatagrams(route: Route, setting: Setting, most = MOST_CLIENTS): Promise<Service> {
  const service = new DatagramService(route, setting, most)
  await service.listen()
  return service
}

/** One client: its datagrams go to the upstream from a port of its own, so that answers find the way back. */
interface Client {
  readonly from: Endpoint
  /** When one last came or went, in nanoseconds. */
  last: number
  upstream: DatagramSocket | undefined
  flow: { readonly id: number; readonly tap: Tap } | undefined
  waiting: Uint8Array[]
  /** Told already that what is sent does not get there. */
  failed: boolean
  gone: boolean
}

class DatagramService implements Service {
  route: Route
  readonly #setting: Setting
  readonly #most: number
  /** By address and port; who was silent longest comes first. */
  readonly #clients = new Map<string, Client>()
  #socket: DatagramSocket | undefined
  #timer: NodeJS.Timeout | undefined
  #crowded = false

  constructor(route: Route, setting: Setting, most: number) {
    this.route = route
    this.#setting = setting
    this.#most = most
  }

  get connections(): number {
    return this.#clients.size
  }

  async listen(): Promise<void> {
    const { listen } = this.route
    const { tell } = this.#setting
    try {
      this.#socket = await bindUdp(listen, {
        received: datagram => this.#fromClient(datagram),
        failed: error => tell({ type: 'accept-failed', route: this.route, error }),
      })
    } catch (error) {
      throw cannotListen(listen, error, ELSEWHERE)
    }
    const address: Address = { ...listen, port: this.#socket.local.port }
    this.route = { ...this.route, listen: address }
  }

  close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#socket?.close()
    for (const client of this.#clients.values()) this.#forget(client)
    return Promise.resolve()
  }

  #fromClient({ bytes, from }: Datagram): void {
    const key = formatEndpoint(from)
    let client = this.#clients.get(key)
    if (client === undefined) {
      client = { from, last: 0, upstream: undefined, flow: undefined, waiting: [], failed: false, gone: false }
      this.#makeRoom()
      void this.#open(client)
    }
    this.#touch(client)
    if (client.upstream !== undefined) this.#toUpstream(client, bytes)
    else if (client.waiting.length < MOST_WAITING) client.waiting.push(bytes)
  }

  async #open(client: Client): Promise<void> {
    const { route } = this
    const { upstream } = route
    const { tell, now } = this.#setting
    const started = now()
    try {
      const socket = await openUdp(upstream, client.from.host.includes(':') ? 6 : 4, {
        received: ({ bytes }) => this.#toClient(client, bytes),
        failed: error => {
          if (client.failed || client.gone || client.flow === undefined) return
          client.failed = true
          tell({ type: 'undelivered', flow: client.flow.id, end: socket.peer ?? upstream, error })
        },
      })
      if (client.gone) return socket.close()
      client.upstream = socket
      const peers = { client: named(client.from), server: socket.peer ?? upstream }
      client.flow = this.#setting.open(route, { transport: 'datagram', ...peers, started })
    } catch (error) {
      if (client.gone) return
      this.#forget(client)
      tell({ type: 'upstream-failed', route, client: named(client.from), error: error as Error })
      return
    }
    for (const bytes of client.waiting) this.#toUpstream(client, bytes)
    client.waiting = []
  }

  /** Sent first, looked at then. */
  #toUpstream(client: Client, bytes: Uint8Array): void {
    client.upstream?.send(bytes)
    client.flow?.tap.data('client', bytes)
  }

  #toClient(client: Client, bytes: Uint8Array): void {
    if (client.gone) return
    this.#touch(client)
    client.failed = false
    this.#socket?.send(bytes, client.from)
    client.flow?.tap.data('server', bytes)
  }

  /** It was heard of: it goes to the end of the queue of those who may be forgotten. */
  #touch(client: Client): void {
    const key = formatEndpoint(client.from)
    client.last = this.#setting.now()
    this.#clients.delete(key)
    this.#clients.set(key, client)
    this.#timer ??= setTimeout(this.#expire, this.#setting.idleTimeout)
  }

  readonly #expire = (): void => {
    this.#timer = undefined
    const now = this.#setting.now()
    for (const client of this.#clients.values()) {
      const left = this.#setting.idleTimeout - (now - client.last) / 1e6
      if (left > 0) {
        this.#timer = setTimeout(this.#expire, Math.ceil(left))
        return
      }
      this.#forget(client)
    }
  }

  #makeRoom(): void {
    if (this.#clients.size < this.#most) return
    const [oldest] = this.#clients.values()
    if (oldest !== undefined) this.#forget(oldest)
    if (this.#crowded) return
    this.#crowded = true
    this.#setting.tell({ type: 'crowded', route: this.route, most: this.#most })
  }

  #forget(client: Client): void {
    client.gone = true
    this.#clients.delete(formatEndpoint(client.from))
    client.upstream?.close()
    client.flow?.tap.close()
  }
}

const named = ({ host, port }: Endpoint): Endpoint => ({ host: plainHost(host), port })
