import { validUtf8 } from '../core/index.ts'
import { shortest } from './float.ts'
import { MAX_DEPTH, type PayloadFormat, Unreadable } from './format.ts'
import { initial, type MessageField, type MessageType, type Scalar, wireTypeOf } from './protobuf-type.ts'
import { plainText } from './text.ts'
import { WIRE, Wire } from './wire.ts'

/**
 * Protocol Buffers by a description of their messages, and as far as the wire tells without one. One reader does both:
 * a field that no description knows is shown under its number, as what it looks like.
 */

export interface Decoded {
  readonly value: Record<string, unknown>
  /** Fields that the description does not know, or knows as of another wire type. */
  readonly unknown: number
}

/** A message of this type. 64-bit integers are text, as ProtoJSON has them; names stay as they are. */
export function decodeMessage(bytes: Uint8Array, type: MessageType): Decoded {
  const reader = new MessageReader(bytes)
  const value = reader.message(type, 0, 0)
  return { value, unknown: reader.unknown }
}

export const protobuf: PayloadFormat = {
  id: 'protobuf',
  name: 'Protocol Buffers',
  contentTypes: [
    'application/protobuf',
    'application/x-protobuf',
    'application/x-google-protobuf',
    'application/vnd.google.protobuf',
    '+protobuf',
    '+proto',
  ],
  // Too many bytes are well-formed messages.
  decode: bytes => ({ value: new MessageReader(bytes).message(undefined, 0, 0) }),
}

type Values = Record<string, unknown>

/** So deep unknown fields are looked into: each level looks at its bytes again. */
const MAX_GUESSES = 16

class MessageReader {
  readonly #wire: Wire
  unknown = 0

  constructor(bytes: Uint8Array) {
    this.#wire = new Wire(bytes)
  }

  /** Up to the end, or, within a group, up to the tag that ends it. What came before in `values` is merged into. */
  message(type: MessageType | undefined, depth: number, endTag: number, values: Values = Object.create(null)): Values {
    const wire = this.#wire
    if (depth > MAX_DEPTH) throw new Unreadable(`nested deeper than ${MAX_DEPTH}`, wire.at)
    while (wire.at < wire.end) {
      const start = wire.at
      const tag = wire.tag()
      if (tag === endTag) return values
      const field = type?.fields.get(tag >>> 3)
      if (field === undefined || !this.#known(field, tag, depth, values)) {
        wire.at = start
        this.#unknown(depth, values)
      }
    }
    if (endTag !== 0) throw new Unreadable('a group without its end', wire.end)
    return values
  }

