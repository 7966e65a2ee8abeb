import { hex, type Reader, u16At } from '../core/index.ts'
import { contentFormatName } from './content-formats.ts'
import { blockOf, fits, Option, OSCORE_KID, OSCORE_KID_CONTEXT, OSCORE_PIV, SZX_BERT, uintAt } from './option.ts'
import {
  isCritical,
  isNoCacheKey,
  isUnsafe,
  type OptionDefinition,
  type OptionFormat,
  type OptionSpace,
} from './option-table.ts'
import { PAYLOAD_MARKER } from './tables.ts'

/**
 *      0   1   2   3   4   5   6   7
 *     +---------------+---------------+
 *     |     delta     |    length     |   13: one byte more, plus 13
 *     +---------------+---------------+   14: two bytes more, plus 269
 *     /    delta, length, extended    /   15: reserved
 *     +-------------------------------+
 *     /             value             /   the option's number is the one before plus the delta
 *     +-------------------------------+
 *
 * [RFC 7252 §3.1]; token lengths extend in the same way [RFC 8974 §2.1].
 */
export const extension = (nibble: number): number => (nibble === 13 ? 1 : nibble === 14 ? 2 : 0)

/** The value of a nibble that is not 15, whose extension stands at `at`. */
export const extended = (nibble: number, bytes: Uint8Array, at: number): number => {
  if (nibble < 13) return nibble
  return nibble === 13 ? 13 + (bytes[at] as number) : 269 + u16At(bytes, at)
}

export const RESERVED = 15

/**
 * Where the options that begin at `start` end: at the payload marker, or at `end`. Negative where one of them is not
 * whole or has a reserved nibble.
 */
export function optionsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end) {
    const head = bytes[at] as number
    if (head === PAYLOAD_MARKER) return at
    const delta = head >> 4
    const length = head & 15
    if (delta === RESERVED || length === RESERVED) return -1
    const lengthAt = at + 1 + extension(delta)
    const value = lengthAt + extension(length)
    if (value > end) return -1
    at = value + extended(length, bytes, lengthAt)
  }
  return at === end ? at : -1
}

/** More than any message has, and a bound on what garbage can make us keep. */
const MAX_OPTIONS = 1024

/** Reads options up to the reader's limit. */
export function readOptions(reader: Reader, space: OptionSpace): Option[] {
  const options: Option[] = []
  let number = 0
  while (reader.remaining > 0) {
    if (options.length === MAX_OPTIONS) {
      reader.take(reader.remaining, 'undecoded')
      reader.flag('warning', 'too-many-options', `options from the ${MAX_OPTIONS + 1}th on are not taken apart`)
      break
    }
    const start = reader.offset
    const option = readOption(reader, number, space)
    if (option === undefined) break
    if (reader.deep) checkPlace(reader, option, number, space, start)
    if (reader.traced) {
      reader.done(option.value instanceof Uint8Array ? undefined : option.value)
      reader.label(traits(option.number, space))
    }
    options.push(option)
    number = option.number
  }
  return options
}

/** Leaves the option's group open: what its place among the others breaks is said of it. */
function readOption(reader: Reader, before: number, space: OptionSpace): Option | undefined {
  const { bytes, position: start, limit } = reader
  const head = bytes[start] as number
  const delta = head >> 4
  const length = head & 15
  if (delta === RESERVED || length === RESERVED) {
    reader.take(limit - start, 'undecoded')
    reader.flag('error', 'reserved-option-header', 'an option delta or length of 15 is reserved', 'RFC 7252 §3.1')
    return undefined
  }
  const deltaSize = extension(delta)
  const lengthSize = extension(length)
  if (start + 1 + deltaSize + lengthSize > limit) {
    reader.take(1 + deltaSize + lengthSize, 'optionHeader')
    return undefined
  }
  const number = before + extended(delta, bytes, start + 1)
  const size = extended(length, bytes, start + 1 + deltaSize)
  const definition = space.options.get(number)
  const at = start + 1 + deltaSize + lengthSize
  if (reader.deep) {
    const from = reader.offset
    reader.begin(definition?.name ?? `option ${number}`)
    reader.u8('optionHeader')
    reader.bits('delta', 0xf0)
    reader.bits('length', 0x0f)
    extensionField(reader, deltaSize, 'extendedDelta')
    extensionField(reader, lengthSize, 'extendedLength')
    readValue(reader, size, number, definition, space, from)
  } else reader.position = Math.min(at + size, limit)
  return new Option(number, definition, bytes, at, Math.min(at + size, limit))
}

function extensionField(reader: Reader, size: number, name: string): void {
  if (size === 1) reader.u8(name)
  else if (size === 2) reader.u16(name)
}

function readValue(
  reader: Reader,
  size: number,
  number: number,
  definition: OptionDefinition | undefined,
  space: OptionSpace,
  start: number,
): void {
  if (size > reader.remaining || definition === undefined) {
    reader.take(size, 'value')
    return
  }
  if (!fits(definition, size)) {
    reader.take(size, 'value')
    const { name, min, max } = definition
    const bounds = min === max ? `${min}` : `${min} to ${max}`
    const severity = isCritical(number) ? 'error' : 'warning'
    const message = `${name} has ${size} ${size === 1 ? 'byte' : 'bytes'}, not ${bounds}`
    reader.flag(severity, 'option-length', message, 'RFC 7252 §5.4.3', start, reader.offset)
    return
  }
  VALUES[definition.format](reader, size, definition, space)
}

type ReadValue = (reader: Reader, size: number, definition: OptionDefinition, space: OptionSpace) => void

