import type { Reader, Side } from '../core/index.ts'
import { check } from './check.ts'
import { dialectOf, isConnecting } from './dialect.ts'
import { type Heartbeat, type StompFrame, stompFrame } from './frames.ts'
import { readHeaders } from './headers.ts'
import { CR, contentLength, endOfHeaders, LF, NUL } from './layout.ts'
import { definitionOf } from './tables.ts'
import { type Context, ownVersion } from './version.ts'
import { commandAt } from './words.ts'

const lineFeed: Heartbeat = { type: 'heartbeat' }
const crLf: Heartbeat = { type: 'heartbeat', crlf: true }

export function read(reader: Reader, context: Context, side: Side): StompFrame {
  const { bytes, position: start, limit } = reader
  if (bytes[start] === LF || bytes[start] === CR) return eol(reader) === 2 ? crLf : lineFeed

  const type = commandAt(bytes, start, limit)
  reader.position = start + type.length
  reader.field('command', start, type)
  const crlf = eol(reader) === 2 ? true : undefined

  const first = reader.position
  const stop = endOfHeaders(bytes, first, first, limit)
  const last = stop > 0 ? blankLine(bytes, first, stop) : stop < 0 ? ~stop : limit
  const version = isConnecting(type) ? ownVersion(type, bytes, first, last) : context.version
  const dialect = dialectOf(type, version)
  reader.begin('headers')
  const outer = reader.enter(last - first, 'headers')
  const headers = readHeaders(reader, dialect, stop > 0 ? stop : last)
  reader.leave(outer)
  reader.done()
  if (stop > 0) eol(reader)
  else if (stop < 0) {
    const message = 'a NUL where headers should end in a blank line: most brokers wait for it'
    reader.flag('error', 'no-blank-line', message, `${dialect.spec}, STOMP Frames`, last - start, last - start + 1)
  }

  const mayHaveBody = definitionOf(type)?.body === true
  const hasBody = reader.remaining > 0 && (reader.remaining > 1 || bytes[reader.position] !== NUL)
  const body = mayHaveBody || hasBody ? readBody(reader, first, last, dialect.spec) : undefined
  reader.u8('nul')
  const frame = stompFrame(type, headers, body, crlf)
  // Of headers that are not all there, none is missing.
  if (reader.deep && stop !== 0) check(reader, frame, version, dialect.spec, side)
  return frame as StompFrame
}

/** An end of line, if one is there. Returns its length. */
function eol(reader: Reader): number {
  const { bytes, position: start, limit } = reader
  const length = Math.min(bytes[start] === CR ? 2 : 1, limit - start)
  reader.position = start + length
  reader.field('eol', start, length === 2 ? '\r\n' : '\n')
  return length
}

/** Where the blank line begins that ends at `stop`. */
const blankLine = (bytes: Uint8Array, first: number, stop: number): number =>
  stop - 2 >= first && bytes[stop - 2] === CR ? stop - 2 : stop - 1

/** All up to the NUL that ends the frame. Headers stand in [first, last). */
function readBody(reader: Reader, first: number, last: number, spec: string): Uint8Array {
  const { bytes, position: start, limit } = reader
  if (reader.cut) return reader.take(limit - start + 1, 'body')
  if (bytes[limit - 1] !== NUL) return reader.take(limit - start, 'body')
  const length = limit - 1 - start
  const body = reader.take(length, 'body')
  const declared = reader.deep ? contentLength(bytes, first, last) : undefined
  if (declared !== undefined && declared !== length) {
    const message = `content-length says ${declared} where the body has ${length} ${length === 1 ? 'byte' : 'bytes'}`
    reader.flag('error', 'content-length-mismatch', message, `${spec}, Header content-length`)
  }
  return body
}
