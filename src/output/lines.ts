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
    if (length > SHORT) {
      this.#at += this.#bytes.utf8Write(text, this.#at)
      return
    }
    const bytes = this.#bytes
    let at = this.#at
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7e) {
        at += bytes.utf8Write(text.slice(index), at)
        break
      }
      bytes[at++] = code
    }
    this.#at = at
  }

  /** Text that is known to be ASCII, and harmless. */
  ascii(text: string): void {
    const length = text.length
    this.#room(length)
    if (length > SHORT) {
      this.#at += this.#bytes.latin1Write(text, this.#at)
      return
    }
    const bytes = this.#bytes
    let at = this.#at
    for (let index = 0; index < length; index++) bytes[at++] = text.charCodeAt(index)
    this.#at = at
  }

  /** Bytes that are harmless UTF-8. Short ones: they are copied one by one. */
  raw(source: Uint8Array): void {
    const length = source.length
    this.#room(length)
    const bytes = this.#bytes
    let at = this.#at
    for (let index = 0; index < length; index++) bytes[at++] = source[index] as number
    this.#at = at
  }

  /** Text out of traffic, harmless afterwards. */
  printable(text: string): void {
    if (PLAIN.test(text)) this.ascii(text)
    else this.text(printable(text))
  }

  /** Text as what stands between the quotes of a JSON string, harmless too. */
  jsonText(text: string): void {
    if (PLAIN_JSON.test(text)) this.ascii(text)
    else this.text(printableJson(JSON.stringify(text)).slice(1, -1))
  }

  /** A whole number, not negative, below 2^53; to the right of `width` columns, filled with `fill`. */
  number(value: number, width = 1, fill = ZERO): void {
    if (value > 0xffff_ffff) {
      this.text(String(value).padStart(width, String.fromCharCode(fill)))
      return
    }
    let digits = 1
    for (let power = 10; power <= value; power *= 10) digits++
    this.#room(Math.max(width, digits))
    const bytes = this.#bytes
    for (let space = width - digits; space > 0; space--) bytes[this.#at++] = fill
    let rest = value >>> 0
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const tenth = Math.floor(rest / 10)
      bytes[at] = ZERO + rest - tenth * 10
      rest = tenth
    }
    this.#at += digits
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

/** ASCII that stands for itself, on a terminal and in a JSON string. */
const PLAIN = /^[\x20-\x7e]*$/
const PLAIN_JSON = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

const ZERO = 0x30
export const SPACE = 0x20
