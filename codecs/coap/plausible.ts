import { bodyLength, delimit, lengthExtension } from './delimit.ts'
import { reliableFault } from './faults.ts'
import { fits } from './option.ts'
import { extended, extension, RESERVED } from './option-read.ts'
import { type OptionSpace, reliableSpace } from './option-table.ts'
import { EMPTY, PAYLOAD_MARKER } from './tables.ts'

/** How bytes look to whoever does not know yet what they are. */

/** No message has more options; bounds the work on what only looks like them. */
const MOST_OPTIONS = 64
/** No message is longer: libcoap, the most generous, takes 8 MiB. */
const MOST_BYTES = 16 << 20

export const [WRONG, ODD, SOUND] = [0, 1, 2]

/**
 * How options and payload look: `SOUND` if all options are assigned and in order, `ODD` if not all are assigned. Unless
 * `whole`, more of them follows after `end`.
 */
export function look(bytes: Uint8Array, start: number, end: number, space: OptionSpace, whole: boolean): number {
  let number = 0
  let verdict = SOUND
  let at = start
  for (let count = 0; at < end; count++) {
    const head = bytes[at] as number
    if (head === PAYLOAD_MARKER) return at + 1 < end || !whole ? verdict : WRONG
    const delta = head >> 4
    const length = head & 15
    if (delta === RESERVED || length === RESERVED || count === MOST_OPTIONS) return WRONG
    const lengthAt = at + 1 + extension(delta)
    const value = lengthAt + extension(length)
    if (value > end) break
    const before = number
    number += extended(delta, bytes, at + 1)
    const size = extended(length, bytes, lengthAt)
    const definition = space.options.get(number)
    if (definition === undefined) verdict = ODD
    else if (!fits(definition, size) || (number === before && definition.repeatable !== true)) return WRONG
    at = value + size
  }
  return at === end || !whole ? verdict : WRONG
}

export const NOT_A_MESSAGE = 0
/** Looks right as far as it goes, but its end is not there. */
export const UNFINISHED = -1

/** Length of the message over a reliable transport at `at`, if all of it is there and it looks like one. */
export function plausible(bytes: Uint8Array, at: number, end: number): number {
  const length = delimit(bytes, at, end)
  const first = bytes[at] as number
  if (length === 0 || length > MOST_BYTES || (first & 15) > 8) return NOT_A_MESSAGE
  const codeAt = at + 1 + lengthExtension(first >> 4)
  if (codeAt >= end) return UNFINISHED
  const code = bytes[codeAt] as number
  // Empty messages are seldom, runs of zeros are not.
  if (code === EMPTY || reliableFault(code) !== undefined) return NOT_A_MESSAGE
  const whole = at + length <= end
  const options = at + length - bodyLength(first >> 4, bytes, at + 1)
  if (look(bytes, options, Math.min(at + length, end), reliableSpace(code), whole) !== SOUND) return NOT_A_MESSAGE
  return whole ? length : UNFINISHED
}
