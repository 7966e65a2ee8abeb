import { indexOf } from '../core/index.ts'
import { CR, commandEnd, LF, NUL } from './layout.ts'
import { isKnownCommand } from './words.ts'

const NO = 0
const YES = 1
const MORE = -1

/**
 * Where frames can be found in the middle of a stream: a command that we know after the NUL of the frame before, with
 * or without heart-beats in between, or right at the start. Bodies seldom hold that, except where they hold whole frames.
 */
export function resync(bytes: Uint8Array, start: number, end: number, _context: unknown, final: boolean): number {
  for (let from = start; from < end; ) {
    const found = plausible(bytes, from, end, final)
    if (found === YES) return from
    if (found === MORE) return ~from
    const nul = indexOf(bytes, NUL, from, end)
    if (nul < 0) break
    from = nul + 1
  }
  return ~end
}

/** Whether heart-beats, if any, and a command that we know stand at `start`; where bytes end, heart-beats will do. */
function plausible(bytes: Uint8Array, start: number, end: number, final: boolean): number {
  let at = start
  while (bytes[at] === LF || bytes[at] === CR) if (++at === end) return final ? YES : MORE
  const command = at
  at = commandEnd(bytes, command, end)
  const open = final ? NO : MORE
  if (at === end) return open
  if (!isKnownCommand(bytes, command, at)) return NO
  if (bytes[at] === CR && ++at === end) return open
  return bytes[at] === LF ? YES : NO
}
