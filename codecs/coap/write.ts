import type { Writer } from '../core/index.ts'
import type { CoapFrame, DatagramFrame, ReliableFrame } from './frames.ts'
import type { Options } from './options.ts'
import { codeByte, MESSAGE_TYPES, PAYLOAD_MARKER } from './tables.ts'

export function writeDatagram(writer: Writer, frame: DatagramFrame): void {
  const token = nibbleOf(frame.token.length)
  writer.u8((frame.version << 6) | (MESSAGE_TYPES.indexOf(frame.type) << 4) | token)
  writer.u8(codeByte(frame.code))
  writer.u16(frame.messageId)
  writeExtension(writer, token, frame.token.length)
  writer.raw(frame.token)
  writeBody(writer, frame)
}

export function writeReliable(writer: Writer, frame: ReliableFrame): void {
  const start = writer.position
  writeWebSocket(writer, frame)
  const token = nibbleOf(frame.token.length)
  const length = writer.position - start - 2 - (token < 13 ? 0 : token - 12) - frame.token.length
  if (length < 13) {
    writer.patch8(start, (length << 4) | token)
    return
  }
  const nibble = length < 269 ? 13 : length < 65805 ? 14 : 15
  const size = 1 << (nibble - 13)
  writer.patch8(start, (nibble << 4) | token)
  writer.insert(start + 1, size)
  if (size === 1) writer.patch8(start + 1, length - 13)
  else if (size === 2) writer.patch16(start + 1, length - 269)
  else writer.patch32(start + 1, length - 65805)
}

/** The length is 0: the WebSocket message has its own [RFC 8323 §4.2]. */
export function writeWebSocket(writer: Writer, frame: ReliableFrame): void {
  const token = nibbleOf(frame.token.length)
  writer.u8(token)
  writer.u8(codeByte(frame.code))
  writeExtension(writer, token, frame.token.length)
  writer.raw(frame.token)
  writeBody(writer, frame)
}

function writeBody(writer: Writer, { options, payload }: CoapFrame): void {
  writeOptions(writer, options)
  if (payload === undefined) return
  writer.u8(PAYLOAD_MARKER)
  writer.raw(payload)
}

function writeOptions(writer: Writer, options: Options): void {
  const { wire } = options
  if (wire !== undefined) {
    writer.raw(wire)
    return
  }
  let before = 0
  for (const { number, bytes } of options.list) {
    const delta = number - before
    const { length } = bytes
    const deltaNibble = nibbleOf(delta)
    const lengthNibble = nibbleOf(length)
    writer.u8((deltaNibble << 4) | lengthNibble)
    writeExtension(writer, deltaNibble, delta)
    writeExtension(writer, lengthNibble, length)
    writer.raw(bytes)
    before = number
  }
}

/** How the four bits say a length or a delta; see `extension`. */
const nibbleOf = (value: number): number => (value < 13 ? value : value < 269 ? 13 : 14)

function writeExtension(writer: Writer, nibble: number, value: number): void {
  if (nibble === 13) writer.u8(value - 13)
  else if (nibble === 14) writer.u16(value - 269)
}
