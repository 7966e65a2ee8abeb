import { type Reader, u32At } from '../core/index.ts'
import { readValue } from './decode.ts'
import { flagFrom } from './flag.ts'
import type { Composite } from './frames.ts'
import { newSlots, outcomes, quickFields, roleOf } from './quick.ts'
import { readPlain, readScalar } from './scalar.ts'
import { compositeOf, descriptorAt, type Field, type Row, rowNamed } from './schema.ts'
import { DESCRIBED, encodingName, LIST0, NULL, typeOf } from './types.ts'
import { AmqpArray, AmqpMap, Scalar, type Value } from './value.ts'

/** Composite types: described lists whose items are fields with a name and a type [1.4]. */

/**
 * Reads the list of a composite type's fields into `slots`, one for each field that the type has; undefined is null or
 * left out. What is there is of the field's type: what is not is reported, and only in the tree.
 */
export function readFields(reader: Reader, row: Row, slots: unknown[]): void {
  const { fields, mandatory } = row
  const start = reader.position
  if (!reader.deep) {
    const end = quickFields(reader.bytes, start, reader.limit, row, slots)
    if (end >= 0) {
      reader.position = end
      return
    }
  }
  const count = enterList(reader)
  if (count < 0) {
    slots.fill(undefined, 0, fields.length)
    readValue(reader, 'fields')
    flagFrom(reader, start, 'error', 'wrong-type', `the fields of ${row.name} are no list`, '1.4')
    return
  }
  const outer = reader.enter(listLength, 'fields')
  let present = 0
  for (let index = 0; index < fields.length; index++) {
    if (index >= count) slots[index] = undefined
    else {
      // What is there, but of another type, is reported as that.
      if (reader.bytes[reader.position] !== NULL) present |= 1 << index
      slots[index] = readField(reader, fields[index] as Field)
    }
  }
  for (let index = fields.length; index < count && reader.remaining > 0; index++) {
    const at = reader.position
    readValue(reader, 'unknown')
    if (index > fields.length) continue
    flagFrom(
      reader,
      at,
      'warning',
      'unknown-field',
      `${row.name} has ${fields.length} fields, not ${count}`,
      row.section,
    )
  }
  reader.leave(outer)
  if ((mandatory & ~present) !== 0) reportMissing(reader, row, present, start)
}

/** Reads a list's constructor, size and count. Returns the count, or -1 if it is no list; its length in `listLength`. */
function enterList(reader: Reader): number {
  const { bytes, position: at, limit } = reader
  let count = -1
  if (at < limit) {
    switch (bytes[at]) {
      case LIST0:
        count = 0
        listLength = 0
        reader.position = at + 1
        break
      case 0xc0:
        if (at + 3 > limit) break
        count = bytes[at + 2] as number
        listLength = (bytes[at + 1] as number) - 1
        reader.position = at + 3
        break
      case 0xd0:
        if (at + 9 > limit) break
        count = u32At(bytes, at + 5)
        listLength = u32At(bytes, at + 1) - 4
        reader.position = at + 9
    }
  }
  if (count < 0) return -1
  reader.field('fields', at, count)
  if (reader.traced) reader.label(encodingName(bytes[at] as number))
  if (listLength < 0) {
    reader.flag('error', 'short-size', 'the size has no room for the count', '1.6.22')
    listLength = 0
  }
  return count
}
let listLength = 0

function reportMissing(reader: Reader, row: Row, present: number, start: number): void {
  if (reader.ranOut) return
  const names = row.fields.filter((field, index) => field.mandatory && (present & (1 << index)) === 0)
  const text = names.map(({ name }) => name).join(', ')
  flagFrom(reader, start, 'error', 'missing-field', `${row.name} has no ${text}`, row.section)
}

/** Reads one field; undefined where it is null, missing or of another type. */
export function readField(reader: Reader, field: Field): unknown {
  const start = reader.position
  if (start >= reader.limit) {
    reader.u8(field.name)
    return undefined
  }
  const code = reader.bytes[start] as number
  if (code === NULL) {
    reader.position = start + 1
    if (reader.deep) {
      reader.field(field.name, start, null)
      if (field.preset !== undefined) reader.label(`default ${field.preset}`)
    }
    return undefined
  }
  if (field.shape === 'scalar' && field.codes[code] === 1) {
    reader.position = start + 1
    const value = readPlain(reader, code, field.name, start)
    if (reader.traced && value !== undefined) describe(reader, field, code, value)
    return value
  }
  return readOther(reader, field, code, start)
}

