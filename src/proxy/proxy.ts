import { usage } from '../failure.ts'
import { formatEndpoint, type Sink } from '../flow.ts'
import { isDatagram, type Route, type Transport, transports } from '../net/index.ts'
import { relayDatagrams } from './datagrams.ts'
import type { ProxyEvent } from './event.ts'
import { isItself, type Seen, type Service, Setting } from './service.ts'
import { relayStreams } from './streams.ts'
import type { Tap } from './tap.ts'

export interface ProxyOptions {
  readonly routes: readonly Route[]
  /** Who looks at the traffic. */
  readonly sink: Sink
  /** How long an upstream may take to answer, in milliseconds. @default 10_000 */
  readonly connectTimeout?: number
  /** How long a client that sends datagrams may be silent before it is forgotten, in milliseconds. @default 247_000 */
  readonly idleTimeout?: number
  /** How TLS is ended and begun. @default nothing listens with TLS; upstreams are verified as the machine does */
  readonly tls?: Transport
  readonly onEvent?: (event: ProxyEvent) => void
}

export interface ProxyHandle {
  /** As they are: with the ports that were chosen where they were 0. */
  readonly routes: readonly Route[]
  /** Connections being relayed; of datagrams, clients. */
  readonly connections: number
  /** Lets the sink see a connection that somebody else makes, as if it came by `route`, with the next number. */
  watch(route: string, info: Omit<Seen, 'started'>): Tap
  /** Ends listening and every connection; resolves when all is told to the sink. */
  close(): Promise<void>
}

export const CONNECT_TIMEOUT = 10_000
/** EXCHANGE_LIFETIME of CoAP (RFC 7252 §4.8.2): until then an answer, or the same message again, may come. */
export const IDLE_TIMEOUT = 247_000

/** Relays each route's LISTEN to its UPSTREAM, and lets `sink` see both ways. Rejects where it cannot listen. */
export async function startProxy(options: ProxyOptions): Promise<ProxyHandle> {
  const { routes, sink, tls, onEvent = () => {} } = options
  const { connectTimeout = CONNECT_TIMEOUT, idleTimeout = IDLE_TIMEOUT } = options
  const known = transports(tls)
  for (const route of routes) check(route, address => void known(address))
  const proxy = new RunningProxy(new Setting(sink, known, { connectTimeout, idleTimeout }, onEvent))
  await proxy.listen(routes)
  for (const route of proxy.routes) onEvent({ type: 'listening', route })
  return proxy
}

class RunningProxy implements ProxyHandle {
  readonly #setting: Setting
  readonly #services: Service[] = []

  constructor(setting: Setting) {
    this.#setting = setting
  }

  get routes(): readonly Route[] {
    return this.#services.map(({ route }) => route)
  }

  get connections(): number {
    return this.#services.reduce((sum, { connections }) => sum + connections, 0)
  }

  watch(route: string, info: Omit<Seen, 'started'>): Tap {
    return this.#setting.watch(route, { ...info, started: this.#setting.now() }).tap
  }

  async listen(routes: readonly Route[]): Promise<void> {
    try {
      for (const route of routes) {
        const relay = isDatagram(route.listen) ? relayDatagrams : relayStreams
        this.#services.push(await relay(route, this.#setting))
      }
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#services.map(service => service.close()))
  }
}

/** Throws where a route cannot be. */
function check(route: Route, mustBeStream: (address: Route['listen']) => void): void {
  const { listen, upstream } = route
  if (!isDatagram(listen) || !isDatagram(upstream)) for (const address of [listen, upstream]) mustBeStream(address)
  if (isItself(route)) {
    throw usage(`${formatEndpoint(upstream)} would be connected to itself`, 'Listen on another port.')
  }
}
