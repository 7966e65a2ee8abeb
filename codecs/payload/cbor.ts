import { concat, hex, u16At, u32At, u64At, validUtf8 } from '../core/index.ts'
import { MAX_DEPTH, type PayloadFormat, type Reading, Unreadable } from './format.ts'
import { Marked, named, plausible } from './pairs.ts'

/**
 * CBOR [RFC 8949] as plain values: maps are objects, or lists of pairs where their keys cannot be names; tags that
 * plain values cannot say stand as `{ tag, value }`, unassigned simple values as `{ simple }`.
 */

/** The value that these bytes are, or undefined if they are not one well-formed item. */
export function parseCbor(bytes: Uint8Array): unknown {
  const parser = new Parser(bytes)
  const value = parser.item(0)
  return parser.failed || parser.at !== parser.end ? undefined : value
}

/** The values of a CBOR sequence [RFC 8742]. */
export function parseCborSequence(bytes: Uint8Array): readonly unknown[] | undefined {
  const parser = new Parser(bytes)
  const values = parser.items()
  return parser.failed ? undefined : values
}

/** CBOR's own mark, the tag 55799 [RFC 8949 §3.4.6]. */
const SELF_DESCRIBED = [0xd9, 0xd9, 0xf7]

export const cbor: PayloadFormat = {
  id: 'cbor',
  name: 'CBOR',
  contentTypes: [
    'application/cbor',
    '+cbor',
    'application/cwt',
    '+cwt',
    'application/cose',
    'application/cose-key',
    'application/cose-key-set',
    'application/multipart-core',
  ],
  looks: bytes => {
    if (bytes[0] === SELF_DESCRIBED[0] && bytes[1] === SELF_DESCRIBED[1] && bytes[2] === SELF_DESCRIBED[2]) return 1
    // A map that holds something. No text begins with these bytes.
    const first = bytes[0] as number
    return (first > 0xa0 && first <= 0xbb) || first === 0xbf ? 0.5 : 0
  },
  decode: bytes => {
    const parser = new Parser(bytes)
    const value = parser.item(0)
    if (!parser.failed && parser.at < parser.end) throw new Unreadable('more than one item', parser.at)
    return sound(parser, value)
  },
  plausible,
}

export const cborSequence: PayloadFormat = {
  id: 'cbor-seq',
  name: 'CBOR sequence',
  contentTypes: ['application/cbor-seq', '+cbor-seq'],
  decode: bytes => {
    const parser = new Parser(bytes)
    return sound(parser, parser.items())
  },
}

function sound(parser: Parser, value: unknown): Reading {
  if (parser.failed) throw new Unreadable('not well-formed', Math.min(parser.at, parser.end))
  return { value }
}

const BREAK = Symbol('break')
/** Of a head: a length that only a break ends. */
const INDEFINITE = -1

