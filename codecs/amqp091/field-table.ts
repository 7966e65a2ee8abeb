import { Reader, utf8, type Writer } from '../core/index.ts'
import { readShortString, readText, type Text, writeLongString, writeShortString } from './strings.ts'
import { timeOf } from './time.ts'

/**
 * Field tables and field arrays [4.2.5.5], with the tags that RabbitMQ, Qpid and all clients use rather than those that
 * 0-9-1 prints (RabbitMQ's errata, §3).
 *
 * Both are immutable. One that came off the wire keeps its bytes: it is taken apart when first asked, and written back
 * as it came, whatever its makers put in it (a boolean that is neither 0 nor 1, a tag that nobody knows).
 */

/** `scale` digits of `value` stand after the point. */
export class Decimal {
  readonly scale: number
  readonly value: number

  constructor(scale: number, value: number) {
    this.scale = scale
    this.value = value
  }

  /** As text: binary fractions cannot hold it. */
  toJSON(): string {
    const digits = String(this.value).padStart(this.scale + 1, '0')
    return this.scale === 0 ? digits : `${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}`
  }
}

/** Bytes stand for a string that is not UTF-8, for a byte array, and for what could not be taken apart. */
export type FieldValue = boolean | number | bigint | null | Text | Decimal | Table | FieldArray

/** One value with its tag, the letter that says how it is encoded: a 1 may be a `b`, `B`, `s`, `u`, `I`, `i` or `l`. */
export interface Tagged {
  readonly tag: string
  readonly value: FieldValue
}

export interface Entry extends Tagged {
  readonly key: string
}

/** For what is read after its frame. Tables within are read later again, so one will do. */
const later = new Reader()

/** What a section of the wire holds, found out when first asked. */
class Section<T extends Tagged> {
  readonly #bytes: Uint8Array | undefined
  readonly #start: number
  readonly #end: number
  readonly #depth: number
  #items: readonly T[] | undefined

  constructor(items: readonly T[] | undefined, bytes?: Uint8Array, start = 0, end = 0, depth = 0) {
    this.#items = items
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#depth = depth
  }

  /** In the order of the wire. */
  protected items(read: (reader: Reader, depth: number) => T[]): readonly T[] {
    if (this.#items === undefined) {
      this.#items = read(later.openBytes(this.#bytes as Uint8Array, this.#start, this.#end), this.#depth)
    }
    return this.#items
  }

  /** The bytes that it came as, without their length; none if it was made here. */
  get wire(): Uint8Array | undefined {
    return this.#bytes?.subarray(this.#start, this.#end)
  }
}

export class Table extends Section<Entry> {
  static readonly empty = new Table([])

  /** A table of plain values, each with the tag that clients usually give it. */
  static of(values: Readonly<Record<string, Plain>>): Table {
    return new Table(Object.entries(values).map(([key, value]) => ({ key, ...tagged(value) })))
  }

  /** Duplicate keys are kept. */
  get entries(): readonly Entry[] {
    return this.items(readEntries)
  }

  /** The first value of `key`: it is the one that RabbitMQ goes by. */
  get(key: string): FieldValue | undefined {
    return this.entries.find(entry => entry.key === key)?.value
  }

  toJSON(): Record<string, FieldValue> {
    // Without a prototype, so that no key that users may choose means anything.
    const json = Object.create(null) as Record<string, FieldValue>
    for (const { key, value } of this.entries) if (!(key in json)) json[key] = value
    return json
  }
}

export class FieldArray extends Section<Tagged> {
  get values(): readonly Tagged[] {
    return this.items(readValues)
  }

  toJSON(): FieldValue[] {
    return this.values.map(({ value }) => value)
  }
}

/** Values that `Table.of` finds a tag for. */
export type Plain = FieldValue | Date | readonly Plain[] | { readonly [key: string]: Plain }

function tagged(plain: Plain): Tagged {
  if (typeof plain === 'boolean') return { tag: 't', value: plain }
  if (typeof plain === 'string') return { tag: 'S', value: plain }
  if (typeof plain === 'bigint') return { tag: 'l', value: plain }
  if (typeof plain === 'number') {
    if (!Number.isSafeInteger(plain)) return { tag: 'd', value: plain }
    return { tag: plain === (plain | 0) ? 'I' : 'l', value: plain }
  }
  if (plain === null) return { tag: 'V', value: null }
  if (plain instanceof Uint8Array) return { tag: 'x', value: plain }
  if (plain instanceof Date) return { tag: 'T', value: Math.floor(plain.getTime() / 1000) }
  if (plain instanceof Decimal) return { tag: 'D', value: plain }
  if (plain instanceof Table) return { tag: 'F', value: plain }
  if (plain instanceof FieldArray) return { tag: 'A', value: plain }
  if (Array.isArray(plain)) return { tag: 'A', value: new FieldArray(plain.map(tagged)) }
  return { tag: 'F', value: Table.of(plain as Readonly<Record<string, Plain>>) }
}

