import { u32At } from '../core/index.ts'
import { Body, type Message } from './body.ts'
import type { Header, Properties } from './frames.ts'
import { makeHeader, makeProperties } from './make.ts'
import { newSlots, quickFields } from './quick.ts'
import { scalarAt } from './scalar.ts'
import { rowNamed } from './schema.ts'
import { DESCRIBED, dataEnd, isScalar, skip } from './types.ts'
import { AmqpMap, type Entry, type Scalar } from './value.ts'

export const HEADER = rowNamed('header')
export const PROPERTIES = rowNamed('properties')
const slots = newSlots()

/**
 * Reads a message as `readMessage` does, but reports nothing. Undefined where anything is not as plain as in nearly all:
 * sections out of order, sequences, maps in maps.
 */
export function quickMessage(bytes: Uint8Array, start: number, limit: number): Message | undefined {
  let header: Header | undefined
  let deliveryAnnotations: AmqpMap | undefined
  let messageAnnotations: AmqpMap | undefined
  let properties: Properties | undefined
  let applicationProperties: AmqpMap | undefined
  let body: Body | undefined
  let footer: AmqpMap | undefined
  let last = 0
  for (let at = start; at < limit; ) {
    const code = bytes[at + 2] as number
    if (at + 3 >= limit || bytes[at] !== DESCRIBED || bytes[at + 1] !== 0x53 || code <= last) return undefined
    last = code
    at += 3
    const end = skip(bytes, at, limit)
    if (end < 0) return undefined
    switch (code) {
      case 0x70:
        if (quickFields(bytes, at, end, HEADER, slots) < 0) return undefined
        header = makeHeader(slots)
        break
      case 0x73:
        if (quickFields(bytes, at, end, PROPERTIES, slots) < 0) return undefined
        properties = makeProperties(slots)
        break
      case 0x75:
      case 0x77: {
        const type = bytes[at] as number
        if (code === 0x75 ? type !== 0xa0 && type !== 0xb0 : !isScalar(type)) return undefined
        body = new Body(code === 0x75 ? 'data' : 'amqpValue', [scalarAt(bytes, type, at + 1, end)])
        // A body is of one kind.
        if (code === 0x75) last = 0x77
        break
      }
      default: {
        const map = quickMap(bytes, at, end)
        if (map === undefined) return undefined
        if (code === 0x71) deliveryAnnotations = map
        else if (code === 0x72) messageAnnotations = map
        else if (code === 0x74) applicationProperties = map
        else if (code === 0x78) footer = map
        else return undefined
      }
    }
    at = end
  }
  return { header, deliveryAnnotations, messageAnnotations, properties, applicationProperties, body, footer }
}

/** A map of scalars that takes all of [start, end). */
function quickMap(bytes: Uint8Array, start: number, end: number): AmqpMap | undefined {
  const code = bytes[start] as number
  const wide = code === 0xd1
  let at = start + (wide ? 9 : 3)
  if ((code !== 0xc1 && !wide) || at > end) return undefined
  const count = wide ? u32At(bytes, start + 5) : (bytes[start + 2] as number)
  if ((count & 1) !== 0) return undefined
  const entries: Entry[] = []
  for (let pair = 0; pair < count; pair += 2) {
    const middle = scalarEnd(bytes, at, end)
    const next = scalarEnd(bytes, middle, end)
    if (next < 0) return undefined
    entries.push({ key: scalar(bytes, at, middle), value: scalar(bytes, middle, next) })
    at = next
  }
  return at === end ? new AmqpMap(entries, code) : undefined
}

/** Where the scalar at `at` ends; -1 where none is there. */
function scalarEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at < 0 || at >= end || !isScalar(bytes[at] as number)) return -1
  const next = dataEnd(bytes, bytes[at] as number, at + 1, end)
  return next > end ? -1 : next
}

const scalar = (bytes: Uint8Array, at: number, end: number): Scalar => scalarAt(bytes, bytes[at] as number, at + 1, end)
