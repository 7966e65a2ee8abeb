import type { Reader, Writer } from '../core/index.ts'
import { readTable, Table, writeTable } from './field-table.ts'
import { readShortString, readText, type Text, writeLongString, writeShortString } from './strings.ts'
import type { ArgumentType } from './tables.ts'

/** What a method's argument or a message's property can be. A `bit` is none alone: it shares its octet with others. */
export type Value = number | bigint | boolean | Text | Table

/** A named value of the wire: one row of the tables. */
export interface Named {
  readonly name: string
  /** What the field tree calls the length in front of a string or table. */
  readonly lengthName: string
  readonly type: ArgumentType
}

export function readValue(reader: Reader, { type, name, lengthName }: Named): Value {
  switch (type) {
    case 'octet':
      return reader.u8(name)
    case 'short':
      return reader.u16(name)
    case 'long':
      return reader.u32(name)
    case 'longlong':
      return reader.u64(name)
    case 'shortstr':
      return readShortString(reader, lengthName, name)
    case 'longtext':
      return readText(reader, reader.u32(lengthName), name)
    case 'longstr':
      return reader.take(reader.u32(lengthName), name)
    case 'secret': {
      const value = reader.take(reader.u32(lengthName), name)
      reader.secret()
      return value
    }
    case 'table':
      return readTable(reader, lengthName, name)
    case 'bit':
      return reader.bit(name, 1)
  }
}

export function writeValue(writer: Writer, type: ArgumentType, value: Value): void {
  switch (type) {
    case 'octet':
    case 'bit':
      writer.u8(Number(value))
      break
    case 'short':
      writer.u16(value as number)
      break
    case 'long':
      writer.u32(value as number)
      break
    case 'longlong':
      writer.u64(value as number | bigint)
      break
    case 'shortstr':
      writeShortString(writer, value as Text)
      break
    case 'longtext':
    case 'longstr':
    case 'secret':
      writeLongString(writer, value as Text)
      break
    case 'table':
      writeTable(writer, value as Table)
      break
  }
}

const noBytes: Uint8Array = new Uint8Array(0)

/** What a reserved argument is where it is not in the frame. */
export const nothing: Readonly<Record<ArgumentType, Value>> = {
  octet: 0,
  short: 0,
  long: 0,
  longlong: 0,
  bit: false,
  shortstr: '',
  longtext: '',
  longstr: noBytes,
  secret: noBytes,
  table: Table.empty,
}

export const isNothing = (value: Value): boolean =>
  value instanceof Uint8Array ? value.length === 0 : value === 0 || value === '' || value === false
