import { u16At, u32At } from '../core/index.ts'
import { planById } from './plan.ts'
import { AMQP, BASIC, BODY, FRAME_END, FRAME_MIN_SIZE, FRAME_OVERHEAD, HEADER, HEARTBEAT, METHOD } from './tables.ts'

/** What cutting a connection depends on. */
export interface Context {
  /** As `connection.tune-ok` settled it: 0 is no limit. Undefined before, and where that was not seen. */
  readonly frameMax: number | undefined
  /** A frame that claims more bytes than this is none. */
  readonly largest: number
}

/**
 * Before (or without) a tune-ok there is no limit to go by: a token in start-ok passes the 4096 octets that the
 * specification allows there, and of a connection joined in the middle anything may have been agreed. In practice that is
 * 128 KiB, and seldom more than one MiB.
 */
export const UNSETTLED: Context = { frameMax: undefined, largest: (16 << 20) + FRAME_OVERHEAD }

/** Brokers compare frame_max to the payload's size, and clients fill it: the frame's own octets come on top. */
export const settled = (frameMax: number): Context => ({
  frameMax,
  largest: (frameMax === 0 ? 0xffff_ffff : Math.max(frameMax, FRAME_MIN_SIZE)) + FRAME_OVERHEAD,
})

/**
 *     0      1         3             7                  size+7 size+8
 *     +------+---------+-------------+  +------------+  +-----------+
 *     | type | channel |     size    |  |  payload   |  | frame-end |
 *     +------+---------+-------------+  +------------+  +-----------+
 *      octet    short        long        size octets       octet
 */
export function delimit(bytes: Uint8Array, start: number, end: number, context: Context): number {
  const have = end - start
  if (have === 0) return -1
  const type = bytes[start] as number
  if (type === AMQP[0]) return protocolHeader(bytes, start, have)
  if (type !== METHOD && type !== HEADER && type !== BODY && type !== HEARTBEAT) return 0
  if (have < 4) return have - (type === HEARTBEAT ? 4 : 7)
  if (isShortHeartbeat(bytes, start)) return SHORT_HEARTBEAT
  if (have < 7) return have - 7
  const length = u32At(bytes, start + 3) + FRAME_OVERHEAD
  if (length > context.largest) return 0
  if (length > have || bytes[start + length - 1] === FRAME_END) return length
  return isKnown(bytes, start, length) ? length : 0
}

/**
 * Whether a frame says what it is in its own first octets. One that does, but ends in something other than 0xCE, is that
 * frame with a fault (and the end of its connection) rather than no frame at all.
 */
function isKnown(bytes: Uint8Array, start: number, length: number): boolean {
  if (length < FRAME_OVERHEAD + 4) return false
  const classId = u16At(bytes, start + 7)
  const low = u16At(bytes, start + 9)
  if (bytes[start] === HEADER) return classId === BASIC && low === 0
  return bytes[start] === METHOD && planById(classId, low) !== undefined
}

/** The length of a heartbeat in the short form. */
export const SHORT_HEARTBEAT = 4

/** `08 00 00 CE` [4.2.1, the grammar]: read as the usual form, its size would pass 3 GB. */
export const isShortHeartbeat = (bytes: Uint8Array, start: number): boolean =>
  bytes[start] === HEARTBEAT && bytes[start + 3] === FRAME_END

/** "AMQP" and four octets of version [4.2.2]. */
function protocolHeader(bytes: Uint8Array, start: number, have: number): number {
  for (let at = 0; at < 4 && at < have; at++) if (bytes[start + at] !== AMQP[at]) return 0
  return have >= 8 ? 8 : have - 8
}
