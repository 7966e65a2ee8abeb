import type { AnyCodec } from '../../codecs/core/index.ts'
import { usage } from '../failure.ts'
import { type Address, formatAddress } from './address.ts'
import { isDatagram, type TransportName } from './scheme.ts'
import { dialPlain, tcp } from './tcp.ts'
import { type TlsSettings, tlsTransport } from './tls.ts'
import type { Dial } from './transport.ts'
import { dialUdp } from './udp-connection.ts'
import { dialWebSocket } from './websocket.ts'

/** Connects as a client of its own, by any scheme: what comes and goes are the protocol's bytes. */
export function dialling(settings: TlsSettings = {}): Dial {
  const tls = tlsTransport(settings)
  const known: Readonly<Partial<Record<TransportName, Dial>>> = {
    tcp: tcp.dial,
    unix: tcp.dial,
    tls: tls.dial,
    ws: dialWebSocket(dialPlain),
    wss: dialWebSocket(tls.dial),
    udp: dialUdp,
  }
  return (address, options) => {
    const dial = known[address.transport]
    if (dial !== undefined) return dial(address, options)
    throw usage(`${formatAddress(address)}: ${address.transport} cannot be spoken`, 'UDP, TCP, TLS and WebSocket can.')
  }
}

/** What is spoken of `codec` at an address: of a protocol that differs from transport to transport, the one for this. */
export function codecAt({ transport }: Address, codec: AnyCodec, codecs: readonly AnyCodec[]): AnyCodec | undefined {
  const web = transport === 'ws' || transport === 'wss'
  const units = isDatagram({ transport }) ? ['datagram'] : web ? ['message', 'stream'] : ['stream']
  const same = codecs.filter(({ id }) => id === codec.id)
  return units.map(unit => same.find(each => each.transport === unit)).find(each => each !== undefined)
}
