import type { AnyCarrier, AnyCodec, CarrierServices, CarrierStatus, Codec, Joined, Side } from '../codecs/core/index.ts'
import type { FlowInfo } from './flow.ts'

/** `-d tcp.port==5673,amqp091`: what is on this port is that, whatever it looks like. No port: everything. */
export interface DecodeAs {
  readonly transport: Codec['transport'] | undefined
  readonly port: number | undefined
  /** Stands for all codecs of its id: which of them it is, the transport says. */
  readonly codec: AnyCodec
}

export interface DetectOptions {
  readonly codecs: readonly AnyCodec[]
  readonly decodeAs: readonly DecodeAs[]
  /** What may carry the codecs' protocols, and what taking them out needs. None: bytes are taken as they are. */
  readonly carriers?: readonly AnyCarrier[]
  readonly services?: CarrierServices
}

/** How a flow's first bytes look, either side's from its beginning (or from where the capture begins). */
export interface Heads {
  readonly client: Uint8Array
  readonly server: Uint8Array
}

/** What is looked at: a flow's own bytes, or what carriers carry in it. */
export interface Stream {
  readonly flow: FlowInfo
  readonly transport: Codec['transport']
  readonly joined: Joined
  readonly heads: Heads
  /** From the outside in. */
  readonly carriers: readonly CarrierStatus[]
}

/** A score from which no second look is needed. */
const CERTAIN = 0.9
/** A score below which names and ports know better. */
const LIKELY = 0.5
/** Bytes of both sides together after which waiting for more would not help. */
const ENOUGH = 1024

/**
 * What a stream is: by its bytes first, by its carrier's name for it and its port second; `-d` says what it is unless
 * the bytes are a carrier's. `'more'` while more bytes could tell; undefined if it is none of ours. With `final` there
 * is no more.
 */
export function detect(
  stream: Stream,
  options: DetectOptions,
  final: boolean,
): AnyCarrier | AnyCodec | 'more' | undefined {
  const { flow, transport, heads, joined } = stream
  if (heads.client.length + heads.server.length === 0) return final ? undefined : 'more'
  const known = joined === 'middle' ? recorded(stream) : undefined
  const resumed = [...(options.carriers ?? []), ...options.codecs].find(each => idOf(each, transport) === known)
  if (known !== undefined && resumed !== undefined) return resumed
  const carrier = options.carriers?.find(({ codec }) => codec.transport === transport && score(codec, heads) >= CERTAIN)
  if (carrier !== undefined) {
    // A client that speaks HTTP or TLS to a broker that does not is told so in the broker's own protocol.
    const answered = heads.client.length > 0 && heads.server.length > 0
    if (answered || final || isEnough(heads)) return refusal(carrier, heads, options) ?? carrier
    return 'more'
  }
  const able = options.codecs.filter(codec => codec.transport === transport)
  const told = options.decodeAs.find(rule => applies(rule, flow))?.codec.id
  const meant = able.find(({ id }) => id === told)
  if (meant !== undefined) return meant

  const named = namesakes(able, stream)
  let best: AnyCodec | undefined
  let high = 0
  for (const codec of [...named, ...able]) {
    const points = score(codec, heads)
    if (points > high) {
      best = codec
      high = points
    }
  }
  if (high >= CERTAIN) return best
  // More of a stream says more; one message is as good as another.
  if (transport === 'stream' && !isEnough(heads) && !final) return 'more'
  if (high >= LIKELY) return best
  if (named.length > 0) return named[0]
  return joined === 'middle' ? able.find(codec => isInside(codec, heads)) : undefined
}

/** What a recording says that this stream is. */
const recorded = ({ flow, carriers }: Pick<Stream, 'flow' | 'carriers'>): string | undefined =>
  flow.protocols?.[carriers.length - (flow.unwrapped?.length ?? 0)]

/** Of one that fits a stream of this kind. */
function idOf(each: AnyCarrier | AnyCodec, transport: Codec['transport']): string | undefined {
  const codec = 'open' in each ? each.codec : each
  return codec.transport === transport ? codec.id : undefined
}

const isEnough = (heads: Heads): boolean => heads.client.length + heads.server.length >= ENOUGH

/** The protocol that the server surely answers in, where that is not the carrier's. */
function refusal({ codec }: AnyCarrier, { server }: Heads, { codecs }: DetectOptions): AnyCodec | undefined {
  if (server.length === 0 || codec.detect(server, 'server') > 0) return undefined
  return codecs.find(other => other.transport === codec.transport && other.detect(server, 'server') >= CERTAIN)
}

const applies = ({ transport, port }: DecodeAs, flow: FlowInfo): boolean =>
  (transport ?? flow.transport) === flow.transport &&
  (port === undefined || port === flow.server.port || port === flow.client.port)

/** The protocols that the carrier's name for its content means, or else the port. */
function namesakes(able: readonly AnyCodec[], { flow, carriers }: Stream): AnyCodec[] {
  const inmost = carriers.at(-1)
  const named = able.filter(codec => isCalled(codec, inmost?.subprotocol))
  if (named.length > 0) return named
  const said = able.filter(({ id }) => id === recorded({ flow, carriers }))
  if (said.length > 0) return said
  const { port } = flow.server
  const secure = able.filter(codec => codec.schemes.some(scheme => scheme.transport === 'tls' && scheme.port === port))
  // The port may still be the one without TLS, where a proxy ended it.
  if (inmost !== undefined && secure.length > 0) return secure
  return inmost === undefined || flow.unwrapped !== undefined ? able.filter(codec => codec.ports.includes(port)) : []
}

/** Whether a WebSocket subprotocol or an ALPN name means this protocol. */
export const isCalled = (codec: AnyCodec, subprotocol: string | undefined): boolean =>
  subprotocol !== undefined && codec.subprotocols?.includes(subprotocol) === true

function score(codec: AnyCodec, heads: Heads): number {
  return Math.max(...sides.map(side => (heads[side].length === 0 ? 0 : codec.detect(heads[side], side))))
}

/** Whether a frame of this protocol can be found anywhere in what was captured of a connection. */
function isInside(codec: AnyCodec, heads: Heads): boolean {
  const dialogue = codec.dialogue('middle')
  return sides.some(side => {
    const head = heads[side]
    const context = dialogue.context(side, head, 0, head.length, true)
    return (codec.resync?.(head, 0, head.length, context, false) ?? -1) >= 0
  })
}

const sides: readonly Side[] = ['client', 'server']
