import { u16At } from '../core/index.ts'
import { looksLikeTopic, varintAt } from './primitives.ts'
import { BINARY, BYTE, FOUR_BYTE, PAIR, propertyById, STRING, TOPIC_ALIAS, TWO_BYTE, VARINT } from './property-table.ts'
import {
  AUTH,
  CONNACK,
  CONNECT,
  DISCONNECT,
  flagsOf,
  PINGREQ,
  PINGRESP,
  PUBLISH,
  REASON_CODES,
  RETURN_CODES,
  SUBACK,
  SUBACK_CODES,
  SUBSCRIBE,
  TYPES,
  UNSUBACK,
  UNSUBSCRIBE,
  type Version,
} from './tables.ts'

/**
 * Looks at bytes for what they might be, without reading them: nothing is made, nothing reported. What delimiting,
 * resynchronising, guessing the version and resolving topic aliases have in common.
 */

/** Per property identifier: how its value is counted, and the places that it may stand in. 0 is no property. */
const types = Uint8Array.from({ length: 256 }, (_, id) => propertyById(id)?.type ?? 0)
const places = Uint16Array.from({ length: 256 }, (_, id) => propertyById(id)?.places ?? 0)

/** Where the property section at `at` ends; -1 if it is none that stands in `place`. */
export function skipProperties(bytes: Uint8Array, at: number, end: number, place: number): number {
  const packed = varintAt(bytes, at, end)
  if (packed <= 0) return -1
  let position = at + (packed & 7)
  const stop = position + (packed >>> 3)
  if (stop > end) return -1
  while (position < stop) {
    const id = bytes[position] as number
    if (((places[id] as number) & (1 << place)) === 0) return -1
    position = skipValue(bytes, position + 1, stop, types[id] as number)
    if (position < 0) return -1
  }
  return stop
}

function skipValue(bytes: Uint8Array, at: number, end: number, type: number): number {
  let next: number
  switch (type) {
    case BYTE:
      next = at + 1
      break
    case TWO_BYTE:
      next = at + 2
      break
    case FOUR_BYTE:
      next = at + 4
      break
    case STRING:
    case BINARY:
      return skipString(bytes, at, end)
    case PAIR: {
      const value = skipString(bytes, at, end)
      return value < 0 ? -1 : skipString(bytes, value, end)
    }
    case VARINT: {
      const packed = varintAt(bytes, at, end)
      return packed > 0 ? at + (packed & 7) : -1
    }
    default:
      return -1
  }
  return next <= end ? next : -1
}

function skipString(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1
  const next = at + 2 + u16At(bytes, at)
  return next <= end ? next : -1
}

/** The topic alias of the PUBLISH at [start, end), if its properties hold one; else 0, which is no alias. */
export function topicAliasAt(bytes: Uint8Array, start: number, end: number): number {
  const header = varintAt(bytes, start + 1, end)
  if (header <= 0) return 0
  const body = start + 1 + (header & 7)
  const to = Math.min(end, body + (header >>> 3))
  const after = skipString(bytes, body, to)
  if (after < 0) return 0
  const at = after + ((bytes[start] as number) & 0x06 ? 2 : 0)
  const packed = varintAt(bytes, at, to)
  // One byte that says which, and two that say what.
  if (packed >>> 3 < 3 || packed <= 0) return 0
  const values = at + (packed & 7)
  const stop = Math.min(to, values + (packed >>> 3))
  const alias = findProperty(bytes, values, stop, TOPIC_ALIAS)
  return alias >= 0 && alias + 2 <= stop ? u16At(bytes, alias) : 0
}

/** Where in the properties at [at, end) the value of the first that is `wanted` begins; -1 if there is none. */
export function findProperty(bytes: Uint8Array, at: number, end: number, wanted: number): number {
  let position = at
  while (position >= 0 && position < end) {
    const id = bytes[position] as number
    if (id === wanted) return position + 1
    position = skipValue(bytes, position + 1, end, types[id] as number)
  }
  return -1
}

/** Where the fixed header of the packet at `start` ends; -1 if not in sight. */
export function bodyAt(bytes: Uint8Array, start: number, end: number): number {
  const packed = varintAt(bytes, start + 1, end)
  return packed > 0 ? start + 1 + (packed & 7) : -1
}

/** Where the packet at `start` ends, or `end` where that comes first: what follows is no business of this packet. */
function packetEnd(bytes: Uint8Array, start: number, end: number): number {
  const packed = varintAt(bytes, start + 1, end)
  return packed > 0 ? Math.min(end, start + 1 + (packed & 7) + (packed >>> 3)) : end
}

/** Whether the packet at `start` with its body at [body, to) is in every respect one that `version` has. */
export function isWellFormed(bytes: Uint8Array, start: number, body: number, to: number, version: Version): boolean {
  const first = bytes[start] as number
  const code = first >> 4
  const length = to - body
  if (code === PUBLISH) return isPublish(bytes, first, body, to, version)
  if (code === 0 || !hasFlags(first, version)) return false
  switch (code) {
    case CONNECT:
      return hasKnownName(bytes, start, to)
    case CONNACK:
      return length >= 2 && isConnack(bytes, body, to, version)
    case SUBSCRIBE:
    case UNSUBSCRIBE:
      return isSubscribe(bytes, code, body, to, version)
    case SUBACK:
    case UNSUBACK:
      return isSuback(bytes, code, body, to, version)
    case PINGREQ:
    case PINGRESP:
      return length === 0
    case DISCONNECT:
      return length === 0 || (version === 5 && hasReason(bytes, code, body, to))
    case AUTH:
      return version === 5 && (length === 0 || hasReason(bytes, code, body, to))
    default:
      return hasId(bytes, body, to) && (length === 2 || (version === 5 && hasReason(bytes, code, body + 2, to)))
  }
}

