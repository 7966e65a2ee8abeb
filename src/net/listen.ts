import type { AnyCodec } from '../../codecs/core/index.ts'
import { usage } from '../failure.ts'
import { type Address, formatAddress } from './address.ts'
import type { TransportName } from './scheme.ts'
import { listenPlain, tcp } from './tcp.ts'
import type { Listen, Transport } from './transport.ts'
import { listenUdp } from './udp-listener.ts'

/** Accepts as a server of its own, by any scheme: what comes and goes are the bytes of one of `codecs`. */
export function listening(address: Address, tls: Transport, codecs: readonly AnyCodec[]): Listen {
  // It brings an HTTP server with it, which few want.
  const listenWebSocket =
    (under: Listen): Listen =>
    async (...to) =>
      (await import('./websocket-listener.ts')).listenWebSocket(under, codecs)(...to)
  const known: Readonly<Partial<Record<TransportName, Listen>>> = {
    tcp: tcp.listen,
    unix: tcp.listen,
    tls: tls.listen,
    ws: listenWebSocket(listenPlain),
    wss: listenWebSocket(tls.listen),
    udp: listenUdp,
  }
  const listen = known[address.transport]
  if (listen !== undefined) return listen
  throw usage(
    `${formatAddress(address)}: ${address.transport} cannot be listened for`,
    'UDP, TCP, TLS, WebSocket and Unix sockets can.',
  )
}
