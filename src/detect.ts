import type { AnyCarrier, AnyCodec, CarrierServices, CarrierStatus, Codec, Joined, Side } from '../codecs/core/index.ts'
import type { FlowInfo } from './flow.ts'

/** `-d tcp.port==5673,amqp091`: what is on this port is that, whatever it looks like. No port: everything. */
export interface DecodeAs {
  readonly transport: Codec['transport'] | undefined
  readonly port: number | undefined
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
  const { flow, heads, joined } = stream
  if (heads.client.length + heads.server.length === 0) return final ? undefined : 'more'
  const carrier = options.carriers?.find(
    ({ codec }) => codec.transport === flow.transport && score(codec, heads) >= CERTAIN,
  )
  if (carrier !== undefined) return carrier
  const told = options.decodeAs.find(rule => applies(rule, flow))
  if (told !== undefined) return told.codec

  const able = options.codecs.filter(codec => codec.transport === flow.transport)
  const named = able.filter(codec => isNamed(codec, stream))
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
  if (!final && heads.client.length + heads.server.length < ENOUGH) return 'more'
  if (high >= LIKELY) return best
  if (named.length > 0) return named[0]
  return joined === 'middle' ? able.find(codec => isInside(codec, heads)) : undefined
}

const applies = ({ transport, port, codec }: DecodeAs, flow: FlowInfo): boolean =>
  (transport ?? codec.transport) === flow.transport &&
  (port === undefined || port === flow.server.port || port === flow.client.port)

/** Whether the port, or what the carrier calls its content, means this protocol. */
function isNamed(codec: AnyCodec, { flow, carriers }: Stream): boolean {
  const inmost = carriers.at(-1)
  if (inmost === undefined) return codec.ports.includes(flow.server.port)
  const { subprotocol } = inmost
  if (subprotocol !== undefined) return codec.subprotocols?.includes(subprotocol) === true
  return codec.schemes.some(({ transport, port }) => transport === 'tls' && port === flow.server.port)
}

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
