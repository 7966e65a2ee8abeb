import { type Reader, u32At, type Writer } from '../core/index.ts'
import { readField } from './composite.ts'
import { beginCompound, endCompound, writePlain, writeValue } from './encode.ts'
import type { Composite } from './frames.ts'
import { compositeOf, descriptorAt, type Field, type Row, rowNamed } from './schema.ts'
import { fieldsOf } from './take.ts'
import { DESCRIBED, dataEnd, LIST0, NULL, skip } from './types.ts'
import { AmqpArray, Scalar, Value } from './value.ts'

/**
 * Writes composite types. What was read before is written over its model, the octets that it was read from: whatever
 * has not been changed since keeps its encoding, even where there is a shorter one.
 */

/** A composite value that says by its type which it is. */
export function writeComposite(writer: Writer, value: Composite, model?: Reader): void {
  writeObject(writer, rowNamed(value.type), value, model)
}

/** A composite value of this type, described. `model` stands before its counterpart, which may be another type. */
export function writeObject(writer: Writer, row: Row, object: object, model?: Reader): void {
  const values = fieldsOf(row, object)
  if (model !== undefined && descriptorAt(model.bytes, model.position, model.limit) === row.code) {
    copyValue(writer, model, model.position + 1, DESCRIBED)
    if (writeOverModel(writer, row, values, model)) return
  } else {
    writeDescriptor(writer, row.code)
  }
  let count = row.fields.length
  while (count > 0 && values[count - 1] === undefined) count--
  if (count === 0) {
    writer.u8(LIST0)
    return
  }
  const at = beginCompound(writer, 0xc0)
  for (let index = 0; index < count; index++) writeField(writer, row.fields[index] as Field, values[index])
  endCompound(writer, at, 0xc0, count)
}

/** A descriptor as a `smallulong`. */
export function writeDescriptor(writer: Writer, code: number): void {
  writer.u16(DESCRIPTOR)
  writer.u8(code)
}
const DESCRIPTOR = (DESCRIBED << 8) | 0x53

/** Copies the value at `from`, which `first` may precede. */
function copyValue(writer: Writer, model: Reader, from: number, first?: number): void {
  const end = skip(model.bytes, from, model.limit)
  if (first !== undefined) writer.u8(first)
  writer.raw(model.bytes.subarray(from, end))
  model.position = end
}

/** False, and nothing written, where the model's fields are no list and there now are fields to write. */
function writeOverModel(writer: Writer, { fields }: Row, values: readonly unknown[], model: Reader): boolean {
  const { bytes, limit, position: at } = model
  const code = bytes[at] as number
  if (at >= limit || (code !== LIST0 && code !== 0xc0 && code !== 0xd0)) {
    if (at < limit && fields.some((_, index) => values[index] !== undefined)) return false
    copyRest(writer, model)
    return true
  }
  const end = dataEnd(bytes, code, at + 1, limit)
  const header = code === LIST0 ? 0 : code === 0xc0 ? 2 : 8
  if (end > limit || at + 1 + header > end) {
    // A list longer than the frame has no encodings worth keeping, and nothing after it.
    model.position = limit
    return false
  }
  const known = header === 0 ? 0 : header === 2 ? (bytes[at + 2] as number) : u32At(bytes, at + 5)
  let count = fields.length
  while (count > known && values[count - 1] === undefined) count--
  if (count === 0 && known === 0) {
    copyValue(writer, model, at)
    return true
  }
  const list = code === LIST0 ? 0xc0 : code
  const begun = beginCompound(writer, list)
  model.position = at + 1 + header
  model.limit = end
  let written = 0
  for (; written < Math.max(count, Math.min(known, fields.length)); written++) {
    const field = fields[written] as Field
    if (model.position < end) writeOverField(writer, field, values[written], model)
    else if (written < count) writeField(writer, field, values[written])
  }
  // Fields that the specification does not have, and what follows them.
  for (; written < known && model.position < end; written++) copyRest(writer, model)
  endCompound(writer, begun, list, written)
  model.limit = limit
  model.position = end
  return true
}

/** Copies one value, or all that is left where it has no end. */
function copyRest(writer: Writer, model: Reader): void {
  const next = skip(model.bytes, model.position, model.limit)
  const end = next < 0 ? model.limit : next
  writer.raw(model.bytes.subarray(model.position, end))
  model.position = end
}

function writeOverField(writer: Writer, field: Field, value: unknown, model: Reader): void {
  const start = model.position
  const next = skip(model.bytes, start, model.limit)
  const end = next < 0 ? model.limit : next
  const before = readField(model, field)
  if (next < 0 || isSame(before, value)) writer.raw(model.bytes.subarray(start, end))
  else {
    model.position = start
    const nested = compositeOf(descriptorAt(model.bytes, start, end)) !== undefined
    writeField(writer, field, value, nested ? model : undefined)
  }
  model.position = end
}

/** Values of the wire are compared by what they say; composites and maps are written anew, over their own model. */
function isSame(before: unknown, now: unknown): boolean {
  if (Object.is(before, now)) return true
  if (before instanceof Uint8Array) return now instanceof Uint8Array && equalBytes(before, now)
  if (before instanceof Scalar && now instanceof Scalar) {
    return before.code === now.code && isSame(before.value, now.value)
  }
  if (!Array.isArray(before) || !Array.isArray(now) || before.length !== now.length) return false
  return before.every((item, index) => item === now[index])
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

function writeField(writer: Writer, field: Field, value: unknown, model?: Reader): void {
  if (value === undefined) writer.u8(NULL)
  else if (value instanceof Value) writeValue(writer, value)
  else {
    switch (field.shape) {
      case 'scalar':
        writePlain(writer, field.primitive, value as never)
        break
      case 'role':
        writePlain(writer, 'boolean', value === 'receiver')
        break
      case 'symbols':
        writeSymbols(writer, value as readonly string[])
        break
      default: {
        const { type } = value as { readonly type?: string }
        writeObject(writer, rowNamed(type ?? field.primitive), value as object, model)
      }
    }
  }
}

/** One symbol stands for itself; none, or several, are an array [1.4]. */
function writeSymbols(writer: Writer, symbols: readonly string[]): void {
  if (symbols.length === 1) writePlain(writer, 'symbol', symbols[0] as string)
  else {
    const element = symbols.every(symbol => symbol.length < 256) ? 0xa3 : 0xb3
    const items = symbols.map(symbol => new Scalar(element, symbol))
    writeValue(writer, new AmqpArray(element, items))
  }
}
