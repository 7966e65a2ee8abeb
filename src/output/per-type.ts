import type { PacketKind, Side } from '../../codecs/core/index.ts'
import type { Row } from './row.ts'

/** Types that are a sender's own words (STOMP's commands) are forgotten at this many, to be made anew. */
const MOST = 1000

/** What is known of one protocol, by type; a row's protocol is seldom another than that of the row before. */
interface Types<T> {
  protocol: string
  byType: Map<string, T>
  readonly others: Map<string, Map<string, T>>
}
const types = <T>(): Types<T> => ({ protocol: '', byType: new Map(), others: new Map() })
const kinds = <T>(): Record<PacketKind, Types<T>> => ({ frame: types(), malformed: types(), gap: types() })

/** What is the same in all rows of one type from one side, made once. */
export function perType<T>(make: (row: Row) => T): (row: Row) => T {
  const made: Record<Side, Record<PacketKind, Types<T>>> = { client: kinds(), server: kinds() }
  return row => {
    const { packet, protocol, type } = row
    const side = made[packet.side]
    const known = packet.kind === 'frame' ? side.frame : side[packet.kind]
    if (protocol !== known.protocol) turn(known, protocol)
    let found = known.byType.get(type)
    if (found === undefined) {
      if (known.byType.size >= MOST) known.byType.clear()
      found = make(row)
      known.byType.set(type, found)
    }
    return found
  }
}

function turn<T>(known: Types<T>, protocol: string): void {
  known.protocol = protocol
  known.byType = known.others.get(protocol) ?? new Map()
  known.others.set(protocol, known.byType)
}
