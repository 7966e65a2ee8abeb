import { ENTERPRISE, encodeMetadata, type Metadata, type SessionMeta } from '../metadata.ts'
import {
  BYTE_ORDER_MAGIC,
  CUSTOM,
  CUSTOM_BOUND,
  DECRYPTION_SECRETS,
  ENHANCED_PACKET,
  INTERFACE_DESCRIPTION,
  OPTION_COMMENT,
  OPTION_CUSTOM,
  OPTION_END,
  OPTION_INTERFACE_NAME,
  OPTION_TIME_RESOLUTION,
  OPTION_USER_APPLICATION,
  PACKET_HEADER,
  SECTION_HEADER,
} from '../pcapng.ts'

/**
 * Blocks of pcapng, little-endian: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html.
 *
 * Packets are written in place, by who fills their bytes (see script.ts): a block's header, what it holds, its options
 * and its length once more.
 */

/** Not known: the section goes on to the end of the file. */
const SECTION_LENGTH = -1n

/** LINKTYPE_RAW: an IPv4 or IPv6 header comes first, and its version tells which. */
const RAW_IP = 101
const NANOSECONDS = 9

/** Bytes after packet and options: the block's length. */
const PACKET_TRAILER = 4

interface Option {
  readonly code: number
  readonly value: Uint8Array
}

/** How every recording begins: its section, which says what it is, and the one interface that is no real one. */
export function fileHeader(application: string, session: SessionMeta): Uint8Array {
  const section = new Uint8Array(16)
  const view = viewOf(section)
  view.setUint32(0, BYTE_ORDER_MAGIC, true)
  view.setUint16(4, 1, true)
  view.setBigInt64(8, SECTION_LENGTH, true)
  const link = new Uint8Array(8)
  viewOf(link).setUint16(0, RAW_IP, true)
  return Buffer.concat([
    block(SECTION_HEADER, section, [
      { code: OPTION_USER_APPLICATION, value: text(application) },
      metadataOption(session),
    ]),
    block(INTERFACE_DESCRIPTION, link, [
      { code: OPTION_INTERFACE_NAME, value: text('mqinspect') },
      { code: OPTION_TIME_RESOLUTION, value: Uint8Array.of(NANOSECONDS) },
    ]),
  ])
}

/** A Decryption Secrets Block: what whoever has the wire's bytes can decrypt them with. */
export function secretsBlock(type: number, secrets: Uint8Array): Uint8Array {
  const body = new Uint8Array(8 + padded(secrets.length))
  viewOf(body).setUint32(0, type, true)
  viewOf(body).setUint32(4, secrets.length, true)
  body.set(secrets, 8)
  return block(DECRYPTION_SECRETS, body)
}

/** What mqinspect says of the recording: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html#section-4.8. */
export function metadataBlock(metadata: Metadata): Uint8Array {
  const data = encodeMetadata(metadata)
  const body = new Uint8Array(4 + data.length)
  viewOf(body).setUint32(0, ENTERPRISE, true)
  body.set(data, 4)
  return block(metadata.kind.startsWith('index') ? CUSTOM_BOUND : CUSTOM, body)
}

/** The same as an option: of UTF-8, and to be copied with what it stands at. */
function metadataOption(metadata: Metadata): Option {
  const data = encodeMetadata(metadata)
  const value = new Uint8Array(4 + data.length)
  viewOf(value).setUint32(0, ENTERPRISE, true)
  value.set(data, 4)
  return { code: OPTION_CUSTOM, value }
}

/** An option's value is no longer than this, in bytes. */
const LONGEST = 0xffff

/** The options of a packet with comments, and with what is to be known before it, if there are any. */
export function packetOptions(comments: readonly string[], metadata: readonly Metadata[] = []): Uint8Array {
  const said = metadata.map(metadataOption).filter(({ value }) => value.length <= LONGEST)
  const list = [...comments.map(comment), ...said]
  return list.length === 0 ? NO_OPTIONS : options(list)
}

function comment(comment: string): Option {
  const value = text(comment)
  if (value.length <= LONGEST) return { code: OPTION_COMMENT, value }
  // Not in the middle of a character.
  let end = LONGEST
  while (((value[end] as number) & 0xc0) === 0x80) end--
  return { code: OPTION_COMMENT, value: value.subarray(0, end) }
}

/** A packet's block with more comments. */
export function withComment(packet: Uint8Array, comments: readonly string[]): Uint8Array {
  const view = viewOf(packet)
  const after = PACKET_HEADER + padded(view.getUint32(20, true))
  const added = packetOptions(comments)
  const old = packet.subarray(after, packet.length - PACKET_TRAILER)
  // Options that are there already bring their end with them.
  const extra = old.length === 0 ? added : Buffer.concat([added.subarray(0, added.length - END_LENGTH), old])
  const bytes = new Uint8Array(after + extra.length + PACKET_TRAILER)
  bytes.set(packet.subarray(0, after))
  bytes.set(extra, after)
  viewOf(bytes).setUint32(4, bytes.length, true)
  viewOf(bytes).setUint32(bytes.length - 4, bytes.length, true)
  return bytes
}

/** Bytes of what ends a list of options. */
const END_LENGTH = 4

const NO_OPTIONS: Uint8Array = new Uint8Array(0)

/** How long the block of a packet of `length` bytes is. */
export const packetBlockLength = (length: number, extra: Uint8Array): number =>
  PACKET_HEADER + padded(length) + extra.length + PACKET_TRAILER

/** Writes all of a packet's block at `at` but the packet itself, of which `length` bytes stand at `at + 28`. */
export function writePacketBlock(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  time: bigint,
  length: number,
  extra: Uint8Array,
): void {
  const total = packetBlockLength(length, extra)
  view.setUint32(at, ENHANCED_PACKET, true)
  view.setUint32(at + 4, total, true)
  view.setUint32(at + 8, 0, true)
  view.setUint32(at + 12, Number(time >> 32n), true)
  view.setUint32(at + 16, Number(time & 0xffff_ffffn), true)
  view.setUint32(at + 20, length, true)
  view.setUint32(at + 24, length, true)
  bytes.fill(0, at + PACKET_HEADER + length, at + PACKET_HEADER + padded(length))
  bytes.set(extra, at + PACKET_HEADER + padded(length))
  view.setUint32(at + total - 4, total, true)
}

function block(type: number, body: Uint8Array, list: readonly Option[] = []): Uint8Array {
  const extra = list.length === 0 ? NO_OPTIONS : options(list)
  const bytes = new Uint8Array(8 + body.length + extra.length + 4)
  const view = viewOf(bytes)
  view.setUint32(0, type, true)
  view.setUint32(4, bytes.length, true)
  bytes.set(body, 8)
  bytes.set(extra, 8 + body.length)
  view.setUint32(bytes.length - 4, bytes.length, true)
  return bytes
}

function options(list: readonly Option[]): Uint8Array {
  const parts = [...list, { code: OPTION_END, value: NO_OPTIONS }].map(({ code, value }) => {
    const bytes = new Uint8Array(4 + padded(value.length))
    const view = viewOf(bytes)
    view.setUint16(0, code, true)
    view.setUint16(2, value.length, true)
    bytes.set(value, 4)
    return bytes
  })
  return Buffer.concat(parts)
}

const padded = (length: number): number => (length + 3) & ~3
const text = (value: string): Uint8Array => Buffer.from(value, 'utf8')
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