/** A field that is not of one primitive type. */
function readOther(reader: Reader, field: Field, code: number, start: number): unknown {
  switch (field.shape) {
    case 'role':
      if (typeOf(code) === 'boolean') {
        reader.position = start + 1
        const value = readPlain(reader, code, field.name, start)
        if (value === undefined) return undefined
        const role = roleOf(value === true)
        reader.label(role)
        return role
      }
      break
    case 'timestamp':
      if (typeOf(code) === 'timestamp') {
        reader.position = start + 1
        return readScalar(reader, code, field.name, start)
      }
      break
    case 'symbols': {
      const symbols = symbolsOf(readValue(reader, field.name))
      return symbols ?? mistyped(reader, field, start)
    }
    case 'map': {
      const value = readValue(reader, field.name)
      return value instanceof AmqpMap ? value : mistyped(reader, field, start)
    }
    case 'composite':
      return readComposite(reader, field.name, rowNamed(field.primitive))
    case 'any':
      return readComposite(reader, field.name)
  }
  readValue(reader, field.name)
  return mistyped(reader, field, start)
}

function describe(reader: Reader, field: Field, code: number, value: unknown): void {
  reader.label(field.choices?.[value as number] ?? encodingName(code))
  if (field.secret) reader.secret()
}

function mistyped(reader: Reader, field: Field, start: number): undefined {
  // A value that is cut short has been reported as such.
  if (reader.ranOut) return undefined
  const code = reader.bytes[start] as number
  const found = code === DESCRIBED ? 'a described type' : `type ${typeOf(code) ?? 'unknown'}`
  flagFrom(reader, start, 'error', 'wrong-type', `${field.name} is of ${found}, not ${field.primitive}`)
  return undefined
}

/** A field that may be `multiple` holds one value, or an array of them [1.4]. */
function symbolsOf(value: Value): readonly string[] | undefined {
  if (value instanceof Scalar) return value.type === 'symbol' ? [value.value as string] : undefined
  if (!(value instanceof AmqpArray) || value.items.length < value.count) return undefined
  if (value.descriptors.length > 0 || typeOf(value.element) !== 'symbol') return undefined
  // One that is cut short has octets for a value.
  if (!value.items.every(item => item instanceof Scalar)) return undefined
  return value.items.map(item => item.value as string)
}

/**
 * Reads a value that may be a composite: an object of its fields, with its `type` unless it is of the one type that is
 * expected here.
 */
export function readComposite(reader: Reader, name: string, expected?: Row): Composite | object | Value {
  const row = compositeOf(descriptorAt(reader.bytes, reader.position, reader.limit))
  if (row === undefined) return readValue(reader, name)
  reader.begin(name)
  readDescriptor(reader, row.name)
  const value = readObject(reader, row, row === expected ? {} : { type: row.name })
  reader.done()
  return value
}

/** Reads the descriptor that has been recognised as that of `name`. */
export function readDescriptor(reader: Reader, name: string): void {
  const { position: start, bytes } = reader
  const second = bytes[start + 1] as number
  if (second === 0x53) reader.position = start + 3
  else if (second === 0x80) reader.position = start + 10
  else reader.position = start + (second === 0xa3 ? 3 + (bytes[start + 2] as number) : 6 + u32At(bytes, start + 2))
  reader.field('descriptor', start, reader.traced ? descriptorAt(bytes, start, reader.position) : 0)
  reader.label(name)
}

/** Reads a composite's fields into an object: those that are there. */
function readObject(reader: Reader, row: Row, object: Record<string, unknown>): object {
  const slots = newSlots()
  readFields(reader, row, slots)
  if (row.fields.length === 0) return outcomes[row.code] ?? object
  for (let index = 0; index < row.fields.length; index++) {
    const value = slots[index]
    if (value !== undefined) object[(row.fields[index] as Field).name] = value
  }
  return object
}
