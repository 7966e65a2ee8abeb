import type { AnyCodec } from '../../codecs/core/index.ts'
import { type FlowInfo, formatEndpoint } from '../flow.ts'
import { addressBytes, type Ends, mapped } from './headers.ts'

/**
 * The addresses that a flow is recorded under: its own, where they are Internet addresses. The ends of a Unix socket
 * get addresses on loopback; what was TLS is recorded in clear, so under the port of the protocol in clear.
 */
export function endsOf(flow: FlowInfo, codec: AnyCodec | undefined): Ends {
  const client = addressBytes(flow.client.host)
  const server = addressBytes(flow.server.host)
  const both = [client ?? server ?? LOOPBACK, server ?? client ?? LOOPBACK]
  const [from, to] = both.every(({ length }) => length === 4) ? both : both.map(mapped)
  return {
    client: { address: from as Uint8Array, port: client === undefined ? ephemeral(flow.id) : flow.client.port },
    server: {
      address: to as Uint8Array,
      port: server === undefined ? (codec?.ports[0] ?? 0) : plainPort(flow, codec),
    },
  }
}

/** What a flow is, and what of it is made up: for the comment on its first packet. */
export function describe(flow: FlowInfo, codec: AnyCodec | undefined): string {
  const made = [flow.client, flow.server].filter(({ host }) => addressBytes(host) === undefined)
  const parts = [
    `mqinspect: flow ${flow.id}`,
    flow.route ?? `${formatEndpoint(flow.client)} → ${formatEndpoint(flow.server)}`,
    codec?.name ?? 'protocol unknown',
    ...(flow.unwrapped ?? []).map(({ name }) => `${name} taken off`),
    ...(made.length > 0 ? ['addresses made up for a Unix socket'] : []),
  ]
  return parts.join(', ')
}

const LOOPBACK = Uint8Array.of(127, 0, 0, 1)

/** The range of ephemeral ports (RFC 6335 6), taken in turn. */
const ephemeral = (id: number): number => 49152 + (id % 16384)

/** HTTPS, whose port without TLS is 80. */
const HTTPS = { secure: 443, plain: 80 }

/** What TLS was taken off would be taken for TLS at a port of TLS. */
function plainPort({ server, unwrapped = [] }: FlowInfo, codec: AnyCodec | undefined): number {
  const { port } = server
  const secure = codec?.schemes.some(scheme => scheme.transport === 'tls' && scheme.port === port)
  const plain = codec?.schemes.find(({ transport }) => transport === 'tcp')?.port
  if (secure === true && plain !== undefined) return plain
  return unwrapped.length > 0 && port === HTTPS.secure ? HTTPS.plain : port
}
