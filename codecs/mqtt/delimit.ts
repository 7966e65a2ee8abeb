import { u16At } from '../core/index.ts'
import type { MqttContext } from './header.ts'
import { looksLikeTopic, varintAt } from './primitives.ts'
import { hasKnownName } from './scan.ts'
import {
  AUTH,
  CONNACK,
  CONNECT,
  DISCONNECT,
  flagsOf,
  PINGREQ,
  PINGRESP,
  PUBLISH,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
  type Version,
} from './tables.ts'

/**
 * Where a packet ends: 2.1.4 Remaining Length says so. What cannot be a packet is told here, so that bytes that are no
 * MQTT do not pass for one long packet. One thing wrong with a packet is for its reader to report; two, or a length
 * that its type cannot have by far, and it is none.
 */
export function delimitPacket(bytes: Uint8Array, start: number, end: number, context: MqttContext): number {
  if (start >= end) return -1
  const first = bytes[start] as number
  const code = first >> 4
  if (code === 0) return 0
  const packed = varintAt(bytes, start + 1, end)
  if (packed === 0) return 0
  if (packed < 0) return -1
  const length = packed >>> 3
  if (code !== PUBLISH && !isLikely(first, code, length, context.version)) return 0
  const body = start + 1 + (packed & 7)
  if (length > LONG) {
    const answer = bearsOut(bytes, start, body, end, length, context.version)
    if (answer !== LIKELY) return answer
  }
  return body - start + length
}

/** Beyond this, a packet must look like what it says it is before it is waited for. */
const LONG = 0xffff

/** A one-byte length: as much as a packet that should be short may be too long and still be reported as one. */
const SHORT = 0x7f

function isLikely(first: number, code: number, length: number, version: Version): boolean {
  if (length >= least(code) && length <= most(code, version)) return true
  return length <= SHORT && (first & 0x0f) === flagsOf(code)
}

function least(code: number): number {
  switch (code) {
    case CONNECT:
      return 12
    case PINGREQ:
    case PINGRESP:
    case DISCONNECT:
    case AUTH:
      return 0
    case SUBSCRIBE:
      return 6
    case UNSUBSCRIBE:
      return 5
    case SUBACK:
      return 3
    default:
      return 2
  }
}

function most(code: number, version: Version): number {
  switch (code) {
    case PINGREQ:
    case PINGRESP:
      return 0
    case CONNECT: // It names its own version, which may be 5.
    case SUBSCRIBE:
    case SUBACK:
    case UNSUBSCRIBE:
      return Number.POSITIVE_INFINITY
    case DISCONNECT:
    case AUTH: // Before MQTT 5 there is none: a short one is told, a long one is no packet.
      return version === 5 ? Number.POSITIVE_INFINITY : 0
    default:
      return version === 5 ? Number.POSITIVE_INFINITY : 2
  }
}

const LIKELY = 1
const UNLIKELY = 0

/** Whether the beginning of a long packet bears its length out; negated, how many bytes are missing to tell. */
function bearsOut(
  bytes: Uint8Array,
  start: number,
  body: number,
  end: number,
  length: number,
  version: Version,
): number {
  const first = bytes[start] as number
  const code = first >> 4
  switch (code) {
    case PUBLISH: {
      if (end < body + 2) return end - body - 2
      const topic = body + 2
      const after = topic + u16At(bytes, body)
      if (after + ((first & 0x06) === 0 ? 0 : 2) > body + length) return UNLIKELY
      if (after > end) return end - after
      return looksLikeTopic(bytes, topic, after, true) ? LIKELY : UNLIKELY
    }
    case CONNECT:
      if (end < body + LEVEL_AT) return end - body - LEVEL_AT
      return hasKnownName(bytes, start, end) ? LIKELY : UNLIKELY
    case SUBSCRIBE:
    case SUBACK:
    case UNSUBSCRIBE:
    case UNSUBACK:
      if (end < body + 2) return end - body - 2
      return (first & 0x0f) === flagsOf(code) && u16At(bytes, body) !== 0 ? LIKELY : UNLIKELY
    default:
      return isAllProperties(bytes, code, body, end, length, version)
  }
}

/** As far as the protocol level of MQTT 3.1, whose name is the longer one. */
const LEVEL_AT = 9

/** What is long in an acknowledgement, a CONNACK, a DISCONNECT or an AUTH can only be its properties, to the end. */
function isAllProperties(
  bytes: Uint8Array,
  code: number,
  body: number,
  end: number,
  length: number,
  version: Version,
): number {
  if (version !== 5) return UNLIKELY
  const at = body + (code === CONNACK ? 2 : code === DISCONNECT || code === AUTH ? 1 : 3)
  const packed = varintAt(bytes, at, end)
  if (packed < 0) return Math.min(-1, end - at - 1)
  return packed > 0 && at + (packed & 7) + (packed >>> 3) === body + length ? LIKELY : UNLIKELY
}
