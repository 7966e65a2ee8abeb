import { Reader, type Writer } from '../core/index.ts'
import { writeObject } from './compose.ts'
import { DOFF_UNIT, HEADER_SIZE } from './delimit.ts'
import type { Context } from './dialogue.ts'
import { writeValue } from './encode.ts'
import type { Amqp10Frame, ProtocolHeader, Unknown } from './frames.ts'
import { writeMessage } from './message.ts'
import { bodyAt, rowAt } from './peek.ts'
import { type Row, rowNamed } from './schema.ts'
import { AMQP_FRAME, SASL_FRAME } from './tables.ts'
import { skip } from './types.ts'
import type { Wire } from './wire.ts'

export function writeFrame(writer: Writer, frame: Amqp10Frame, _context: Context): void {
  if (frame.type === 'protocol-header') {
    writeProtocolHeader(writer, frame)
    return
  }
  const { extendedHeader, wire } = frame
  const at = writer.position
  const extra = extendedHeader?.length ?? 0
  if (extra % DOFF_UNIT !== 0 || extra > 0xff * DOFF_UNIT - HEADER_SIZE) {
    throw new RangeError(`an extended header of ${extra} octets is no number of words, or too long`)
  }
  const isSasl = frame.type.startsWith('sasl-')
  writer.u32(0)
  writer.u8((HEADER_SIZE + extra) / DOFF_UNIT)
  writer.u8(wire === undefined ? (isSasl ? SASL_FRAME : AMQP_FRAME) : (wire.bytes[wire.start + 5] as number))
  if ('channel' in frame) writer.u16(frame.channel)
  else
    writer.u16(
      wire === undefined ? 0 : ((wire.bytes[wire.start + 6] as number) << 8) | (wire.bytes[wire.start + 7] as number),
    )
  if (extendedHeader !== undefined) writer.raw(extendedHeader)
  if (frame.type === 'unknown') writeUnknown(writer, frame)
  else if (frame.type !== 'empty') writeBody(writer, frame, wire)
  writer.patch32(at, writer.position - at)
}

/** Followed by what followed it. */
function writeUnknown(writer: Writer, { body, wire }: Unknown): void {
  writeValue(writer, body)
  if (wire === undefined) return
  const end = skip(wire.bytes, bodyAt(wire.bytes, wire.start), wire.end)
  if (end >= 0) writer.raw(wire.bytes.subarray(end, wire.end))
}

function writeProtocolHeader(writer: Writer, { protocolId, major, minor, revision }: ProtocolHeader): void {
  writer.text('AMQP')
  writer.u8(protocolId)
  writer.u8(major)
  writer.u8(minor)
  writer.u8(revision)
}

function writeBody(
  writer: Writer,
  frame: Exclude<Amqp10Frame, { type: 'protocol-header' }>,
  wire: Wire | undefined,
): void {
  const row = rowNamed(frame.type)
  const model = modelOf(row, wire)
  writeObject(writer, row, frame, model)
  if (frame.type === 'transfer') {
    if (frame.message !== undefined) writeMessage(writer, frame.message)
    else if (frame.payload !== undefined) writer.raw(frame.payload)
  } else if (model !== undefined) writer.raw(model.bytes.subarray(model.position, model.limit))
}

/** The frame's body as it was read, where it was. */
function modelOf(row: Row, wire: Wire | undefined): Reader | undefined {
  if (wire === undefined) return undefined
  const { bytes, start, end } = wire
  const at = bodyAt(bytes, start)
  return rowAt(bytes, at, end) === row ? new Reader().openBytes(bytes, at, end) : undefined
}
