import { type Side, u32At } from '../core/index.ts'
import { UNSETTLED } from './delimit.ts'
import { likeness } from './resync.ts'
import { AMQP } from './tables.ts'

const CONNECTION_START = 0x000a_000a

/** Port 5672 is AMQP 1.0's too: the protocol header tells. */
export function detect(head: Uint8Array, side: Side): number {
  if (head[0] === AMQP[0]) return header(head)
  if (side === 'server' && head.length >= 11 && head[0] === 1 && u32At(head, 7) === CONNECTION_START) return 1
  return likeness(head, UNSETTLED)
}

/**
 * `AMQP 0 0 9 1`; before it `AMQP 1 1` and the version, as 0-8, 0-9 and 0-10 had it. AMQP 1.0 and its security layers
 * are `AMQP`, one octet that says which, `1 0 0`.
 */
function header(head: Uint8Array): number {
  const known = Math.min(head.length, AMQP.length)
  for (let at = 0; at < known; at++) if (head[at] !== AMQP[at]) return 0
  if (head.length < 8) return 0.3
  const [id, major, minor, revision] = head.subarray(4, 8)
  if ((id === 0 && major === 0) || (id === 1 && major === 1)) return 1
  if (id !== 1 && major === 1 && minor === 0 && revision === 0) return 0
  // A version that nobody speaks: the answer to it will tell.
  return 0.5
}
