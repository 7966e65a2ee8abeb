/**
 * What bounds the memory that a capture can take, whatever is in it. Times are the capture's own, in nanoseconds: a
 * file is read the same way at any speed.
 */
export interface CaptureLimits {
  /** Flows followed at once; beyond, the one that has been silent longest is given up. */
  readonly flows: number
  /** Bytes of one direction of a connection that wait for a missing segment. TCP windows seldom grow beyond 6 MB. */
  readonly directionBytes: number
  /** The same, over all connections. */
  readonly totalBytes: number
  /**
   * A segment that the receiver has acknowledged will not be sent again. If it was captured it was captured near the
   * acknowledgement, which another queue of the network card may have delivered first: so much later …
   */
  readonly reorderTime: number
  /** … or so many packets of the same connection later, it counts as lost. */
  readonly reorderPackets: number
  /** A segment that nobody acknowledged is waited for so long: several retransmissions. */
  readonly holeTime: number
  /** How long a connection is remembered after its end, for its stragglers. */
  readonly closedTime: number
  /** How long an unanswered connection attempt is kept: longer than the pause between two attempts. */
  readonly halfOpenTime: number
  /** UDP knows no end: silence is one. Longer than CoAP's EXCHANGE_LIFETIME of 247 s. */
  readonly datagramTime: number
  /** IP datagrams in reassembly at once. */
  readonly fragmented: number
  /** Bytes of fragments held at once. */
  readonly fragmentBytes: number
  /** How long a datagram's fragments wait for the rest: as long as Linux does. */
  readonly fragmentTime: number
}

const MS = 1e6
const SECOND = 1e9

export const DEFAULT_CAPTURE_LIMITS: CaptureLimits = {
  flows: 131_072,
  directionBytes: 8 << 20,
  totalBytes: 64 << 20,
  reorderTime: MS,
  reorderPackets: 32,
  holeTime: 30 * SECOND,
  closedTime: 60 * SECOND,
  halfOpenTime: 120 * SECOND,
  datagramTime: 300 * SECOND,
  fragmented: 1024,
  fragmentBytes: 16 << 20,
  fragmentTime: 30 * SECOND,
}
