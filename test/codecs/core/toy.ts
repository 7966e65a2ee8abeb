import type { Codec, Dialogue } from '../../../codecs/core/index.ts'

/** `F`, a 32-bit length, as many bytes. Little to it but what makes framing hard. */
export interface Toy {
  readonly type: 'toy'
  readonly body: Uint8Array
}

const HEADER = 5
const MARK = 0x46
/** What `F` may claim: garbage claims more. */
const MOST = 1 << 24

const still: Dialogue<undefined> = { context: () => null as never, follow: () => {} }

export const prefixed: Codec<Toy, undefined> = {
  id: 'toy',
  name: 'Toy',
  spec: 'none',
  transport: 'stream',
  ports: [7],
  schemes: [],
  frames: { toy: { section: '1', fields: { body: { kind: 'bytes' } } } },
  detect: head => (head[0] === MARK ? 1 : 0),
  dialogue: () => still,
  delimit(bytes, start, end) {
    if (bytes[start] !== MARK) return 0
    if (end - start < HEADER) return start + HEADER - end === 0 ? -1 : -(HEADER - (end - start))
    const length = new DataView(bytes.buffer, bytes.byteOffset + start + 1, 4).getUint32(0)
    return length > MOST ? 0 : HEADER + length
  },
  resync(bytes, start, end, _context, final) {
    for (let at = start; at < end; at++) {
      if (bytes[at] !== MARK) continue
      if (end - at < HEADER) return final ? ~end : ~at
      const length = new DataView(bytes.buffer, bytes.byteOffset + at + 1, 4).getUint32(0)
      const next = at + HEADER + length
      if (length > MOST || (next < end && bytes[next] !== MARK)) continue
      if (next < end || final) return at
      return ~at
    }
    return ~end
  },
  type: () => 'toy',
  read(reader) {
    reader.u8('mark')
    return { type: 'toy', body: reader.take(reader.u32('length'), 'body') }
  },
  write(writer, frame) {
    writer.u8(MARK)
    writer.u32(frame.body.length)
    writer.raw(frame.body)
  },
  summary: frame => `${frame.body.length} bytes`,
}

/** Bytes up to a NUL. `searched` counts every byte that delimiting looks at. */
export function scanned(): Codec<Toy, undefined> & { searched: number } {
  return {
    ...prefixed,
    id: 'scanned',
    searched: 0,
    delimit(bytes, start, end, _context, scan) {
      const at = bytes.subarray(0, end).indexOf(0, start + scan.at)
      this.searched += (at < 0 ? end : at) - (start + scan.at)
      if (at >= 0) return at + 1 - start
      scan.at = end - start
      return -1
    },
    read: reader => ({ type: 'toy', body: reader.take(reader.remaining, 'body') }),
  }
}

/** The server's frames are explained by the client's first one: its body's length is their context. */
export const answered: Codec<Toy, number | null> = {
  ...(prefixed as unknown as Codec<Toy, number | null>),
  id: 'answered',
  dialogue() {
    let asked: number | undefined
    return {
      context: (side, _bytes, _start, _end, must) => (side === 'client' ? null : (asked ?? (must ? -1 : undefined))),
      follow: packet => {
        if (packet.side === 'client') asked ??= packet.length - HEADER
      },
    }
  },
}

export function toy(length: number, fill = 0x61): Uint8Array {
  const bytes = new Uint8Array(HEADER + length).fill(fill, HEADER)
  bytes[0] = MARK
  new DataView(bytes.buffer).setUint32(1, length)
  return bytes
}
