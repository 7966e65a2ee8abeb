import { Deferred, type Reader, type Writer } from '../core/index.ts'
import { Body, type BodyKind, type Message, type Payload } from './body.ts'
import { writeComposite, writeDescriptor, writeObject } from './compose.ts'
import { readComposite, readDescriptor, readFields } from './composite.ts'
import { readValue } from './decode.ts'
import { writeValue } from './encode.ts'
import { flagFrom } from './flag.ts'
import type { Composite, Header, Properties } from './frames.ts'
import { makeHeader, makeProperties } from './make.ts'
import { newSlots } from './quick.ts'
import { HEADER, PROPERTIES, quickMessage } from './quick-message.ts'
import { descriptorAt } from './schema.ts'
import { sections } from './tables.ts'
import { AmqpMap, List, Value } from './value.ts'

/** The code of the section that begins at `at`; 0 where none does. */
export function sectionAt(bytes: Uint8Array, at: number, end: number): number {
  const code = descriptorAt(bytes, at, end)
  return code >= 0x70 && code <= 0x78 ? code : 0
}

/** The rest of the frame, as a message. */
export function readPayload(reader: Reader): Payload {
  const { bytes, position: start, limit } = reader
  if (!reader.deep) {
    reader.position = limit
    return new Deferred(readMessage, bytes, start, limit)
  }
  reader.begin('message')
  const value = readMessage(reader)
  reader.done()
  return new Deferred(readMessage, bytes, start, limit, { value })
}

interface Draft {
  header?: Header
  deliveryAnnotations?: AmqpMap
  messageAnnotations?: AmqpMap
  properties?: Properties
  applicationProperties?: AmqpMap
  body?: Body
  footer?: AmqpMap
}

export function readMessage(reader: Reader): Message {
  if (!reader.deep) {
    const quick = quickMessage(reader.bytes, reader.position, reader.limit)
    if (quick !== undefined) {
      reader.position = reader.limit
      return quick
    }
  }
  const message: Draft = {}
  const parts: (Value | Composite)[] = []
  let last = 0
  let body = 0
  while (reader.remaining > 0) {
    const start = reader.position
    const code = sectionAt(reader.bytes, reader.position, reader.limit)
    const { name, section } = sections[code] ?? NO_SECTION
    if (code === 0) {
      readValue(reader, name)
      flagFrom(reader, start, 'error', 'unknown-section', 'a value that is no section of a message', section)
      continue
    }
    reader.begin(name)
    readDescriptor(reader, name)
    const wrong = readSection(reader, code, message, parts)
    reader.done()
    if (wrong && !reader.ranOut) flagFrom(reader, start, 'error', 'wrong-type', `${name} is of another type`, section)
    if (code < last || (code === last && !REPEATABLE.has(code))) {
      const message = `${name} stands after ${sections[last]?.name}`
      flagFrom(reader, start, 'warning', 'section-order', message, '3.2')
    }
    last = code
    if (code < 0x75 || code > 0x77) continue
    if (body !== 0 && code !== body) {
      flagFrom(reader, start, 'error', 'mixed-body', `${name} after a body of ${sections[body]?.name}`, '3.2')
    }
    body = code
  }
  return message
}

const NO_SECTION = { name: 'section', section: '3.2' }
const REPEATABLE: ReadonlySet<number> = new Set([0x75, 0x76])

/** Where the fields of the section being read are gathered; what is nested in them has its own. */
const slots = newSlots()

/** True where the section is not of the type that it has to be. */
function readSection(reader: Reader, code: number, message: Draft, parts: (Value | Composite)[]): boolean {
  switch (code) {
    case 0x70:
      readFields(reader, HEADER, slots)
      message.header = makeHeader(slots)
      return false
    case 0x73:
      readFields(reader, PROPERTIES, slots)
      message.properties = makeProperties(slots)
      return false
    case 0x75: {
      const part = readValue(reader, 'value')
      parts.push(part)
      message.body = new Body('data', parts)
      return part.type !== 'binary'
    }
    case 0x76: {
      const part = readValue(reader, 'value')
      parts.push(part)
      message.body = new Body('amqpSequence', parts)
      return !(part instanceof List)
    }
    case 0x77:
      parts.push(readComposite(reader, 'value') as Value | Composite)
      message.body = new Body('amqpValue', parts)
      return false
    default: {
      const map = readValue(reader, 'value')
      if (!(map instanceof AmqpMap)) return true
      message[MAPS[code] as 'footer'] = map
      return false
    }
  }
}

const MAPS: Readonly<
  Record<number, 'deliveryAnnotations' | 'messageAnnotations' | 'applicationProperties' | 'footer'>
> = { 113: 'deliveryAnnotations', 114: 'messageAnnotations', 116: 'applicationProperties', 120: 'footer' }
const BODIES: Readonly<Record<BodyKind, number>> = { data: 0x75, amqpSequence: 0x76, amqpValue: 0x77 }

/** One that was read is written as it came. */
export function writeMessage(writer: Writer, message: Payload | Message): void {
  if (message instanceof Deferred) {
    writer.raw(message.bytes.subarray(message.start, message.end))
    return
  }
  if (message.header !== undefined) writeObject(writer, HEADER, message.header)
  writeMap(writer, 0x71, message.deliveryAnnotations)
  writeMap(writer, 0x72, message.messageAnnotations)
  if (message.properties !== undefined) writeObject(writer, PROPERTIES, message.properties)
  writeMap(writer, 0x74, message.applicationProperties)
  const { body } = message
  if (body !== undefined) {
    for (const part of body.sections) {
      writeDescriptor(writer, BODIES[body.kind])
      if (part instanceof Value) writeValue(writer, part)
      else writeComposite(writer, part)
    }
  }
  writeMap(writer, 0x78, message.footer)
}

function writeMap(writer: Writer, code: number, map: AmqpMap | undefined): void {
  if (map === undefined) return
  writeDescriptor(writer, code)
  writeValue(writer, map)
}
