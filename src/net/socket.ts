import net, { type OnReadOpts, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Endpoint } from '../flow.ts'
import type { Address } from './address.ts'
import type { DialOptions, Listener, Patience } from './transport.ts'

/** A connection that is silent for so long is asked whether anyone is there, in milliseconds. */
const KEEP_ALIVE = 60_000

/** No Nagle: what one side sent at once is not held back to be sent with more. */
const SOCKET = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE, allowHalfOpen: true } as const

/** Connects; nothing is read before somebody asks for it. */
export async function openSocket(address: Address, options: DialOptions, onread?: OnReadOpts): Promise<Socket> {
  const { localAddress } = options
  const more = { ...(onread && { onread }), ...(localAddress && { localAddress }) }
  const socket = net.connect({ ...SOCKET, ...place(address), ...more }).pause()
  return settled(socket, 'connect', options)
}

/**
 * `socket`, once `event` has come. Where it breaks first, where it takes too long, or where nobody wants it any more, it
 * is destroyed, and the promise rejects.
 */
export function settled<S extends Duplex>(socket: S, event: string, { timeout, signal }: Patience): Promise<S> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(timedOut(timeout)), timeout)
    const fail = (error: Error): void => {
      settle()
      socket.destroy()
      reject(error)
    }
    const aborted = (): void => fail(signal.reason as Error)
    const done = (): void => {
      settle()
      resolve(socket)
    }
    const settle = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      socket.off('error', fail)
      socket.off(event, done)
    }
    socket.on('error', fail).on('error', ignore)
    socket.on(event, done)
    signal.addEventListener('abort', aborted)
    if (signal.aborted) aborted()
  })
}

/**
 * An error of a socket that nobody listens to would end the process. Every socket has this, from its beginning: it may
 * break between two things that are awaited of it, and is then found destroyed.
 */
export const ignore = (): void => {}

export const timedOut = (timeout: number): Error =>
  Object.assign(new Error(`no answer in ${timeout / 1000} s`), { code: 'ETIMEDOUT' })

export interface Acceptors {
  /** Nothing is read from it yet. */
  readonly accept: (socket: Socket) => void
  /** Accepting went wrong, and goes on: too many open files. */
  readonly failed: (error: Error) => void
}

export function listenFor(address: Address, { accept, failed }: Acceptors): Promise<Listener> {
  const server = net.createServer({ ...SOCKET, pauseOnConnect: true }, socket => {
    socket.on('error', ignore)
    accept(socket)
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
export function remote({ remoteAddress: host, remotePort: port }: Socket, address: Address): Endpoint {
  if (host === undefined || port === undefined) return { host: address.host, port: address.port }
  return { host: plainHost(host), port }
}

/** Our end; of a Unix socket, which has no name of its own, the peer's. */
export function localEnd({ localAddress: host, localPort: port }: Socket, peer: Endpoint): Endpoint {
  if (host === undefined || port === undefined) return { host: peer.host, port: 0 }
  return { host: plainHost(host), port }
}

/** An IPv4 address as such, also where it came in on an IPv6 socket; without a zone. */
export const plainHost = (host: string): string => host.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')

/** Ends it as a reset. */
export function resetSocket(socket: Socket): void {
  // A Unix socket knows no reset; closing it with bytes unread is as near as it gets.
  if (socket.destroyed || socket.remoteAddress === undefined) socket.destroy()
  else socket.resetAndDestroy()
}

/** Why nothing more comes or goes; undefined while it does. */
export const failureOf = ({ destroyed, errored }: Socket): Error | undefined =>
  errored ?? (destroyed ? new Error('it hung up') : undefined)
