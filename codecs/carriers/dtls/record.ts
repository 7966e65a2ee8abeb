import { u16At } from '../../core/index.ts'
import { contentTypes, versions } from './tables.ts'

/**
 * Where things stand in the record that begins at `start`. Two forms share a connection: what RFC 6347 §4.1 has, and, for
 * what DTLS 1.3 encrypts, a header of flags that is as short as can be (RFC 9147 §4).
 */
export interface Layout {
  /** `start` of the fragment: after the header. */
  readonly fragment: number
  /** Past the limit, where the record was cut off or says more than there is. */
  readonly end: number
}

/** Type, version, epoch and sequence number, length. */
export const HEADER = 13
const LENGTH_AT = 11
/** Of the first byte of what DTLS 1.3 encrypts (RFC 9147 §4). */
const FIXED = 0xe0
const UNIFIED = 0x20
export const HAS_CONNECTION_ID = 0x10
export const LONG_SEQUENCE = 0x08
export const HAS_LENGTH = 0x04

const CONNECTION_ID = contentTypes.code('tls12_cid')

export const isUnified = (first: number): boolean => (first & FIXED) === UNIFIED

/**
 * Undefined where no record can begin. A connection identifier is as long as the handshake agreed on, which a record does
 * not say: with one the record is taken to be the datagram's last, as it is with every implementation.
 */
export function layout(bytes: Uint8Array, start: number, end: number): Layout | undefined {
  const first = bytes[start] as number
  if (isUnified(first)) return unified(bytes, start, end, first)
  if (contentTypes.name(first) === undefined) return undefined
  if (end - start >= 3 && versions.name(u16At(bytes, start + 1)) === undefined) return undefined
  if (first === CONNECTION_ID) return { fragment: Math.min(start + LENGTH_AT, end), end }
  if (end - start < HEADER) return { fragment: end, end: start + HEADER }
  return { fragment: start + HEADER, end: start + HEADER + u16At(bytes, start + LENGTH_AT) }
}

function unified(bytes: Uint8Array, start: number, end: number, first: number): Layout {
  if ((first & HAS_CONNECTION_ID) !== 0) return { fragment: Math.min(start + 1, end), end }
  const length = start + ((first & LONG_SEQUENCE) === 0 ? 2 : 3)
  if ((first & HAS_LENGTH) === 0) return { fragment: Math.min(length, end), end: Math.max(length, end) }
  if (length + 2 > end) return { fragment: end, end: length + 2 }
  return { fragment: length + 2, end: length + 2 + u16At(bytes, length) }
}
