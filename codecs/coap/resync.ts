import { NOT_A_MESSAGE, plausible, UNFINISHED } from './plausible.ts'

/** This many whole messages, one after the other, are believed whatever follows. */
const CHAIN = 3
/** A header alone says little: of a chain, so many messages have more. */
const TELLING = 2
const HEADER = 2

/** A chain of messages in the middle of a stream. One alone proves little: payloads hold anything. */
export function resync(bytes: Uint8Array, start: number, end: number, _context: unknown, final: boolean): number {
  for (let from = start; from < end; from++) {
    let at = from
    let messages = 0
    let telling = 0
    let length = UNFINISHED
    while (messages < CHAIN && at < end && (length = plausible(bytes, at, end)) > 0) {
      messages++
      if (length > HEADER) telling++
      at += length
    }
    if (messages === CHAIN) {
      if (telling >= TELLING) return from
      continue
    }
    if (length !== NOT_A_MESSAGE && !final) return ~from
    // Nothing more will come: a chain that ends where the bytes do, or in a message that goes on after them.
    if (telling > 0 && (at === end || length === UNFINISHED)) return from
  }
  return ~end
}
