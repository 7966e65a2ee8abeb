import { latin1, type Reader, utf8, validUtf8 } from '../../core/index.ts'
import type { Context } from './dialogue.ts'
import type { Frame, Header, HttpMessage } from './frames.ts'
import { headEnd, parseHead } from './head.ts'
import { isSecretHeader, secretSpans } from './secrets.ts'
import { closeCodes, FIRST_CONTROL, MOST_CONTROL, opcodes } from './tables.ts'

export function read(reader: Reader, context: Context): Frame {
  return context.phase === 'http' ? readHttp(reader) : readFrame(reader, context)
}

function readHttp(reader: Reader): HttpMessage {
  const { bytes, position, limit } = reader
  const length = headEnd(bytes, position, limit, 0)
  const end = length > 0 ? position + length : limit
  const { startLine } = parseHead(bytes, position, end)
  reader.begin('head')
  const line = () => {
    const feed = bytes.indexOf(0x0a, reader.position)
    return (feed < 0 || feed >= end ? end : feed + 1) - reader.position
  }
  lineOf(reader, line(), 'startLine')
  const headers: Header[] = []
  while (reader.position < end) {
    const at = reader.position
    const length = line()
    const colon = bytes.indexOf(0x3a, at) - at
    const named = colon > 0 && colon < length
    const name = named ? utf8(bytes, at, at + colon) : ''
    const text = named && isSecretHeader(name) ? secretLine(reader, length, colon) : lineOf(reader, length, 'header')
    if (named) headers.push({ name, value: text.slice(colon + 1).trim() })
  }
  reader.done()
  const type = startLine.startsWith('HTTP/') ? 'http-response' : 'http-request'
  return { type, startLine, headers, body: reader.take(reader.remaining, 'body') }
}

/** A line of a head. Credentials in it are fields of their own. */
function lineOf(reader: Reader, length: number, name: string): string {
  const { bytes, position } = reader
  const spans = secretSpans(latin1(bytes, position, position + length))
  if (spans.length === 0) return reader.text(length, name)
  reader.begin(name)
  for (const { start, end } of spans) {
    reader.text(position + start - reader.position, 'text')
    reader.text(end - start, 'credential')
    reader.secret()
  }
  reader.text(position + length - reader.position, 'text')
  reader.done()
  return utf8(bytes, position, position + length)
}

/** Without its name and the line's end, a header would be none. */
function secretLine(reader: Reader, length: number, colon: number): string {
  const { position } = reader
  const text = reader.text(length, 'header')
  const eol = /\r?\n?$/.exec(text)?.[0].length ?? 0
  reader.content(position + colon + 1, reader.position - eol)
  reader.secret()
  return text
}

function readFrame(reader: Reader, { side }: Context & { phase: 'frames' }): Frame {
  reader.u8('flags')
  const fin = reader.bit('fin', 0x80)
  const rsv1 = reader.bit('rsv1', 0x40)
  const rsv2 = reader.bit('rsv2', 0x20)
  const rsv3 = reader.bit('rsv3', 0x10)
  const opcode = reader.bits('opcode', 0x0f)
  const type = opcodes.name(opcode) ?? 'continuation'
  reader.label(type)
  if (rsv1 && (opcode === 0 || opcode >= FIRST_CONTROL)) {
    reader.flag(
      'error',
      'compressed-bit',
      'only the first frame of a message says that it is compressed',
      'RFC 7692 §6.1',
    )
  }
  if (rsv2 || rsv3) reader.flag('error', 'reserved-bits', 'no extension gives these bits a meaning', 'RFC 6455 §5.2')
  reader.u8('lengths')
  const masked = reader.bit('mask', 0x80)
  if (masked !== (side === 'client')) {
    reader.flag('error', 'masking', masked ? 'a server does not mask' : 'a client masks', 'RFC 6455 §5.1')
  }
  const short = reader.bits('payloadLength', 0x7f)
  const length =
    short === 126 ? reader.u16('extendedLength') : short === 127 ? Number(reader.u64('extendedLength')) : short
  if (length < (short === 127 ? 0x1_0000 : short === 126 ? 126 : 0)) {
    reader.flag('warning', 'length-encoding', 'the length is not written as short as it can be', 'RFC 6455 §5.2')
  }
  if (opcode >= FIRST_CONTROL && !fin) {
    reader.flag('error', 'control-fragmented', 'a control frame is never fragmented', 'RFC 6455 §5.5')
  }
  if (opcode >= FIRST_CONTROL && length > MOST_CONTROL) {
    reader.flag('error', 'control-length', `a control frame has at most ${MOST_CONTROL} bytes`, 'RFC 6455 §5.5')
  }
  const maskingKey = masked ? reader.take(4, 'maskingKey') : undefined
  const payload = unmask(reader.take(length, 'payload'), maskingKey)
  const common = { fin, rsv1, rsv2, rsv3, maskingKey, payload }
  if (type !== 'close') return { type, ...common } as Frame
  if (payload.length === 1) reader.flag('error', 'close-length', 'half a status code', 'RFC 6455 §5.5.1')
  const code = payload.length >= 2 ? ((payload[0] as number) << 8) | (payload[1] as number) : undefined
  const codeName = code === undefined ? undefined : closeCodes.name(code)
  reader.label(codeName)
  if (code === undefined) return { type, ...common, code, codeName, reason: undefined }
  if (!maySend(code)) reader.flag('error', 'close-code', `no endpoint sends status code ${code}`, 'RFC 6455 §7.4')
  if (validUtf8(payload.subarray(2)) === undefined) {
    reader.flag('error', 'close-reason', 'the reason is not UTF-8', 'RFC 6455 §5.5.1')
  }
  return { type, ...common, code, codeName, reason: utf8(payload, 2, payload.length) }
}

/** The registered codes but 1004 to 1006 and 1015, which stand for what was not sent; libraries' own, and applications'. */
const maySend = (code: number): boolean =>
  (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999)

/** Masking is its own inverse (RFC 6455 §5.3). */
export function unmask(payload: Uint8Array, key: Uint8Array | undefined): Uint8Array {
  if (key === undefined || key.length < 4) return payload
  const clear = new Uint8Array(payload.length)
  for (let at = 0; at < payload.length; at++) clear[at] = (payload[at] as number) ^ (key[at & 3] as number)
  return clear
}
