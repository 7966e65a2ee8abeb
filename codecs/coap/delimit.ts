import { u16At, u32At } from '../core/index.ts'
import { extended, extension } from './option-read.ts'

/** Whether these four bits can say how long a token is: up to 8, or extended [RFC 8974 §2.1]. */
export const isTokenLength = (nibble: number): boolean => nibble <= 8 || nibble === 13 || nibble === 14

/** Bytes that the length takes after its nibble. */
export const lengthExtension = (nibble: number): number => (nibble === 15 ? 4 : extension(nibble))

/** The length of options and payload. */
export function bodyLength(nibble: number, bytes: Uint8Array, at: number): number {
  if (nibble < 13) return nibble
  if (nibble === 13) return 13 + (bytes[at] as number)
  return nibble === 14 ? 269 + u16At(bytes, at) : 65805 + u32At(bytes, at)
}

/**
 *      0 1 2 3 4 5 6 7
 *     +-------+-------+
 *     |  Len  |  TKL  |   Len 13, 14, 15: one, two, four bytes more, plus 13, 269, 65805
 *     +-------+-------+
 *     /  Len extended /
 *     +---------------+
 *     |     Code      |
 *     +---------------+
 *     /  TKL extended /
 *     +---------------+
 *     /     Token     /
 *     +---------------+
 *     / Options, 0xFF /   Len bytes
 *     / and payload   /
 *     +---------------+
 *
 * [RFC 8323 §3.2]
 */
export function delimit(bytes: Uint8Array, start: number, end: number): number {
  const have = end - start
  if (have === 0) return -2
  const first = bytes[start] as number
  const tokenNibble = first & 15
  if (!isTokenLength(tokenNibble)) return 0
  const codeAt = 1 + lengthExtension(first >> 4)
  const tokenAt = codeAt + 1 + extension(tokenNibble)
  if (have < tokenAt) return have - tokenAt
  const token = extended(tokenNibble, bytes, start + codeAt + 1)
  return tokenAt + token + bodyLength(first >> 4, bytes, start + 1)
}
