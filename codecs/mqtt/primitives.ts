import type { Reader, Writer } from '../core/index.ts'
import { type ClauseName, clause } from './clauses.ts'
import type { Version } from './tables.ts'

/** 1.5 Data representation: integers of variable length, strings, binary data. */

/** Largest Variable Byte Integer [1.5.5]. */
const MAX_VARINT = 268_435_455
const MAX_LENGTH = 65_535

/**
 * The Variable Byte Integer at `at`, as `value << 3 | bytes it takes`: 0 where a fourth byte still asks for another,
 * -1 where `end` comes first.
 */
export function varintAt(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1
  let value = bytes[at] as number
  if (value < 0x80) return (value << 3) | 1
  value &= 0x7f
  for (let count = 1; count < 4; count++) {
    if (at + count >= end) return -1
    const byte = bytes[at + count] as number
    value |= (byte & 0x7f) << (7 * count)
    if (byte < 0x80) return (value << 3) | (count + 1)
  }
  return 0
}

/** Whether a value of that many bytes could have been written in fewer. */
export const isPadded = (packed: number): boolean => (packed & 7) > varintLength(packed >>> 3)

const varintLength = (value: number): number => (value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4)

export function readVarint(reader: Reader, name: string, version: Version): number {
  const start = reader.position
  const packed = varintAt(reader.bytes, start, reader.limit)
  if (packed < 0) {
    reader.take(reader.remaining + 1, name)
    return 0
  }
  if (packed === 0) {
    reader.take(4, name)
    reader.flag('error', 'malformed-integer', `${name} goes on after its fourth byte`, 'MQTT 5.0 §1.5.5')
    return 0
  }
  reader.position = start + (packed & 7)
  reader.field(name, start, packed >>> 3)
  if (isPadded(packed)) {
    const severity = version === 5 ? 'error' : 'note'
    reader.flag(severity, 'padded-integer', `${name} takes more bytes than it needs`, clause('minimalInteger', version))
  }
  return packed >>> 3
}

export function writeVarint(writer: Writer, value: number): void {
  let rest = value
  while (rest > 0x7f) {
    writer.u8((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  writer.u8(rest)
}

const NUL = 1
const CONTROL = 2
const WILDCARD = 4
const BEYOND_ASCII = 8
const PLAIN = WILDCARD

const classes = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0) return NUL
  if (byte < 0x20 || byte === 0x7f) return CONTROL
  if (byte === 0x23 || byte === 0x2b) return WILDCARD
  return byte > 0x7f ? BEYOND_ASCII : 0
})

/** What kinds of characters are among bytes [at, end), as far as a byte tells. */
function classesOf(bytes: Uint8Array, at: number, end: number): number {
  let found = 0
  for (let i = at; i < end; i++) found |= classes[bytes[i] as number] as number
  return found
}

/**
 * Whether bytes [at, end) look like a topic that an application chose: no control characters, and well-formed as far
 * as that can be told without making a string of it.
 */
export function looksLikeTopic(bytes: Uint8Array, at: number, end: number, wildcards: boolean): boolean {
  const found = classesOf(bytes, at, end)
  if ((found & (NUL | CONTROL)) !== 0 || (!wildcards && (found & WILDCARD) !== 0)) return false
  return (found & BEYOND_ASCII) === 0 || looksLikeUtf8(bytes, at, end)
}

/** Lead bytes followed by as many continuation bytes as they announce. */
function looksLikeUtf8(bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = at; i < end; ) {
    const lead = bytes[i] as number
    const more = lead < 0x80 ? 0 : lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1
    if (more < 0 || i + more >= end) return false
    for (let k = 1; k <= more; k++) if (((bytes[i + k] as number) & 0xc0) !== 0x80) return false
    i += more + 1
  }
  return true
}

/** A UTF-8 Encoded String [1.5.4]. `topic` names the clause that forbids it wildcards, where one does. */
export function readString(
  reader: Reader,
  lengthName: string,
  name: string,
  version: Version,
  topic?: ClauseName,
): string {
  const length = reader.u16(lengthName)
  const at = reader.position
  const text = reader.text(length, name)
  const found = classesOf(reader.bytes, at, reader.position)
  if (found !== 0) {
    if ((found & ~PLAIN) !== 0) checkText(reader, text, found, name, version)
    if (topic !== undefined && (found & WILDCARD) !== 0) {
      reader.flag('error', 'wildcard-in-topic', `${name} holds a wildcard`, clause(topic, version))
    }
  }
  return text
}

/** Goes past a string, which is looked at when it is asked for. */
export function passString(reader: Reader, lengthName: string, name: string): void {
  const length = reader.u16(lengthName)
  if (length > reader.remaining) reader.take(length, name)
  else reader.position += length
}

const controls = /\p{Cc}/u

function checkText(reader: Reader, text: string, found: number, name: string, version: Version): void {
  if ((found & BEYOND_ASCII) !== 0 && !reader.isUtf8(text)) {
    reader.flag('error', 'invalid-utf8', `${name} is not well-formed UTF-8`, clause('utf8', version))
  }
  if ((found & NUL) !== 0 && version !== 3) {
    reader.flag('error', 'null-character', `${name} holds U+0000`, clause('nul', version))
  } else if (version !== 3 && controls.test(text)) {
    reader.flag('note', 'control-character', `${name} holds a control character`, clause('control', version))
  }
}

export function writeString(writer: Writer, text: string): void {
  const at = writer.position
  writer.u16(0)
  const length = writer.text(text)
  if (length > MAX_LENGTH) throw new RangeError(`a string of ${length} bytes; MQTT has room for ${MAX_LENGTH}`)
  writer.patch16(at, length)
}

/** Binary Data [1.5.6]. */
export const readBinary = (reader: Reader, lengthName: string, name: string): Uint8Array =>
  reader.take(reader.u16(lengthName), name)

export function writeBinary(writer: Writer, bytes: Uint8Array): void {
  if (bytes.length > MAX_LENGTH) throw new RangeError(`${bytes.length} bytes; MQTT has room for ${MAX_LENGTH}`)
  writer.u16(bytes.length)
  writer.raw(bytes)
}

/**
 * Begins a section that a Variable Byte Integer counts. It will take `least` bytes or more: what is written moves only
 * where it takes so many more that the integer grows. Ends with `finishSection`, given what this returns.
 */
export function beginSection(writer: Writer, least: number): number {
  const start = writer.position
  for (let room = varintLength(least); room > 0; room--) writer.u8(0)
  return start
}

export function finishSection(writer: Writer, start: number, least: number): void {
  const room = varintLength(least)
  const length = writer.position - start - room
  if (length > MAX_VARINT) throw new RangeError(`a section of ${length} bytes; MQTT has room for ${MAX_VARINT}`)
  const needed = varintLength(length)
  if (needed > room) writer.insert(start, needed - room)
  let rest = length
  for (let i = 0; i < needed - 1; i++) {
    writer.patch8(start + i, (rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  writer.patch8(start + needed - 1, rest)
}
