import { hex } from '../core/index.ts'
import type { Decimal } from './decimal.ts'
import { type ScalarType, type Type, typeOf, widestCode } from './types.ts'

/**
 * Values as the type system has them, each with the constructor that it came with: a 1 may be a `ubyte`, a `smalluint`
 * or a `long`, and what is read is written back in the same octets.
 */

export type Plain = null | boolean | number | bigint | string | Uint8Array | Decimal

/** What all values have in common. */
export abstract class Value {
  /** The encoding. One that is too small for what it is to hold gives way to a larger one of its type. */
  readonly code: number

  constructor(code: number) {
    this.code = code
  }

  get type(): Type | undefined {
    return typeOf(this.code)
  }

  abstract toJSON(): unknown
}

export class Scalar extends Value {
  /** 64-bit integers and timestamps (milliseconds since the epoch) are bigint from 2^53 on; a UUID or char is text. */
  readonly value: Plain
  /** The data as it came, where `value` cannot say it all: text that is not UTF-8, the payload of a NaN. */
  readonly raw: Uint8Array | undefined

  constructor(code: number, value: Plain, raw?: Uint8Array) {
    super(code)
    this.value = value
    this.raw = raw
  }

  /** A value of this type in its smallest encoding. */
  static of(type: ScalarType, value: Plain): Scalar {
    return new Scalar(smallestCode(type, value), value)
  }

  toJSON(): unknown {
    return this.type === 'timestamp' ? timestampJson(this.value as number | bigint) : this.value
  }
}

export class List extends Value {
  readonly items: readonly Value[]

  constructor(items: readonly Value[], code = 0xc0) {
    super(code)
    this.items = items
  }

  toJSON(): unknown {
    return this.items
  }
}

export interface Entry {
  readonly key: Value
  readonly value: Value
}

/** A map keeps its order, and keys of any type. */
export class AmqpMap extends Value {
  readonly entries: readonly Entry[]

  constructor(entries: readonly Entry[], code = 0xc1) {
    super(code)
    this.entries = entries
  }

  /** A map from symbols, as annotations and properties of connections, sessions and links are. */
  static fields(values: Readonly<Record<string, Value>>): AmqpMap {
    return new AmqpMap(entriesOf('symbol', values))
  }

  /** A map from strings, as application properties are. */
  static of(values: Readonly<Record<string, Value>>): AmqpMap {
    return new AmqpMap(entriesOf('string', values))
  }

  /** The value of a string or symbol key. */
  get(key: string): Value | undefined {
    return this.entries.find(entry => entry.key instanceof Scalar && entry.key.value === key)?.value
  }

  toJSON(): unknown {
    // Without a prototype, so that no key that users may choose means anything.
    const json = Object.create(null) as Record<string, unknown>
    for (const { key, value } of this.entries) {
      if (!(key instanceof Scalar) || typeof key.value !== 'string' || key.value in json) return this.entries
      json[key.value] = value
    }
    return json
  }
}

function entriesOf(type: ScalarType, values: Readonly<Record<string, Value>>): Entry[] {
  const entries: Entry[] = []
  for (const key of Object.keys(values)) entries.push({ key: Scalar.of(type, key), value: values[key] as Value })
  return entries
}

/** Elements of one constructor, which stands once, before them. */
export class AmqpArray extends Value {
  /** The elements' own constructor: descriptors, from the outside in, and a code. */
  readonly descriptors: readonly Value[]
  readonly element: number
  readonly items: readonly Value[]
  /** How many there are. Elements that take no octets are not listed, so that nine octets never become a million. */
  readonly count: number

  constructor(
    element: number,
    items: readonly Value[],
    code = 0xe0,
    descriptors: readonly Value[] = [],
    count = items.length,
  ) {
    super(code)
    this.element = element
    this.items = items
    this.descriptors = descriptors
    this.count = count
  }

  static of(type: ScalarType, values: readonly Plain[]): AmqpArray {
    const element = widestCode(type)
    return new AmqpArray(
      element,
      values.map(value => new Scalar(element, value)),
    )
  }

  toJSON(): unknown {
    let items: unknown = this.items
    if (this.items.length < this.count) {
      const same = EMPTY_DATA[this.element]
      items = this.count > MOST_SAME ? { count: this.count, value: same } : Array(this.count).fill(same)
    }
    return this.descriptors.reduceRight((value, descriptor) => ({ descriptor, value }), items)
  }
}

/** What the encodings without data stand for. */
const EMPTY_DATA: Readonly<Record<number, unknown>> = { 64: null, 65: true, 66: false, 67: 0, 68: 0, 69: [] }
/** How many elements without octets JSON lists; of more it says how many. */
const MOST_SAME = 32

/** A value with its meaning. The descriptor is by convention a symbol or a ulong, but may be any value [1.5]. */
export class Described extends Value {
  readonly descriptor: Value
  readonly value: Value

  constructor(descriptor: Value, value: Value) {
    super(0)
    this.descriptor = descriptor
    this.value = value
  }

  toJSON(): unknown {
    return { descriptor: this.descriptor, value: this.value }
  }
}

/** What could not be taken apart, or nests too deep to be: written back as it came. */
export class Opaque extends Value {
  /** All of the value; in an array without the constructor. */
  readonly bytes: Uint8Array

  constructor(code: number, bytes: Uint8Array) {
    super(code)
    this.bytes = bytes
  }

  toJSON(): unknown {
    return this.bytes.length === 0 ? null : { opaque: hex(this.bytes) }
  }
}

const LATEST = 8_640_000_000_000_000

function timestampJson(value: number | bigint): unknown {
  return typeof value === 'number' && Math.abs(value) <= LATEST ? new Date(value).toISOString() : value
}

/** The encoding of a value that takes the fewest octets. */
export function smallestCode(type: ScalarType, value: Plain): number {
  switch (type) {
    case 'boolean':
      return value === true ? 0x41 : 0x42
    case 'uint':
      return value === 0 ? 0x43 : (value as number) < 256 ? 0x52 : 0x70
    case 'ulong':
      // biome-ignore lint/suspicious/noDoubleEquals: 0 and 0n alike
      return value == 0 ? 0x44 : (value as number | bigint) < 256 ? 0x53 : 0x80
    case 'int':
      return isByte(value) ? 0x54 : 0x71
    case 'long':
      return isByte(value) ? 0x55 : 0x81
    // Of text only its longest possible size is known here; writing settles it.
    case 'string':
    case 'symbol':
    case 'binary':
      return (value as string | Uint8Array).length < 256 ? SHORT[type] : SHORT[type] + 0x10
    default:
      return widestCode(type)
  }
}

const SHORT = { binary: 0xa0, string: 0xa1, symbol: 0xa3 } as const

const isByte = (value: Plain): boolean => (value as number | bigint) >= -128 && (value as number | bigint) < 128

/** Whether an encoding can hold a value of its type. */
export function holds(code: number, value: Plain): boolean {
  switch (code) {
    case 0x41:
      return value === true
    case 0x42:
      return value === false
    case 0x43:
    case 0x44:
      // biome-ignore lint/suspicious/noDoubleEquals: 0 and 0n alike
      return value == 0
    case 0x52:
    case 0x53:
      return (value as number | bigint) < 256
    case 0x54:
    case 0x55:
      return isByte(value)
    default:
      return true
  }
}
