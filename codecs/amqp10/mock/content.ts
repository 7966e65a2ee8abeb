import { concat } from '../../core/index.ts'
import type { Transfer } from '../frames.ts'
import { payloadOf } from '../play/cut.ts'
import { readdressed, sectionAfter } from '../readdress.ts'
import type { Amqp10Act } from './act.ts'
import type { Names } from './names.ts'

const DELIVERY_ANNOTATIONS = 0x71

/** What is delivered in place of a recorded message: the one of now that it passes on, or itself under names of now. */
export function contentFor(then: readonly Transfer[], echo: Amqp10Act | undefined, names: Names): Uint8Array {
  const [only, ...more] = then.map(payloadOf)
  const recorded = only !== undefined && more.length === 0 ? only : concat(then.map(payloadOf))
  const now = echo?.content
  if (now === undefined) return readdressed(recorded, names)
  // What the server put before it then stays.
  const head = recorded.subarray(0, sectionAfter(recorded, DELIVERY_ANNOTATIONS))
  return concat([head, now.subarray(sectionAfter(now, DELIVERY_ANNOTATIONS))])
}

/** Tags tell deliveries of a link apart while they are not settled [2.6.12]. */
export const tagOf = (id: number): Uint8Array => Uint8Array.of(id >>> 24, id >>> 16, id >>> 8, id)
