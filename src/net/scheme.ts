import type { AnyCodec } from '../../codecs/core/index.ts'

export type TransportName = 'tcp' | 'tls' | 'udp' | 'dtls' | 'ws' | 'wss' | 'unix'

interface OfTransport {
  readonly transport: TransportName
}

/** Whether TLS is spoken there. */
export const isSecure = ({ transport }: OfTransport): boolean => transport === 'tls' || transport === 'wss'

/** Whether what goes there are datagrams. */
export const isDatagram = ({ transport }: OfTransport): boolean => transport === 'udp' || transport === 'dtls'

/** What a scheme says of an address. */
export interface SchemeMeaning {
  readonly transport: TransportName
  /** Undefined where the scheme names a transport alone. */
  readonly port: number | undefined
  /** The one protocol that it can be; undefined where the bytes must tell. */
  readonly codec: AnyCodec | undefined
}

const TRANSPORTS: readonly (readonly [TransportName, number | undefined])[] = [
  ['tcp', undefined],
  ['tls', undefined],
  ['udp', undefined],
  ['dtls', undefined],
  ['ws', 80],
  ['wss', 443],
  ['unix', undefined],
]

/** Every scheme that an address may have: the transports' own, and those of the protocols. */
export function schemesOf(codecs: readonly AnyCodec[]): ReadonlyMap<string, SchemeMeaning> {
  const schemes = new Map<string, SchemeMeaning>()
  for (const [name, port] of TRANSPORTS) schemes.set(name, { transport: name, port, codec: undefined })
  for (const codec of codecs) {
    for (const { scheme, transport, port, certain } of codec.schemes) {
      if (!schemes.has(scheme)) schemes.set(scheme, { transport, port, codec: certain ? codec : undefined })
    }
  }
  return schemes
}