  /** Reads a field into `values`; false where it is not of the wire type that the description says. */
  #known(field: MessageField, tag: number, depth: number, values: Values): boolean {
    const { name, type, keys, repeated = false } = field
    const wireType = tag & 7
    if (keys !== undefined) return wireType === WIRE.length && this.#entry(field, keys, depth, values)
    const own = wireTypeOf(type)
    if (wireType === own || (wireType === WIRE.group && own === WIRE.length && typeof type === 'object')) {
      const before = values[name]
      const value = this.#value(type, tag, depth, repeated ? undefined : before)
      if (!repeated) values[name] = value
      else if (Array.isArray(before)) before.push(value)
      else values[name] = [value]
      return true
    }
    if (!repeated || wireType !== WIRE.length) return false
    // Numbers may be packed, whatever the description says.
    const list = (values[name] ??= []) as unknown[]
    this.#within(() => {
      while (this.#wire.at < this.#wire.end) list.push(this.#value(type, own, depth, undefined))
    })
    return true
  }

  #entry({ name, type }: MessageField, keys: Scalar, depth: number, values: Values): boolean {
    const entry: MessageType = {
      kind: 'message',
      name,
      fields: new Map([
        [1, { name: 'key', type: keys }],
        [2, { name: 'value', type }],
      ]),
    }
    const { key = initial(keys), value = initial(type) } = this.#within(() => this.message(entry, depth + 1, 0))
    const map = (values[name] ??= Object.create(null)) as Values
    map[String(key)] = value
    return true
  }

  #value(type: MessageField['type'], tag: number, depth: number, before: unknown): unknown {
    const wire = this.#wire
    if (typeof type === 'object') {
      if (type.kind === 'enum') {
        const code = int32(wire.varint())
        return type.values.get(code) ?? code
      }
      const merged = before as Values | undefined
      if ((tag & 7) === WIRE.group) return this.message(type, depth + 1, tag + 1, merged)
      return this.#within(() => this.message(type, depth + 1, 0, merged))
    }
    switch (type) {
      case 'int32':
        return int32(wire.varint())
      case 'uint32':
        return int32(wire.varint()) >>> 0
      case 'sint32': {
        const zigzag = int32(wire.varint())
        return (zigzag >>> 1) ^ -(zigzag & 1)
      }
      case 'bool':
        return Number(wire.varint()) !== 0
      case 'int64':
        return String(BigInt.asIntN(64, BigInt(wire.varint())))
      case 'uint64':
        return String(wire.varint())
      case 'sint64': {
        const zigzag = BigInt(wire.varint())
        return String(BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n)))
      }
      case 'fixed32':
        return wire.fixed(4).getUint32(0, true)
      case 'sfixed32':
        return wire.fixed(4).getInt32(0, true)
      case 'float':
        return shortest(wire.fixed(4).getFloat32(0, true))
      case 'fixed64':
        return String(wire.fixed(8).getBigUint64(0, true))
      case 'sfixed64':
        return String(wire.fixed(8).getBigInt64(0, true))
      case 'double':
        return wire.fixed(8).getFloat64(0, true)
      default: {
        const bytes = this.#bytes()
        return type === 'string' ? (validUtf8(bytes) ?? bytes) : bytes
      }
    }
  }

  #bytes(): Uint8Array {
    const start = this.#wire.delimited()
    return this.#wire.bytes.subarray(start, this.#wire.at)
  }

  /** Reads what is in a field with a length, and nothing behind it. */
  #within<T>(read: () => T): T {
    const wire = this.#wire
    const { end } = wire
    const start = wire.delimited()
    wire.end = wire.at
    wire.at = start
    const value = read()
    wire.end = end
    return value
  }

  #unknown(depth: number, values: Values): void {
    this.unknown++
    const tag = this.#wire.tag()
    const value = this.#guess(tag, depth)
    const number = tag >>> 3
    const before = values[number]
    if (before === undefined) values[number] = value
    else if (Array.isArray(before)) before.push(value)
    else values[number] = [before, value]
  }

  /** What a field is that nothing is known of. It is never a list. */
  #guess(tag: number, depth: number): unknown {
    const wire = this.#wire
    switch (tag & 7) {
      case WIRE.varint:
        return wire.varint()
      case WIRE.fixed64: {
        const view = wire.fixed(8)
        return { fixed64: String(view.getBigUint64(0, true)), double: view.getFloat64(0, true) }
      }
      case WIRE.fixed32: {
        const view = wire.fixed(4)
        return { fixed32: view.getUint32(0, true), float: shortest(view.getFloat32(0, true)) }
      }
      case WIRE.group:
        return this.message(undefined, depth + 1, tag + 1)
      case WIRE.length: {
        const start = wire.at
        const bytes = this.#bytes()
        const text = plainText(bytes)
        if (text !== undefined) return text
        if (depth >= MAX_GUESSES || !wellFormed(bytes)) return bytes
        wire.at = start
        return this.#within(() => this.message(undefined, depth + 1, 0))
      }
      default:
        throw new Unreadable('the end of a group that did not begin', wire.at - 1)
    }
  }
}

function wellFormed(bytes: Uint8Array): boolean {
  const wire = new Wire(bytes)
  try {
    while (wire.at < wire.end) wire.skip(wire.tag())
    return true
  } catch (error) {
    if (error instanceof Unreadable) return false
    throw error
  }
}

/** The low 32 bits, signed. */
const int32 = (value: number | bigint): number =>
  typeof value === 'number' ? value | 0 : Number(BigInt.asIntN(32, value))