class Parser {
  readonly #bytes: Uint8Array
  readonly end: number
  at = 0
  /** Once true, values mean nothing, and `at` is near what is wrong. */
  failed = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.end = bytes.length
  }

  /** All items there are, one behind the other. */
  items(): unknown[] {
    const values: unknown[] = []
    while (this.at < this.end && !this.failed) values.push(this.item(0))
    return values
  }

  item(depth: number): unknown {
    const value = this.#itemOrBreak(depth)
    return value === BREAK ? this.#fail() : value
  }

  #itemOrBreak(depth: number): unknown {
    if (depth > MAX_DEPTH || this.at >= this.end) return this.#fail()
    const initial = this.#bytes[this.at++] as number
    const [major, info] = [initial >> 5, initial & 31]
    if (major === 7) return this.#simple(info)
    const argument = this.#argument(info)
    if (this.failed || (argument === INDEFINITE && (major < 2 || major === 6))) return this.#fail()
    switch (major) {
      case 0:
        return argument
      case 1:
        return typeof argument === 'number' && argument < Number.MAX_SAFE_INTEGER
          ? -1 - argument
          : -1n - BigInt(argument)
      case 2:
      case 3:
        return this.#string(major, argument)
      case 4:
        return this.#array(argument, depth)
      case 5:
        return this.#map(argument, depth)
      default:
        return tagged(argument, this.item(depth + 1))
    }
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info
    if (info === 31) return INDEFINITE
    const size = 1 << (info - 24)
    const at = this.at
    if (info > 27 || at + size > this.end) return this.#fail() as never
    this.at += size
    if (size === 1) return this.#bytes[at] as number
    if (size === 2) return u16At(this.#bytes, at)
    return size === 4 ? u32At(this.#bytes, at) : u64At(this.#bytes, at)
  }

  #simple(info: number): unknown {
    if (info === 31) return BREAK
    if (info < 20) return new Marked({ simple: info })
    if (info < 24) return [false, true, null, null][info - 20]
    const start = this.at
    const argument = this.#argument(info)
    if (this.failed) return undefined
    if (info === 24) return (argument as number) < 32 ? this.#fail() : new Marked({ simple: argument })
    return float(this.#bytes, start, this.at - start)
  }

  #string(major: number, length: number | bigint): unknown {
    if (length !== INDEFINITE) {
      const start = this.at
      if (typeof length === 'bigint' || start + length > this.end) return this.#fail()
      this.at += length
      if (major === 2) return this.#bytes.subarray(start, this.at)
      return validUtf8(this.#bytes, start, this.at) ?? this.#fail()
    }
    const chunks: (string | Uint8Array)[] = []
    for (;;) {
      const initial = this.#bytes[this.at++]
      if (initial === 0xff) break
      // Chunks are definite strings of the same kind [RFC 8949 §3.2.3].
      if (initial === undefined || initial >> 5 !== major || (initial & 31) === 31) return this.#fail()
      const length = this.#argument(initial & 31)
      if (this.failed) return undefined
      chunks.push(this.#string(major, length) as string | Uint8Array)
      if (this.failed) return undefined
    }
    return major === 3 ? chunks.join('') : concat(chunks as Uint8Array[])
  }

  #array(length: number | bigint, depth: number): unknown {
    const items: unknown[] = []
    for (let left = length; left !== 0; left = Number(left) - 1) {
      const item = this.#itemOrBreak(depth + 1)
      if (item === BREAK && length === INDEFINITE) return items
      if (item === BREAK || this.failed) return this.#fail()
      items.push(item)
    }
    return items
  }

  #map(length: number | bigint, depth: number): unknown {
    const pairs: [unknown, unknown][] = []
    for (let left = length; left !== 0; left = Number(left) - 1) {
      const key = this.#itemOrBreak(depth + 1)
      if (key === BREAK && length === INDEFINITE) break
      if (key === BREAK) return this.#fail()
      const value = this.item(depth + 1)
      if (this.failed) return undefined
      pairs.push([key, value])
    }
    return named(pairs) ?? pairs
  }

  #fail(): undefined {
    this.failed = true
    return undefined
  }
}

/** Bytes of a number that is worth its decimal digits, which take more than linear time to make. */
const LONGEST_NUMBER = 1024

/** Big numbers and the mark of CBOR itself say nothing but the value [RFC 8949 §3.4.3, §3.4.6]. */
function tagged(tag: number | bigint, value: unknown): unknown {
  if (tag === 55799) return value
  if ((tag === 2 || tag === 3) && value instanceof Uint8Array && value.length <= LONGEST_NUMBER) {
    const magnitude = value.length === 0 ? 0n : BigInt(`0x${hex(value)}`)
    return tag === 2 ? magnitude : -1n - magnitude
  }
  return new Marked({ tag, value })
}

function float(bytes: Uint8Array, at: number, size: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size)
  if (size === 2) return half(view.getUint16(0))
  return size === 4 ? view.getFloat32(0) : view.getFloat64(0)
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 0x3ff]
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}
