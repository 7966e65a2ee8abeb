import { hex, type Reader } from '../core/index.ts'
import { contentFormatName } from './content-formats.ts'
import { bodyLength, isTokenLength, lengthExtension } from './delimit.ts'
import type { Connection } from './dialogue.ts'
import { datagramFault, type Fault, reliableFault } from './faults.ts'
import { Datagram, type DatagramFrame, Message, type ReliableFrame, Signal } from './frames.ts'
import { extended, extension, optionsEnd } from './option-read.ts'
import { DATAGRAM_OPTIONS, type OptionSpace, reliableSpace } from './option-table.ts'
import { Options } from './options.ts'
import {
  CSM,
  codeName,
  codeTexts,
  EMPTY,
  MESSAGE_TYPE_NAMES,
  MESSAGE_TYPES,
  type MessageType,
  PAYLOAD_MARKER,
  SIGNAL,
  SIGNAL_TYPES,
} from './tables.ts'

/**
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +---+---+-------+---------------+-------------------------------+
 *     |Ver| T |  TKL  |      Code     |          Message ID           |
 *     +---+---+-------+---------------+-------------------------------+
 *     |   Token (if any, TKL bytes) ...
 *     |   Options (if any) ...
 *     |1 1 1 1 1 1 1 1|    Payload (if any) ...
 *
 * [RFC 7252 §3]
 */
export function readDatagram(reader: Reader): DatagramFrame {
  const header = reader.u8('header')
  const version = header >> 6
  const typeBits = (header >> 4) & 3
  const tokenNibble = header & 15
  reader.bits('version', 0xc0)
  if (version !== 1) reader.flag('error', 'version', `there is no version ${version} of CoAP`, 'RFC 7252 §3')
  reader.bits('type', 0x30)
  reader.label(MESSAGE_TYPE_NAMES[typeBits])
  reader.bits('tokenLength', 0x0f)
  const code = readCode(reader)
  report(reader, datagramFault(typeBits, code))
  const type = MESSAGE_TYPES[typeBits] as MessageType
  const text = codeTexts[code] as string
  const messageId = reader.u16('messageId')
  if (code === EMPTY && (tokenNibble !== 0 || reader.remaining > 0)) {
    reader.take(reader.remaining, 'undecoded')
    const start = tokenNibble !== 0 ? 0 : undefined
    reader.flag('error', 'empty-with-content', 'an Empty message has no token and no content', 'RFC 7252 §4.1', start)
    return new Datagram({ type, version, code: text, messageId })
  }
  const { bytes } = reader
  const token = readToken(reader, tokenNibble)
  if (token < 0) return new Datagram({ type, version, code: text, messageId })
  const tokenEnd = reader.position
  const options = readOptionsOf(reader, DATAGRAM_OPTIONS)
  const payload = readPayload(reader, options, reader.limit)
  const place = { bytes, token, tokenEnd, payload, payloadEnd: reader.position }
  return new Datagram({ type, version, code: text, messageId, options }, place)
}

/** See `delimit` for the format. */
export function readReliable(reader: Reader, { first, maxMessageSize }: Connection): ReliableFrame {
  const start = reader.position
  const lengthNibble = reader.u8('header') >> 4
  reader.bits('length', 0xf0)
  const tokenNibble = reader.bits('tokenLength', 0x0f)
  const at = reader.position
  readExtension(reader, lengthExtension(lengthNibble), 'extendedLength')
  const length = reader.ranOut ? 0 : bodyLength(lengthNibble, reader.bytes, at)
  const code = readCode(reader)
  if (first && code !== CSM) {
    reader.flag('error', 'no-csm', 'the first message of each side is a CSM', 'RFC 8323 §5.3')
  }
  const tokenSize = extension(tokenNibble)
  const tokenBytes = reader.remaining < tokenSize ? 0 : extended(tokenNibble, reader.bytes, reader.position)
  const end = reader.position + tokenSize + tokenBytes + length
  if (maxMessageSize !== undefined && end - start > maxMessageSize) {
    const message = `${end - start} bytes where the peer takes ${maxMessageSize}`
    reader.flag('warning', 'message-size', message, 'RFC 8323 §5.3.1', 0, reader.offset)
  }
  return readBody(reader, code, tokenNibble, end)
}

