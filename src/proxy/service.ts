import type { FlowInfo, Sink } from '../flow.ts'
import { LOOPBACK, type Route, type Transports } from '../net/index.ts'
import { describeRoute, type ProxyEvent } from './event.ts'
import { Tap } from './tap.ts'

/** What to do where an address cannot be listened on. */
export const ELSEWHERE = 'Listen elsewhere: LISTEN=UPSTREAM, for example :20000=localhost:1883.'

/** One route that is being relayed. */
export interface Service {
  /** As it is: with the port that was chosen where it was 0. */
  readonly route: Route
  /** Connections, or clients, being relayed. */
  readonly connections: number
  /** Ends listening and every connection; resolves when all is told to the sink. */
  close(): Promise<void>
}

/** What is known of a connection by whoever makes it. */
export type Seen = Omit<FlowInfo, 'id' | 'joined' | 'route'>

/** What the routes of one proxy share. */
export class Setting {
  readonly transports: Transports
  /** How long an upstream may take to answer, in milliseconds. */
  readonly connectTimeout: number
  /** How long a client that sends datagrams may be silent before it is forgotten, in milliseconds. */
  readonly idleTimeout: number
  readonly tell: (event: ProxyEvent) => void
  readonly #sink: Sink
  readonly #began = process.hrtime.bigint()
  #flows = 0

  constructor(
    sink: Sink,
    transports: Transports,
    { connectTimeout, idleTimeout }: { readonly connectTimeout: number; readonly idleTimeout: number },
    tell: (event: ProxyEvent) => void,
  ) {
    this.#sink = sink
    this.transports = transports
    this.connectTimeout = connectTimeout
    this.idleTimeout = idleTimeout
    this.tell = tell
    sink.start(BigInt(Date.now()) * 1_000_000n)
  }

  /** Nanoseconds since the proxy began. */
  readonly now = (): number => Number(process.hrtime.bigint() - this.#began)

  /** A new flow, with what looks at it. */
  open(route: Route, info: Seen): { readonly id: number; readonly tap: Tap } {
    return this.watch(describeRoute(route), info)
  }

  /** The same of a connection that came no route. */
  watch(route: string, info: Seen): { readonly id: number; readonly tap: Tap } {
    const id = ++this.#flows
    const whole: FlowInfo = { ...info, id, joined: 'start', route }
    const tap = new Tap(this.#sink, whole, this.now, error => this.tell({ type: 'decoding-failed', flow: id, error }))
    return { id, tap }
  }
}

/** Whether what is accepted would be dialled back to where it was accepted, for ever. */
export function isItself({ listen, upstream }: Route): boolean {
  if (listen.port !== upstream.port) return false
  const host = upstream.host === 'localhost' ? LOOPBACK : upstream.host
  const local = host === '::1' || host.startsWith('127.')
  return listen.host === host || (local && ['localhost', '0.0.0.0', '::'].includes(listen.host))
}
