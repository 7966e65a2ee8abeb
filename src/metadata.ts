import type { Facts, Joined } from '../codecs/core/index.ts'
import type { BySide, Endpoint, FlowInfo } from './flow.ts'

/**
 * What a recording says of itself, where pcapng has room for what only some readers know: one JSON object each, under
 * its kind. What introduces the whole or a flow is a custom option of the section's header or of the flow's first
 * packet; what ends a flow, and the index, are Custom Blocks. (Wireshark lists those as packets without a time, so none
 * comes first.)
 */

/** The number that RFC 5612 sets aside for examples: none is registered for mqinspect. */
export const ENTERPRISE = 32473

/** Times are nanoseconds since the Unix epoch, as decimal digits: more than a JSON number holds. */
export type Nanoseconds = string

/** The first of a recording. */
export interface SessionMeta {
  readonly kind: 'session'
  /** Of this description. */
  readonly format: 1
  readonly version: string
  /** `127.0.0.1:11883 → mqtt://broker:1883` each. */
  readonly routes: readonly string[]
  readonly redaction: { readonly credentials: boolean; readonly rules: readonly string[] }
  /** Of a recording in several files, from 1. */
  readonly part: number
}

/** Before a flow's first packet in a file. */
export interface FlowMeta {
  readonly kind: 'flow'
  readonly flow: number
  readonly transport: FlowInfo['transport']
  /** As they were. */
  readonly client: Endpoint
  readonly server: Endpoint
  /** What the packets have instead. */
  readonly recorded: BySide<Endpoint>
  readonly started: Nanoseconds
  readonly joined: Joined
  readonly protocols?: readonly string[]
  readonly route?: string
  readonly unwrapped?: FlowInfo['unwrapped']
  readonly facts?: BySide<Facts>
  /** Bytes of each side in files before this one. */
  readonly before?: BySide<number>
}

/** After a flow's last packet. */
export interface FlowEndMeta {
  readonly kind: 'flow-end'
  readonly flow: number
  readonly protocols?: readonly string[]
  readonly facts?: BySide<Facts>
  readonly frames: BySide<number>
  readonly bytes: BySide<number>
  /** Payload bytes that could not be recorded. */
  readonly dropped?: number
  /** What was said of it too late to stand at a packet. */
  readonly comments?: readonly string[]
}

/** At a packet of TCP: so many bytes that its side sent before it are not known, and will not come. */
export interface GapMeta {
  readonly kind: 'gap'
  readonly length: number
}

/** A stretch of the file. */
export interface IndexChunk {
  /** Of its first byte in the file. */
  readonly offset: number
  /** Number of its first packet, from 1, and how many there are. */
  readonly packet: number
  readonly packets: number
  /** Of its packets, in nanoseconds since the index's origin. */
  readonly first: number
  readonly last: number
  /** The flows that have something in it. */
  readonly flows: readonly number[]
  /**
   * Packets with which frames of a flow go on after another flow's: the packet's number, and that of the frame that is
   * completed next.
   */
  readonly frames: readonly (readonly [packet: number, frame: number])[]
}

/** Part of the index. */
export interface IndexPartMeta {
  readonly kind: 'index-part'
  readonly chunks: readonly IndexChunk[]
}

/** The last block of a file that was ended in order. */
export interface IndexMeta {
  readonly kind: 'index'
  readonly origin: Nanoseconds
  /** Where the parts stand. */
  readonly parts: readonly number[]
  /** Where the first chunk begins, and the last one ends. */
  readonly begin: number
  readonly end: number
}

/** Not in any file: what a reader that jumps says at each landing. */
export interface SeekMeta {
  readonly kind: 'seek'
  readonly packet: number
  readonly frames: IndexChunk['frames']
}

export type Metadata = SessionMeta | FlowMeta | FlowEndMeta | GapMeta | IndexPartMeta | IndexMeta | SeekMeta

const KINDS: ReadonlySet<unknown> = new Set<Metadata['kind']>([
  'session',
  'flow',
  'flow-end',
  'gap',
  'index-part',
  'index',
  'seek',
])

/** Blank where the block's length wants to be a multiple of four. */
export function encodeMetadata(metadata: Metadata): Uint8Array {
  const { kind, ...rest } = metadata
  const text = JSON.stringify({ mqinspect: kind, ...rest })
  const length = Buffer.byteLength(text)
  return Buffer.from(text.padEnd(text.length + ((4 - (length % 4)) % 4)))
}

/** Undefined where it is somebody else's, or damaged. Only as trustworthy as the file is. */
export function decodeMetadata(bytes: Uint8Array): Metadata | undefined {
  if (bytes[0] !== OPENING) return undefined
  try {
    const { mqinspect: kind, ...rest } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
    return KINDS.has(kind) && (CHECKS[kind as Metadata['kind']] ?? yes)(rest)
      ? ({ kind, ...rest } as unknown as Metadata)
      : undefined
  } catch {
    // What is not JSON is not ours.
    return undefined
  }
}

const OPENING = 0x7b

type Content = Readonly<Record<string, unknown>>
const yes = (): boolean => true
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isEndpoint = (value: unknown): boolean =>
  typeof (value as Endpoint)?.host === 'string' && isCount((value as Endpoint).port)
const isDigits = (value: unknown): boolean => typeof value === 'string' && /^\d{1,20}$/.test(value)
const isPairs = (value: unknown): boolean =>
  Array.isArray(value) && value.every(pair => Array.isArray(pair) && pair.length === 2 && pair.every(isCount))
const isChunk = (value: unknown): boolean => {
  const chunk = value as Content
  const counts = [chunk.offset, chunk.packet, chunk.packets, ...((chunk.flows as unknown[]) ?? [NaN])]
  return counts.every(isCount) && isPairs(chunk.frames) && [chunk.first, chunk.last].every(Number.isFinite)
}

/** As much of each kind as a reader relies on. */
const CHECKS: Readonly<Partial<Record<Metadata['kind'], (content: Content) => boolean>>> = {
  flow: ({ flow, transport, client, server, recorded, started, joined, protocols = [] }) =>
    isCount(flow) &&
    Array.isArray(protocols) &&
    protocols.every(name => typeof name === 'string') &&
    flow > 0 &&
    (transport === 'stream' || transport === 'datagram') &&
    (joined === 'start' || joined === 'middle') &&
    isDigits(started) &&
    [client, server, (recorded as Content)?.client, (recorded as Content)?.server].every(isEndpoint),
  gap: ({ length }) => isCount(length),
  'index-part': ({ chunks }) => Array.isArray(chunks) && chunks.every(isChunk),
  index: ({ origin, parts, begin, end }) =>
    isDigits(origin) && Array.isArray(parts) && [...parts, begin, end].every(isCount),
  seek: ({ packet, frames }) => isCount(packet) && isPairs(frames),
}
