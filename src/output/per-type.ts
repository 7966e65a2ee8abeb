import type { PacketKind, Side } from '../../codecs/core/index.ts'
import type { Row } from './row.ts'

/** Types that are a sender's own words (STOMP's commands) are forgotten at this many, to be made anew. */
const MOST = 1000

/** By protocol, then by type. */
type Types<T> = Map<string, Map<string, T>>
const kinds = <T>(): Record<PacketKind, Types<T>> => ({ frame: new Map(), malformed: new Map(), gap: new Map() })

/** What is the same in all rows of one type from one side, made once. */
export function perType<T>(make: (row: Row) => T): (row: Row) => T {
  const made: Record<Side, Record<PacketKind, Types<T>>> = { client: kinds(), server: kinds() }
  return row => {
    const { packet, protocol, type } = row
    const protocols = made[packet.side][packet.kind]
    let types = protocols.get(protocol)
    if (types === undefined) protocols.set(protocol, (types = new Map()))
    let found = types.get(type)
    if (found === undefined) {
      if (types.size >= MOST) types.clear()
      found = make(row)
      types.set(type, found)
    }
    return found
  }
}
