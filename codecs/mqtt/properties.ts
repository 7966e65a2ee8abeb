import type { Deferred, Reader, Side, Writer } from '../core/index.ts'
import { clause } from './clauses.ts'
import {
  beginSection,
  finishSection,
  readBinary,
  readString,
  readVarint,
  writeBinary,
  writeString,
  writeVarint,
} from './primitives.ts'
import {
  AUTHENTICATION_DATA,
  BINARY,
  BYTE,
  FOUR_BYTE,
  PAIR,
  type Place,
  type Properties,
  type PropertyRow,
  propertyById,
  propertyByName,
  RESPONSE_TOPIC,
  SESSION_EXPIRY_INTERVAL,
  STRING,
  SUBSCRIPTION_IDENTIFIER,
  TWO_BYTE,
  type UserProperty,
  VARINT,
} from './property-table.ts'
import { DISCONNECT, PUBLISH } from './tables.ts'

export { type Properties, type UserProperty, WILL } from './property-table.ts'

type Value = number | string | Uint8Array | UserProperty
type Values = { -readonly [Name in keyof Properties]: Properties[Name] }

/** Properties as read, with the section itself where its values alone would not give the same bytes again. */
class ReadProperties {
  #section: Uint8Array | undefined

  static keepSection(properties: ReadProperties, section: Uint8Array): void {
    properties.#section = section
  }

  static sectionOf(properties: Properties): Uint8Array | undefined {
    return #section in properties ? (properties as ReadProperties).#section : undefined
  }
}

function readAll(reader: Reader, place: Place, side: Side): Properties {
  const properties = new ReadProperties()
  const values = properties as Values
  const start = reader.position
  const first = reader.offset
  let exact = true
  let last = 0
  while (reader.remaining > 0) {
    const id = reader.bytes[reader.position] as number
    const row = propertyById(id)
    if (row === undefined) {
      reader.take(reader.remaining, 'unknownProperty')
      reader.flag('error', 'unknown-property', `there is no property 0x${id.toString(16)}`, clause('property', 5))
      exact = false
      break
    }
    reader.begin(row.name)
    const begun = reader.offset
    reader.u8('identifier')
    const value = readValue(reader, row)
    // A credential is told by its leaf alone: what is around it is no secret.
    reader.done(row.id === AUTHENTICATION_DATA ? undefined : value)
    check(reader, row, value, begun, place, side)
    if (row.type === PAIR || row.type === VARINT) {
      const list = values[row.name] as Value[] | undefined
      if (list === undefined) (values[row.name] as Value[]) = [value]
      else {
        list.push(value)
        exact &&= last === id
      }
    } else if (values[row.name] === undefined) (values[row.name] as Value) = value
    else {
      exact = false
      refuse(reader, 'repeated-property', `${row.name} stands here twice`, clause('property', 5), begun)
    }
    last = id
  }
  if (values.authenticationData !== undefined && values.authenticationMethod === undefined) {
    refuse(reader, 'authentication-data', 'authentication data without a method', 'MQTT 5.0 §3.1.2.11.10', first)
  }
  if (!exact || reader.ranOut || values.subscriptionIdentifiers !== undefined) {
    ReadProperties.keepSection(properties, reader.bytes.subarray(start, reader.position))
  }
  return values
}

function readValue(reader: Reader, row: PropertyRow): Value {
  switch (row.type) {
    case BYTE:
      return reader.u8('value')
    case TWO_BYTE:
      return reader.u16('value')
    case FOUR_BYTE:
      return reader.u32('value')
    case VARINT:
      return readVarint(reader, 'value', 5)
    case STRING:
      return readString(reader, 'length', 'value', 5, row.id === RESPONSE_TOPIC ? 'responseTopicWildcard' : undefined)
    case BINARY: {
      const value = readBinary(reader, 'length', 'value')
      if (row.id === AUTHENTICATION_DATA) reader.secret()
      return value
    }
    default: {
      const name = readString(reader, 'nameLength', 'name', 5)
      return { name, value: readString(reader, 'valueLength', 'value', 5) }
    }
  }
}

