/** Where the parts of a frame lie, told from its octets alone: this is the same in all versions. */

export const NUL = 0x00
export const LF = 0x0a
export const CR = 0x0d
export const COLON = 0x3a

/** Known commands have at most eleven letters. */
const MAX_COMMAND = 32
/** Command and headers together. Brokers allow far less: ActiveMQ a thousand lines of 8 KiB, RabbitMQ 64 KiB in all. */
export const MAX_HEADERS = 64 << 10

/** Where the command ends that begins at `start`. */
export function commandEnd(bytes: Uint8Array, start: number, end: number): number {
  const most = Math.min(end, start + MAX_COMMAND + 1)
  let at = start
  while (at < most && (bytes[at] as number) >= LETTER_A && (bytes[at] as number) <= LETTER_Z) at++
  return at
}

const LETTER_A = 0x41
const LETTER_Z = 0x5a

/**
 * Where the command's line ends: the position of its LF. Negative where more bytes must tell, 0 where this is no
 * command.
 */
export function commandLine(bytes: Uint8Array, start: number, end: number): number {
  let at = commandEnd(bytes, start, end)
  if (at === start || at - start > MAX_COMMAND) return 0
  if (at === end || (bytes[at] === CR && ++at === end)) return -1
  return bytes[at] === LF ? at : 0
}

/**
 * Where the headers end: the position after the blank line; of the NUL, inverted, where that comes first and so ends
 * the frame; 0 where neither is in [at, end). `line` is where the line begins that `at` is in.
 */
export function endOfHeaders(bytes: Uint8Array, line: number, at: number, end: number): number {
  let begin = line
  for (let next = at; next < end; next++) {
    const byte = bytes[next] as number
    if (byte > LF) continue
    if (byte === LF) {
      if (next === begin || (next === begin + 1 && bytes[begin] === CR)) return next + 1
      begin = next + 1
    } else if (byte === NUL) return ~next
  }
  return 0
}

/**
 * The value of the first header line called `name` (with its colon) among the lines in [start, end), as the position
 * where it begins; 0 where there is none. `start` begins a line.
 */
export function valueAt(bytes: Uint8Array, start: number, end: number, name: Uint8Array): number {
  const first = name[0]
  for (let line = start; line < end; ) {
    if (bytes[line] === first) {
      let at = 1
      while (at < name.length && bytes[line + at] === name[at]) at++
      if (at === name.length && line + at < end) return line + at
    }
    while (line < end && bytes[line] !== LF) line++
    line++
  }
  return 0
}

/** A header's name and colon, for `valueAt`. */
export const nameBytes = (name: string): Uint8Array => Uint8Array.from(`${name}:`, letter => letter.charCodeAt(0))

const SPACE = 0x20
const DIGIT_0 = 0x30
const contentLengthName = nameBytes('content-length')

/**
 * What content-length says, among the lines in [start, end). Spaces around the number are let pass, as the examples of
 * STOMP 1.0 have them. Undefined where there is no such header, or it holds no number.
 */
export function contentLength(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = valueAt(bytes, start, end, contentLengthName)
  if (at === 0) return undefined
  while (bytes[at] === SPACE && at < end) at++
  const first = at
  let value = 0
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - DIGIT_0
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  const known = at > first && at - first < MAX_DIGITS
  while (bytes[at] === SPACE && at < end) at++
  if (bytes[at] === CR) at++
  return known && bytes[at] === LF ? value : undefined
}

/** Beyond, a number is not exact; nor is it a length. */
const MAX_DIGITS = 16