/** As over TCP, but that the length is the WebSocket message's own [RFC 8323 §4.2]. */
export function readWebSocket(reader: Reader, { first }: Connection): ReliableFrame {
  const lengthNibble = reader.u8('header') >> 4
  reader.bits('length', 0xf0)
  if (lengthNibble !== 0) {
    reader.flag('error', 'length-not-zero', 'over WebSocket the length is 0', 'RFC 8323 §4.2')
  }
  const tokenNibble = reader.bits('tokenLength', 0x0f)
  const code = readCode(reader)
  if (first && code !== CSM) {
    reader.flag('error', 'no-csm', 'the first message of each side is a CSM', 'RFC 8323 §5.3')
  }
  return readBody(reader, code, tokenNibble, reader.limit)
}

function readBody(reader: Reader, code: number, tokenNibble: number, end: number): ReliableFrame {
  report(reader, reliableFault(code))
  const text = codeTexts[code] as string
  const type = code >> 5 === SIGNAL ? SIGNAL_TYPES[(code & 31) - 1] : undefined
  const { bytes } = reader
  const token = readToken(reader, tokenNibble)
  const tokenEnd = reader.position
  const options = token < 0 ? Options.none : readOptionsOf(reader, reliableSpace(code))
  const payload = token < 0 ? -1 : readPayload(reader, options, end)
  const place = token < 0 ? undefined : { bytes, token, tokenEnd, payload, payloadEnd: reader.position }
  if (type === undefined) return new Message({ code: text, options }, place)
  return new Signal({ type, code: text, options }, place)
}

function readCode(reader: Reader): number {
  const at = reader.position
  if (at >= reader.limit) return reader.u8('code')
  const code = reader.bytes[at] as number
  reader.position = at + 1
  const text = codeTexts[code] as string
  reader.field('code', at, text)
  if (reader.traced) reader.label(codeName(text))
  return code
}

function report(reader: Reader, fault: Fault | undefined): void {
  if (fault !== undefined) reader.flag(fault.severity, fault.code, fault.message, fault.rule)
}

/** Where the token begins; it ends where the reader then is. Negative where nothing that follows can be told apart. */
function readToken(reader: Reader, nibble: number): number {
  if (nibble === 0) return reader.position
  if (!isTokenLength(nibble)) {
    reader.take(reader.remaining, 'undecoded')
    reader.flag('error', 'token-length', `a token length of ${nibble} is reserved`, 'RFC 7252 §3')
    return -1
  }
  const size = extension(nibble)
  const at = reader.position
  readExtension(reader, size, 'extendedTokenLength')
  if (size > 0) {
    reader.flag('note', 'extended-token', 'an error for whoever does not know long tokens', 'RFC 8974 §2.1')
  }
  const token = reader.position
  pass(reader, reader.ranOut ? 0 : extended(nibble, reader.bytes, at), 'token')
  if (reader.traced) reader.label(hex(reader.bytes, token, reader.position))
  return token
}

/** Bytes of which nobody but the tree wants a view. */
function pass(reader: Reader, length: number, name: string): void {
  if (reader.traced || length > reader.remaining) reader.take(length, name)
  else reader.position += length
}

function readExtension(reader: Reader, size: number, name: string): void {
  if (size === 1) reader.u8(name)
  else if (size === 2) reader.u16(name)
  else if (size === 4) reader.u32(name)
}

function readOptionsOf(reader: Reader, space: OptionSpace): Options {
  const { position: start, limit, deep } = reader
  const end = optionsEnd(reader.bytes, start, limit)
  if (end >= 0) return Options.read(reader, end - start, space)
  // They go wrong somewhere: looked at now, so that it is said.
  reader.deep = true
  const options = Options.read(reader, limit - start, space)
  reader.deep = deep
  return options
}

/** Where the payload begins, negative if there is none. `end` is where the message ends, which the packet may not reach. */
function readPayload(reader: Reader, options: Options, end: number): number {
  if (reader.remaining === 0 || reader.bytes[reader.position] !== PAYLOAD_MARKER) return -1
  reader.u8('payloadMarker')
  if (end <= reader.position) {
    reader.flag('error', 'empty-payload', 'a payload marker is followed by a payload', 'RFC 7252 §3')
    return reader.position
  }
  const payload = reader.position
  pass(reader, end - payload, 'payload')
  if (reader.traced) {
    const { contentFormat } = options.fields
    if (contentFormat !== undefined) reader.label(contentFormatName(contentFormat))
  }
  return payload
}
