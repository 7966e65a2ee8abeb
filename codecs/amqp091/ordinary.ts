import { nameAt, type Reader, u16At, u32At, u64At } from '../core/index.ts'
import type { Context } from './delimit.ts'
import type { AmqpFrame } from './frames.ts'
import { readProperties, type WireProperties } from './properties.ts'
import { BASIC, BODY, FRAME_END, FRAME_OVERHEAD, HEADER, METHOD } from './tables.ts'

/**
 * The five frames that nearly all traffic is made of, read without naming anything. What is in the least odd about one
 * is left to `read`, which has a diagnostic for it: undefined then. A test holds both equal.
 */

const PUBLISH = (BASIC << 16) | 40
const DELIVER = (BASIC << 16) | 60
const ACK = (BASIC << 16) | 80

export function readOrdinary(reader: Reader, { largest }: Context): AmqpFrame | undefined {
  const { bytes, position: start, limit } = reader
  const end = limit - 1
  const length = limit - start
  if (length < FRAME_OVERHEAD + 4 || bytes[end] !== FRAME_END) return undefined
  if (u32At(bytes, start + 3) !== length - FRAME_OVERHEAD) return undefined
  if (length > largest - FRAME_OVERHEAD) return undefined
  const channel = u16At(bytes, start + 1)
  if (channel === 0) return undefined
  const type = bytes[start] as number
  const frame = readPayload(reader, start + 7, end, type, channel)
  if (frame !== undefined) reader.position = limit
  return frame
}

function readPayload(reader: Reader, at: number, end: number, type: number, channel: number): AmqpFrame | undefined {
  const { bytes } = reader
  if (type === BODY) return { type: 'body', channel, body: bytes.subarray(at, end) }
  const id = u32At(bytes, at)
  if (type === METHOD) {
    if (id === ACK) return readAck(bytes, at + 4, end, channel)
    if (id === DELIVER) return readDeliver(bytes, at + 4, end, channel)
    if (id === PUBLISH) return readPublish(bytes, at + 4, end, channel)
  } else if (type === HEADER && id === BASIC << 16 && end - at >= 14) {
    const properties = readSection(reader, at + 12, end)
    return { type: 'header', channel, classId: BASIC, bodySize: u64At(bytes, at + 4), properties }
  }
  return undefined
}

/** The properties that fill [start, end). */
function readSection(reader: Reader, start: number, end: number): WireProperties {
  const { limit } = reader
  reader.position = start
  reader.limit = end
  const properties = readProperties(reader)
  reader.limit = limit
  return properties
}

function readAck(bytes: Uint8Array, at: number, end: number, channel: number): AmqpFrame | undefined {
  const flags = bytes[at + 8] as number
  if (at + 9 !== end || flags > 1) return undefined
  return { type: 'basic.ack', channel, deliveryTag: u64At(bytes, at), multiple: flags === 1 }
}

function readDeliver(bytes: Uint8Array, at: number, end: number, channel: number): AmqpFrame | undefined {
  const tagAt = at + 1 + (bytes[at] as number)
  const exchangeAt = tagAt + 9
  if (exchangeAt >= end) return undefined
  const keyAt = exchangeAt + 1 + (bytes[exchangeAt] as number)
  if (keyAt >= end || keyAt + 1 + (bytes[keyAt] as number) !== end) return undefined
  const flags = bytes[tagAt + 8] as number
  const consumerTag = name(bytes, at)
  const exchange = name(bytes, exchangeAt)
  const routingKey = name(bytes, keyAt)
  if (flags > 1 || consumerTag === undefined || exchange === undefined || routingKey === undefined) return undefined
  const deliveryTag = u64At(bytes, tagAt)
  return { type: 'basic.deliver', channel, consumerTag, deliveryTag, redelivered: flags === 1, exchange, routingKey }
}

function readPublish(bytes: Uint8Array, at: number, end: number, channel: number): AmqpFrame | undefined {
  const exchangeAt = at + 2
  if (exchangeAt >= end || u16At(bytes, at) !== 0) return undefined
  const keyAt = exchangeAt + 1 + (bytes[exchangeAt] as number)
  if (keyAt >= end) return undefined
  const flagsAt = keyAt + 1 + (bytes[keyAt] as number)
  const flags = bytes[flagsAt] as number
  if (flagsAt + 1 !== end || flags > 3) return undefined
  const exchange = name(bytes, exchangeAt)
  const routingKey = name(bytes, keyAt)
  if (exchange === undefined || routingKey === undefined) return undefined
  const mandatory = (flags & 1) !== 0
  return { type: 'basic.publish', channel, exchange, routingKey, mandatory, immediate: flags >= 2 }
}

/** The short string at `at`, which must be there whole; undefined if it is not UTF-8. */
const name = (bytes: Uint8Array, at: number): string | undefined =>
  nameAt(bytes, at + 1, at + 1 + (bytes[at] as number))
