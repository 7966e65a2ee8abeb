import { utf8, validUtf8 } from './text.ts'

/**
 * The short strings of a connection come again and again: topics, exchanges, routing keys, content types, the names of
 * properties. The last ones seen are kept, so that most are compared rather than made anew, which costs several times as
 * much and a string of memory each. Only ASCII is kept; what comes out never depends on what was kept.
 */
const SLOTS = 1024
const WIDTH = 64
const texts: string[] = new Array<string>(SLOTS).fill('')
const pool = new Uint8Array(SLOTS * WIDTH)

/** The text of bytes [start, end), all of which must be there; undefined if they are not UTF-8. */
export function nameAt(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start
  if (length === 0) return ''
  if (length > WIDTH) return validUtf8(bytes, start, end)
  const middle = bytes[start + (length >> 1)] as number
  const slot = (length * 37 + (bytes[end - 1] as number) * 11 + middle * 5 + (bytes[start] as number)) & (SLOTS - 1)
  const kept = slot * WIDTH
  const known = texts[slot] as string
  if (known.length === length) {
    let same = 0
    while (same < length && pool[kept + same] === bytes[start + same]) same++
    if (same === length) return known
  }
  const text = validUtf8(bytes, start, end)
  // A character a byte is ASCII. (A lone byte that is not UTF-8 was undefined.)
  if (text?.length === length) {
    texts[slot] = text
    for (let at = 0; at < length; at++) pool[kept + at] = bytes[start + at] as number
  }
  return text
}

/** As `nameAt`; what is not UTF-8 reads as U+FFFD. */
export const textAt = (bytes: Uint8Array, start: number, end: number): string =>
  nameAt(bytes, start, end) ?? utf8(bytes, start, end)
