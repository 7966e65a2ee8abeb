import type { Exchange, Packet } from '../../codecs/core/index.ts'
import type { Flow } from '../flow.ts'
import type { Observer } from '../inspector.ts'
import { Tracking } from '../tracking/index.ts'
import type { Comparison, Place } from './comparison.ts'

/** Whose the live flows are. */
export interface Live {
  heard(flow: Flow, packet: Packet): void
  played(flow: Flow): Place | undefined
}

/** Sees the live run: for the players, and for the comparison. */
export function watch(live: () => Live, comparison: Comparison): Observer & { finish(): void } {
  const placed = (flow: Flow, compare: (place: Place) => void): void => {
    const place = live().played(flow)
    if (place !== undefined) compare(place)
  }
  const ended = (flow: Flow, exchange: Exchange): void =>
    placed(flow, place => comparison.exchange('live', flow, place, exchange))
  return new Tracking({
    message: (flow, message) => placed(flow, place => comparison.message('live', flow, place, message)),
    ended,
    unanswered: ended,
    packet: (flow, packet) => live().heard(flow, packet),
  })
}
