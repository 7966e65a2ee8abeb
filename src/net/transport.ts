import type { Duplex } from 'node:stream'
import { usage } from '../failure.ts'
import type { Endpoint } from '../flow.ts'
import { type Address, formatAddress } from './address.ts'
import type { Take } from './reading.ts'
import type { TransportName } from './scheme.ts'
import { tcp } from './tcp.ts'

/** One connection, whatever carries it. Either half can end by itself. */
export interface Connection {
  readonly stream: Duplex
  /** Who is at the other end. */
  readonly peer: Endpoint
  /** Hands on what comes, from now on, whenever the stream is not paused. */
  read(take: Take): void
  /** Ends it as a reset, where the transport has such a thing; bytes not yet sent are given up. */
  reset(): void
}

export interface DialOptions {
  /** Milliseconds after which nobody is expected to answer. */
  readonly timeout: number
  readonly signal: AbortSignal
}

export interface Listener {
  /** Where it listens: with the port that was chosen, where it was 0. */
  readonly address: Address
  /** Accepts no more. What was accepted stays. */
  close(): void
}

export interface ListenHandlers {
  /** Nothing is read from it before it is listened to. */
  accept(connection: Connection): void
  /** Accepting went wrong, and goes on: too many open files. */
  failed(error: Error): void
}

/** A way for bytes to get somewhere. Rejections are the system's own errors. */
export interface Transport {
  dial(address: Address, options: DialOptions): Promise<Connection>
  listen(address: Address, handlers: ListenHandlers): Promise<Listener>
}

const TRANSPORTS: Readonly<Partial<Record<TransportName, Transport>>> = { tcp, unix: tcp }

export function transportOf(address: Address): Transport {
  const transport = TRANSPORTS[address.transport]
  if (transport !== undefined) return transport
  const able = Object.keys(TRANSPORTS).join(' and ')
  throw usage(`${formatAddress(address)}: ${address.transport} is not supported yet`, `This version relays ${able}.`)
}