function check(reader: Reader, row: PropertyRow, value: Value, begun: number, place: Place, side: Side): void {
  if ((row.places & (1 << place)) === 0) {
    refuse(reader, 'misplaced-property', `${row.name} has no place here`, clause('property', 5), begun)
  } else if (row.id === SUBSCRIPTION_IDENTIFIER && place === PUBLISH && side === 'client') {
    const message = 'only a server sends subscription identifiers in a PUBLISH'
    refuse(reader, 'misplaced-property', message, 'MQTT-3.3.4-6', begun)
  } else if (row.id === SESSION_EXPIRY_INTERVAL && place === DISCONNECT && side === 'server') {
    const message = 'only a client sends a session expiry interval in a DISCONNECT'
    refuse(reader, 'misplaced-property', message, 'MQTT-3.14.2-2', begun)
  }
  if (typeof value === 'number' && (value < (row.least ?? 0) || value > (row.most ?? value))) {
    refuse(reader, 'property-value', `${row.name} is ${value}`, row.rule, begun)
  }
}

const refuse = (reader: Reader, code: string, message: string, rule: string | undefined, begun: number): void =>
  reader.flag('error', code, message, rule, begun, reader.offset)

type SectionReader = (reader: Reader) => Properties
const sectionReaders: Readonly<Record<Side, readonly SectionReader[]>> = {
  client: Array.from({ length: 16 }, (_, place) => reader => readAll(reader, place, 'client')),
  server: Array.from({ length: 16 }, (_, place) => reader => readAll(reader, place, 'server')),
}

/** The section's length, and the section for when it is asked for. */
export function deferProperties(reader: Reader, place: Place, side: Side): Deferred<Properties> {
  const length = readVarint(reader, 'propertyLength', 5)
  return reader.defer(length, 'properties', sectionReaders[side][place] as SectionReader)
}

/** The section, read at once. */
export function readProperties(reader: Reader, place: Place, side: Side, name = 'properties'): Properties {
  const length = readVarint(reader, name === 'properties' ? 'propertyLength' : `${name}Length`, 5)
  const outer = reader.enter(length, name)
  reader.begin(name)
  const properties = readAll(reader, place, side)
  reader.leave(outer)
  reader.done()
  return properties
}

/** What an application says in `properties`, as a section with its length; an empty one for undefined. */
export function writeProperties(writer: Writer, properties: Properties | undefined): void {
  if (properties === undefined) {
    writer.u8(0)
    return
  }
  const section = ReadProperties.sectionOf(properties)
  if (section !== undefined) {
    writeVarint(writer, section.length)
    writer.raw(section)
    return
  }
  const start = beginSection(writer, 0)
  for (const name in properties) {
    const row = propertyByName(name)
    const value = properties[name as keyof Properties]
    if (row === undefined) throw new RangeError(`MQTT has no property ${name}`)
    if (Array.isArray(value)) for (const one of value) writeValue(writer, row, one as Value)
    else if (value !== undefined) writeValue(writer, row, value as Value)
  }
  finishSection(writer, start, 0)
}

function writeValue(writer: Writer, row: PropertyRow, value: Value): void {
  writer.u8(row.id)
  switch (row.type) {
    case BYTE:
      writer.u8(value as number)
      break
    case TWO_BYTE:
      writer.u16(value as number)
      break
    case FOUR_BYTE:
      writer.u32(value as number)
      break
    case VARINT:
      writeVarint(writer, value as number)
      break
    case STRING:
      writeString(writer, value as string)
      break
    case BINARY:
      writeBinary(writer, value as Uint8Array)
      break
    default:
      writeString(writer, (value as UserProperty).name)
      writeString(writer, (value as UserProperty).value)
  }
}
