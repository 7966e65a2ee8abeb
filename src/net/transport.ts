import type { Duplex } from 'node:stream'
import type { AnyCodec, CarrierStatus, StartTls } from '../../codecs/core/index.ts'
import { usage } from '../failure.ts'
import type { Endpoint } from '../flow.ts'
import { type Address, formatAddress } from './address.ts'
import type { Take } from './reading.ts'
import type { TransportName } from './scheme.ts'
import { tcp } from './tcp.ts'
import { tlsTransport } from './tls.ts'

/** One connection, whatever carries it. Either half can end by itself. */
export interface Connection {
  /** Where the transport has units (a WebSocket's message, a datagram), each write is one, and each chunk that is read. */
  readonly stream: Duplex
  /** Our end. */
  readonly local: Endpoint
  /** Who is at the other end. */
  readonly peer: Endpoint
  /** What carries it on the wire and is taken off here, from the outside in: TLS, WebSocket. */
  readonly carriers: readonly CarrierStatus[]
  /** Milliseconds that the TLS handshake took, once TCP was connected; of those that were dialled. */
  readonly handshake?: number
  /** What was said in its protocol to go over to TLS, before that began. */
  readonly startTls?: StartTls
  /** Why it is of no use any more, if it is not. */
  readonly failure: Error | undefined
  /** Whether what `read` hands on is its own again once the taker returns. */
  readonly lends: boolean
  /** Hands on what comes, from now on, whenever the stream is not paused. */
  read(take: Take): void
  /** Ends it as a reset, where the transport has such a thing; bytes not yet sent are given up. */
  reset(): void
}

/** What a client asks for before anything is agreed. */
export interface Hello {
  /** The server's name (SNI). */
  readonly serverName: string | undefined
  /** What it could speak, by ALPN names, the dearest first. */
  readonly protocols: readonly string[]
  /** It did not begin with TLS, but asked for it in its protocol; so the upstream is asked, too. */
  readonly startTls?: StartTls
}

/** How long something is waited for. */
export interface Patience {
  /** Milliseconds after which nobody is expected to answer. */
  readonly timeout: number
  readonly signal: AbortSignal
}

export interface DialOptions extends Patience {
  /** What the client asked for, on whose behalf this is. */
  readonly hello?: Hello | undefined
  /** What is to be spoken, where the transport asks for it by name: WebSocket. */
  readonly codec?: AnyCodec | undefined
  /** An IP address of this machine to connect from, in place of that which the system chooses. */
  readonly localAddress?: string | undefined
}

/** A client at the door: it is answered once it is known what can be answered. */
export interface Incoming {
  readonly peer: Endpoint
  /** What it asks for; undefined where its transport has no such thing. */
  hello(patience: Patience): Promise<Hello | undefined>
  /** Lets it in. `protocol` is what was chosen of those that it asked for. */
  accept(protocol: string | undefined, patience: Patience): Promise<Connection>
  /** Turns it away. */
  refuse(): void
}

export interface Listener {
  /** Where it listens: with the port that was chosen, where it was 0. */
  readonly address: Address
  /** Accepts no more. What was accepted stays. */
  close(): void
}

export interface ListenHandlers {
  incoming(client: Incoming): void
  /** Accepting went wrong, and goes on: too many open files. */
  failed(error: Error): void
}

/** Connects to an address. Rejections are the system's own errors. */
export type Dial = (address: Address, options: DialOptions) => Promise<Connection>

/** Accepts at an address. Rejections are the system's own errors. */
export type Listen = (address: Address, handlers: ListenHandlers) => Promise<Listener>

/** A way for a stream of bytes to get somewhere. */
export interface Transport {
  readonly dial: Dial
  readonly listen: Listen
}

/** Which transport an address means; throws where there is none. */
export type Transports = (address: Address) => Transport

/** The transports that a stream can be relayed between. WebSocket passes as the bytes that it is. */
export function transports(tls: Transport = tlsTransport()): Transports {
  const known: Readonly<Partial<Record<TransportName, Transport>>> = { tcp, unix: tcp, ws: tcp, tls, wss: tls }
  return address => {
    const transport = known[address.transport]
    if (transport !== undefined) return transport
    throw usage(`${formatAddress(address)}: ${address.transport} carries no streams`)
  }
}
