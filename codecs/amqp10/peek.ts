import { u32At } from '../core/index.ts'
import { DOFF_UNIT } from './delimit.ts'
import { bodyOf, descriptorAt, type Row } from './schema.ts'
import { DESCRIBED, LIST0, skip, TRUE } from './types.ts'

/** What the dialogue wants to know of a frame without reading it. */

/** Where the frame's body begins. */
export const bodyAt = (bytes: Uint8Array, start: number): number => start + (bytes[start + 4] as number) * DOFF_UNIT

/** The performative or SASL body that begins at `at`. */
export function rowAt(bytes: Uint8Array, at: number, end: number): Row | undefined {
  // Nearly all descriptors are a `smallulong`.
  if (at + 3 <= end && bytes[at] === DESCRIBED && bytes[at + 1] === 0x53) return bodyOf(bytes[at + 2] as number)
  return bodyOf(descriptorAt(bytes, at, end))
}

/** Where field `index` of the body at `at` stands; -1 where it is null, left out or not in sight. */
export function fieldAt(bytes: Uint8Array, at: number, end: number, index: number): number {
  let next = skip(bytes, at + 1, end)
  if (next < 0 || next >= end) return -1
  const code = bytes[next]
  const wide = code === 0xd0
  if (code === LIST0 || (!wide && code !== 0xc0) || next + (wide ? 9 : 3) > end) return -1
  const count = wide ? u32At(bytes, next + 5) : (bytes[next + 2] as number)
  if (count <= index) return -1
  next += wide ? 9 : 3
  for (let passed = 0; passed < index && next >= 0; passed++) next = skip(bytes, next, end)
  return next < end ? next : -1
}

/** The uint at `at`; -1 where there is none. */
export function uintAt(bytes: Uint8Array, at: number, end: number): number {
  if (at < 0) return -1
  switch (bytes[at]) {
    case 0x43:
      return 0
    case 0x52:
      return at + 2 <= end ? (bytes[at + 1] as number) : -1
    case 0x70:
      return at + 5 <= end ? u32At(bytes, at + 1) : -1
    default:
      return -1
  }
}

export const isTrue = (bytes: Uint8Array, at: number): boolean =>
  at >= 0 && (bytes[at] === TRUE || (bytes[at] === 0x56 && bytes[at + 1] !== 0))
