import { printable, printableJson } from './escape.ts'

/** A batch, and the row that makes it one. */
const CAPACITY = 160 << 10
/** Longest text that is written character by character: beyond, one native call is faster. */
const SHORT = 12

/** What Node's buffers have beside `write`, which finds out at each call what it is to do. */
interface Bytes extends Buffer<ArrayBuffer> {
  latin1Write(text: string, at: number): number
  utf8Write(text: string, at: number): number
}

/**
 * Text being written, as UTF-8.
 *
 * Rows are what a big capture has most of. Gathered as strings, each would be a rope of twenty pieces that lives until
 * it is written; here the pieces become bytes at once, and what is plain ASCII, as nearly all is, by the shortest way.
 */
export class Lines {
  #bytes = make()
  #at = 0

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#at
  }

  /** Hands out what was written, and goes on in `next`, which may be a buffer that is no longer needed. */
  take(next?: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
    const taken = this.#bytes.subarray(0, this.#at)
    this.#bytes = (next as Bytes | undefined) ?? make()
    this.#at = 0
    return taken
  }

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.#at++] = value
  }

  /** Text that is known to be harmless. */
  text(text: string): void {
    const length = text.length
    this.#room(length * 3)
    if (length > SHORT || !this.#short(text, ANY)) this.#at += this.#bytes.utf8Write(text, this.#at)
  }

  /** Text that is known to be ASCII, and harmless. */
  ascii(text: string): void {
    const length = text.length
    this.#room(length)
    if (length > SHORT || !this.#short(text, ANY)) this.#at += this.#bytes.latin1Write(text, this.#at)
  }

  /** Bytes that are harmless UTF-8. */
  raw(source: Uint8Array): void {
    const length = source.length
    this.#room(length)
    const bytes = this.#bytes
    const at = this.#at
    if (length > SHORT) bytes.set(source, at)
    else for (let index = 0; index < length; index++) bytes[at + index] = source[index] as number
    this.#at = at + length
  }

  /** Text out of traffic, harmless afterwards. */
  printable(text: string): void {
    if (!this.#plain(text, HARMLESS)) this.text(printable(text))
  }

  /** Text as what stands between the quotes of a JSON string, harmless too. */
  jsonText(text: string): void {
    if (!this.#plain(text, HARMLESS_JSON)) this.text(printableJson(JSON.stringify(text)).slice(1, -1))
  }

  /** ASCII bytes as a JSON string; false, and nothing written, where there are others. */
  quotedBytes(source: Uint8Array): boolean {
    const start = this.#at
    this.byte(QUOTE)
    for (let from = 0; from < source.length; from += PIECE) {
      const to = Math.min(source.length, from + PIECE)
      this.#room((to - from) * LONGEST_ESCAPE)
      const bytes = this.#bytes
      let at = this.#at
      for (let index = from; index < to; index++) {
        const code = source[index] as number
        if (HARMLESS_JSON[code] === 1) {
          bytes[at++] = code
          continue
        }
        const written = ESCAPES[code]
        if (written === undefined) {
          this.#at = start
          return false
        }
        for (let part = 0; part < written.length; part++) bytes[at++] = written[part] as number
      }
      this.#at = at
    }
    this.byte(QUOTE)
    return true
  }

  /** A whole number, not negative, below 2^53; to the right of `width` columns, filled with `fill`. */
  number(value: number, width = 1, fill = ZERO): void {
    if (value > 0x7fff_ffff) {
      this.ascii(String(value).padStart(width, String.fromCharCode(fill)))
      return
    }
    let rest = value | 0
    const digits = digitsOf(rest)
    this.#room(Math.max(width, digits))
    const bytes = this.#bytes
    for (let space = width - digits; space > 0; space--) bytes[this.#at++] = fill
    const first = this.#at
    for (let at = first + digits - 1; at >= first; at--) {
      const tenth = (rest / 10) | 0
      bytes[at] = ZERO + rest - tenth * 10
      rest = tenth
    }
    this.#at = first + digits
  }

  /**
   * Writes text of plain ASCII, as nearly all is; false, and nothing written, where it is not. Looked at once it is
   * bytes: text made of parts would first have to be put together to be looked at.
   */
  #plain(text: string, harmless: Uint8Array): boolean {
    const length = text.length
    if (length <= SHORT) {
      this.#room(length)
      return this.#short(text, harmless)
    }
    this.#room(length * 3)
    const bytes = this.#bytes
    const at = this.#at
    const end = at + bytes.utf8Write(text, at)
    for (let index = at; index < end; index++) if (harmless[bytes[index] as number] === 0) return false
    this.#at = end
    return true
  }

  /** Writes short text character by character; false, and nothing written, where one of them is not `fit`. */
  #short(text: string, fit: Uint8Array): boolean {
    const bytes = this.#bytes
    const at = this.#at
    const { length } = text
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f || fit[code] === 0) return false
      bytes[at + index] = code
    }
    this.#at = at + length
    return true
  }

  #room(count: number): void {
    if (this.#at + count > this.#bytes.length) {
      const bytes = make((this.#at + count) * 2)
      bytes.set(this.#bytes.subarray(0, this.#at))
      this.#bytes = bytes
    }
  }
}

const make = (capacity = CAPACITY): Bytes => Buffer.allocUnsafeSlow(capacity) as Bytes

/** Of a whole number below 2^31, by comparisons alone. */
function digitsOf(value: number): number {
  if (value < 1e5) return value < 1e2 ? (value < 1e1 ? 1 : 2) : value < 1e3 ? 3 : value < 1e4 ? 4 : 5
  return value < 1e7 ? (value < 1e6 ? 6 : 7) : value < 1e8 ? 8 : value < 1e9 ? 9 : 10
}

/** ASCII that stands for itself, on a terminal and in a JSON string. */
const PLAIN = /^[\x20-\x7e]*$/
const PLAIN_JSON = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** The same by code, 1 for what stands for itself. */
const table = (plain: RegExp): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, code) => Number(plain.test(String.fromCharCode(code))))
const ANY = new Uint8Array(128).fill(1)
const HARMLESS = table(PLAIN)
const HARMLESS_JSON = table(PLAIN_JSON)

/** How JSON writes the other ASCII characters. */
const ESCAPES: readonly Uint8Array[] = Array.from({ length: 128 }, (_, code) =>
  new TextEncoder().encode(printableJson(JSON.stringify(String.fromCharCode(code))).slice(1, -1)),
)
const LONGEST_ESCAPE = '\\u0000'.length
/** Bytes that room is made for at once. */
const PIECE = 1024

/** Text that is written again and again, as bytes. */
export const constant = (text: string): Uint8Array => new TextEncoder().encode(text)

const QUOTE = 0x22
const ZERO = 0x30
export const SPACE = 0x20
export const NEWLINE = 0x0a
