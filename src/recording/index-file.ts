import { type FileHandle, open } from 'node:fs/promises'
import type { Stretch } from '../capture/index.ts'
import { decodeMetadata, ENTERPRISE, type IndexChunk, type Metadata } from '../metadata.ts'
import { CUSTOM_BOUND } from '../pcapng.ts'
import { metadataBlock } from './pcapng.ts'

/** What stands where in a recording. */
export interface RecordingIndex {
  /** Nanoseconds since the Unix epoch. */
  readonly origin: bigint
  /** Where the first chunk begins, and the last one ends. */
  readonly begin: number
  readonly end: number
  readonly chunks: readonly IndexChunk[]
}

/** Longer is no block of an index. */
const LONGEST = 16 << 20

/** The index at a recording's end; undefined where there is none, as it was not ended in order, or is none of ours. */
export async function readIndex(path: string): Promise<RecordingIndex | undefined> {
  const file = await open(path)
  try {
    const stat = await file.stat()
    if (!stat.isFile() || stat.size < 12) return undefined
    const length = (await bytesAt(file, stat.size - 4, 4)).getUint32(0, true)
    if (length > stat.size) return undefined
    const root = await metadataAt(file, stat.size - length)
    if (root?.kind !== 'index') return undefined
    const chunks: IndexChunk[] = []
    for (const offset of root.parts) {
      const part = await metadataAt(file, offset)
      if (part?.kind !== 'index-part') return undefined
      chunks.push(...part.chunks)
    }
    const ordered = chunks.every(({ offset }, at) => offset < (chunks[at + 1]?.offset ?? root.end))
    if (!ordered || root.end > stat.size || root.begin > (chunks[0]?.offset ?? root.end)) return undefined
    return { origin: BigInt(root.origin), begin: root.begin, end: root.end, chunks }
  } finally {
    await file.close()
  }
}

export interface Wanted {
  readonly flows?: ReadonlySet<number> | undefined
  /** Nanoseconds since the Unix epoch, both inclusive. */
  readonly from?: bigint | undefined
  readonly to?: bigint | undefined
}

/** What of a recording must be read for what is wanted of it. */
export function stretchesFor(index: RecordingIndex, { flows, from, to }: Wanted): Stretch[] {
  const { begin, end, chunks, origin } = index
  const first = from === undefined ? Number.NEGATIVE_INFINITY : Number(from - origin)
  const last = to === undefined ? Number.POSITIVE_INFINITY : Number(to - origin)
  const stretches: Stretch[] = [{ start: 0, end: begin }]
  chunks.forEach((chunk, at) => {
    if (chunk.last < first || chunk.first > last) return
    if (flows !== undefined && !chunk.flows.some(flow => flows.has(flow))) return
    const { packet, frames, offset } = chunk
    const before = metadataBlock({ kind: 'seek', packet, frames })
    stretches.push({ start: offset, end: chunks[at + 1]?.offset ?? end, before })
  })
  return stretches
}

async function metadataAt(file: FileHandle, offset: number): Promise<Metadata | undefined> {
  const head = await bytesAt(file, offset, 12)
  if (head.byteLength < 12 || head.getUint32(0, true) !== CUSTOM_BOUND) return undefined
  const length = head.getUint32(4, true)
  if (length < 16 || length > LONGEST || head.getUint32(8, true) !== ENTERPRISE) return undefined
  const body = await bytesAt(file, offset + 12, length - 16)
  return decodeMetadata(new Uint8Array(body.buffer))
}

async function bytesAt(file: FileHandle, offset: number, length: number): Promise<DataView> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  return new DataView(bytes.buffer, 0, bytesRead)
}
