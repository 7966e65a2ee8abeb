import { type AmqpFrame, amqp091, type Context } from '../../../codecs/amqp091/index.ts'
import { FrameReader, Packet, type Reading, Writer } from '../../../codecs/core/index.ts'

const UNSETTLED = amqp091.dialogue('start').context('client', new Uint8Array(0), 0, 0, true) as Context

/** One frame's bytes as a packet, in the middle of a larger buffer, as a chunk would hold it. */
export function packetOf(bytes: Uint8Array): Packet<Context> {
  const around = new Uint8Array(bytes.length + 16).fill(0xee)
  around.set(bytes, 8)
  const end = 8 + bytes.length
  return new Packet('frame', 'client', 0, 0, 0, around, 8, end, bytes.length, UNSETTLED, [])
}

export function write(frame: unknown): Uint8Array {
  const writer = new Writer()
  amqp091.write(writer, frame as AmqpFrame, UNSETTLED)
  return writer.take()
}

export const read = (bytes: Uint8Array, deep = false): Reading<AmqpFrame> =>
  new FrameReader().read(amqp091, packetOf(bytes), deep)

export function delimit(bytes: Uint8Array): number {
  return amqp091.delimit(bytes, 0, bytes.length, UNSETTLED, { at: 0, mark: 0 })
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
