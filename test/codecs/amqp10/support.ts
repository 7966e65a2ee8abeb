import { readFileSync } from 'node:fs'
import { type Amqp10Frame, amqp10, type Context } from '../../../codecs/amqp10/index.ts'
import { converse, FrameReader, Packet, type Reading, Writer } from '../../../codecs/core/index.ts'

export const context: Context = { phase: 'unknown', maxFrameSize: undefined, opened: false, continuation: false }

const writer = new Writer()
const reader = new FrameReader()

export function encode(frame: Amqp10Frame, within: Context = context): Uint8Array {
  amqp10.write(writer, frame, within)
  return writer.take()
}

export function packetOf(bytes: Uint8Array, within: Context = context): Packet<Context> {
  return new Packet('frame', 'client', 0, 0, 0, bytes, 0, bytes.length, bytes.length, within, [])
}

export function decode(bytes: Uint8Array, deep = true): Reading<Amqp10Frame> {
  return reader.read(amqp10, packetOf(bytes), deep)
}

/** A frame without the octets that it was read from. */
export function bare<F extends Amqp10Frame>(frame: F): F {
  const copy = { ...frame } as Record<string, unknown>
  delete copy.wire
  for (const [name, value] of Object.entries(copy)) if (value === undefined) delete copy[name]
  return copy as unknown as F
}

/** Cuts one side's bytes into packets. */
export function cut(bytes: Uint8Array): Packet[] {
  const conversation = converse(amqp10)
  conversation.push('client', bytes, 0)
  const packets: Packet[] = []
  for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) packets.push(packet)
  return packets
}

export const bytesOf = (hexadecimal: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hexadecimal.replaceAll(/\s/g, ''), 'hex'))

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../../fixtures/amqp10/${name}`, import.meta.url))
