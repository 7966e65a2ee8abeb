import type { Socket } from 'node:net'
import type { Endpoint } from '../flow.ts'
import type { Address } from './address.ts'
import { Reading, type Take, takenOver } from './reading.ts'
import { failureOf, ignore, listenFor, localEnd, openSocket, remote, resetSocket } from './socket.ts'
import type { Connection, DialOptions, Incoming, Listener, ListenHandlers, Transport } from './transport.ts'

/** TCP over IPv4 and IPv6, and Unix sockets. */
export const tcp: Transport = { dial, listen }

/** As Node reads it, for what takes over the socket itself; so is what `listenPlain` accepts. */
export async function dialPlain(address: Address, options: DialOptions): Promise<Connection> {
  const socket = await openSocket(address, options)
  return new SocketConnection(socket, undefined, remote(socket, address))
}

async function dial(address: Address, options: DialOptions): Promise<Connection> {
  const reading = new Reading()
  const socket = await openSocket(address, options, reading.onread)
  return new SocketConnection(socket, reading, remote(socket, address))
}

export function listenPlain(address: Address, { incoming, failed }: ListenHandlers): Promise<Listener> {
  const accept = (socket: Socket): void =>
    incoming(new Accepted(new SocketConnection(socket, undefined, remote(socket, address))))
  return listenFor(address, { accept, failed })
}

function listen(address: Address, { incoming, failed }: ListenHandlers): Promise<Listener> {
  const accept = (accepted: Socket): void => {
    const reading = new Reading()
    const socket = takenOver(accepted, reading)
    const peer = remote(socket ?? accepted, address)
    incoming(
      new Accepted(
        socket === undefined
          ? new SocketConnection(accepted, undefined, peer)
          : new SocketConnection(socket, reading, peer),
      ),
    )
  }
  return listenFor(address, { accept, failed })
}

/** There is nothing to agree on: it is a connection already. */
class Accepted implements Incoming {
  readonly peer: Endpoint
  readonly #connection: SocketConnection

  constructor(connection: SocketConnection) {
    this.peer = connection.peer
    this.#connection = connection
  }

  hello(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  accept(): Promise<Connection> {
    return Promise.resolve(this.#connection)
  }

  refuse(): void {
    this.#connection.reset()
  }
}

class SocketConnection implements Connection {
  readonly stream: Socket
  readonly local: Endpoint
  readonly peer: Endpoint
  readonly carriers = []
  readonly #reading: Reading | undefined

  /** Without a `reading` the socket is read as Node does by itself. */
  constructor(socket: Socket, reading: Reading | undefined, peer: Endpoint) {
    this.stream = socket.on('error', ignore)
    this.local = localEnd(socket, peer)
    this.peer = peer
    this.#reading = reading
  }

  get lends(): boolean {
    return this.#reading !== undefined
  }

  get failure(): Error | undefined {
    return failureOf(this.stream)
  }

  read(take: Take): void {
    if (this.#reading === undefined) this.stream.on('data', take)
    else this.#reading.take = take
    this.stream.resume()
  }

  reset(): void {
    resetSocket(this.stream)
  }
}
