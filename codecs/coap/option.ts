import { hex, utf8 } from '../core/index.ts'
import type { OptionDefinition } from './option-table.ts'

/** Which block of a body this is [RFC 7959 §2.2]. */
export interface Block {
  readonly num: number
  readonly more: boolean
  /** In bytes: a power of two from 16 on. */
  readonly size: number
  /** Several blocks of 1024 at once, over a reliable transport [RFC 8323 §6]. */
  readonly bert?: boolean
}

/** What of its security context an OSCORE message says in the clear [RFC 8613 §6.1]. Bytes are hexadecimal. */
export interface Oscore {
  /** The sender's sequence number. */
  readonly piv?: string
  readonly kidContext?: string
  /** The sender's key. */
  readonly kid?: string
}

/** Bytes where the format is opaque, the option is unknown, or its length is not allowed. */
export type OptionValue = true | number | string | Block | Oscore | Uint8Array

/** One option as it was sent. Looks at its bytes where they are, until somebody wants them. */
export class Option {
  readonly number: number
  /** Undefined where the number is not assigned. */
  readonly definition: OptionDefinition | undefined
  readonly #buffer: Uint8Array
  readonly #start: number
  readonly #end: number

  constructor(
    number: number,
    definition: OptionDefinition | undefined,
    buffer: Uint8Array,
    start = 0,
    end = buffer.length,
  ) {
    this.number = number
    this.definition = definition
    this.#buffer = buffer
    this.#start = start
    this.#end = end
  }

  get bytes(): Uint8Array {
    const buffer = this.#buffer
    return this.#end - this.#start === buffer.length ? buffer : buffer.subarray(this.#start, this.#end)
  }

  get name(): string | undefined {
    return this.definition?.name
  }

  /** Whether its value is what its definition says. */
  get sound(): boolean {
    return this.definition !== undefined && fits(this.definition, this.#end - this.#start)
  }

  get value(): OptionValue {
    const { definition } = this
    if (definition === undefined || !this.sound) return this.bytes
    switch (definition.format) {
      case 'empty':
        return true
      case 'opaque':
        return this.bytes
      case 'string':
        return utf8(this.#buffer, this.#start, this.#end)
      case 'uint':
        return uintAt(this.#buffer, this.#start, this.#end)
      case 'block':
        return blockOf(uintAt(this.#buffer, this.#start, this.#end))
      default:
        return decodeOscore(this.bytes)
    }
  }

  toJSON(): { number: number; name?: string; value: unknown } {
    const { number, name, value } = this
    return { number, ...(name === undefined ? {} : { name }), value: value instanceof Uint8Array ? hex(value) : value }
  }
}

/** What has another length is treated like an unknown option [RFC 7252 §5.4.3]. */
export const fits = ({ min, max }: OptionDefinition, length: number): boolean => length >= min && length <= max

/** Any number of bytes, none of them being 0, most significant first [RFC 7252 §3.2]. */
export function uintAt(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at++) value = value * 256 + (bytes[at] as number)
  return value
}

/** With as few bytes as it takes. */
export function uintBytes(value: number): Uint8Array {
  const bytes: number[] = []
  for (let left = value; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256)
  return Uint8Array.from(bytes)
}

/** In a datagram reserved, over a reliable transport a size of 1024 times as many as there are. */
export const SZX_BERT = 7

export const blockOf = (value: number): Block => {
  const szx = value & 7
  const [num, more] = [Math.floor(value / 16), (value & 8) !== 0]
  return szx === SZX_BERT ? { num, more, size: 1024, bert: true } : { num, more, size: 16 << szx }
}

export const blockBytes = ({ num, more, size, bert }: Block): Uint8Array =>
  uintBytes(num * 16 + (more ? 8 : 0) + (bert === true ? SZX_BERT : Math.log2(size) - 4))

/** The bits of OSCORE's flags. */
export const OSCORE_PIV = 0x07
export const OSCORE_KID = 0x08
export const OSCORE_KID_CONTEXT = 0x10

function decodeOscore(bytes: Uint8Array): Oscore | Uint8Array {
  if (bytes.length === 0) return {}
  const flags = bytes[0] as number
  let at = 1
  const part = (length: number): string => {
    at += length
    return hex(bytes, at - length, Math.min(at, bytes.length))
  }
  const pivLength = flags & OSCORE_PIV
  const piv = pivLength === 0 ? {} : { piv: part(pivLength) }
  const kidContext = (flags & OSCORE_KID_CONTEXT) === 0 ? {} : { kidContext: part(bytes[at++] ?? 0) }
  if (at > bytes.length) return bytes
  const kid = (flags & OSCORE_KID) === 0 ? {} : { kid: part(bytes.length - at) }
  return { ...piv, ...kidContext, ...kid }
}
