import type { Metadata } from '../metadata.ts'
import type { Damage } from './error.ts'

/** Where a file format hands what it finds. */
export interface Records {
  /** The moment that times count from, in nanoseconds since the Unix epoch; before the first packet. */
  start(origin: bigint): void
  /**
   * A packet: `bytes[start, end)` of it were captured, `wireLength` were sent. `vantage` tells interfaces apart.
   * `time` is in nanoseconds since the origin.
   */
  packet(
    bytes: Uint8Array,
    start: number,
    end: number,
    wireLength: number,
    time: number,
    linkType: number,
    vantage: number,
  ): void
  /** Something captured that is no packet, but has Wireshark's frame number; or a packet that makes no sense. */
  bad(): void
  /** Something that has a number among the packets, and is none. */
  other(): void
  secrets(type: number, bytes: Uint8Array): void
  /** A block of a pcapng begins at `offset`; what it holds is told next. */
  block(offset: number): void
  /** What a recording says of itself: of the packet that comes next, or in place of one. */
  metadata(metadata: Metadata): void
  /** What somebody wrote about the whole. */
  comment(text: string): void
  /** What somebody wrote about the packet that comes next. */
  remark(text: string): void
}

/** Reads one file format, from blocks of the file that hold at least `need` bytes. */
export interface FormatReader {
  /** `pcap`, `pcapng`. */
  readonly name: string
  /** How many bytes the next block must have for there to be a point in going on. */
  readonly need: number
  /** The first thing that made no sense. */
  readonly damage: Damage | undefined
  /** Whether nothing more can be read. */
  readonly stopped: boolean
  /**
   * Reads whole records from `bytes[start, end)`, the first of which stands at `offset` in the file. Answers where it
   * stopped: the next block begins there. With `final` no more will come, and what is left is read as far as it goes.
   */
  read(bytes: Uint8Array, start: number, end: number, offset: number, final: boolean): number
}

/** Longest packet that capture tools write: libpcap's MAXIMUM_SNAPLEN. A header that claims more is damaged. */
export const MAX_PACKET = 262_144

/** How far behind damage the next record is looked for. */
export const SEARCH = 65_536

/** Files are written in the byte order of the machine that captured. */
export const u32Of = (bytes: Uint8Array, at: number, little: boolean): number =>
  (little
    ? (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    : ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>> 0

export const u16Of = (bytes: Uint8Array, at: number, little: boolean): number =>
  little
    ? (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
    : ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
