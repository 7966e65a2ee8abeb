import { Unreadable } from './format.ts'

/** Wire types (https://protobuf.dev/programming-guides/encoding/#structure). */
export const WIRE = { varint: 0, fixed64: 1, length: 2, group: 3, endGroup: 4, fixed32: 5 } as const

const LAST_FIELD = 2 ** 29 - 1
const LONGEST_VARINT = 10

/** Reads what Protocol Buffers are made of. */
export class Wire {
  readonly bytes: Uint8Array
  at: number
  end: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  /** The field's number and its wire type, `number * 8 + type`. */
  tag(): number {
    const start = this.at
    const tag = this.varint()
    if (typeof tag === 'bigint' || tag < 8 || tag / 8 >= LAST_FIELD + 1) throw new Unreadable('no field number', start)
    if ((tag & 7) > WIRE.fixed32) throw new Unreadable(`unknown wire type ${tag & 7}`, start)
    return tag
  }

  /** Unsigned, of 64 bits. */
  varint(): number | bigint {
    const { bytes, at: start } = this
    let value = 0
    // Seven groups of seven bits are less than 2^53.
    for (let scale = 1; this.at < this.end && this.at < start + 7; scale *= 128) {
      const byte = bytes[this.at++] as number
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    let long = BigInt(value)
    for (let shift = 49n; this.at < this.end && this.at < start + LONGEST_VARINT; shift += 7n) {
      const byte = bytes[this.at++] as number
      long |= BigInt(byte & 127) << shift
      if (byte < 128) return small(BigInt.asUintN(64, long))
    }
    throw new Unreadable(this.at < this.end ? 'a varint of more than ten bytes' : 'a varint without its end', start)
  }

  /** The next bytes as a view. */
  fixed(size: 4 | 8): DataView {
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + this.take(size), size)
  }

  /** Where the content begins, and after it `at` stands. */
  delimited(): number {
    const start = this.at
    const length = this.varint()
    return this.take(length, start)
  }

  take(length: number | bigint, from = this.at): number {
    const start = this.at
    if (length > this.end - start) throw new Unreadable(`a length of ${length} with ${this.end - start} left`, from)
    this.at += Number(length)
    return start
  }

  /** Passes over a field's value; over a group with all that is in it. */
  skip(tag: number): void {
    /** The tags that end the groups that are open. */
    const open: number[] = []
    for (let next = tag; ; next = this.tag()) {
      switch (next & 7) {
        case WIRE.varint:
          this.varint()
          break
        case WIRE.fixed64:
          this.take(8)
          break
        case WIRE.length:
          this.delimited()
          break
        case WIRE.group:
          open.push(next + 1)
          break
        case WIRE.endGroup:
          if (open.pop() !== next) throw new Unreadable('the end of a group that did not begin', this.at - 1)
          break
        default:
          this.take(4)
      }
      if (open.length === 0) return
    }
  }
}

const small = (value: bigint): number | bigint => (value <= MOST ? Number(value) : value)
const MOST = BigInt(Number.MAX_SAFE_INTEGER)
