import { type AnyCodec, FrameReader, mayHoldSecrets, type Packet, secretRanges } from '../../codecs/core/index.ts'
import type { Secret } from './script.ts'

const reader = new FrameReader()
const holders = new WeakMap<AnyCodec, ReadonlySet<string>>()

/** The frame types of a protocol that may hold credentials. */
function holdersOf(codec: AnyCodec): ReadonlySet<string> {
  let types = holders.get(codec)
  if (types === undefined) {
    types = new Set(Object.keys(codec.frames).filter(type => mayHoldSecrets(codec, type)))
    holders.set(codec, types)
  }
  return types
}

/** Whether this frame, of which not all may be here, is of a type that holds no credentials. */
export const isHarmless = (codec: AnyCodec, packet: Packet): boolean => !holdersOf(codec).has(codec.type(packet))

/**
 * Where credentials stand in a packet, as offsets of its direction. Bytes that fit no frame may be half of one, so they
 * count as secret; so does what of a frame was not kept, where its type holds credentials.
 */
export function secretsOf(codec: AnyCodec, packet: Packet): readonly Secret[] {
  const { kind, offset, start, end, length } = packet
  if (kind === 'gap') return none
  if (kind === 'malformed') return [{ start: offset, end: offset + length }]
  if (isHarmless(codec, packet)) return none
  const { field } = reader.trace(codec, packet)
  const secrets = secretRanges(field).map(range => ({ start: offset + range.start, end: offset + range.end }))
  if (end - start < length) secrets.push({ start: offset + end - start, end: offset + length })
  return secrets
}

const none: readonly Secret[] = []
