import { u16At } from '../core/index.ts'
import type { MqttContext } from './header.ts'
import { isPadded, looksLikeTopic, varintAt } from './primitives.ts'
import { hasFlags, isWellFormed } from './scan.ts'
import { CONNACK, CONNECT, PUBLISH, SUBSCRIBE, UNSUBACK } from './tables.ts'

/**
 * Finds the way back into a stream of packets. MQTT has no mark to look for: what there is, is a chain of packets each
 * of which is well-formed and ends where the next begins. Every packet counts for as many bits as chance would have to
 * get right; the chain that begins at a position is believed once it has enough of them.
 *
 * Whether a position is believed depends on the bytes from there on alone, never on how many of them are there yet.
 */

/** A chain of that many bits is believed, whatever follows it. */
const ENOUGH = 40
/** At the end of the stream, a chain that ends with it needs no more than this. */
const ENOUGH_AT_END = 13
/** At the end, a chain whose last packet is not whole. */
const ENOUGH_IF_CUT = 24
/** Waiting for the rest of a packet takes as many, so that no stray byte can hold up the search for a megabyte. */
const WORTH_WAITING = 14

const NONE = 0
const MORE = -1

export function resyncPackets(
  bytes: Uint8Array,
  start: number,
  end: number,
  context: MqttContext,
  final: boolean,
): number {
  for (let at = start; at < end; at++) {
    const answer = chainAt(bytes, at, end, context, final)
    if (answer === MORE) return ~at
    if (answer !== NONE) return at
  }
  return ~end
}

/** `ENOUGH` if a chain of packets begins at `start`, `NONE` if not, `MORE` if that is not decided. */
export function chainAt(bytes: Uint8Array, start: number, end: number, context: MqttContext, final: boolean): number {
  let bits = 0
  let at = start
  while (at < end) {
    const weight = weigh(bytes, at, end, context)
    if (weight === NONE) return NONE
    if (weight < 0) {
      // Not all of it is there. What is there counts, negated; -1 is nothing to go by.
      const sofar = bits + (weight === MORE ? 0 : -weight)
      if (sofar >= ENOUGH) return ENOUGH
      if (final) return sofar >= ENOUGH_IF_CUT ? ENOUGH : NONE
      return weight === MORE || sofar >= WORTH_WAITING ? MORE : NONE
    }
    bits += weight
    if (bits >= ENOUGH) return ENOUGH
    const packed = varintAt(bytes, at + 1, end)
    at += 1 + (packed & 7) + (packed >>> 3)
  }
  return final ? (bits >= ENOUGH_AT_END ? ENOUGH : NONE) : MORE
}

/**
 * How many bits speak for a packet at `start`: 0 if there is none. Negative where it goes on past `end`: what its
 * beginning is worth, or `MORE` where that cannot be told yet.
 */
function weigh(bytes: Uint8Array, start: number, end: number, context: MqttContext): number {
  const first = bytes[start] as number
  const code = first >> 4
  if (code === 0) return NONE
  if (code === PUBLISH ? (first & 0x06) === 0x06 || (first & 0x0e) === 0x08 : !hasFlags(first, context.version)) {
    return NONE
  }
  const packed = varintAt(bytes, start + 1, end)
  if (packed < 0) return MORE
  if (packed === 0 || isPadded(packed)) return NONE
  const body = start + 1 + (packed & 7)
  const length = packed >>> 3
  const to = body + length
  if (code === PUBLISH) return weighPublish(bytes, start, body, to, end, context)
  if (length > longest(code)) return NONE
  if (to > end) return MORE
  if (!fits(bytes, start, body, to, context)) return NONE
  return Math.min(ENOUGH, code === CONNECT ? ENOUGH : 16 + 4 * Math.max(0, length - 2))
}

/** How long a packet that is no PUBLISH may be to be believed. It bounds the waiting, and the work at each position. */
const longest = (code: number): number =>
  code === CONNECT || code === CONNACK || (code >= SUBSCRIBE && code <= UNSUBACK) ? 0xfff : 0x7f

/** Likewise for the topic of a PUBLISH. */
const LONGEST_TOPIC = 0x3ff

function weighPublish(
  bytes: Uint8Array,
  start: number,
  body: number,
  to: number,
  end: number,
  context: MqttContext,
): number {
  const idLength = ((bytes[start] as number) & 0x06) === 0 ? 0 : 2
  if (to < body + 2 + idLength) return NONE
  if (end < body + 2) return MORE
  const topic = body + 2
  const after = topic + u16At(bytes, body)
  if (after + idLength > to || after - topic > LONGEST_TOPIC) return NONE
  if (after + idLength > end) return MORE
  if (!looksLikeTopic(bytes, topic, after, false)) return NONE
  if (idLength > 0 && u16At(bytes, after) === 0) return NONE
  // The kind of packet 4, a topic of less than 256 bytes 8, and one for each printable byte of it.
  const weight = 4 + (after - topic < 0x100 ? 8 : 0) + Math.min(16, after - topic)
  if (to > end) return after === topic ? MORE : -weight
  return fits(bytes, start, body, to, context) ? weight : NONE
}

function fits(bytes: Uint8Array, start: number, body: number, to: number, { version, guessed }: MqttContext): boolean {
  if (!guessed) return isWellFormed(bytes, start, body, to, version)
  return isWellFormed(bytes, start, body, to, 4) || isWellFormed(bytes, start, body, to, 5)
}
