/**
 * Text out of and into bytes.
 *
 * For the short strings of these protocols `TextDecoder` costs several times what Node's own slices cost, so they are
 * used where `globalThis.Buffer` exists; without it (a browser) the standard ones do.
 */

interface NativeSlices {
  utf8Slice(start: number, end: number): string
  latin1Slice(start: number, end: number): string
  utf8Write(text: string, offset: number, length?: number): number
}
interface NativeBuffer {
  readonly prototype: NativeSlices
  byteLength(text: string): number
}
const native = (globalThis as { Buffer?: NativeBuffer }).Buffer
const slices = native?.prototype

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

/** UTF-8 text of bytes [start, end); what is not UTF-8 reads as U+FFFD. */
export const utf8: (bytes: Uint8Array, start: number, end: number) => string = slices
  ? (bytes, start, end) => slices.utf8Slice.call(bytes, start, end)
  : (bytes, start, end) => decoder.decode(bytes.subarray(start, end))

/** One character a byte, for what is ASCII by the specification. */
export const latin1: (bytes: Uint8Array, start: number, end: number) => string = slices
  ? (bytes, start, end) => slices.latin1Slice.call(bytes, start, end)
  : (bytes, start, end) => {
      let text = ''
      for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number)
      return text
    }

/** How many bytes `text` takes as UTF-8. */
export const utf8Length: (text: string) => number = native
  ? text => native.byteLength(text)
  : text => encoder.encode(text).length

/** Writes `text` as UTF-8 at `at`; the caller has made room. Returns the bytes written. */
export function writeUtf8(bytes: Uint8Array, at: number, text: string): number {
  const { length } = text
  if (length > SHORT) return writeAny(bytes, at, text)
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return writeAny(bytes, at, text)
    bytes[at + index] = code
  }
  return length
}
/** Text of so many characters is written one by one in less time than a native call takes. */
const SHORT = 12

const writeAny: (bytes: Uint8Array, at: number, text: string) => number = slices
  ? (bytes, at, text) => slices.utf8Write.call(bytes, text, at)
  : (bytes, at, text) => encoder.encodeInto(text, bytes.subarray(at)).written

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text that bytes hold if they are valid UTF-8, else undefined. */
export function validUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string | undefined {
  const text = utf8(bytes, start, end)
  if (!text.includes('\ufffd')) return text
  // U+FFFD may stand in the bytes themselves (EF BF BD): only then is the text still valid.
  try {
    return strict.decode(bytes.subarray(start, end))
  } catch {
    return undefined
  }
}

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hexadecimal, two digits a byte. */
export function hex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = ''
  for (let at = start; at < end; at++) text += digits[bytes[at] as number]
  return text
}
