import {
  type Codec,
  type Dialogue,
  type FrameShape,
  type Packet,
  type Reader,
  u16At,
  type Writer,
} from '../../core/index.ts'
import { contentTypes, versions } from './tables.ts'

/** One record (RFC 8446 §5.1). What an encrypted one holds, only the unwrapping knows. */
export interface Record {
  readonly type: 'change-cipher-spec' | 'alert' | 'handshake' | 'application-data' | 'heartbeat'
  readonly version: number
  readonly fragment: Uint8Array
}

const shape: FrameShape = {
  section: 'RFC 8446 §5.1',
  fields: { version: { kind: 'uint' }, fragment: { kind: 'bytes' } },
}

const HEADER = 5
/** 2^14, and what TLS 1.2 lets protection add (RFC 5246 §6.2.3). */
const MOST = (1 << 14) + 2048

const none = null
const dialogue: Dialogue<null> = { context: () => none, follow: () => {} }

export const codec: Codec<Record, null> = {
  id: 'tls',
  name: 'TLS',
  spec: 'https://www.rfc-editor.org/rfc/rfc8446',
  transport: 'stream',
  ports: [],
  schemes: [],
  frames: {
    'change-cipher-spec': shape,
    alert: shape,
    handshake: shape,
    'application-data': shape,
    heartbeat: shape,
  },
  detect,
  dialogue: () => dialogue,
  delimit,
  resync,
  type: ({ buffer, start }: Packet<null>) => typeOf(buffer[start] as number),
  read,
  write,
  summary: ({ fragment }) => `${fragment.length} B`,
}

const typeOf = (code: number): Record['type'] => contentTypes.name(code) ?? 'application-data'

/** A handshake record that begins with a hello. */
function detect(head: Uint8Array): number {
  if (head.length < 6 || head[0] !== 22 || head[1] !== 3 || (head[2] as number) > 4) return 0
  return head[5] === 1 || head[5] === 2 ? 1 : 0
}

function delimit(bytes: Uint8Array, start: number, end: number): number {
  const type = bytes[start] as number
  if (type < 20 || type > 24 || (end - start > 1 && bytes[start + 1] !== 3)) return 0
  if (end - start < HEADER) return -(HEADER - (end - start))
  const length = u16At(bytes, start + 3)
  return length > MOST ? 0 : HEADER + length
}

/** A record header whose record is followed by another, or by the end. */
function resync(bytes: Uint8Array, start: number, end: number, _context: null, final: boolean): number {
  for (let at = start; at < end; at++) {
    const length = delimit(bytes, at, end)
    if (length === 0) continue
    if (length < 0 || at + length >= end) {
      if (!final) return ~at
      if (at + length === end) return at
    } else if (delimit(bytes, at + length, end) !== 0) return at
  }
  return ~end
}

function read(reader: Reader): Record {
  const type = typeOf(reader.u8('contentType'))
  reader.label(type)
  const version = reader.u16('version')
  reader.label(versions.name(version))
  return { type, version, fragment: reader.take(reader.u16('length'), 'fragment') }
}

function write(writer: Writer, { type, version, fragment }: Record): void {
  writer.u8(contentTypes.code(type) as number)
  writer.u16(version)
  writer.u16(fragment.length)
  writer.raw(fragment)
}
