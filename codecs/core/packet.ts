import type { Diagnostic } from './diagnostic.ts'
import type { Side } from './side.ts'

/**
 * `frame`: what the protocol calls one. `malformed`: bytes that fit no frame. `gap`: bytes that were sent but not
 * captured; there is nothing to read in it but its length.
 */
export type PacketKind = 'frame' | 'malformed' | 'gap'

/**
 * One frame's bytes, where and when they crossed the wire, not yet read. Immutable: `context` holds all that reading
 * depends on, so a packet can be read later, again, or never.
 *
 * `buffer` is the chunk that the bytes arrived in: holding on to a packet holds on to the chunk. Whoever keeps packets
 * (a ring, a tracker) keeps `packet.kept()`.
 */
export class Packet<C = unknown> {
  readonly kind: PacketKind
  readonly side: Side
  /** Of the first byte in this side's stream. */
  readonly offset: number
  /** When the last byte arrived: nanoseconds since the source's origin. */
  readonly time: number
  /** The capture record that completed it, from 1; 0 on live traffic. */
  readonly record: number
  readonly buffer: Uint8Array
  readonly start: number
  readonly end: number
  /** Bytes on the wire. More than `end - start` where only the head of a huge frame was kept. */
  readonly length: number
  readonly context: C
  /** What cutting found; reading may find more. */
  readonly diagnostics: readonly Diagnostic[]

  constructor(
    kind: PacketKind,
    side: Side,
    offset: number,
    time: number,
    record: number,
    buffer: Uint8Array,
    start: number,
    end: number,
    length: number,
    context: C,
    diagnostics: readonly Diagnostic[],
  ) {
    this.kind = kind
    this.side = side
    this.offset = offset
    this.time = time
    this.record = record
    this.buffer = buffer
    this.start = start
    this.end = end
    this.length = length
    this.context = context
    this.diagnostics = diagnostics
  }

  /** The packet's bytes as a view. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(this.start, this.end)
  }

  /** This packet, free of its chunk: itself where it fills most of it, else over a copy of its own bytes. */
  kept(): Packet<C> {
    const size = this.end - this.start
    if (size * 2 >= this.buffer.buffer.byteLength) return this
    return new Packet(
      this.kind,
      this.side,
      this.offset,
      this.time,
      this.record,
      this.buffer.slice(this.start, this.end),
      0,
      size,
      this.length,
      this.context,
      this.diagnostics,
    )
  }
}
