import { validUtf8 } from '../core/index.ts'
import { shortest } from './float.ts'
import type { DataType } from './sparkplug-table.ts'

type Read = (view: DataView, at: number) => unknown

/** Bytes of an item, and how it is read: little-endian. */
const ITEMS: Partial<Record<DataType, readonly [size: number, read: Read]>> = {
  Int8Array: [1, (view, at) => view.getInt8(at)],
  Int16Array: [2, (view, at) => view.getInt16(at, true)],
  Int32Array: [4, (view, at) => view.getInt32(at, true)],
  Int64Array: [8, (view, at) => String(view.getBigInt64(at, true))],
  UInt8Array: [1, (view, at) => view.getUint8(at)],
  UInt16Array: [2, (view, at) => view.getUint16(at, true)],
  UInt32Array: [4, (view, at) => view.getUint32(at, true)],
  UInt64Array: [8, (view, at) => String(view.getBigUint64(at, true))],
  FloatArray: [4, (view, at) => shortest(view.getFloat32(at, true))],
  DoubleArray: [8, (view, at) => view.getFloat64(at, true)],
  DateTimeArray: [8, (view, at) => String(view.getBigInt64(at, true))],
}

/** The items of an array type, packed into bytes (§6.4.17); undefined where the bytes are no such array. */
export function unpack(bytes: Uint8Array, type: DataType | undefined): unknown[] | undefined {
  if (type === 'StringArray') return strings(bytes)
  if (type === 'BooleanArray') return booleans(bytes)
  const item = type === undefined ? undefined : ITEMS[type]
  if (item === undefined || bytes.length % item[0] !== 0) return undefined
  const [size, read] = item
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: bytes.length / size }, (_, index) => read(view, index * size))
}

/** Each ends in a NUL. */
function strings(bytes: Uint8Array): unknown[] | undefined {
  const text = validUtf8(bytes)
  if (text === undefined || (text !== '' && !text.endsWith('\0'))) return undefined
  return text.split('\0').slice(0, -1)
}

/** How many, in four bytes, then a bit each, the first the highest. */
function booleans(bytes: Uint8Array): unknown[] | undefined {
  if (bytes.length < 4) return undefined
  const count = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  if (bytes.length - 4 !== Math.ceil(count / 8)) return undefined
  return Array.from(
    { length: count },
    (_, index) => (((bytes[4 + (index >> 3)] as number) << (index & 7)) & 0x80) !== 0,
  )
}
