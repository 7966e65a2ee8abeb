import { i64At, u16At, u32At, u64At, validUtf8 } from '../core/index.ts'
import { BytesReader } from './bytes.ts'
import { shortest } from './float.ts'
import { MAX_DEPTH, type PayloadFormat, Unreadable } from './format.ts'
import { Marked, named, plausible } from './pairs.ts'

/**
 * MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) as plain values: maps are objects, or lists of
 * pairs where their keys cannot be names; extensions stand as `{ ext, data }`, timestamps as text.
 */
export const msgpack: PayloadFormat = {
  id: 'msgpack',
  name: 'MessagePack',
  contentTypes: [
    'application/msgpack',
    'application/x-msgpack',
    'application/vnd.msgpack',
    'application/messagepack',
    'application/x-messagepack',
    '+msgpack',
  ],
  looks: bytes => {
    const first = bytes[0] ?? 0
    return (first > 0x80 && first < 0xa0 && first !== 0x90) || (first >= 0xdc && first < 0xe0) ? 0.5 : 0
  },
  decode: bytes => {
    const parser = new Parser(bytes, 0)
    const value = parser.value(0)
    if (parser.at < bytes.length) throw new Unreadable('more than one value', parser.at)
    return { value }
  },
  plausible,
}

class Parser extends BytesReader {
  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new Unreadable(`nested deeper than ${MAX_DEPTH}`, this.at)
    const first = this.bytes[this.take(1)] as number
    if (first < 0x80) return first
    if (first < 0x90) return this.#map(first & 15, depth)
    if (first < 0xa0) return this.#array(first & 15, depth)
    if (first < 0xc0) return this.#text(first & 31)
    if (first >= 0xe0) return first - 0x100
    switch (first) {
      case 0xc0:
        return null
      case 0xc2:
      case 0xc3:
        return first === 0xc3
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.binary(this.#unsigned(1 << (first - 0xc4)))
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#unsigned(1 << (first - 0xc7)))
      case 0xca:
        return shortest(this.view(4).getFloat32(0))
      case 0xcb:
        return this.view(8).getFloat64(0)
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#unsigned(1 << (first - 0xcc))
      case 0xcf:
        return u64At(this.bytes, this.take(8))
      case 0xd0:
        return this.view(1).getInt8(0)
      case 0xd1:
        return this.view(2).getInt16(0)
      case 0xd2:
        return this.view(4).getInt32(0)
      case 0xd3:
        return i64At(this.bytes, this.take(8))
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (first - 0xd4))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#unsigned(1 << (first - 0xd9)))
      case 0xdc:
      case 0xdd:
        return this.#array(this.#unsigned(2 << (first - 0xdc)), depth)
      case 0xde:
      case 0xdf:
        return this.#map(this.#unsigned(2 << (first - 0xde)), depth)
      default:
        throw new Unreadable('0xc1, which is never used,', this.at - 1)
    }
  }

  #unsigned(size: number): number {
    const at = this.take(size)
    if (size === 1) return this.bytes[at] as number
    return size === 2 ? u16At(this.bytes, at) : u32At(this.bytes, at)
  }

  /** Before there was a type for them, bytes were sent as strings: what is no UTF-8 is those. */
  #text(length: number): string | Uint8Array {
    const bytes = this.binary(length)
    return validUtf8(bytes) ?? bytes
  }

  // Nothing is made ready for as many items as are announced: five bytes announce four thousand million.
  #array(length: number, depth: number): unknown[] {
    const items: unknown[] = []
    for (let left = length; left > 0; left--) items.push(this.value(depth + 1))
    return items
  }

  #map(length: number, depth: number): unknown {
    const pairs: [unknown, unknown][] = []
    for (let left = length; left > 0; left--) pairs.push([this.value(depth + 1), this.value(depth + 1)])
    return named(pairs) ?? pairs
  }

  #extension(length: number): unknown {
    const type = this.view(1).getInt8(0)
    const data = this.binary(length)
    return (type === TIMESTAMP ? timestamp(data) : undefined) ?? new Marked({ ext: type, data })
  }
}

const TIMESTAMP = -1
/** The last second of the year 9999. */
const LAST_SECOND = 253_402_300_799

/** Of 32, 64 or 96 bits: seconds since 1970, and nanoseconds; undefined where it is none. */
function timestamp(data: Uint8Array): string | undefined {
  let seconds: number
  let nanos = 0
  if (data.length === 4) seconds = u32At(data, 0)
  else if (data.length === 8) {
    nanos = u32At(data, 0) >>> 2
    seconds = (data[3]! & 3) * 2 ** 32 + u32At(data, 4)
  } else if (data.length === 12) {
    nanos = u32At(data, 0)
    seconds = Number(i64At(data, 4))
  } else return undefined
  if (nanos > 999_999_999 || Math.abs(seconds) > LAST_SECOND) return undefined
  const whole = new Date(seconds * 1000).toISOString().slice(0, -5)
  return nanos === 0 ? `${whole}Z` : `${whole}.${String(nanos).padStart(9, '0')}Z`
}
