import { usage } from '../failure.ts'
import { formatEndpoint, type Sink } from '../flow.ts'
import { type Connection, cannotListen, type Listener, LOOPBACK, type Route, transportOf } from '../net/index.ts'
import { describeRoute, type ProxyEvent } from './event.ts'
import { Relay } from './relay.ts'
import { Tap } from './tap.ts'

export interface ProxyOptions {
  readonly routes: readonly Route[]
  /** Who looks at the traffic. */
  readonly sink: Sink
  /** How long an upstream may take to answer, in milliseconds. @default 10_000 */
  readonly connectTimeout?: number
  readonly onEvent?: (event: ProxyEvent) => void
}

export interface ProxyHandle {
  /** As they are: with the ports that were chosen where they were 0. */
  readonly routes: readonly Route[]
  /** Connections being relayed. */
  readonly connections: number
  /** Ends listening and every connection; resolves when all is told to the sink. */
  close(): Promise<void>
}

export const CONNECT_TIMEOUT = 10_000

/** Relays each route's LISTEN to its UPSTREAM, and lets `sink` see both ways. Rejects where it cannot listen. */
export async function startProxy(options: ProxyOptions): Promise<ProxyHandle> {
  const proxy = new RunningProxy(options)
  await proxy.listen(options.routes)
  return proxy
}

class RunningProxy implements ProxyHandle {
  readonly #sink: Sink
  readonly #timeout: number
  readonly #tell: (event: ProxyEvent) => void
  readonly #now: () => number
  readonly #listeners: { readonly route: Route; readonly listener: Listener }[] = []
  readonly #relays = new Set<Relay>()
  readonly #ended = new AbortController()
  #flows = 0
  #idle: (() => void) | undefined

  constructor({ sink, connectTimeout = CONNECT_TIMEOUT, onEvent = () => {} }: ProxyOptions) {
    this.#sink = sink
    this.#timeout = connectTimeout
    this.#tell = onEvent
    const began = process.hrtime.bigint()
    this.#now = () => Number(process.hrtime.bigint() - began)
    sink.start(BigInt(Date.now()) * 1_000_000n)
  }

  get routes(): readonly Route[] {
    return this.#listeners.map(({ route }) => route)
  }

  get connections(): number {
    return this.#relays.size
  }

  async listen(routes: readonly Route[]): Promise<void> {
    for (const { listen, upstream } of routes) for (const address of [listen, upstream]) transportOf(address)
    try {
      for (const route of routes) await this.#listen(route)
    } catch (error) {
      await this.close()
      throw error
    }
    for (const route of this.routes) this.#tell({ type: 'listening', route })
  }

  async close(): Promise<void> {
    this.#ended.abort(new Error('the proxy ends'))
    for (const { listener } of this.#listeners) listener.close()
    const idle = new Promise<void>(resolve => {
      this.#idle = resolve
    })
    for (const relay of this.#relays) relay.stop()
    if (this.#relays.size > 0) await idle
  }

  async #listen(route: Route): Promise<void> {
    if (isItself(route)) {
      throw usage(`${formatEndpoint(route.upstream)} would be connected to itself`, 'Listen on another port.')
    }
    const { listen } = route
    const actual = (listener: Listener): Route => ({ ...route, listen: listener.address })
    const listener: Listener = await transportOf(listen)
      .listen(listen, {
        accept: connection => void this.#accept(actual(listener), connection),
        failed: error => this.#tell({ type: 'accept-failed', route: actual(listener), error }),
      })
      .catch(error => {
        throw cannotListen(listen, error)
      })
    this.#listeners.push({ route: actual(listener), listener })
  }

  async #accept(route: Route, client: Connection): Promise<void> {
    const started = this.#now()
    // Until it is relayed, its own end is of no consequence: nothing was said yet.
    const ignore = (): void => {}
    client.stream.on('error', ignore)
    let server: Connection
    try {
      const options = { timeout: this.#timeout, signal: this.#ended.signal }
      server = await transportOf(route.upstream).dial(route.upstream, options)
    } catch (error) {
      client.reset()
      if (!this.#ended.signal.aborted) {
        this.#tell({ type: 'upstream-failed', route, client: client.peer, error: error as Error })
      }
      return
    }
    client.stream.off('error', ignore)
    if (client.stream.destroyed || this.#ended.signal.aborted) {
      client.reset()
      server.stream.destroy()
    } else this.#relay(route, client, server, started)
  }

  #relay(route: Route, client: Connection, server: Connection, started: number): void {
    const id = ++this.#flows
    const peers = { client: client.peer, server: server.peer }
    const info = { id, transport: 'stream', ...peers, started, joined: 'start', route: describeRoute(route) } as const
    const tap = new Tap(this.#sink, info, this.#now, error => this.#tell({ type: 'decoding-failed', flow: id, error }))
    const relay: Relay = new Relay(client, server, tap, {
      broken: (side, error) => this.#tell({ type: 'broken', flow: id, side, end: peers[side], error }),
      closed: () => {
        this.#relays.delete(relay)
        if (this.#relays.size === 0) this.#idle?.()
      },
    })
    this.#relays.add(relay)
  }
}

/** Whether what is accepted would be dialled back to where it was accepted, for ever. */
function isItself({ listen, upstream }: Route): boolean {
  if (listen.transport !== upstream.transport || listen.port !== upstream.port) return false
  const host = upstream.host === 'localhost' ? LOOPBACK : upstream.host
  const local = host === '::1' || host.startsWith('127.')
  return listen.host === host || (local && ['localhost', '0.0.0.0', '::'].includes(listen.host))
}
