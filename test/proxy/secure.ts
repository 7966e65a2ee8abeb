import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { onTestFinished } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { type TlsSettings, tlsTransport } from '../../src/net/index.ts'
import { makeAuthority, makeLeaf } from '../../src/tls/authority.ts'
import { Leaves } from '../../src/tls/index.ts'
import { proxyTo, type World } from './world.ts'

/** Who signs for the proxy, and who for the brokers behind it: each trusted by one side alone. */
export const ours = await makeAuthority()
export const theirs = await makeAuthority()

const leaves = new Leaves(ours)

/** A TLS upstream on loopback that does `serve` with each connection; returns its port. */
export async function secureUpstream(
  serve: (socket: tls.TLSSocket) => void,
  options: tls.TlsOptions = {},
  names: readonly string[] = ['localhost', '127.0.0.1'],
): Promise<number> {
  const server = tls.createServer({ allowHalfOpen: true, ...(await makeLeaf(theirs, names)), ...options })
  const sockets = new Set<tls.TLSSocket>()
  server.on('secureConnection', socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

export interface SecureWorld extends World {
  readonly keys: string[]
  /** A TLS client that trusts the proxy. */
  secure(options?: tls.ConnectionOptions): tls.TLSSocket
}

/** A proxy that listens with TLS, and trusts `theirs`. */
export async function secureProxyTo(
  upstream: string,
  settings: Partial<TlsSettings> = {},
  listen = 'tls://:0',
): Promise<SecureWorld> {
  const keys: string[] = []
  const transport = tlsTransport({
    identity: names => leaves.get(names),
    trusted: theirs.cert,
    onKeys: line => keys.push(Buffer.from(line).toString()),
    ...settings,
  })
  const world = await proxyTo(upstream, { listen, tls: transport, codecs })
  const secure = (options: tls.ConnectionOptions = {}): tls.TLSSocket => {
    const { port } = world.handle.routes[0]!.listen
    const how = { host: '127.0.0.1', port, ca: ours.cert, allowHalfOpen: true, ...options }
    const socket = tls.connect(how)
    onTestFinished(() => void socket.destroy())
    return socket
  }
  return { ...world, keys, secure }
}
