import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Endpoint } from '../flow.ts'
import type { Address } from './address.ts'
import { plainHost } from './socket.ts'

/** Datagrams of one address. */
export interface DatagramSocket {
  /** Where it is: with the port that was chosen, where it was 0. */
  readonly local: Endpoint
  /** Whom it is connected to, if it is. */
  readonly peer: Endpoint | undefined
  /** False where too much waits to be sent already, and the datagram is given up, as a network would. */
  send(bytes: Uint8Array, to?: Endpoint): boolean
  close(): void
}

export interface Datagram {
  readonly bytes: Uint8Array
  /** As `send` takes it: on a socket for all addresses, an IPv4 address is an IPv6 one. */
  readonly from: Endpoint
}

export interface DatagramHandlers {
  readonly received: (datagram: Datagram) => void
  /** One did not get there: nobody is at that port, it is too long for the network. The socket goes on. */
  readonly failed: (error: Error) => void
}

/** What the system holds of what came while we were busy, where it lets us choose: a burst of many clients. */
const RECEIVE_BUFFER = 1 << 20
/** Bytes that may wait to be sent. */
const MOST_WAITING = 4 << 20

/** Receives from anybody at `address`. Rejects with the system's own errors. */
export async function bindUdp(address: Address, handlers: DatagramHandlers): Promise<DatagramSocket> {
  const { address: host, family } = await resolve(address.host)
  const socket = socketOf(family)
  await started(socket, done => socket.bind({ address: host, port: address.port, exclusive: true }, () => done()))
  return new UdpSocket(socket, undefined, handlers)
}

/**
 * A socket of its own towards `address`, which hears nobody else; by `family` where the name has several addresses; from
 * `localAddress`, or that which the system chooses.
 */
export async function openUdp(
  address: Address,
  family: 4 | 6 | undefined,
  handlers: DatagramHandlers,
  localAddress?: string,
): Promise<DatagramSocket> {
  const found = await resolve(address.host, family)
  const socket = socketOf(found.family)
  if (localAddress !== undefined) await started(socket, done => socket.bind({ address: localAddress }, () => done()))
  await started(socket, done => socket.connect(address.port, found.address, done))
  return new UdpSocket(socket, { host: plainHost(found.address), port: address.port }, handlers)
}

/** The address of a name: one of `family`, if there is one. */
async function resolve(host: string, family?: 4 | 6): Promise<{ address: string; family: 4 | 6 }> {
  const literal = isIP(host)
  if (literal === 4 || literal === 6) return { address: host, family: literal }
  const all = await lookup(host, { all: true })
  const { address, family: actual } = all.find(each => each.family === family) ?? (all[0] as (typeof all)[0])
  return { address, family: actual === 6 ? 6 : 4 }
}

const socketOf = (family: 4 | 6): Socket =>
  createSocket({ type: family === 6 ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER })

/** Errors of starting come as an event of bind, and to the callback of connect. */
function started(socket: Socket, start: (done: (error?: Error) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.close()
      reject(error)
    }
    socket.once('error', fail)
    start(error => {
      socket.off('error', fail)
      if (error === undefined) resolve()
      else fail(error)
    })
  })
}

class UdpSocket implements DatagramSocket {
  readonly peer: Endpoint | undefined
  readonly #socket: Socket
  #closed = false

  constructor(socket: Socket, peer: Endpoint | undefined, { received, failed }: DatagramHandlers) {
    this.#socket = socket
    this.peer = peer
    socket.on('message', (bytes, { address, port }) => received({ bytes, from: { host: address, port } }))
    socket.on('error', failed)
  }

  get local(): Endpoint {
    const { address, port } = this.#socket.address()
    return { host: address, port }
  }

  send(bytes: Uint8Array, to?: Endpoint): boolean {
    const socket = this.#socket
    if (this.#closed || socket.getSendQueueSize() > MOST_WAITING) return false
    const sent = (error: Error | null): void => {
      if (error !== null && !this.#closed) socket.emit('error', error)
    }
    if (to === undefined) socket.send(bytes, sent)
    else socket.send(bytes, to.port, to.host, sent)
    return true
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.close()
  }
}
