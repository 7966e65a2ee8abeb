import { type Scan, u32At } from '../core/index.ts'
import type { Context } from './dialogue.ts'
import { bodyOf, descriptorAt } from './schema.ts'
import { AMQP_FRAME, protocols, SASL_FRAME } from './tables.ts'

/** Size, data offset, type and two octets of the type's own stand before everything [2.3.1]. */
export const HEADER_SIZE = 8
/** What the data offset counts in. */
export const DOFF_UNIT = 4
const PROTOCOL_HEADER_SIZE = 8
/** "AMQP": as a size it would be a gigabyte. */
const AMQP = 0x414d5150

/**
 * Until both sides have opened, sizes beyond this are taken for something else; 512 octets is what the specification
 * allows then [2.4.1], but not what peers keep to. Later it is the least that is let pass, so that a frame larger than
 * was agreed is still read, and reported.
 */
const SANE_SIZE = 1 << 20
/** Enough of a frame to tell which link's transfer it is. */
const PEEK = 32
/** Enough for a descriptor, in symbols too. */
const DESCRIPTOR = 48
/** Larger frames are legal where peers agree on them, but not looked for. */
const MOST_PLAUSIBLE = 0xffffff

export function isProtocolHeader(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 4 <= end && u32At(bytes, at) === AMQP
}

/** A protocol header that is AMQP 1.0's: other versions share its first four octets. */
export function isOurHeader(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    at + PROTOCOL_HEADER_SIZE <= end &&
    u32At(bytes, at) === AMQP &&
    protocols[bytes[at + 4] as number] !== undefined &&
    bytes[at + 5] === 1 &&
    bytes[at + 6] === 0 &&
    bytes[at + 7] === 0
  )
}

const isSize = (size: number, context: Context): boolean =>
  size >= HEADER_SIZE && size <= Math.max(SANE_SIZE, context.maxFrameSize ?? 0)

export function delimit(bytes: Uint8Array, start: number, end: number, context: Context, _scan: Scan): number {
  const have = end - start
  if (context.phase === 'tls' && have > 0) return 0
  if (have < HEADER_SIZE) return couldBegin(bytes, start, have, context) ? have - HEADER_SIZE : 0
  if (isProtocolHeader(bytes, start, end)) return PROTOCOL_HEADER_SIZE
  const size = u32At(bytes, start)
  const body = (bytes[start + 4] as number) * DOFF_UNIT
  if (!isSize(size, context) || body < HEADER_SIZE || body > size || (bytes[start + 5] as number) > SASL_FRAME) return 0
  // The context says whether a transfer goes on with a delivery: decided with the handle in sight, however it came.
  const wanted = Math.min(size, body + PEEK)
  return have < wanted ? have - wanted : size
}

/** What can be told of a header that is not yet whole. */
function couldBegin(bytes: Uint8Array, start: number, have: number, context: Context): boolean {
  if (have < 4) return true
  const size = u32At(bytes, start)
  if (size === AMQP) return true
  return (
    isSize(size, context) &&
    (have < 5 || (bytes[start + 4] as number) >= 2) &&
    (have < 6 || (bytes[start + 5] as number) <= SASL_FRAME)
  )
}

/**
 * Where a frame begins, somewhere in a connection: a header with the plainest data offset, the body of a known
 * performative, and after it another frame that looks like one.
 */
export function resync(bytes: Uint8Array, start: number, end: number, context: Context, final: boolean): number {
  if (context.phase === 'tls') return ~end
  for (let at = start; at < end; at++) {
    const verdict = plausible(bytes, at, end, context)
    if (verdict === 'no') continue
    if (verdict === 'more') {
      if (final) continue
      return ~at
    }
    if (verdict === 0) return at
    const next = plausible(bytes, at + verdict, end, context)
    if (next === 'no') continue
    if (next === 'more' && !final) return ~at
    return at
  }
  return ~end
}

/** The length of the frame that seems to begin at `at`; 0 where there is no doubt about it. */
function plausible(bytes: Uint8Array, at: number, end: number, context: Context): number | 'no' | 'more' {
  if (at + 6 > end) return mayBegin(bytes, at, end) ? 'more' : 'no'
  if (isProtocolHeader(bytes, at, end)) {
    if (at + PROTOCOL_HEADER_SIZE > end) return 'more'
    return isOurHeader(bytes, at, end) ? 0 : 'no'
  }
  const frameType = bytes[at + 5] as number
  if (bytes[at + 4] !== 2 || frameType > SASL_FRAME) return 'no'
  const size = u32At(bytes, at)
  if (!isSize(size, context) || size > MOST_PLAUSIBLE) return 'no'
  if (size === HEADER_SIZE) return frameType === AMQP_FRAME ? size : 'no'
  if (at + Math.min(size, HEADER_SIZE + DESCRIPTOR) > end) return 'more'
  const row = bodyOf(descriptorAt(bytes, at + HEADER_SIZE, Math.min(end, at + size)))
  if (row === undefined) return 'no'
  return row.code >= 0x40 === (frameType === SASL_FRAME) ? size : 'no'
}

/** Whether the few octets from `at` on are how a frame or a protocol header may begin. */
function mayBegin(bytes: Uint8Array, at: number, end: number): boolean {
  if (at >= end) return true
  const first = bytes[at] as number
  if (first !== 0 && first !== AMQP >>> 24) return false
  return at + 4 >= end || first !== 0 || bytes[at + 4] === 2
}
