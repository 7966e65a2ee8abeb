import {
  BYTE_ORDER_MAGIC,
  CUSTOM,
  CUSTOM_BOUND,
  DECRYPTION_SECRETS,
  ENHANCED_PACKET,
  INTERFACE_DESCRIPTION,
  INTERFACE_STATISTICS,
  NAME_RESOLUTION,
  PACKET,
  SECTION_HEADER,
  SIMPLE_PACKET,
} from '../pcapng.ts'
import { u32Of } from './format.ts'

const KNOWN = new Set([
  INTERFACE_DESCRIPTION,
  PACKET,
  SIMPLE_PACKET,
  NAME_RESOLUTION,
  INTERFACE_STATISTICS,
  ENHANCED_PACKET,
  DECRYPTION_SECRETS,
  CUSTOM,
  CUSTOM_BOUND,
])

/** The byte order of the section that begins here: true for little-endian. */
export function sectionOrder(bytes: Uint8Array, at: number): boolean | undefined {
  if (u32Of(bytes, at + 8, true) === BYTE_ORDER_MAGIC) return true
  return u32Of(bytes, at + 8, false) === BYTE_ORDER_MAGIC ? false : undefined
}

/** Whether a block of a kind that we know stands here, whole; `little` is the section's order, undefined before the first. */
export function isBlock(bytes: Uint8Array, at: number, end: number, little: boolean | undefined): boolean {
  if (u32Of(bytes, at, true) === SECTION_HEADER) return sectionOrder(bytes, at) !== undefined
  if (little === undefined || !KNOWN.has(u32Of(bytes, at, little))) return false
  const length = u32Of(bytes, at + 4, little)
  if (length < 12 || length % 4 !== 0 || length > end - at) return false
  return u32Of(bytes, at + length - 4, little) === length
}
