import { isIPv6 } from 'node:net'
import type { Endpoint } from '../flow.ts'
import type { Address } from './address.ts'
import { errnoOf } from './errno.ts'
import type { Take } from './reading.ts'
import type { Connection, DialOptions } from './transport.ts'
import { type DatagramHandlers, type DatagramSocket, openUdp } from './udp.ts'
import { Units } from './units.ts'

/** Datagrams that came and nobody took; more are lost, as they would be in a system's buffer. */
const MOST_HELD = 1024
/** Milliseconds until it is tried again where the system has no room for what is to be sent. */
const ROOM = 1

/** A socket of its own towards `address`: each datagram is a unit of the connection. */
export async function dialUdp(address: Address, { signal, localAddress }: DialOptions): Promise<Connection> {
  signal.throwIfAborted()
  const stream = new Datagrams()
  const handlers: DatagramHandlers = {
    received: ({ bytes }) => stream.took(bytes),
    failed: error => stream.failed(error),
  }
  const family = localAddress === undefined ? undefined : isIPv6(localAddress) ? 6 : 4
  const socket = await openUdp(address, family, handlers, localAddress)
  stream.socket = socket
  return new UdpConnection(stream, socket)
}

class UdpConnection implements Connection {
  readonly stream: Datagrams
  readonly local: Endpoint
  readonly peer: Endpoint
  readonly carriers = []
  readonly lends = false

  constructor(stream: Datagrams, { local, peer }: DatagramSocket) {
    this.stream = stream
    this.local = local
    this.peer = peer as Endpoint
  }

  get failure(): Error | undefined {
    return this.stream.failure
  }

  read(take: Take): void {
    this.stream.on('data', take)
  }

  /** There is no such thing as a reset. */
  reset(): void {
    this.stream.destroy()
  }
}

class Datagrams extends Units {
  socket: DatagramSocket | undefined
  /** What became of a datagram that did not get there. */
  failure: Error | undefined

  took(bytes: Uint8Array): void {
    if (this.readableLength < MOST_HELD) this.push(bytes)
  }

  /** Where nobody is at that port it is over; what is too long for the network is lost, as the network loses. */
  failed(error: Error): void {
    this.failure = error
    if (errnoOf(error) === 'ECONNREFUSED') this.destroy(error)
  }

  override _read(): void {
    // They come when they come.
  }

  override _write(chunk: Uint8Array, encoding: BufferEncoding, done: () => void): void {
    if (this.destroyed || this.socket?.send(chunk) !== false) done()
    else setTimeout(() => this._write(chunk, encoding, done), ROOM)
  }

  override _final(done: () => void): void {
    this.socket?.close()
    this.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket?.close()
    done(error)
  }
}