/** Whether the first byte of what is no PUBLISH has the flags of its type; MQTT 3.1 has a DUP beside them. */
export const hasFlags = (first: number, version: Version): boolean =>
  (first & (version === 3 ? 0x07 : 0x0f)) === flagsOf(first >> 4)

const hasId = (bytes: Uint8Array, at: number, to: number): boolean => at + 2 <= to && u16At(bytes, at) !== 0

function isPublish(bytes: Uint8Array, first: number, body: number, to: number, version: Version): boolean {
  const qos = (first >> 1) & 3
  if (qos === 3 || (first & 0x0e) === 8) return false
  const after = skipString(bytes, body, to)
  if (after < 0 || !looksLikeTopic(bytes, body + 2, after, false)) return false
  if (after === body + 2 && version !== 5) return false
  if (qos > 0 && !hasId(bytes, after, to)) return false
  const rest = after + (qos > 0 ? 2 : 0)
  return version !== 5 || skipProperties(bytes, rest, to, PUBLISH) >= 0
}

function hasReason(bytes: Uint8Array, code: number, at: number, to: number): boolean {
  const table = REASON_CODES[TYPES[code] as keyof typeof REASON_CODES]
  if (table.name(bytes[at] as number) === undefined) return false
  return at + 1 === to || skipProperties(bytes, at + 1, to, code) === to
}

function isConnack(bytes: Uint8Array, at: number, to: number, version: Version): boolean {
  const reasonCode = bytes[at + 1] as number
  if ((bytes[at] as number) > 1) return false
  if (version !== 5) return at + 2 === to && RETURN_CODES.name(reasonCode) !== undefined
  return REASON_CODES.connack.name(reasonCode) !== undefined && skipProperties(bytes, at + 2, to, CONNACK) === to
}

function isSubscribe(bytes: Uint8Array, code: number, body: number, to: number, version: Version): boolean {
  if (!hasId(bytes, body, to)) return false
  let at = version === 5 ? skipProperties(bytes, body + 2, to, code) : body + 2
  if (at < 0 || at === to) return false
  while (at < to) {
    const after = skipString(bytes, at, to)
    if (after <= at + 2 || !looksLikeTopic(bytes, at + 2, after, true)) return false
    at = after
    if (code === UNSUBSCRIBE) continue
    if (at >= to || !areOptions(bytes[at] as number, version)) return false
    at++
  }
  return true
}

const areOptions = (options: number, version: Version): boolean =>
  (options & 0x03) !== 3 && (version === 5 ? (options & 0xc0) === 0 && (options & 0x30) !== 0x30 : options < 3)

function isSuback(bytes: Uint8Array, code: number, body: number, to: number, version: Version): boolean {
  if (!hasId(bytes, body, to)) return false
  if (code === UNSUBACK && version !== 5) return body + 2 === to
  const at = version === 5 ? skipProperties(bytes, body + 2, to, code) : body + 2
  if (at < 0 || at === to) return false
  const table = version !== 5 ? SUBACK_CODES : code === SUBACK ? REASON_CODES.suback : REASON_CODES.unsuback
  for (let i = at; i < to; i++) if (table.name(bytes[i] as number) === undefined) return false
  return true
}

/** With this bit of the protocol level Mosquitto's bridges say what they are. */
export const BRIDGE = 0x80

/** Where the protocol level of the CONNECT at `start` is; -1 if that is not in sight. */
function levelPosition(bytes: Uint8Array, start: number, end: number): number {
  const body = bodyAt(bytes, start, end)
  const level = body < 0 ? -1 : skipString(bytes, body, end)
  return level < end ? level : -1
}

/** The protocol level of the CONNECT at `start`, without the bridge's bit; undefined if it is not there. */
export function levelAt(bytes: Uint8Array, start: number, end: number): number | undefined {
  const at = levelPosition(bytes, start, end)
  return at < 0 ? undefined : (bytes[at] as number) & ~BRIDGE
}

/** The version that the CONNECT at `start` is written in: of a level that there is not, as it looks. */
export function connectVersionAt(bytes: Uint8Array, start: number, end: number): Version {
  const at = levelPosition(bytes, start, end)
  const level = at < 0 ? 4 : (bytes[at] as number) & ~BRIDGE
  if (level <= 3) return 3
  if (level <= 5) return level as Version
  // After the level come the connect flags and the keep alive, and then either properties or the client identifier.
  const to = packetEnd(bytes, start, end)
  const clientId = skipProperties(bytes, at + 4, to, CONNECT)
  return clientId >= 0 && skipString(bytes, clientId, to) >= 0 ? 5 : 4
}

const NAMES = ['MQTT', 'MQIsdp'].map(name => [0, name.length, ...new TextEncoder().encode(name)])

/** Whether the protocol name at `at`, as far as it is there, is one of MQTT's. */
export const namesMqtt = (bytes: Uint8Array, at: number, end: number): boolean =>
  NAMES.some(name => name.every((byte, i) => at + i >= end || bytes[at + i] === byte))

/** Whether a CONNECT names a protocol that there is, at a level that there is. */
export function hasKnownName(bytes: Uint8Array, start: number, end: number): boolean {
  const body = bodyAt(bytes, start, end)
  const level = levelAt(bytes, start, end)
  return body >= 0 && level !== undefined && level >= 3 && level <= 5 && namesMqtt(bytes, body, end)
}
