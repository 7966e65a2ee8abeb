import type { Reader, Side } from '../core/index.ts'
import { readDescriptor, readFields } from './composite.ts'
import { readValue } from './decode.ts'
import { DOFF_UNIT, HEADER_SIZE, isProtocolHeader } from './delimit.ts'
import type { Context } from './dialogue.ts'
import { flagFrom } from './flag.ts'
import type { Amqp10Frame, ProtocolHeader, Unknown } from './frames.ts'
import { type Extended, makeDisposition, makeFlow, makeTransfer } from './make.ts'
import { readPayload, sectionAt } from './message.ts'
import { newSlots } from './quick.ts'
import { bodyOf, descriptorAt, type Field, type Row } from './schema.ts'
import { AMQP_FRAME, protocols, SASL_FRAME } from './tables.ts'
import { Wire } from './wire.ts'

/** Where the fields of the frame being read are gathered. Never holds two: what is nested has its own. */
const slots = newSlots()

export function readFrame(reader: Reader, context: Context, _side: Side): Amqp10Frame {
  const { bytes, position: start, limit } = reader
  if (isProtocolHeader(bytes, start, limit)) return readProtocolHeader(reader, context)
  const size = reader.u32('size')
  const doff = reader.u8('doff')
  const frameType = reader.u8('frameType')
  reader.label(frameType === SASL_FRAME ? 'SASL' : 'AMQP')
  const channel = frameType === SASL_FRAME ? ignored(reader) : reader.u16('channel')
  const { maxFrameSize } = context
  if (maxFrameSize !== undefined && size > maxFrameSize) {
    reader.flag(
      'error',
      'frame-too-large',
      `${size} octets, where the other side takes no more than ${maxFrameSize}`,
      '2.3.1',
      0,
      4,
    )
  }
  checkPhase(reader, context, frameType)
  const extra = doff * DOFF_UNIT - HEADER_SIZE
  const extendedHeader = extra > 0 ? reader.take(extra, 'extendedHeader') : undefined
  const wire = new Wire(bytes, start, limit)
  if (reader.remaining === 0) return { type: 'empty', channel, extendedHeader, wire }
  const row = bodyOf(descriptorAt(bytes, reader.position, limit))
  if (row === undefined) return readUnknown(reader, channel, extendedHeader, wire)
  readDescriptor(reader, row.name)
  if (isSasl(row) !== (frameType === SASL_FRAME)) {
    reader.flag('error', 'wrong-frame-type', `${row.name} in a frame of type ${frameType}`, row.section)
  }
  readFields(reader, row, slots)
  switch (row.name) {
    case 'transfer':
      return readTransfer(reader, context, channel, extendedHeader, wire)
    case 'disposition':
      return makeDisposition(channel, extendedHeader, wire, slots)
    case 'flow':
      return makeFlow(channel, extendedHeader, wire, slots)
    default:
      return toFrame(row, channel, extendedHeader, wire)
  }
}

const isSasl = (row: Row): boolean => row.code >= 0x40

function readProtocolHeader(reader: Reader, context: Context): ProtocolHeader {
  reader.text(4, 'protocol')
  const protocolId = reader.u8('protocolId')
  reader.label(protocols[protocolId])
  const major = reader.u8('major')
  const minor = reader.u8('minor')
  const revision = reader.u8('revision')
  if (major !== 1 || minor !== 0 || revision !== 0) {
    reader.flag('error', 'unsupported-version', `version ${major}.${minor}.${revision}, not 1.0.0`, '2.2', 5, 8)
  } else if (protocols[protocolId] === undefined) {
    reader.flag('error', 'unknown-protocol', `${protocolId} is the id of no protocol`, '2.2', 4, 5)
  } else if (context.phase === 'amqp' && context.opened) {
    reader.flag('warning', 'late-protocol-header', 'a protocol header after open', '2.2', 0, 8)
  }
  return { type: 'protocol-header', protocolId, major, minor, revision }
}

/** The last two octets of a SASL frame's header mean nothing [5.3.1]. */
function ignored(reader: Reader): 0 {
  reader.u16('ignored')
  return 0
}

function checkPhase(reader: Reader, { phase }: Context, frameType: number): void {
  if (phase === 'sasl' && frameType === AMQP_FRAME) {
    reader.flag('error', 'wrong-phase', 'an AMQP frame where the protocol header announced SASL', '5.3.2', 5, 6)
  } else if (phase === 'amqp' && frameType === SASL_FRAME) {
    reader.flag('error', 'wrong-phase', 'a SASL frame after the protocol header for AMQP', '5.3.1', 5, 6)
  }
}

function readUnknown(reader: Reader, channel: number, extendedHeader: Extended, wire: Wire): Unknown {
  const start = reader.position
  const body = readValue(reader, 'body')
  flagFrom(reader, start, 'error', 'unknown-body', 'a frame body that the specification does not know', '2.3.2')
  return { type: 'unknown', channel, extendedHeader, body, wire }
}

/** Fields of a transfer, by their place. */
const DELIVERY_ID = 1
const MORE = 5
const ABORTED = 9

/** The payload is a message only where the frame begins it and ends it. */
function readTransfer(
  reader: Reader,
  context: Context,
  channel: number,
  extendedHeader: Extended,
  wire: Wire,
): Amqp10Frame {
  if (reader.remaining === 0) return makeTransfer(channel, extendedHeader, wire, slots)
  // The first transfer of a delivery has a delivery-id, so one without is a later one [2.7.5].
  const part =
    context.continuation || slots[MORE] === true || slots[ABORTED] === true || slots[DELIVERY_ID] === undefined
  if (!part && sectionAt(reader.bytes, reader.position, reader.limit) !== 0) {
    return makeTransfer(channel, extendedHeader, wire, slots, readPayload(reader))
  }
  const payload = reader.take(reader.remaining, 'payload')
  if (!part) reader.flag('note', 'no-message', 'the payload does not begin with a section of a message', '3.2')
  return makeTransfer(channel, extendedHeader, wire, slots, undefined, payload)
}

function toFrame(row: Row, channel: number, extendedHeader: Extended, wire: Wire): Amqp10Frame {
  const frame: Record<string, unknown> = isSasl(row)
    ? { type: row.name, extendedHeader, wire }
    : { type: row.name, channel, extendedHeader, wire }
  for (let index = 0; index < row.fields.length; index++) {
    const value = slots[index]
    if (value !== undefined) frame[(row.fields[index] as Field).name] = value
  }
  return frame as unknown as Amqp10Frame
}
