import type { Outbox } from '../../core/index.ts'
import { PUBREL } from '../tables.ts'

/** Of four bytes: PUBACK, PUBREC, PUBREL or PUBCOMP, without a reason. */
export function putAcknowledgement(outbox: Outbox, type: number, packetId: number): void {
  const at = outbox.room(4)
  const { bytes } = outbox
  bytes[at] = (type << 4) | (type === PUBREL ? 2 : 0)
  bytes[at + 1] = 2
  bytes[at + 2] = packetId >>> 8
  bytes[at + 3] = packetId
  outbox.end()
}
