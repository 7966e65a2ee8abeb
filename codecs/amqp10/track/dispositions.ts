import { other, type Packet, type Pending } from '../../core/index.ts'
import { stateText } from '../describe.ts'
import type { Disposition } from '../frames.ts'
import { Value } from '../value.ts'
import type { Session } from './session.ts'

/** A range of serial numbers that spans more than half of them runs backwards [2.8.10]. */
const HALF = 0x8000_0000

/**
 * State and settlement of a range of deliveries [2.7.6]. The receiver's state is the answer; it is settled by the
 * receiver at once or, in the receiver's settle mode `second`, by the sender after it.
 */
export function dispose(session: Session, packet: Packet, frame: Disposition, number: number): void {
  const { role, first, last = first } = frame
  const span = (last - first) >>> 0
  if (first === undefined || span >= HALF) return
  const { unsettled } = session.ends[role === 'receiver' ? other(packet.side) : packet.side]
  const one = disposer(unsettled, packet, frame, number)
  if (span < unsettled.size) for (let at = 0; at <= span; at++) one((first + at) >>> 0)
  else for (const [id] of unsettled.entries()) if ((id - first) >>> 0 <= span) one(id)
}

/** What a disposition does to one delivery. */
function disposer(
  unsettled: Pending<number>,
  packet: Packet,
  { role, settled, state }: Disposition,
  number: number,
): (id: number) => void {
  const hoped = isHoped(state)
  const text = hoped === undefined ? undefined : stateText(state)
  if (role === 'receiver' && settled === true && hoped !== undefined) {
    return id => unsettled.settle(id, packet, number, hoped, text)
  }
  return id => {
    const delivery = unsettled.get(id)
    if (delivery === undefined) return
    if (role === 'receiver' && hoped !== undefined) {
      delivery.ok = hoped
      delivery.outcome = text
    }
    const { ok, outcome } = delivery
    if (settled !== true) delivery.step('disposition', packet, number)
    else if (role === 'receiver') unsettled.settle(id, packet, number, ok ?? true, outcome ?? 'settled')
    else if (ok === undefined) unsettled.abandon(id, packet.time, 'settled by its sender')
    else unsettled.settle(id, packet, number, ok, outcome)
  }
}

/** Whether a state is the outcome that was hoped for; undefined where it is no outcome [3.4]. */
function isHoped(state: Disposition['state']): boolean | undefined {
  if (state === undefined || state instanceof Value) return undefined
  switch (state.type) {
    case 'accepted':
    case 'declared':
      return true
    case 'rejected':
    case 'released':
    case 'modified':
      return false
    case 'transactional-state':
      return isHoped(state.outcome)
    default:
      return undefined
  }
}
