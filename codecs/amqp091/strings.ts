import { nameAt, type Reader, type Writer } from '../core/index.ts'

/**
 * Text where it is UTF-8, as the specification wants it [4.2.5.3]; else the bytes themselves. RabbitMQ lets anything
 * pass, and binary correlation ids are common: read as text they would all look alike.
 */
export type Text = string | Uint8Array

export function readShortString(reader: Reader, lengthName: string, name: string): Text {
  const value = readText(reader, reader.u8(lengthName), name)
  if (typeof value !== 'string' && !reader.ranOut) {
    const end = reader.offset
    const message = `${name} is not UTF-8: kept as bytes`
    reader.flag('warning', 'invalid-utf8', message, '4.2.5.3', end - value.length, end)
  }
  return value
}

/** A long string may hold any bytes: no fault if they are not text. */
export function readText(reader: Reader, length: number, name: string): Text {
  const start = reader.position
  const outer = reader.enter(length, name)
  const end = reader.limit
  reader.limit = outer
  const value = nameAt(reader.bytes, start, end) ?? reader.bytes.subarray(start, end)
  reader.position = end
  reader.field(name, start, value)
  return value
}

export function writeShortString(writer: Writer, text: Text): void {
  const at = writer.position
  writer.u8(0)
  const length = writeText(writer, text)
  if (length > 255) throw new RangeError(`${length} bytes do not fit in a short string`)
  writer.patch8(at, length)
}

export function writeLongString(writer: Writer, text: Text): void {
  const at = writer.position
  writer.u32(0)
  writer.patch32(at, writeText(writer, text))
}

/** Returns the bytes written. */
function writeText(writer: Writer, text: Text): number {
  if (typeof text === 'string') return writer.text(text)
  writer.raw(text)
  return text.length
}
