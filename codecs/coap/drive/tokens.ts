import { u16At, u32At } from '../../core/index.ts'

/** Tokens say by their length what they stand for: a message, the observation of a source, the making of one, taking something away. */
export const MESSAGE_TOKEN = 4
export const SOURCE_TOKEN = 2
export const MAKING_TOKEN = 3
export const REMOVING_TOKEN = 5

/** Most sources that there are tokens for. */
export const MOST_SOURCES = 0x1_0000

export const sourceToken = (source: number): Uint8Array => Uint8Array.of(source >> 8, source)
export const makingToken = (source: number): Uint8Array => Uint8Array.of(0, source >> 8, source)

export const removingToken = (number: number): Uint8Array =>
  Uint8Array.of(0, number >>> 24, number >>> 16, number >>> 8, number)

/** The source that such a token at `at` is for. */
export const sourceAt = (bytes: Uint8Array, at: number, length: number): number =>
  u16At(bytes, at + length - SOURCE_TOKEN)

/** The low 32 bits of the number of a message. */
export const messageAt = (bytes: Uint8Array, at: number): number => u32At(bytes, at)
