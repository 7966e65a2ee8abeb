import { u32At } from '../core/index.ts'

/**
 * The type system's encodings, as data [1.6]. A value is a constructor and data; a constructor is a code, or a
 * descriptor and another constructor. A code's high four bits tell how long the data is, also of codes unknown [1.2].
 */

export type Type =
  | 'null'
  | 'boolean'
  | 'ubyte'
  | 'ushort'
  | 'uint'
  | 'ulong'
  | 'byte'
  | 'short'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'decimal32'
  | 'decimal64'
  | 'decimal128'
  | 'char'
  | 'timestamp'
  | 'uuid'
  | 'binary'
  | 'string'
  | 'symbol'
  | 'list'
  | 'map'
  | 'array'

/** What is not compound. */
export type ScalarType = Exclude<Type, 'list' | 'map' | 'array'>

/** Each type's codes with the encodings' names, the one that holds every value of the type last. */
export const encodings: Readonly<Record<Type, Readonly<Record<string, number>>>> = {
  null: { null: 0x40 },
  boolean: { true: 0x41, false: 0x42, boolean: 0x56 },
  ubyte: { ubyte: 0x50 },
  ushort: { ushort: 0x60 },
  uint: { uint0: 0x43, smalluint: 0x52, uint: 0x70 },
  ulong: { ulong0: 0x44, smallulong: 0x53, ulong: 0x80 },
  byte: { byte: 0x51 },
  short: { short: 0x61 },
  int: { smallint: 0x54, int: 0x71 },
  long: { smalllong: 0x55, long: 0x81 },
  float: { float: 0x72 },
  double: { double: 0x82 },
  decimal32: { decimal32: 0x74 },
  decimal64: { decimal64: 0x84 },
  decimal128: { decimal128: 0x94 },
  char: { char: 0x73 },
  timestamp: { timestamp: 0x83 },
  uuid: { uuid: 0x98 },
  binary: { vbin8: 0xa0, vbin32: 0xb0 },
  string: { str8: 0xa1, str32: 0xb1 },
  symbol: { sym8: 0xa3, sym32: 0xb3 },
  list: { list0: 0x45, list8: 0xc0, list32: 0xd0 },
  map: { map8: 0xc1, map32: 0xd1 },
  array: { array8: 0xe0, array32: 0xf0 },
}

const types: (Type | undefined)[] = Array.from({ length: 256 }, () => undefined)
const names: (string | undefined)[] = Array.from({ length: 256 }, () => undefined)
const widest = new Map<Type, number>()
for (const [type, codes] of Object.entries(encodings) as [Type, Record<string, number>][]) {
  for (const [name, code] of Object.entries(codes)) {
    types[code] = type
    names[code] = name
    widest.set(type, code)
  }
}

/** The type that a code encodes, or undefined where the specification has none. */
export const typeOf = (code: number): Type | undefined => types[code]

/** What is not compound, and known. */
export const isScalar = (code: number): boolean => code < 0xc0 && code !== LIST0 && types[code] !== undefined

/** `smalluint`, `str8`. */
export const encodingName = (code: number): string | undefined => names[code]

/** The code that holds every value of a type. */
export const widestCode = (type: Type): number => widest.get(type) as number

/** First octet of a described value. */
export const DESCRIBED = 0x00
export const NULL = 0x40
export const TRUE = 0x41
export const TIMESTAMP = 0x83
export const LIST0 = 0x45
export const LIST8 = 0xc0
export const LIST32 = 0xd0

/** The data says itself how long it is, in one octet or in four. */
const SHORT = -1
const LONG = -4
const UNKNOWN = -2
/**
 * Data octets by the code's high four bits. Small integers all: one that is not would turn every position that is
 * worked out from them into a heap number.
 */
const WIDTHS: Int8Array = Int8Array.of(
  ...[UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, 0, 1, 2, 4, 8, 16],
  ...[SHORT, LONG, SHORT, LONG, SHORT, LONG],
)

/** The data of these encodings takes no octets at all. */
export const isEmpty = (code: number): boolean => code >> 4 === 4

/** Where the data of a value ends that begins at `at`; past `end` where it is cut; -1 where the code has no width. */
export function dataEnd(bytes: Uint8Array, code: number, at: number, end: number): number {
  const width = WIDTHS[code >> 4] as number
  if (width >= 0) return at + width
  if (width === SHORT) return at < end ? at + 1 + (bytes[at] as number) : at + 1
  return width === LONG ? at + 4 + (at + 4 <= end ? u32At(bytes, at) : 0) : -1
}

/** Where the value at `at` ends, constructor and data; -1 if it is not all there. Never recurses. */
export function skip(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  for (let wanted = 1; wanted > 0; wanted--) {
    if (at >= end) return -1
    const code = bytes[at] as number
    at++
    if (code === DESCRIBED) wanted += 2
    else {
      at = dataEnd(bytes, code, at, end)
      if (at < 0 || at > end) return -1
    }
  }
  return at
}