/** What nests deeper stays bytes: nobody means it, and reading it would cost the stack. */
const MAX_DEPTH = 64
/** What is longer stays bytes: it would take a hundred times its size to show. */
const MAX_LENGTH = 256 << 10

export function readTable(reader: Reader, lengthName: string, name: string, depth = 0): Table {
  const length = reader.u32(lengthName)
  if (length === 0) return Table.empty
  const start = reader.position
  const entries = readSection(reader, length, name, depth, readEntries)
  return new Table(entries, reader.bytes, start, reader.position, depth)
}

function readArray(reader: Reader, lengthName: string, name: string, depth: number): FieldArray {
  const length = reader.u32(lengthName)
  const start = reader.position
  const values = readSection(reader, length, name, depth, readValues)
  return new FieldArray(values, reader.bytes, start, reader.position, depth)
}

/** Passes over `length` bytes; a deep reader takes them apart on the way. */
function readSection<T>(
  reader: Reader,
  length: number,
  name: string,
  depth: number,
  read: (reader: Reader, depth: number) => T[],
): T[] | undefined {
  if (reader.deep) reader.begin(name)
  const outer = reader.enter(length, name)
  const items = reader.deep ? read(reader, depth) : undefined
  reader.position = reader.limit
  reader.leave(outer)
  if (reader.deep) reader.done()
  return items
}

/** Up to so many keys it takes less to compare them than to make a set of them. */
const FEW = 8

function readEntries(reader: Reader, depth: number): Entry[] {
  const entries: Entry[] = []
  let keys: Set<string> | undefined
  if (reader.remaining > MAX_LENGTH) return [{ key: '', ...tooLong(reader) }]
  while (reader.remaining > 0) {
    reader.begin('entry')
    const key = readKey(reader)
    if (reader.deep) {
      if (entries.length === FEW) keys = new Set(entries.map(entry => entry.key))
      if (keys?.has(key) ?? entries.some(entry => entry.key === key)) {
        reader.flag('note', 'duplicate-key', `"${key}" stands in this table twice`, '4.2.5.5')
      }
      keys?.add(key)
    }
    const tag = reader.u8('tag')
    entries.push({ key, tag: letters[tag] as string, value: readTagged(reader, tag, depth) })
    reader.done()
  }
  return entries
}

function readKey(reader: Reader): string {
  const text = readShortString(reader, 'keyLength', 'key')
  return typeof text === 'string' ? text : utf8(text, 0, text.length)
}

function readValues(reader: Reader, depth: number): Tagged[] {
  const values: Tagged[] = []
  if (reader.remaining > MAX_LENGTH) return [tooLong(reader)]
  while (reader.remaining > 0) {
    reader.begin('item')
    const tag = reader.u8('tag')
    values.push({ tag: letters[tag] as string, value: readTagged(reader, tag, depth) })
    reader.done()
  }
  return values
}

/** What stands after a tag. */
function readTagged(reader: Reader, tag: number, depth: number): FieldValue {
  const encoding = encodings[tag]
  if (encoding !== undefined) {
    reader.label(encoding.name)
    return encoding.read(reader, depth + 1)
  }
  reader.label('unknown')
  if (!reader.ranOut) {
    const message = `no value is known to begin with ${tag}: the rest of this table stays bytes`
    reader.flag('warning', 'unknown-tag', message, '4.2.5.5')
  }
  return reader.take(reader.remaining, 'value')
}

const letters: readonly string[] = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))

interface Encoding {
  readonly name: string
  read(reader: Reader, depth: number): FieldValue
  write(writer: Writer, value: FieldValue): void
}

const readLong = (reader: Reader): Uint8Array => reader.take(reader.u32('length'), 'value')

function tooLong(reader: Reader): Tagged {
  const value = reader.take(reader.remaining, 'value')
  reader.flag('warning', 'table-too-long', `more than ${MAX_LENGTH} bytes of fields: kept as bytes`)
  return { tag: 'x', value }
}

