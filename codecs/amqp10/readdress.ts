import { concat, Reader, utf8, Writer } from '../core/index.ts'
import { writeObject } from './compose.ts'
import { readFields } from './composite.ts'
import type { Header, Properties } from './frames.ts'
import { makeHeader, makeProperties } from './make.ts'
import { sectionAt } from './message.ts'
import { fieldAt } from './peek.ts'
import { newSlots } from './quick.ts'
import { HEADER, PROPERTIES } from './quick-message.ts'
import type { Row } from './schema.ts'
import { dataEnd, skip } from './types.ts'
import type { Value } from './value.ts'

/** How a message is called otherwise in another run. */
export interface Renaming {
  address(recorded: string): string
  correlation?(recorded: Value): Value
}

/** Places in a message's properties [3.2.4]. */
const TO = 2
const REPLY_TO = 4
const STR8 = 0xa1
const STR32 = 0xb1

/** A message, or the beginning of one, under the names of another run; itself where they are the same. */
export function readdressed(bytes: Uint8Array, by: Renaming): Uint8Array {
  const at = sectionOf(bytes, PROPERTIES.code)
  if (at < 0) return bytes
  const [to, replyTo] = [renamed(bytes, at, TO, by), renamed(bytes, at, REPLY_TO, by)]
  if (to === undefined && replyTo === undefined && by.correlation === undefined) return bytes
  const properties = propertiesAt(bytes, at)
  const { correlationId: recorded } = properties
  const correlationId = recorded === undefined ? undefined : (by.correlation?.(recorded) ?? recorded)
  if (to === undefined && replyTo === undefined && correlationId === recorded) return bytes
  const changed = { ...properties, to: to ?? properties.to, replyTo: replyTo ?? properties.replyTo, correlationId }
  const end = skip(bytes, at, bytes.length)
  const writer = new Writer(256)
  writeObject(writer, PROPERTIES, changed, new Reader().openBytes(bytes, at, end))
  return concat([bytes.subarray(0, at), writer.take(), bytes.subarray(end)])
}

/** The properties of a message, where they are all there. */
export function propertiesOf(bytes: Uint8Array): Properties | undefined {
  const at = sectionOf(bytes, PROPERTIES.code)
  return at < 0 ? undefined : propertiesAt(bytes, at)
}

/** Where a message says that replies are to go. */
export function replyToOf(bytes: Uint8Array): string | undefined {
  const at = sectionOf(bytes, PROPERTIES.code)
  return at < 0 ? undefined : textOf(bytes, at, REPLY_TO)
}

/** Where the section of this descriptor stands; -1 where there is none, or not all of it. */
export function sectionOf(bytes: Uint8Array, code: number): number {
  const end = bytes.length
  for (let at = 0; at >= 0 && at < end; at = skip(bytes, at, end)) {
    const section = sectionAt(bytes, at, end)
    if (section === code) return skip(bytes, at, end) < 0 ? -1 : at
    if (section === 0 || section > code) return -1
  }
  return -1
}

const propertiesAt = (bytes: Uint8Array, at: number): Properties => makeProperties(fieldsAt(bytes, at, PROPERTIES))

function fieldsAt(bytes: Uint8Array, at: number, row: Row): readonly unknown[] {
  const slots = newSlots()
  const end = skip(bytes, at, bytes.length)
  readFields(new Reader().openBytes(bytes, skip(bytes, at + 1, end), end), row, slots)
  return slots
}

function renamed(bytes: Uint8Array, at: number, field: number, by: Renaming): string | undefined {
  const recorded = textOf(bytes, at, field)
  if (recorded === undefined || recorded === '') return undefined
  const live = by.address(recorded)
  return live === recorded ? undefined : live
}

function textOf(bytes: Uint8Array, properties: number, field: number): string | undefined {
  const at = fieldAt(bytes, properties, bytes.length, field)
  const code = bytes[at]
  if (at < 0 || (code !== STR8 && code !== STR32)) return undefined
  const end = dataEnd(bytes, code, at + 1, bytes.length)
  return end > bytes.length ? undefined : utf8(bytes, at + (code === STR8 ? 2 : 5), end)
}

/** The header of a message, where it is all there. */
export function headerOf(bytes: Uint8Array): Header | undefined {
  const at = sectionOf(bytes, HEADER.code)
  return at < 0 ? undefined : makeHeader(fieldsAt(bytes, at, HEADER))
}

/** Where the first section begins that comes after this one in a message. */
export function sectionAfter(bytes: Uint8Array, code: number): number {
  let at = 0
  for (let next = 0; next >= 0 && next < bytes.length; next = skip(bytes, next, bytes.length)) {
    at = next
    const section = sectionAt(bytes, next, bytes.length)
    if (section === 0 || section > code) return at
  }
  return bytes.length
}
