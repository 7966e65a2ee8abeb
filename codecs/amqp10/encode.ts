import { utf8Length, type Writer } from '../core/index.ts'
import { Decimal } from './decimal.ts'
import { DESCRIBED, isEmpty, LIST0, type ScalarType } from './types.ts'
import {
  AmqpArray,
  AmqpMap,
  Described,
  holds,
  List,
  Opaque,
  type Plain,
  Scalar,
  smallestCode,
  type Value,
} from './value.ts'

/** Writes a value in the encoding that it came with, or where that cannot hold it, in one of its type that can. */
export function writeValue(writer: Writer, value: Value): void {
  if (value instanceof Scalar) writeScalar(writer, value)
  else if (value instanceof List) writeList(writer, value)
  else if (value instanceof AmqpMap) writeMap(writer, value)
  else if (value instanceof AmqpArray) writeArray(writer, value)
  else if (value instanceof Described) {
    writer.u8(DESCRIBED)
    writeValue(writer, value.descriptor)
    writeValue(writer, value.value)
  } else if (value instanceof Opaque) writer.raw(value.bytes)
}

/** Writes a plain value of a type, constructor and data, in its smallest encoding. */
export function writePlain(writer: Writer, type: ScalarType, value: Plain): void {
  const code = smallestCode(type, value)
  const at = writer.position
  writer.u8(code)
  if (!writeData(writer, code, value)) widen(writer, at, code, value)
}

function writeScalar(writer: Writer, scalar: Scalar): void {
  const { code, value, raw } = scalar
  if (raw !== undefined) {
    writer.u8(code)
    writer.raw(raw)
    return
  }
  const chosen = holds(code, value) ? code : smallestCode(scalar.type as ScalarType, value)
  const at = writer.position
  writer.u8(chosen)
  if (!writeData(writer, chosen, value)) widen(writer, at, chosen, value)
}

/** Text turned out to be longer than its one octet of length can say. */
function widen(writer: Writer, at: number, code: number, value: Plain): void {
  writer.patch8(at, code + 0x10)
  writeData(writer, code + 0x10, value)
}

/** Writes the data alone. False, and nothing written, where it does not fit. */
function writeData(writer: Writer, code: number, value: Plain): boolean {
  switch (code >> 4) {
    case 4:
      return true
    case 5:
      writer.u8(Number(value) & 0xff)
      return true
    case 6:
      writer.u16((value as number) & 0xffff)
      return true
    case 7:
      if (code === 0x72) writer.f32(value as number)
      else if (code === 0x73) writer.u32((value as string).codePointAt(0) ?? 0)
      else if (value instanceof Decimal) writer.raw(value.bytes)
      else writer.u32((value as number) >>> 0)
      return true
    case 8:
      if (code === 0x82) writer.f64(value as number)
      else if (value instanceof Decimal) writer.raw(value.bytes)
      else writer.u64(value as number | bigint)
      return true
    case 9:
      if (value instanceof Decimal) writer.raw(value.bytes)
      else writeUuid(writer, value as string)
      return true
    case 0xa:
      return writeShort(writer, value as string | Uint8Array)
    default:
      writeLong(writer, value as string | Uint8Array)
      return true
  }
}

function writeShort(writer: Writer, value: string | Uint8Array): boolean {
  if (value.length > 255) return false
  if (typeof value !== 'string') {
    writer.u8(value.length)
    writer.raw(value)
    return true
  }
  // A UTF-16 unit takes at most three octets: only what may not fit is measured first.
  if (value.length > 85 && utf8Length(value) > 255) return false
  const at = writer.position
  writer.u8(0)
  writer.patch8(at, writer.text(value))
  return true
}

function writeLong(writer: Writer, value: string | Uint8Array): void {
  const at = writer.position
  writer.u32(0)
  if (typeof value === 'string') writer.patch32(at, writer.text(value))
  else {
    writer.patch32(at, value.length)
    writer.raw(value)
  }
}

