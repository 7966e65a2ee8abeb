import type { Reader } from '../core/index.ts'
import { isNothing, readValue, type Value } from './arguments.ts'
import { type Context, isShortHeartbeat, SHORT_HEARTBEAT } from './delimit.ts'
import type { AmqpFrame, ContentHeader, Heartbeat, Method, ProtocolHeader, UnknownMethod } from './frames.ts'
import { readOrdinary } from './ordinary.ts'
import { type Argument, type Plan, planById } from './plan.ts'
import { readProperties } from './properties.ts'
import { AMQP, BASIC, BODY, CONNECTION, FRAME_END, FRAME_OVERHEAD, HEADER, METHOD, replyCodes } from './tables.ts'

export function read(reader: Reader, context: Context): AmqpFrame {
  return (reader.traced ? undefined : readOrdinary(reader, context)) ?? readAny(reader, context)
}

/** Any frame, each of its fields by name, whatever is wrong with it. */
function readAny(reader: Reader, context: Context): AmqpFrame {
  const first = reader.bytes[reader.position]
  if (first === AMQP[0]) return readProtocolHeader(reader)
  const short = reader.remaining === SHORT_HEARTBEAT && isShortHeartbeat(reader.bytes, reader.position)
  reader.u8('frameType')
  reader.label(frameTypes[first as number])
  const channel = reader.u16('channel')
  if (short) {
    checkChannel(reader, channel, 0)
    readFrameEnd(reader)
    return { type: 'heartbeat', channel, short: true }
  }
  const size = reader.u32('size')
  if (context.frameMax !== undefined && size + FRAME_OVERHEAD > context.largest - FRAME_OVERHEAD) {
    reader.flag('warning', 'over-frame-max', `with its 8 octets more than the ${context.frameMax} agreed on`, '4.2.3')
  }
  const outer = reader.enter(size, 'payload')
  const frame =
    first === METHOD
      ? readMethod(reader, channel)
      : first === BODY
        ? ({ type: 'body', channel, body: reader.take(size, 'body') } as const)
        : first === HEADER
          ? readHeader(reader, channel)
          : readHeartbeat(reader, channel)
  reader.leave(outer)
  readFrameEnd(reader)
  return frame
}

function readFrameEnd(reader: Reader): void {
  const at = reader.position
  const octet = reader.u8('frameEnd')
  if (octet !== FRAME_END && reader.position > at) {
    reader.flag(
      'error',
      'bad-frame-end',
      `a frame ends with 0xCE, not 0x${octet.toString(16).padStart(2, '0')}`,
      '4.2.3',
    )
  }
}

const frameTypes: Readonly<Record<number, string>> = { 1: 'method', 2: 'header', 3: 'body', 8: 'heartbeat' }

function readProtocolHeader(reader: Reader): ProtocolHeader {
  reader.text(4, 'protocol')
  return {
    type: 'protocol-header',
    protocolId: reader.u8('protocolId'),
    major: reader.u8('major'),
    minor: reader.u8('minor'),
    revision: reader.u8('revision'),
  }
}

/** Channel 0 is the connection's own [4.2.3]. */
function checkChannel(reader: Reader, channel: number, classId: number): void {
  if ((channel === 0) === (classId === CONNECTION || classId === 0)) return
  const message = channel === 0 ? 'channel 0 is for the connection' : 'this belongs on channel 0'
  reader.flag('warning', 'wrong-channel', message, '4.2.3', 1, 3)
}

function readHeartbeat(reader: Reader, channel: number): Heartbeat {
  checkChannel(reader, channel, 0)
  return { type: 'heartbeat', channel }
}

function readHeader(reader: Reader, channel: number): ContentHeader {
  const classId = reader.u16('classId')
  if (classId !== BASIC) reader.flag('warning', 'no-content-class', 'only class basic carries content', '4.2.6.1')
  const weight = reader.u16('weight')
  const bodySize = reader.u64('bodySize')
  const properties = readProperties(reader)
  if (weight === 0) return { type: 'header', channel, classId, bodySize, properties }
  return { type: 'header', channel, classId, weight, bodySize, properties }
}

function readMethod(reader: Reader, channel: number): Method | UnknownMethod {
  const classId = reader.u16('classId')
  const methodId = reader.u16('methodId')
  const plan = planById(classId, methodId)
  if (plan === undefined) {
    if (!reader.ranOut) reader.flag('warning', 'unknown-method', `no method is ${classId}.${methodId}`, '4.2.4')
    return { type: 'method', channel, classId, methodId, arguments: reader.take(reader.remaining, 'arguments') }
  }
  reader.label(plan.type)
  checkChannel(reader, channel, classId)
  return readByPlan(reader, channel, plan)
}

/** The arguments, as the method's row in the table says. */
function readByPlan(reader: Reader, channel: number, plan: Plan): Method {
  const frame: Record<string, Value> = { type: plan.type, channel }
  for (const argument of plan.arguments) {
    const { name, type, reserved } = argument
    const value = type === 'bit' ? readBit(reader, argument) : readValue(reader, argument)
    if (!reserved || !isNothing(value)) frame[name] = value
    if (name === 'replyCode') reader.label(replyCodes.name(value as number))
  }
  return frame as unknown as Method
}

function readBit(reader: Reader, { name, mask, used }: Argument): boolean {
  if (mask === 1) {
    const flags = reader.u8('flags')
    if ((flags & ~used) !== 0) reader.flag('note', 'reserved-bits', 'a bit is set that has no meaning here', '4.2.5.2')
  }
  return !reader.ranOut && reader.bit(name, mask)
}