const VALUES: Readonly<Record<OptionFormat, ReadValue>> = {
  empty: () => {},
  opaque: (reader, size) => {
    const value = reader.take(size, 'value')
    if (reader.traced) reader.label(hex(value))
  },
  string: (reader, size, { name }) => {
    const text = reader.text(size, 'value')
    if (!reader.isUtf8(text)) reader.flag('warning', 'option-utf8', `${name} is not UTF-8`, 'RFC 7252 §3.2')
  },
  uint: (reader, size, definition) => {
    const { name, meaning } = definition
    const value = readUint(reader, size, 'value')
    checkMinimal(reader, size, definition)
    if (meaning === 'content-format') reader.label(contentFormatName(value))
    else if (meaning === 'no-response') reader.label(declined(value))
    if (name === 'Hop-Limit' && value === 0) {
      reader.flag('error', 'hop-limit', 'a hop limit is from 1 to 255', 'RFC 8768 §3')
    }
  },
  block: readBlock,
  oscore: readOscore,
}

function readUint(reader: Reader, size: number, name: string): number {
  const start = reader.position
  const value = uintAt(reader.bytes, start, start + size)
  reader.position = start + size
  reader.field(name, start, value)
  return value
}

function checkMinimal(reader: Reader, size: number, { name, min }: OptionDefinition): void {
  if (size > min && reader.bytes[reader.position - size] === 0) {
    reader.flag('note', 'leading-zeros', `${name} is written with leading zero bytes`, 'RFC 7252 §3.2')
  }
}

/** Which classes of response the client does not want [RFC 7967 §2.1]. */
function declined(value: number): string {
  const classes = [2, 4, 5].filter(kind => (value & (1 << (kind - 1))) !== 0)
  return classes.length === 0 ? 'all responses wanted' : `no ${classes.map(kind => `${kind}.xx`).join(' ')}`
}

/** NUM, M and SZX share the bytes of one uint [RFC 7959 §2.2]. */
function readBlock(reader: Reader, size: number, definition: OptionDefinition, { bert }: OptionSpace): void {
  const start = reader.position
  const block = blockOf(uintAt(reader.bytes, start, start + size))
  reader.position = start + size
  reader.field('num', start, block.num)
  if (size > 0) {
    reader.bit('more', 0x08)
    reader.bits('szx', 0x07)
    reader.label(block.bert === true ? 'blocks of 1024 bytes' : `${block.size} bytes`)
  }
  checkMinimal(reader, size, definition)
  if (block.bert === true && !bert) {
    const message = `${definition.name} has the reserved block size exponent ${SZX_BERT}`
    reader.flag('error', 'block-size', message, 'RFC 7959 §2.2')
  }
}

/**
 *      0 1 2 3 4 5 6 7 <------------- n bytes -------------->
 *     +-+-+-+-+-+-+-+-+--------------------------------------+
 *     |0 0 0|h|k|  n  |       Partial IV (if any) ...        |
 *     +-+-+-+-+-+-+-+-+--------------------------------------+
 *      <- 1 byte -> <----- s bytes ------>
 *     +------------+----------------------+------------------+
 *     | s (if any) | kid context (if any) | kid (if any) ... |
 *     +------------+----------------------+------------------+
 */
function readOscore(reader: Reader, size: number): void {
  if (size === 0) return
  const outer = reader.enter(size, 'value')
  const flags = reader.u8('flags')
  reader.bits('reserved', 0xe0)
  reader.bit('kidContextFlag', OSCORE_KID_CONTEXT)
  reader.bit('kidFlag', OSCORE_KID)
  reader.bits('pivLength', OSCORE_PIV)
  const wrong =
    (flags & 0xe0) !== 0 || (flags & OSCORE_PIV) > 5
      ? 'OSCORE has reserved flags'
      : flags === 0
        ? 'OSCORE without flags has an empty value'
        : undefined
  if (wrong !== undefined) reader.flag('error', 'oscore-flags', wrong, 'RFC 8613 §6.1')
  if ((flags & OSCORE_PIV) !== 0) part(reader, flags & OSCORE_PIV, 'piv')
  if ((flags & OSCORE_KID_CONTEXT) !== 0) part(reader, reader.u8('kidContextLength'), 'kidContext')
  if ((flags & OSCORE_KID) !== 0) part(reader, reader.remaining, 'kid')
  reader.leave(outer)
}

function part(reader: Reader, length: number, name: string): void {
  const bytes = reader.take(length, name)
  if (reader.traced) reader.label(hex(bytes))
}

/** What is wrong with an option where it stands, whatever its value is. */
function checkPlace(reader: Reader, option: Option, before: number, space: OptionSpace, start: number): void {
  const { number, definition } = option
  if (number > 0xffff) {
    const message = `there is no option number ${number}`
    reader.flag('error', 'option-number', message, 'RFC 7252 §12.2', start, reader.offset)
  } else if (definition === undefined) {
    if (!isCritical(number)) return
    const message = `critical option ${number} is not known`
    reader.flag('warning', 'unknown-critical-option', message, space.rule, start, reader.offset)
  } else if (number === before && definition.repeatable !== true) {
    const message = `${definition.name} may stand in a message once`
    const severity = isCritical(number) ? 'error' : 'warning'
    reader.flag(severity, 'repeated-option', message, 'RFC 7252 §5.4.5', start, reader.offset)
  }
}

/** What the number alone tells those who do not know the option [RFC 7252 §5.4.6]. */
function traits(number: number, { forwarded }: OptionSpace): string {
  const trait = `${number}, ${isCritical(number) ? 'critical' : 'elective'}`
  if (!forwarded) return trait
  return `${trait}, ${isUnsafe(number) ? 'unsafe' : isNoCacheKey(number) ? 'safe, no cache key' : 'safe'}`
}
