import { indexOf, type Scan } from '../core/index.ts'
import { COLON, CR, commandEnd, commandLine, contentLength, endOfHeaders, LF, MAX_HEADERS, NUL } from './layout.ts'
import { isKnownCommand } from './words.ts'

/** In `scan.mark`: the headers are behind, and the body ends at the first NUL. Else where the line at `scan.at` begins. */
const IN_BODY = -1

/**
 * Command, headers and a blank line; then as many octets as content-length says, or all up to the first NUL; then NUL
 * [STOMP 1.2, STOMP Frames]. A bare EOL between frames is a heart-beat.
 *
 * A content-length after which no NUL stands is wrong, and goes for nothing: the frame ends at its first NUL. A NUL
 * among the headers ends the frame too. The grammar would allow it there, but in practice the blank line was forgotten.
 */
export function delimit(bytes: Uint8Array, start: number, end: number, _context: unknown, scan: Scan): number {
  const first = bytes[start]
  if (first === LF) return 1
  if (first === CR) return start + 1 === end ? -1 : bytes[start + 1] === LF ? 2 : 0
  if (scan.mark === IN_BODY) return firstNul(bytes, start, start + scan.at, end, scan)

  const lineFeed = commandLine(bytes, start, end)
  if (lineFeed <= 0) return lineFeed
  const from = scan.at === 0 ? lineFeed + 1 : start + scan.at
  const line = scan.at === 0 ? lineFeed + 1 : start + scan.mark
  const most = start + MAX_HEADERS
  const body = endOfHeaders(bytes, line, from, Math.min(end, most))
  if (body === 0) {
    if (end >= most) return 0
    scan.at = end - start
    scan.mark = lineAt(bytes, line, from, end) - start
    return -1
  }
  if (!isPlausible(bytes, start, lineFeed, body < 0 ? ~body : body)) return 0
  if (body < 0) return ~body + 1 - start

  const declared = contentLength(bytes, lineFeed + 1, body)
  if (declared !== undefined) {
    const last = body + declared
    if (last >= end) {
      // Its length is known: nothing is searched, and no more is taken than it lacks.
      scan.at = 0
      scan.mark = 0
    }
    if (last >= end || bytes[last] === NUL) return last + 1 - start
  }
  return firstNul(bytes, start, body, end, scan)
}

function firstNul(bytes: Uint8Array, start: number, from: number, end: number, scan: Scan): number {
  const at = indexOf(bytes, NUL, from, end)
  if (at >= 0) return at + 1 - start
  scan.at = end - start
  scan.mark = IN_BODY
  return -1
}

/** Where the line begins that `end` is in: after the last LF from `from` on, else still at `line`. */
function lineAt(bytes: Uint8Array, line: number, from: number, end: number): number {
  for (let at = end - 1; at >= from; at--) if (bytes[at] === LF) return at + 1
  return line
}

/** A word in capitals could be anything: where it is no command that we know, all lines after it must be headers. */
function isPlausible(bytes: Uint8Array, start: number, lineFeed: number, end: number): boolean {
  if (isKnownCommand(bytes, start, commandEnd(bytes, start, lineFeed))) return true
  for (let line = lineFeed + 1; line < end; ) {
    let at = line
    while (at < end && bytes[at] !== COLON && bytes[at] !== LF) at++
    if (bytes[at] === LF && at < end) return at === line || (at === line + 1 && bytes[line] === CR)
    if (at === line || at === end) return false
    while (at < end && bytes[at] !== LF) at++
    line = at + 1
  }
  return true
}
