import { u32At, utf8 } from '../../core/index.ts'
import { sectionAt } from '../message.ts'
import { fieldAt, uintAt } from '../peek.ts'
import { dataEnd, skip } from '../types.ts'

/** 3.2: the sections that matter here. */
const HEADER = 0x70
const PROPERTIES = 0x73
const DATA = 0x75
const SEQUENCE = 0x76
const VALUE = 0x77
/** A descriptor that is a `smallulong`, or a `ulong`. */
const SMALL = 3
const LARGE = 10

/** Where in a message things stand that matter to whoever gets it, as far as its front is there. */
export class Sections {
  start = 0
  end = 0
  /** Of the whole body. */
  size = 0
  redelivered = false
  replyTo: string | undefined

  /** `beyond`: octets of the message that are not in [start, end). */
  look(bytes: Uint8Array, start: number, end: number, beyond: number): void {
    this.redelivered = false
    this.replyTo = undefined
    for (let at = start; at < end; ) {
      const section = sectionAt(bytes, at, end)
      if (section >= DATA && section <= VALUE) {
        this.#body(bytes, at, end, section, beyond)
        return
      }
      if (section === HEADER) this.redelivered = uintAt(bytes, fieldAt(bytes, at, end, DELIVERY_COUNT), end) > 0
      else if (section === PROPERTIES) this.replyTo = textAt(bytes, fieldAt(bytes, at, end, REPLY_TO), end)
      const next = skip(bytes, at, end)
      if (next < 0) break
      at = next
    }
    // No body, or none that begins in what is there of it.
    this.start = end
    this.end = end
    this.size = beyond
  }

  /** What one data section holds, or a text or binary value; of other bodies their encoding. */
  #body(bytes: Uint8Array, section: number, end: number, code: number, beyond: number): void {
    const at = section + (bytes[section + 1] === 0x53 ? SMALL : LARGE)
    const encoding = at < end ? (bytes[at] as number) : 0
    const long = encoding >> 4 === 0xb
    if (code === SEQUENCE || (!long && encoding >> 4 !== 0xa) || at + (long ? 5 : 2) > end) {
      this.start = Math.min(at, end)
      this.end = end
      this.size = end - this.start + beyond
      return
    }
    this.start = at + (long ? 5 : 2)
    this.size = long ? u32At(bytes, at + 1) : (bytes[at + 1] as number)
    this.end = Math.min(end, this.start + this.size)
  }
}

/** Fields of header and properties [3.2.1, 3.2.4]. */
const DELIVERY_COUNT = 4
const REPLY_TO = 4

/** The string at `at`, which may be of any type: only a text is one. */
function textAt(bytes: Uint8Array, at: number, end: number): string | undefined {
  if (at < 0) return undefined
  const code = bytes[at] as number
  if (code !== 0xa1 && code !== 0xb1) return undefined
  const to = dataEnd(bytes, code, at + 1, end)
  return to > end ? undefined : utf8(bytes, at + (code === 0xa1 ? 2 : 5), to)
}
