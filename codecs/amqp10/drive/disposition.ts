import type { Outbox } from '../../core/index.ts'

/** 3.4: outcomes, by their descriptors. */
export const ACCEPTED = 0x24
export const REJECTED = 0x25
export const RELEASED = 0x26
export const MODIFIED = 0x27

/** A disposition of both ids in full, settled, with an outcome that says nothing but what it is. */
const TEMPLATE = Uint8Array.of(
  ...[0, 0, 0, 30, 2, 0, 0, 0],
  ...[0x00, 0x53, 0x15, 0xc0, 17, 5],
  0x41,
  ...[0x70, 0, 0, 0, 0],
  ...[0x70, 0, 0, 0, 0],
  0x41,
  ...[0x00, 0x53, ACCEPTED, 0x45],
)
/** The same, of an outcome that counts as a failed delivery: `modified` with `delivery-failed` [3.4.5]. */
const FAILED = Uint8Array.of(
  ...[...TEMPLATE.subarray(0, 3), TEMPLATE.length + 3],
  ...TEMPLATE.subarray(4, 12),
  ...[17 + 3, ...TEMPLATE.subarray(13, TEMPLATE.length - 1)],
  ...[0xc0, 2, 1, 0x41],
)
const ROLE = 14
const FIRST = 16
const LAST = 21
const OUTCOME = 28

/** Settles deliveries `first` to `last`, as the side that has this role. */
export function putDisposition(
  outbox: Outbox,
  role: 'receiver' | 'sender',
  first: number,
  last: number,
  outcome: number,
): void {
  const at = outbox.put(outcome === MODIFIED && role === 'receiver' ? FAILED : TEMPLATE)
  outbox.bytes[at + ROLE] = role === 'receiver' ? 0x41 : 0x42
  outbox.view.setUint32(at + FIRST, first)
  outbox.view.setUint32(at + LAST, last)
  outbox.bytes[at + OUTCOME] = outcome
  outbox.end()
}
