import type { Side } from '../core/index.ts'
import { COLON, CR, commandLine, LF } from './layout.ts'
import { definitionOf } from './tables.ts'
import { commandAt } from './words.ts'

/** Commands that a connection opens with, or is refused with. */
const openings = new Set(['CONNECT', 'STOMP', 'CONNECTED'])

/**
 * A command alone on its line, and a header or a blank line after it. HTTP's CONNECT has more on its line; the ERROR of
 * other line protocols (memcached) has no header after it.
 */
export function detect(head: Uint8Array, side: Side): number {
  const end = head.length
  let start = 0
  while (start < end && (head[start] === LF || head[start] === CR)) start++
  if (start === end) return end === 0 ? 0 : 0.1
  const lineFeed = commandLine(head, start, end)
  if (lineFeed < 0) return 0.1
  if (lineFeed === 0) return 0
  const command = commandAt(head, start, lineFeed)
  const from = definitionOf(command)?.from
  if (from !== side) return from === undefined ? 0.1 : 0.4
  if (openings.has(command)) return 1
  return hasHeader(head, lineFeed + 1) ? 0.9 : 0.4
}

/** Whether the line at `start` is a header, as far as it is there. */
function hasHeader(head: Uint8Array, start: number): boolean {
  for (let at = start; at < head.length; at++) {
    if (head[at] === COLON) return at > start
    if ((head[at] as number) <= 0x20) return false
  }
  return false
}
