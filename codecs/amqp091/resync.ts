import { u16At, u32At } from '../core/index.ts'
import { type Context, delimit, SHORT_HEARTBEAT } from './delimit.ts'
import { planById } from './plan.ts'
import { AMQP, BASIC, BODY, CONNECTION, FRAME_END, FRAME_OVERHEAD, HEADER, HEARTBEAT, METHOD } from './tables.ts'

/**
 * Finding a frame in the middle of a stream. One that looks right proves little: bodies hold anything, copies of whole
 * frames too. But a copy's chain of frames breaks where its body ends, and the real one goes on.
 */

/** This many whole frames, one after the other, are believed whatever follows. */
const CHAIN = 4

const NOT_A_FRAME = 0
/** Looks right as far as it goes, but its end is not there. */
const UNFINISHED = -1

/** Length of the frame at `at` if all of it is there and it looks like one. */
function plausible(bytes: Uint8Array, at: number, end: number, context: Context): number {
  const length = delimit(bytes, at, end, context)
  if (length === 0) return NOT_A_FRAME
  const have = end - at
  const type = bytes[at] as number
  if (length === SHORT_HEARTBEAT) return u16At(bytes, at + 1) === 0 ? length : NOT_A_FRAME
  if (type !== AMQP[0] && have >= 7 && !isPlausible(bytes, at, have, type)) return NOT_A_FRAME
  if (length < 0 || length > have) return UNFINISHED
  return type === AMQP[0] || bytes[at + length - 1] === FRAME_END ? length : NOT_A_FRAME
}

function isPlausible(bytes: Uint8Array, at: number, have: number, type: number): boolean {
  const channel = u16At(bytes, at + 1)
  const size = u32At(bytes, at + 3)
  if (type === HEARTBEAT) return channel === 0 && size === 0
  if (type === BODY) return channel !== 0 && size !== 0
  if (type === HEADER) {
    // Class, weight, body size, flags.
    return channel !== 0 && size >= 14 && (have < 11 || u32At(bytes, at + 7) === BASIC << 16)
  }
  if (size < 4) return false
  if (have < 11) return true
  const classId = u16At(bytes, at + 7)
  return (classId === CONNECTION) === (channel === 0) && planById(classId, u16At(bytes, at + 9)) !== undefined
}

/** A body frame can be almost anything; the others say something known in several octets. */
const isWeak = (bytes: Uint8Array, at: number): boolean => bytes[at] === BODY

export function resync(bytes: Uint8Array, start: number, end: number, context: Context, final: boolean): number {
  for (let from = start; from < end; from++) {
    if (!mayBegin(bytes[from] as number)) continue
    let at = from
    let frames = 0
    let strong = false
    let length = 0
    while (frames < CHAIN && at < end && (length = plausible(bytes, at, end, context)) > 0) {
      if (!isWeak(bytes, at)) strong = true
      frames++
      at += length
    }
    if (frames === CHAIN) return from
    if (length !== NOT_A_FRAME && !final) return ~from
    // Nothing more will come: a chain that ends where the bytes do, or in a frame that goes on after them.
    if (at === end && frames > 0) return from
    if (length === UNFINISHED && (frames > 1 || (frames === 1 && strong))) return from
  }
  return ~end
}

const mayBegin = (byte: number): boolean =>
  byte === METHOD || byte === HEADER || byte === BODY || byte === HEARTBEAT || byte === AMQP[0]

/** How much the first bytes of a connection look like ours. */
export function likeness(bytes: Uint8Array, context: Context): number {
  const weak = isWeak(bytes, 0)
  const first = plausible(bytes, 0, bytes.length, context)
  if (first === NOT_A_FRAME) return 0
  if (first === UNFINISHED) return !weak && bytes.length >= FRAME_OVERHEAD + 3 ? 0.6 : 0.2
  const second = first === bytes.length ? UNFINISHED : plausible(bytes, first, bytes.length, context)
  if (second === NOT_A_FRAME) return weak ? 0.2 : 0.6
  if (second === UNFINISHED) return weak ? 0.7 : 0.85
  return 0.9
}
