import { type AnyCodec, type Joined, type Side, u16At } from '../codecs/core/index.ts'
import type { FlowInfo } from './flow.ts'

/** `-d tcp.port==5673,amqp091`: what is on this port is that, whatever it looks like. No port: everything. */
export interface DecodeAs {
  readonly transport: 'stream' | 'datagram' | undefined
  readonly port: number | undefined
  readonly codec: AnyCodec
}

export interface DetectOptions {
  readonly codecs: readonly AnyCodec[]
  readonly decodeAs: readonly DecodeAs[]
}

/** How a flow's first bytes look, either side's from its beginning (or from where the capture begins). */
export interface Heads {
  readonly client: Uint8Array
  readonly server: Uint8Array
}

/** A score from which no second look is needed. */
const CERTAIN = 0.9
/** A score below which the port knows better. */
const LIKELY = 0.5
/** Bytes of both sides together after which waiting for more would not help. */
const ENOUGH = 1024

/** What `-d` says of this flow. */
export function decodeAs(flow: FlowInfo, options: DetectOptions): AnyCodec | undefined {
  return options.decodeAs.find(
    ({ transport, port }) =>
      (transport === undefined || transport === flow.transport) &&
      (port === undefined || port === flow.server.port || port === flow.client.port),
  )?.codec
}

/**
 * Which protocol a flow speaks: by its bytes first, by its port second. `'more'` while more bytes could tell;
 * undefined if it is none of ours. With `final` there is no more.
 */
export function detect(
  heads: Heads,
  flow: FlowInfo,
  joined: Joined,
  options: DetectOptions,
  final: boolean,
): AnyCodec | 'more' | undefined {
  const able = options.codecs.filter(codec => codec.transport === flow.transport)
  const byPort = able.filter(codec => codec.ports.includes(flow.server.port))
  let best: AnyCodec | undefined
  let high = 0
  for (const codec of [...byPort, ...able]) {
    const score = Math.max(look(codec, heads.client, 'client'), look(codec, heads.server, 'server'))
    if (score > high) {
      best = codec
      high = score
    }
  }
  if (high >= CERTAIN) return best
  if (!final && heads.client.length + heads.server.length < ENOUGH) return 'more'
  if (high >= LIKELY) return best
  if (isOtherwiseKnown(heads.client) || isOtherwiseKnown(heads.server)) return undefined
  if (byPort.length > 0) return byPort[0]
  return joined === 'middle' ? able.find(codec => inside(codec, heads)) : undefined
}

const look = (codec: AnyCodec, head: Uint8Array, side: Side): number =>
  head.length === 0 ? 0 : codec.detect(head, side)

/** Whether a frame of this protocol can be found anywhere in what was captured of a connection. */
function inside(codec: AnyCodec, heads: Heads): boolean {
  const dialogue = codec.dialogue('middle')
  return (['client', 'server'] as const).some(side => {
    const head = heads[side]
    const context = dialogue.context(side, head, 0, head.length, true)
    return (codec.resync?.(head, 0, head.length, context, false) ?? -1) >= 0
  })
}

/** TLS and HTTP, which share ports with message queues often enough. */
function isOtherwiseKnown(head: Uint8Array): boolean {
  if (head.length >= 3 && head[0] === 0x16 && u16At(head, 1) >> 8 === 3) return true
  return /^(?:GET|POST|PUT|HEAD|OPTIONS|DELETE|CONNECT|HTTP\/1\.\d) ?/.test(ascii(head, 10))
}

function ascii(bytes: Uint8Array, length: number): string {
  return String.fromCharCode(...bytes.subarray(0, length))
}
