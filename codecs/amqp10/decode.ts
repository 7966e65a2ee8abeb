import { type Reader, u32At } from '../core/index.ts'
import { readScalar } from './scalar.ts'
import { DESCRIBED, dataEnd, encodingName, isEmpty, LIST0, NULL, skip, typeOf } from './types.ts'
import { AmqpArray, AmqpMap, Described, type Entry, List, Opaque, Scalar, type Value } from './value.ts'

/** What nests deeper is kept as bytes: nobody means it, and reading it would cost the stack. */
const MAX_DEPTH = 32

/** Written back as nothing. */
const missing = new Opaque(NULL, new Uint8Array(0))
const noItems = new List([], LIST0)

/** Reads the value at the reader's position, whatever it is. */
export function readValue(reader: Reader, name: string, depth = 0): Value {
  const start = reader.position
  if (start >= reader.limit) {
    reader.u8(name)
    return missing
  }
  const code = reader.bytes[start] as number
  if (code === DESCRIBED) return readDescribed(reader, name, depth)
  reader.position = start + 1
  return readData(reader, code, name, start, depth)
}

function readDescribed(reader: Reader, name: string, depth: number): Value {
  const start = reader.position
  if (depth >= MAX_DEPTH) return tooDeep(reader, DESCRIBED, name, start, skip(reader.bytes, start, reader.limit))
  reader.begin(name)
  const descriptor = readDescriptor(reader, depth)
  const value = readValue(reader, 'value', depth + 1)
  reader.done()
  return new Described(descriptor, value)
}

/** The octet that says that a descriptor follows is part of the descriptor's field. */
function readDescriptor(reader: Reader, depth: number): Value {
  reader.u8('constructor')
  reader.label('described')
  return readValue(reader, 'descriptor', depth + 1)
}

/** What follows a constructor's code. The field in the tree begins at `start`. */
function readData(reader: Reader, code: number, name: string, start: number, depth: number): Value {
  if (code >= 0xc0 && typeOf(code) !== undefined) {
    if (depth >= MAX_DEPTH) {
      return tooDeep(reader, code, name, start, dataEnd(reader.bytes, code, reader.position, reader.limit))
    }
    return readCompound(reader, code, name, start, depth)
  }
  if (code === LIST0) {
    reader.field(name, start, noItems)
    reader.label('list0')
    return noItems
  }
  if (typeOf(code) === undefined) return unknownType(reader, code, name, start)
  return readScalar(reader, code, name, start) ?? remains(reader, code, start)
}

/** [1.2] tells the width of codes that it leaves undefined, but for those below 0x40. */
function unknownType(reader: Reader, code: number, name: string, start: number): Opaque {
  const end = dataEnd(reader.bytes, code, reader.position, reader.limit)
  const value = opaque(reader, code, name, start, end)
  flagUnknown(reader, code)
  return value
}

function flagUnknown(reader: Reader, code: number): void {
  const shown = code.toString(16).padStart(2, '0')
  reader.flag('error', 'unknown-type', `0x${shown} is the code of no type: kept as bytes`, '1.2')
}

function tooDeep(reader: Reader, code: number, name: string, start: number, end: number): Opaque {
  const value = opaque(reader, code, name, start, end)
  reader.flag('warning', 'too-deep', `${name} nests more than ${MAX_DEPTH} deep: kept as bytes`)
  return value
}

/** What cannot be told to end stays bytes up to where the enclosing value ends. */
function opaque(reader: Reader, code: number, name: string, start: number, end: number): Opaque {
  reader.position = start
  return new Opaque(code, reader.take((end < 0 ? reader.limit : end) - start, name))
}

/** What is there of a value that is cut short, which has been reported. */
const remains = (reader: Reader, code: number, start: number): Opaque =>
  new Opaque(code, reader.bytes.subarray(start, reader.position))

function readCompound(reader: Reader, code: number, name: string, start: number, depth: number): Value {
  const { bytes, limit, position: at } = reader
  const width = code < 0xd0 || code >> 4 === 0xe ? 1 : 4
  if (at + 2 * width > limit) {
    reader.position = start
    reader.take(at - start + 2 * width, name)
    return remains(reader, code, start)
  }
  const size = width === 1 ? (bytes[at] as number) : u32At(bytes, at)
  const count = width === 1 ? (bytes[at + 1] as number) : u32At(bytes, at + 4)
  reader.position = start
  reader.begin(name)
  reader.position = at + 2 * width
  reader.field('constructor', start, count)
  if (reader.traced) reader.label(encodingName(code))
  if (size < width) {
    reader.flag('error', 'short-size', `a size of ${size} has no room for the count`, '1.6.22')
    reader.done()
    return build(code, [])
  }
  const outer = reader.enter(size - width, name)
  const value =
    code >= 0xe0
      ? readArray(reader, code, count, depth + 1)
      : code === 0xc1 || code === 0xd1
        ? readMap(reader, code, count, depth + 1)
        : readList(reader, code, count, depth + 1)
  reader.leave(outer)
  reader.done()
  return value
}

const build = (code: number, items: readonly Value[]): Value =>
  code >= 0xe0 ? new AmqpArray(NULL, items, code) : code & 1 ? new AmqpMap([], code) : new List(items, code)

function readList(reader: Reader, code: number, count: number, depth: number): List {
  const items: Value[] = []
  const { traced } = reader
  for (let index = 0; index < count; index++) {
    if (reader.remaining === 0) {
      short(reader, index, count)
      break
    }
    items.push(readValue(reader, traced ? `[${index}]` : 'item', depth))
  }
  return new List(items, code)
}

function readMap(reader: Reader, code: number, count: number, depth: number): AmqpMap {
  const entries: Entry[] = []
  if (count % 2 !== 0) reader.flag('error', 'odd-map', `a map of ${count} keys and values together`, '1.6.23')
  for (let index = 0; index + 1 < count; index += 2) {
    if (reader.remaining === 0) {
      short(reader, index, count)
      break
    }
    const key = readValue(reader, 'key', depth)
    const name = key instanceof Scalar && typeof key.value === 'string' && key.value !== '' ? key.value : 'value'
    entries.push({ key, value: readValue(reader, name, depth) })
  }
  return new AmqpMap(entries, code)
}

function readArray(reader: Reader, code: number, count: number, depth: number): AmqpArray {
  const descriptors: Value[] = []
  const items: Value[] = []
  while (reader.bytes[reader.position] === DESCRIBED && reader.remaining > 0 && descriptors.length < MAX_DEPTH) {
    descriptors.push(readDescriptor(reader, depth))
  }
  const element = reader.u8('element')
  if (reader.traced) reader.label(encodingName(element))
  if (isEmpty(element)) {
    if (typeOf(element) === undefined) flagUnknown(reader, element)
    return new AmqpArray(element, items, code, descriptors, count)
  }
  const { traced } = reader
  for (let index = 0; index < count; index++) {
    if (reader.remaining === 0) {
      short(reader, index, count)
      break
    }
    const name = traced ? `[${index}]` : 'item'
    items.push(readData(reader, element, name, reader.position, depth))
  }
  return new AmqpArray(element, items, code, descriptors)
}

function short(reader: Reader, found: number, count: number): void {
  const at = reader.offset
  reader.flag('error', 'short-compound', `${count} elements are announced, ${found} are there`, '1.6.22', at, at)
}
