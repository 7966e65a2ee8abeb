import type { Writer } from '../core/index.ts'
import { type Dialect, dialectOf, escaped } from './dialect.ts'
import { type CommandFrame, type Heartbeat, isFromHeaders, type StompFrame } from './frames.ts'
import { type Header, Headers, type WireHeaders } from './headers.ts'
import { CR, LF, NUL } from './layout.ts'
import { standard } from './tables.ts'
import type { Context } from './version.ts'

/**
 * Header lines that were read are written as they came, unless this version would read them otherwise. The fields of a
 * frame beside its headers are written too: `{ ...frame, destination }` sends it elsewhere.
 */
export function write(writer: Writer, frame: StompFrame, context: Context): void {
  const crlf = frame.crlf === true
  if (isHeartbeat(frame)) {
    eol(writer, crlf)
    return
  }
  const body = frame.body ?? empty
  const dialect = dialectOf(frame.type, context.version)
  const headers = withLength(isFromHeaders(frame) ? frame.headers : withFields(frame), body, frame)

  writer.text(frame.type)
  eol(writer, crlf)
  const wire = headers.wire?.dialect.escapes === dialect.escapes ? headers.wire : undefined
  if (wire !== undefined && !headers.edited) writer.raw(wire.bytes.subarray(wire.start, wire.stop))
  else {
    for (const header of headers.entries) line(writer, header, wire, dialect, crlf)
    eol(writer, crlf)
  }
  writer.raw(body)
  writer.u8(NUL)
}

const isHeartbeat = (frame: StompFrame): frame is Heartbeat => frame.type === 'heartbeat'

const empty: Uint8Array = new Uint8Array(0)

function eol(writer: Writer, crlf: boolean): void {
  if (crlf) writer.u8(CR)
  writer.u8(LF)
}

function line(
  writer: Writer,
  { name, value, start, end }: Header,
  wire: WireHeaders | undefined,
  dialect: Dialect,
  crlf: boolean,
): void {
  if (wire !== undefined && end !== undefined) {
    writer.raw(wire.bytes.subarray(start, end))
    if (wire.bytes[end - 1] === LF) return
  } else writer.text(`${escaped(name, 'name', dialect)}:${escaped(value, 'value', dialect)}`)
  eol(writer, crlf)
}

/** The headers, saying what the frame's own fields say. */
function withFields(frame: CommandFrame): Headers {
  let headers = frame.headers ?? Headers.empty
  const values = frame as unknown as Readonly<Record<string, unknown>>
  for (const [field, { header }] of Object.entries(standard)) {
    const value = values[field]
    if (value !== undefined && String(value) !== headers.get(header)) headers = headers.with(header, String(value))
  }
  return headers
}

/**
 * A content-length that was not asked for follows the body. None is added but where the body has a NUL: to ActiveMQ it
 * makes the difference between a text and a bytes message.
 */
function withLength(headers: Headers, body: Uint8Array, frame: CommandFrame): Headers {
  const said = headers.get('content-length')
  const asked = !isFromHeaders(frame) && frame.contentLength !== undefined
  if (asked || (said === undefined && !body.includes(NUL))) return headers
  // As it was read, also where it is wrong: the frame is written as it is.
  if (isFromHeaders(frame) && headers.wire !== undefined && !headers.edited) return headers
  return said !== undefined && Number(said) === body.length ? headers : headers.with('content-length', `${body.length}`)
}
