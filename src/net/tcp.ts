import net, { type Server, type Socket } from 'node:net'
import type { Endpoint } from '../flow.ts'
import type { Address } from './address.ts'
import { Reading, type Take, takenOver } from './reading.ts'
import type { Connection, DialOptions, Listener, ListenHandlers, Transport } from './transport.ts'

/** A connection that is silent for so long is asked whether anyone is there, in milliseconds. */
const KEEP_ALIVE = 60_000

/** No Nagle: what one side sent at once is not held back to be sent with more. */
const SOCKET = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE, allowHalfOpen: true } as const

/** TCP over IPv4 and IPv6, and Unix sockets. */
export const tcp: Transport = { dial, listen }

function dial(address: Address, { timeout, signal }: DialOptions): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const reading = new Reading()
    // Paused, so that nothing is read before anybody listens.
    const socket = net.connect({ ...SOCKET, ...place(address), onread: reading.onread }).pause()
    const timer = setTimeout(() => fail(timedOut(timeout)), timeout)
    const fail = (error: Error): void => {
      settle()
      // A late failure of a connection that nobody wants any more is of no interest.
      socket.on('error', () => {})
      socket.destroy()
      reject(error)
    }
    const aborted = (): void => fail(signal.reason as Error)
    const connected = (): void => {
      settle()
      resolve(new SocketConnection(socket, reading, endpoint(socket, address)))
    }
    const settle = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      socket.off('error', fail)
      socket.off('connect', connected)
    }
    socket.on('error', fail)
    socket.on('connect', connected)
    signal.addEventListener('abort', aborted)
    if (signal.aborted) aborted()
  })
}

const timedOut = (timeout: number): Error =>
  Object.assign(new Error(`no answer in ${timeout / 1000} s`), { code: 'ETIMEDOUT' })

function listen(address: Address, { accept, failed }: ListenHandlers): Promise<Listener> {
  const server = net.createServer({ ...SOCKET, pauseOnConnect: true })
  server.on('connection', accepted => {
    const reading = new Reading()
    const socket = takenOver(accepted, reading)
    const peer = endpoint(socket ?? accepted, address)
    accept(
      socket === undefined
        ? new SocketConnection(accepted, undefined, peer)
        : new SocketConnection(socket, reading, peer),
    )
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(place(address), () => {
      server.off('error', reject)
      server.on('error', failed)
      resolve({ address: bound(server, address), close: () => server.close() })
    })
  })
}

const place = ({ transport, host, port }: Address): { path: string } | { host: string; port: number } =>
  transport === 'unix' ? { path: host } : { host, port }

function bound(server: Server, address: Address): Address {
  const actual = server.address()
  return actual === null || typeof actual === 'string' ? address : { ...address, port: actual.port }
}

/** The other end; of a Unix socket, which gives clients no name, the socket itself. */
function endpoint({ remoteAddress: host, remotePort: port }: Socket, address: Address): Endpoint {
  if (host === undefined || port === undefined) return { host: address.host, port: address.port }
  return { host: host.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, ''), port }
}

class SocketConnection implements Connection {
  readonly stream: Socket
  readonly peer: Endpoint
  readonly #reading: Reading | undefined

  /** Without a `reading` the socket is read as Node does by itself. */
  constructor(socket: Socket, reading: Reading | undefined, peer: Endpoint) {
    this.stream = socket
    this.peer = peer
    this.#reading = reading
  }

  read(take: Take): void {
    if (this.#reading === undefined) this.stream.on('data', take)
    else this.#reading.take = take
    this.stream.resume()
  }

  reset(): void {
    // A Unix socket knows no reset; closing it with bytes unread is as near as it gets.
    if (this.stream.destroyed || this.stream.remoteAddress === undefined) this.stream.destroy()
    else this.stream.resetAndDestroy()
  }
}