function tooDeep(reader: Reader): Uint8Array {
  const value = readLong(reader)
  reader.flag('warning', 'nested-too-deep', `more than ${MAX_DEPTH} tables deep: kept as bytes`, '4.2.5.5')
  return value
}

function readBoolean(reader: Reader): boolean {
  const value = reader.u8('value') !== 0
  reader.label(String(value))
  return value
}

function readTime(reader: Reader): number | bigint {
  const value = reader.u64('value')
  if (reader.traced) reader.label(timeOf(value)?.toISOString())
  return value
}

const byTag: Readonly<Record<string, Encoding>> = {
  t: { name: 'bool', read: readBoolean, write: (w, v) => w.u8(v === true ? 1 : 0) },
  b: { name: 'int8', read: r => r.i8('value'), write: (w, v) => w.u8(v as number) },
  B: { name: 'uint8', read: r => r.u8('value'), write: (w, v) => w.u8(v as number) },
  s: { name: 'int16', read: r => r.i16('value'), write: (w, v) => w.u16(v as number) },
  // The printed specification's letter for `s`, which RabbitMQ refuses.
  U: { name: 'int16', read: r => r.i16('value'), write: (w, v) => w.u16(v as number) },
  u: { name: 'uint16', read: r => r.u16('value'), write: (w, v) => w.u16(v as number) },
  I: { name: 'int32', read: r => r.i32('value'), write: (w, v) => w.u32(v as number) },
  i: { name: 'uint32', read: r => r.u32('value'), write: (w, v) => w.u32(v as number) },
  l: { name: 'int64', read: r => r.i64('value'), write: (w, v) => w.u64(v as number | bigint) },
  L: { name: 'int64', read: r => r.i64('value'), write: (w, v) => w.u64(v as number | bigint) },
  f: { name: 'float', read: r => r.f32('value'), write: (w, v) => w.f32(v as number) },
  d: { name: 'double', read: r => r.f64('value'), write: (w, v) => w.f64(v as number) },
  D: {
    name: 'decimal',
    read: r => new Decimal(r.u8('scale'), r.u32('value')),
    write: (w, v) => {
      w.u8((v as Decimal).scale)
      w.u32((v as Decimal).value)
    },
  },
  // Any bytes may stand in a long string [4.2.5.3]: no fault if they are not text.
  S: {
    name: 'long string',
    read: r => readText(r, r.u32('length'), 'value'),
    write: (w, v) => writeLongString(w, v as Text),
  },
  x: { name: 'byte array', read: readLong, write: (w, v) => writeLongString(w, v as Uint8Array) },
  T: { name: 'timestamp', read: readTime, write: (w, v) => w.u64(v as number | bigint) },
  V: { name: 'void', read: () => null, write: () => {} },
  A: {
    name: 'array',
    read: (r, depth) => (depth > MAX_DEPTH ? tooDeep(r) : readArray(r, 'length', 'value', depth)),
    write: (w, v) => writeSection(w, v as FieldArray | Uint8Array),
  },
  F: {
    name: 'table',
    read: (r, depth) => (depth > MAX_DEPTH ? tooDeep(r) : readTable(r, 'length', 'value', depth)),
    write: (w, v) => writeSection(w, v as Table | Uint8Array),
  },
}

const encodings: readonly (Encoding | undefined)[] = letters.map(tag => byTag[tag])

export const writeTable = (writer: Writer, table: Table): void => writeSection(writer, table)

function writeSection(writer: Writer, section: Table | FieldArray | Uint8Array): void {
  const wire = section instanceof Uint8Array ? section : section.wire
  if (wire !== undefined) {
    writeLongString(writer, wire)
    return
  }
  const at = writer.position
  writer.u32(0)
  if (section instanceof Table) {
    for (const entry of section.entries) {
      writeShortString(writer, entry.key)
      writeTagged(writer, entry)
    }
  } else for (const value of (section as FieldArray).values) writeTagged(writer, value)
  writer.patch32(at, writer.position - at - 4)
}

function writeTagged(writer: Writer, { tag, value }: Tagged): void {
  const code = tag.charCodeAt(0)
  writer.u8(code)
  const encoding = encodings[code]
  if (encoding !== undefined) encoding.write(writer, value)
  else if (value instanceof Uint8Array) writer.raw(value)
  else throw new RangeError(`no field value has the tag "${tag}"`)
}