function writeUuid(writer: Writer, text: string): void {
  const digits = text.replaceAll('-', '')
  if (!/^[0-9a-fA-F]{32}$/.test(digits)) throw new RangeError(`${text} is not a UUID`)
  for (let at = 0; at < 32; at += 2) writer.u8(Number.parseInt(digits.slice(at, at + 2), 16))
}

function writeList(writer: Writer, { code, items }: List): void {
  if (code === LIST0 && items.length === 0) {
    writer.u8(LIST0)
    return
  }
  const at = beginCompound(writer, code === LIST0 ? 0xc0 : code)
  for (const item of items) writeValue(writer, item)
  endCompound(writer, at, code === LIST0 ? 0xc0 : code, items.length)
}

function writeMap(writer: Writer, { code, entries }: AmqpMap): void {
  const at = beginCompound(writer, code)
  for (const { key, value } of entries) {
    writeValue(writer, key)
    writeValue(writer, value)
  }
  endCompound(writer, at, code, entries.length * 2)
}

function writeArray(writer: Writer, array: AmqpArray): void {
  const at = beginCompound(writer, array.code)
  writeElements(writer, array)
  endCompound(writer, at, array.code, array.count)
}

function writeElements(writer: Writer, { descriptors, element, items }: AmqpArray): void {
  for (const descriptor of descriptors) {
    writer.u8(DESCRIBED)
    writeValue(writer, descriptor)
  }
  writer.u8(element)
  if (isEmpty(element)) return
  for (const item of items) writeElement(writer, element, item)
}

/** Elements have no constructor of their own, so each has to fit the one that they share. */
function writeElement(writer: Writer, element: number, item: Value): void {
  if (item instanceof Opaque) writer.raw(item.bytes)
  else if (item instanceof Scalar) {
    if (item.raw !== undefined && item.code === element) writer.raw(item.raw)
    else if (!holds(element, item.value) || !writeData(writer, element, item.value)) unfit(element)
  } else {
    const at = beginData(writer, element)
    const count = writeItems(writer, item)
    if (!endData(writer, at, element, count)) unfit(element)
  }
}

function writeItems(writer: Writer, item: Value): number {
  if (item instanceof AmqpArray) {
    writeElements(writer, item)
    return item.count
  }
  if (item instanceof AmqpMap) {
    for (const { key, value } of item.entries) {
      writeValue(writer, key)
      writeValue(writer, value)
    }
    return item.entries.length * 2
  }
  const { items } = item as List
  for (const one of items) writeValue(writer, one)
  return items.length
}

function unfit(element: number): never {
  throw new RangeError(`an element does not fit in the array's 0x${element.toString(16)}`)
}

/** Begins a list, map or array in this encoding; returns where, for `endCompound`. */
export function beginCompound(writer: Writer, code: number): number {
  const at = writer.position
  writer.u8(code)
  beginData(writer, code)
  return at
}

/** Sets size and count; what has grown too large for its encoding is widened. */
export function endCompound(writer: Writer, at: number, code: number, count: number): void {
  const size = writer.position - at + 1
  if (endData(writer, at + 1, code, count)) return
  writer.insert(at + 3, 6)
  writer.patch8(at, code + 0x10)
  writer.patch32(at + 1, size)
  writer.patch32(at + 5, count)
}

const isWide = (code: number): boolean => code >> 4 === 0xd || code >> 4 === 0xf

function beginData(writer: Writer, code: number): number {
  const at = writer.position
  if (isWide(code)) {
    writer.u32(0)
    writer.u32(0)
  } else writer.u16(0)
  return at
}

/** Sets size and count of what was written from `at` on. False where they do not fit. */
function endData(writer: Writer, at: number, code: number, count: number): boolean {
  if (isWide(code)) {
    writer.patch32(at, writer.position - at - 4)
    writer.patch32(at + 4, count)
    return true
  }
  const size = writer.position - at - 1
  if (size > 255 || count > 255) return false
  writer.patch8(at, size)
  writer.patch8(at + 1, count)
  return true
}
