import type { AnyCodec, PacketKind, Side } from '../../codecs/core/index.ts'
import type { Row } from './row.ts'

/** Types that are a sender's own words (STOMP's commands) are forgotten at this many, to be made anew. */
const MOST = 1000

type Types<T> = Map<AnyCodec, Map<string, T>>
const kinds = <T>(): Record<PacketKind, Types<T>> => ({ frame: new Map(), malformed: new Map(), gap: new Map() })

/** What is the same in all rows of one type from one side, made once. */
export function perType<T>(make: (row: Row) => T): (row: Row) => T {
  const made: Record<Side, Record<PacketKind, Types<T>>> = { client: kinds(), server: kinds() }
  return row => {
    const { packet, codec, type } = row
    const codecs = made[packet.side][packet.kind]
    let types = codecs.get(codec)
    if (types === undefined) codecs.set(codec, (types = new Map()))
    let found = types.get(type)
    if (found === undefined) {
      if (types.size >= MOST) types.clear()
      found = make(row)
      types.set(type, found)
    }
    return found
  }
}
