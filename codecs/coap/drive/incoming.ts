import { type Packet, u16At } from '../../core/index.ts'
import { lengthExtension } from '../delimit.ts'
import { uintAt } from '../option.ts'
import { extended, extension, RESERVED } from '../option-read.ts'
import { PAYLOAD_MARKER } from '../tables.ts'

/** Option numbers. */
const OBSERVE = 6
const SIZE2 = 28

/** Where in a message things stand that matter to a client. One for all: nothing is kept. */
export class Incoming {
  /** The datagram's two bits. */
  type = 0
  messageId = 0
  code = 0
  tokenAt = 0
  tokenLength = 0
  observe = false
  payloadAt = 0
  end = 0
  /** Of the whole representation, of which the payload may be one block. */
  size = 0

  /** False where it is too short to be one. */
  datagram({ buffer, start, end, length }: Packet): boolean {
    if (end - start < 4) return false
    const first = buffer[start] as number
    this.type = (first >> 4) & 3
    this.messageId = u16At(buffer, start + 2)
    return this.#rest(buffer, first & 15, buffer[start + 1] as number, start + 4, end, start + length)
  }

  /** `framed`: with the length that a stream needs [RFC 8323 §3.2]. */
  reliable({ buffer, start, end, length }: Packet, framed: boolean): boolean {
    const first = buffer[start] as number
    const codeAt = start + 1 + (framed ? lengthExtension(first >> 4) : 0)
    if (codeAt >= end) return false
    return this.#rest(buffer, first & 15, buffer[codeAt] as number, codeAt + 1, end, start + length)
  }

  /** `whole`: where the message ends, of which the packet may be the front. */
  #rest(bytes: Uint8Array, tokenNibble: number, code: number, at: number, end: number, whole: number): boolean {
    this.code = code
    this.tokenAt = at + extension(tokenNibble)
    this.tokenLength = tokenNibble < 13 ? tokenNibble : extended(tokenNibble, bytes, at)
    this.observe = false
    this.end = end
    this.size = -1
    if (this.tokenAt + this.tokenLength > end) return false
    this.payloadAt = this.#options(bytes, this.tokenAt + this.tokenLength, end)
    if (this.size < 0) this.size = whole - this.payloadAt
    return true
  }

  /** Where the payload begins; the end where there is none. */
  #options(bytes: Uint8Array, start: number, end: number): number {
    let number = 0
    for (let at = start; at < end; ) {
      const head = bytes[at] as number
      if (head === PAYLOAD_MARKER) return at + 1
      const delta = head >> 4
      const length = head & 15
      const lengthAt = at + 1 + extension(delta)
      const valueAt = lengthAt + extension(length)
      if (delta === RESERVED || length === RESERVED || valueAt > end) break
      number += extended(delta, bytes, at + 1)
      at = valueAt + extended(length, bytes, lengthAt)
      if (number === OBSERVE) this.observe = true
      else if (number === SIZE2 && at <= end) this.size = uintAt(bytes, valueAt, at)
    }
    return end
  }
}
