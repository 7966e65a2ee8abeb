import type { SessionMeta } from '../metadata.ts'
import type { Damage } from './error.ts'
import type { SkipReason } from './packet.ts'

/** What somebody wrote into a pcapng file. */
export interface CaptureComment {
  /** The packet that it is about; 0 where it is about the whole. */
  readonly record: number
  readonly text: string
}

/** What a capture was found to hold, besides its flows. */
export interface CaptureSummary {
  /** `pcap`, `pcapng`; with ` (gzip)` or ` (zstd)` where it was compressed. */
  readonly format: string
  readonly packets: number
  /** Of the input, as it was stored. */
  readonly bytes: number
  /** Nanoseconds since the Unix epoch; undefined where there is no packet. */
  readonly origin: bigint | undefined
  /** Nanoseconds since the origin, of the earliest and the latest packet. */
  readonly first: number
  readonly last: number
  readonly tcpPackets: number
  readonly udpPackets: number
  /** Packets that were not looked into, by reason. */
  readonly skipped: Readonly<Record<SkipReason, number>>
  readonly flows: number
  /** Flows that were given up to stay within the limits. */
  readonly evicted: number
  /** What a recording says of itself. */
  readonly session: SessionMeta | undefined
  /** The first so many; see MAX_COMMENTS. */
  readonly comments: readonly CaptureComment[]
  /** Where it stops making sense, or did for a while. What could be read has been delivered. */
  readonly damage: Damage | undefined
  /** Whether reading was stopped before the end. */
  readonly aborted: boolean
}

export const MAX_COMMENTS = 1000
/** More than anybody writes about one packet. */
export const MAX_REMARKS = 100
