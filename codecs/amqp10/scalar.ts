import { hex, i64At, type Reader, textAt, u16At, u32At, u64At, validUtf8 } from '../core/index.ts'
import { Decimal, type DecimalType } from './decimal.ts'
import { dataEnd, encodingName, TIMESTAMP, typeOf } from './types.ts'
import { type Plain, Scalar } from './value.ts'

/**
 * Reads the data of a value that is not compound, from the reader's position on; its field in the tree begins at
 * `start`, where its constructor does. Undefined where the data is not all there, which has then been reported.
 */
export function readPlain(reader: Reader, code: number, name: string, start: number): Plain | undefined {
  const at = reader.position
  const end = dataEnd(reader.bytes, code, at, reader.limit)
  if (end > reader.limit) {
    reader.position = start
    reader.take(end - start, name)
    return undefined
  }
  reader.position = end
  const value = plain(reader.bytes, code, at, end)
  if (reader.deep) {
    reader.field(name, start, value)
    reader.content(at + sizeWidth(code), end)
    check(reader, code, at, value)
  }
  return value
}

/** Octets of the size before data of variable width [1.2.2]. */
const sizeWidth = (code: number): number => (code >> 4 === 0xa ? 1 : code >> 4 === 0xb ? 4 : 0)

/** One value with its constructor kept. */
export function readScalar(reader: Reader, code: number, name: string, start: number): Scalar | undefined {
  const at = reader.position
  const value = readPlain(reader, code, name, start)
  if (value === undefined) return undefined
  const scalar = keep(reader.bytes, code, at, reader.position, value)
  if (reader.traced) reader.label(code === TIMESTAMP ? String(scalar.toJSON()) : encodingName(code))
  return scalar
}

/** The value of the data at [at, end), which is all there, with its constructor kept. */
export const scalarAt = (bytes: Uint8Array, code: number, at: number, end: number): Scalar =>
  keep(bytes, code, at, end, plain(bytes, code, at, end))

function keep(bytes: Uint8Array, code: number, at: number, end: number, value: Plain): Scalar {
  if (end - at < 2 && typeof value === 'number') return small(code, value)
  return losesSome(bytes, code, at, value) ? new Scalar(code, value, bytes.subarray(at, end)) : new Scalar(code, value)
}

/** Values of one octet are made once: a list of them costs no more than its references. */
function small(code: number, value: number): Scalar {
  const row = (smalls[code] ??= [])
  return (row[value & 0xff] ??= new Scalar(code, value))
}
const smalls: Scalar[][] = []

/** The value of the data at [at, end), which is all there. */
export function plain(bytes: Uint8Array, code: number, at: number, end: number): Plain {
  switch (code) {
    case 0x40:
      return null
    case 0x41:
      return true
    case 0x42:
      return false
    case 0x43:
    case 0x44:
      return 0
    case 0x56:
      return bytes[at] !== 0
    case 0x50:
    case 0x52:
    case 0x53:
      return bytes[at] as number
    case 0x51:
    case 0x54:
    case 0x55:
      return ((bytes[at] as number) << 24) >> 24
    case 0x60:
      return u16At(bytes, at)
    case 0x61:
      return (u16At(bytes, at) << 16) >> 16
    case 0x70:
      return u32At(bytes, at)
    case 0x71:
      return u32At(bytes, at) | 0
    case 0x72:
      return view(bytes, at, end).getFloat32(0)
    case 0x73:
      return character(u32At(bytes, at))
    case 0x80:
      return u64At(bytes, at)
    case 0x81:
    case 0x83:
      return i64At(bytes, at)
    case 0x82:
      return view(bytes, at, end).getFloat64(0)
    case 0x74:
    case 0x84:
    case 0x94:
      return new Decimal(typeOf(code) as DecimalType, bytes.subarray(at, end))
    case 0x98:
      return uuid(bytes, at)
    case 0xa0:
      return bytes.subarray(at + 1, end)
    case 0xb0:
      return bytes.subarray(at + 4, end)
    case 0xa1:
    case 0xa3:
      return textAt(bytes, at + 1, end)
    default:
      return textAt(bytes, at + 4, end)
  }
}

/** Whether the value alone could not be written back as it came. */
function losesSome(bytes: Uint8Array, code: number, at: number, value: Plain): boolean {
  if (typeof value === 'string') return value.includes(REPLACEMENT)
  if (code === 0x56) return (bytes[at] as number) > 1
  return typeof value === 'number' && Number.isNaN(value)
}

const REPLACEMENT = '\ufffd'

function check(reader: Reader, code: number, at: number, value: Plain): void {
  const { bytes, position: end } = reader
  switch (typeOf(code)) {
    case 'boolean':
      if (code === 0x56 && (bytes[at] as number) > 1) {
        reader.flag('error', 'invalid-boolean', `a boolean of ${bytes[at]} is neither 0 nor 1`, '1.6.2')
      }
      break
    case 'char':
      if (value === REPLACEMENT && u32At(bytes, at) !== 0xfffd) {
        reader.flag('error', 'invalid-char', `${u32At(bytes, at)} is no Unicode character`, '1.6.16')
      }
      break
    case 'string': {
      const from = at + (code === 0xa1 ? 1 : 4)
      if ((value as string).includes(REPLACEMENT) && validUtf8(bytes, from, end) === undefined) {
        reader.flag('error', 'invalid-utf8', 'a string that is not UTF-8', '1.6.20')
      }
      break
    }
    case 'symbol':
      if (!/^[\0-\x7f]*$/.test(value as string)) {
        reader.flag('warning', 'invalid-symbol', 'a symbol that is not ASCII', '1.6.21')
      }
  }
}

function character(code: number): string {
  const valid = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  return valid ? String.fromCodePoint(code) : REPLACEMENT
}

function uuid(bytes: Uint8Array, at: number): string {
  const text = hex(bytes, at, at + 16)
  return [8, 12, 16, 20, 32].map((end, index) => text.slice([0, 8, 12, 16, 20][index], end)).join('-')
}

const view = (bytes: Uint8Array, at: number, end: number): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset + at, end - at)
