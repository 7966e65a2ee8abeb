import type { AnyCodec } from '../../codecs/core/index.ts'
import type { DecodeAs } from '../detect.ts'

export interface CapturePorts {
  /** In the language of pcap-filter(7). */
  readonly filter: string
  /** Where servers listen. */
  readonly servers: ReadonlySet<number>
}

/** What protocols' servers usually listen at, with TLS and without, and what `-d` says. */
export function capturePorts(codecs: readonly AnyCodec[], decodeAs: readonly DecodeAs[]): CapturePorts {
  const tcp = new Set<number>()
  const udp = new Set<number>()
  for (const { transport, ports, schemes } of codecs) {
    for (const port of ports) (transport === 'datagram' ? udp : tcp).add(port)
    for (const scheme of schemes)
      (scheme.transport === 'udp' || scheme.transport === 'dtls' ? udp : tcp).add(scheme.port)
  }
  for (const { transport, port } of decodeAs) {
    if (port === undefined) continue
    if (transport !== 'datagram') tcp.add(port)
    if (transport !== 'stream') udp.add(port)
  }
  const terms = [...termsOf('tcp', tcp), ...termsOf('udp', udp)]
  return { filter: terms.join(' or '), servers: new Set([...tcp, ...udp]) }
}

const termsOf = (transport: string, ports: ReadonlySet<number>): string[] =>
  [...ports].sort((a, b) => a - b).map(port => `${transport} port ${port}`)
