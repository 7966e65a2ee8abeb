import type { Writer } from '../core/index.ts'
import { nothing, type Value, writeValue } from './arguments.ts'
import type { AmqpFrame, ContentBody, ContentHeader, Method, MethodOf, UnknownMethod } from './frames.ts'
import { planOf } from './plan.ts'
import { writeProperties } from './properties.ts'
import { writeShortString } from './strings.ts'
import { AMQP, BASIC, BODY, FRAME_END, HEADER, HEARTBEAT, METHOD } from './tables.ts'

export function write(writer: Writer, frame: AmqpFrame): void {
  switch (frame.type) {
    case 'protocol-header':
      for (const letter of AMQP) writer.u8(letter)
      writer.u8(frame.protocolId)
      writer.u8(frame.major)
      writer.u8(frame.minor)
      writer.u8(frame.revision)
      break
    case 'body':
      writeBody(writer, frame)
      break
    case 'header':
      writeHeader(writer, frame)
      break
    case 'heartbeat':
      writer.u8(HEARTBEAT)
      writer.u16(frame.channel)
      if (frame.short !== true) writer.u32(0)
      writer.u8(FRAME_END)
      break
    default:
      writeMethod(writer, frame)
  }
}

/** Type, channel, and a size that `end` fills in. Returns where the frame begins. */
function begin(writer: Writer, type: number, channel: number): number {
  const start = writer.position
  writer.u8(type)
  writer.u16(channel)
  writer.u32(0)
  return start
}

function end(writer: Writer, start: number): void {
  writer.patch32(start + 3, writer.position - start - 7)
  writer.u8(FRAME_END)
}

function writeBody(writer: Writer, { channel, body }: ContentBody): void {
  writer.u8(BODY)
  writer.u16(channel)
  writer.u32(body.length)
  writer.raw(body)
  writer.u8(FRAME_END)
}

function writeHeader(writer: Writer, frame: ContentHeader): void {
  const start = begin(writer, HEADER, frame.channel)
  writer.u16(frame.classId)
  writer.u16(frame.weight ?? 0)
  writer.u64(frame.bodySize)
  writeProperties(writer, frame.properties)
  end(writer, start)
}

function writeMethod(writer: Writer, frame: Method | UnknownMethod): void {
  const start = begin(writer, METHOD, frame.channel)
  if (frame.type === 'method') {
    writer.u16(frame.classId)
    writer.u16(frame.methodId)
    writer.raw(frame.arguments)
  } else if (frame.type === 'basic.publish') writePublish(writer, frame)
  else writeByPlan(writer, frame)
  end(writer, start)
}

/** Any method, as its row in the table says. */
function writeByPlan(writer: Writer, frame: Method): void {
  const plan = planOf.get(frame.type)
  if (plan === undefined) throw new RangeError(`no method is "${frame.type}"`)
  const values = frame as unknown as Readonly<Record<string, Value | undefined>>
  writer.u16(plan.classId)
  writer.u16(plan.methodId)
  let flags = 0
  for (const { name, type, mask, last } of plan.arguments) {
    const value = values[name] ?? nothing[type]
    if (type !== 'bit') writeValue(writer, type, value)
    else {
      flags = (mask === 1 ? 0 : flags) | (value === true ? mask : 0)
      if (last) writer.u8(flags)
    }
  }
}

/** The one method that is written by the million; a test holds it equal to `writeByPlan`. */
function writePublish(writer: Writer, frame: MethodOf<'basic.publish'>): void {
  writer.u16(BASIC)
  writer.u16(40)
  writer.u16(frame.ticket ?? 0)
  writeShortString(writer, frame.exchange)
  writeShortString(writer, frame.routingKey)
  writer.u8((frame.mandatory ? 1 : 0) | (frame.immediate ? 2 : 0))
}
