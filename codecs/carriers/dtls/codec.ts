import type { Codec, Dialogue, Reader, Writer } from '../../core/index.ts'
import { HAS_CONNECTION_ID, HAS_LENGTH, isUnified, LONG_SEQUENCE, layout } from './record.ts'
import { contentTypes, versions } from './tables.ts'

/** RFC 6347 §4.1, which RFC 9147 calls a DTLSPlaintext. */
export interface PlainRecord {
  readonly contentType: number
  readonly version: number
  /** 0 is in the clear; each change of keys begins the next. */
  readonly epoch: number
  readonly sequenceNumber: number
  /** With a connection identifier (RFC 9146 §4) all that follows, as its length is not known here. */
  readonly fragment: Uint8Array
}

/** RFC 9147 §4: what DTLS 1.3 encrypts. */
export interface Ciphertext {
  /** `001CSLEE`: what of the header is there, and the epoch's last two bits. */
  readonly flags: number
  /** Encrypted, and its last bits only; undefined behind a connection identifier. */
  readonly sequenceNumber: number | undefined
  readonly fragment: Uint8Array
}

/** One datagram; a record is never spread over several. */
export interface Datagram {
  readonly type: 'datagram'
  readonly records: readonly (PlainRecord | Ciphertext)[]
}

const none = null
const dialogue: Dialogue<null> = { context: () => none, follow: () => {} }

export const codec: Codec<Datagram, null> = {
  id: 'dtls',
  name: 'DTLS',
  spec: 'https://www.rfc-editor.org/rfc/rfc9147',
  transport: 'datagram',
  ports: [],
  schemes: [],
  frames: { datagram: { section: 'RFC 9147 §4', fields: { records: { kind: 'list' } } } },
  detect,
  dialogue: () => dialogue,
  delimit: (_, start, end) => end - start,
  type: () => 'datagram',
  read,
  write,
  summary: ({ records }) => records.map(describe).join(', '),
}

/**
 * Records to the datagram's end; only the last may say more than there is, where the capture cut it. The short header
 * alone says too little.
 */
function detect(head: Uint8Array): number {
  if (head.length === 0 || isUnified(head[0] as number)) return 0
  let at = 0
  while (at < head.length) {
    const found = layout(head, at, head.length)
    if (found === undefined || found.end <= at) return 0
    at = found.end
  }
  return head.length < 3 ? 0 : 1
}

function read(reader: Reader): Datagram {
  const records: (PlainRecord | Ciphertext)[] = []
  while (reader.remaining > 0) {
    const { bytes, position, limit } = reader
    const found = layout(bytes, position, limit)
    if (found === undefined) {
      reader.take(reader.remaining, 'unreadable')
      reader.flag('error', 'record', 'no DTLS record begins like this', 'RFC 9147 §4.1')
      break
    }
    reader.begin('record')
    records.push(isUnified(bytes[position] as number) ? ciphertext(reader) : plaintext(reader))
    reader.done()
  }
  return { type: 'datagram', records }
}

function plaintext(reader: Reader): PlainRecord {
  const contentType = reader.u8('contentType')
  const name = contentTypes.name(contentType)
  reader.label(name)
  const version = reader.u16('version')
  reader.label(versions.name(version))
  const epoch = reader.u16('epoch')
  reader.begin('sequenceNumber')
  const sequenceNumber = reader.u16('high') * 0x1_0000_0000 + reader.u32('low')
  reader.done(sequenceNumber)
  const length = name === 'tls12_cid' ? reader.remaining : reader.u16('length')
  return { contentType, version, epoch, sequenceNumber, fragment: reader.take(length, 'fragment') }
}

function ciphertext(reader: Reader): Ciphertext {
  const flags = reader.u8('flags')
  const withId = reader.bit('connectionId', HAS_CONNECTION_ID)
  const long = reader.bit('longSequenceNumber', LONG_SEQUENCE)
  const withLength = reader.bit('lengthPresent', HAS_LENGTH)
  reader.bits('epoch', 0x03)
  if (withId) return { flags, sequenceNumber: undefined, fragment: reader.take(reader.remaining, 'fragment') }
  const sequenceNumber = long ? reader.u16('sequenceNumber') : reader.u8('sequenceNumber')
  const length = withLength ? reader.u16('length') : reader.remaining
  return { flags, sequenceNumber, fragment: reader.take(length, 'fragment') }
}

function write(writer: Writer, { records }: Datagram): void {
  for (const record of records) {
    if ('flags' in record) writeCiphertext(writer, record)
    else {
      const { contentType, version, epoch, sequenceNumber, fragment } = record
      writer.u8(contentType)
      writer.u16(version)
      writer.u16(epoch)
      writer.u16(Math.floor(sequenceNumber / 0x1_0000_0000))
      writer.u32(sequenceNumber >>> 0)
      if (contentTypes.name(contentType) !== 'tls12_cid') writer.u16(fragment.length)
      writer.raw(fragment)
    }
  }
}

function writeCiphertext(writer: Writer, { flags, sequenceNumber, fragment }: Ciphertext): void {
  writer.u8(flags)
  if (sequenceNumber !== undefined) {
    if ((flags & LONG_SEQUENCE) === 0) writer.u8(sequenceNumber)
    else writer.u16(sequenceNumber)
    if ((flags & HAS_LENGTH) !== 0) writer.u16(fragment.length)
  }
  writer.raw(fragment)
}

const describe = (record: PlainRecord | Ciphertext): string =>
  `${'flags' in record ? 'encrypted' : contentTypes.name(record.contentType)} ${record.fragment.length} B`
