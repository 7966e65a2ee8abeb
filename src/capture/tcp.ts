import type { Side } from '../../codecs/core/index.ts'
import type { Ending, FlowSink } from '../flow.ts'
import type { Budget, Holder } from './budget.ts'
import type { CaptureLimits } from './limits.ts'
import { type PacketInfo, PSH } from './packet.ts'
import { Pieces } from './pieces.ts'

/** What the directions of all connections share. */
export interface Shared {
  readonly limits: CaptureLimits
  readonly budget: Budget
}

/**
 * A segment further off than this is no reordering: TCP windows end at 1 GB (RFC 7323 §2.3), and come nowhere near it.
 * The capture slept, or the segment is not of this connection.
 */
const JUMP = 1 << 28

/**
 * One direction of a TCP connection: segments in, the stream's bytes out, in order and once.
 *
 * What arrives in order passes through as a view. What arrives early waits in `pieces`, by its place in the stream; so
 * sequence numbers wrap in one line of this file. A hole is given up when the receiver has acknowledged it and the
 * segment still does not turn up, when it has lasted too long, or when too much waits behind it. That the other side
 * has spoken proves nothing: either side speaks when it likes.
 */
export class Reassembly implements Holder {
  readonly side: Side
  /** Whether it is known where the stream begins. */
  started = false
  /** The sequence number of its SYN. */
  initial: number | undefined
  ended = false

  readonly #sink: FlowSink
  readonly #shared: Shared
  readonly #whenEnded: () => void
  readonly #pieces = new Pieces()
  /** The sequence number of the next byte … */
  #next = 0
  /** … and its place in the stream. */
  #offset = 0
  /** Where the stream ends, once a FIN or a RST has told. */
  #end = Number.POSITIVE_INFINITY
  #ending: Ending = 'lost'
  /** What the receiver has acknowledged: as a place in the stream, and as it was said. */
  #acknowledged = -1
  #lastAcknowledgement: number | undefined
  /** Up to here what is missing counts as lost, when `#grace` packets or some time from `#since` have gone by. */
  #mark = -1
  #since = 0
  #grace = 0
  /** The hole that is waited for, since when, and the last that was heard from behind it. */
  #hole = -1
  #holeSince = 0
  #time = 0
  #record = 0
  /** Where a segment that came out of nowhere would go on. */
  #jump: number | undefined

  constructor(side: Side, sink: FlowSink, shared: Shared, whenEnded: () => void) {
    this.side = side
    this.#sink = sink
    this.#shared = shared
    this.#whenEnded = whenEnded
  }

  /** Whether something waits for what is missing. */
  get stalled(): boolean {
    return (this.#pieces.count > 0 || this.#end !== Number.POSITIVE_INFINITY) && !this.ended
  }

  /** Whether any byte has been delivered, or waits to be. */
  get empty(): boolean {
    return this.#offset === 0 && this.#pieces.count === 0
  }

  /** The sequence number of the next byte awaited. */
  get next(): number {
    return this.#next
  }

  /** Where a sequence number stands relative to the next byte awaited. */
  ahead(sequence: number): number {
    return (sequence - this.#next) | 0
  }

  /** The stream's first byte has this sequence number. */
  start(sequence: number): void {
    this.#next = sequence | 0
    this.started = true
    if (this.#lastAcknowledgement !== undefined) this.acknowledge(this.#lastAcknowledgement)
  }

  /** The receiver has all before this sequence number. */
  acknowledge(acknowledgement: number): void {
    if (!this.started) {
      this.#lastAcknowledgement = acknowledgement
      return
    }
    const ahead = (acknowledgement - this.#next) | 0
    if (ahead > 0 && ahead < JUMP) {
      const place = this.#offset + ahead
      if (place > this.#acknowledged) this.#acknowledged = place
    }
  }

  /** Takes a packet's payload, whose first byte has this sequence number. */
  segment(packet: PacketInfo, sequence: number): void {
    const { length } = packet
    if (!this.started && !this.#join(sequence, length, (packet.flags & PSH) !== 0)) return
    const ahead = (sequence - this.#next) | 0
    if (ahead === 0 && this.#pieces.count === 0 && this.#offset + length <= this.#end) {
      this.#jump = undefined
      this.#pass(packet, length)
      if (this.#offset === this.#end) this.#finish(packet.time)
    } else this.#outOfOrder(packet, length, ahead)
  }

  /** `length` bytes before this sequence number are known to be missing: they are not waited for. */
  lose(length: number, sequence: number, time: number, record: number): void {
    if (!this.started) this.start(sequence - length)
    const ahead = this.ahead(sequence)
    if (ahead <= 0 || ahead >= JUMP) return
    const place = Math.min(this.#offset + ahead, this.#end)
    while (!this.ended && this.#offset < place) {
      this.#skip(Math.min(this.#pieces.first?.start ?? place, place), time, record)
    }
  }

  /** The stream ends before this sequence number. */
  finish(sequence: number, ending: Ending, time: number, record: number): void {
    if (this.#end !== Number.POSITIVE_INFINITY) return
    if (!this.started) this.start(sequence)
    const ahead = this.ahead(sequence)
    this.#end = this.#offset + (ahead > 0 && ahead < JUMP ? ahead : 0)
    this.#ending = ending
    if (this.#offset >= this.#end) this.#finish(time)
    else this.#wait(time, record)
  }

  /** Another packet of the connection has passed: is what is missing still worth waiting for? */
  tick(time: number, record: number): void {
    this.#grace++
    const { limits } = this.#shared
    if (this.#mark > this.#offset) {
      if (this.#grace < limits.reorderPackets && time - this.#since < limits.reorderTime) return
      const mark = this.#mark
      while (this.stalled && this.#offset < mark) this.#skipHole(mark, time, record)
    } else if (time - this.#holeSince > limits.holeTime) {
      this.#skipHole(Number.POSITIVE_INFINITY, time, record)
      this.#holeSince = time
    }
    if (this.#acknowledged > this.#offset && this.stalled) {
      this.#mark = this.#acknowledged
      this.#since = time
      this.#grace = 0
    }
  }

  /** Gives up the first hole, as too much waits behind it. */
  release(): void {
    this.#skipHole(Number.POSITIVE_INFINITY, this.#time, this.#record)
  }

  /** Nothing more will come: gives out what waits, and tells what is missing. */
  flush(ending: Ending, time: number): void {
    while (this.#pieces.count > 0) this.#skipHole(Number.POSITIVE_INFINITY, this.#time, this.#record)
    if (this.ended) return
    const known = this.#end === Number.POSITIVE_INFINITY ? this.#acknowledged : this.#end
    // An acknowledgement of one more than there is may be that of a FIN.
    if (known > this.#offset + (known === this.#end ? 0 : 1)) this.#skip(known, time, this.#record)
    if (!this.ended) {
      if (this.#end === Number.POSITIVE_INFINITY) this.#ending = ending
      this.#finish(time)
    }
  }

  /**
   * Begins in the middle, at the first bytes that are seen. Not at a keep-alive, whose one byte is made up
   * (RFC 9293 §3.8.4), nor at a retransmission of what is long acknowledged.
   */
  #join(sequence: number, length: number, pushed: boolean): boolean {
    const known = this.#lastAcknowledgement
    if (known !== undefined && ((sequence + length - known) | 0) <= 0) return false
    if (length === 1 && !pushed) {
      this.start(sequence + 1)
      return false
    }
    this.start(sequence)
    return true
  }

  #outOfOrder(packet: PacketInfo, length: number, ahead: number): void {
    if (ahead <= -JUMP || ahead >= JUMP) {
      this.#jumped(packet, length, ahead)
      return
    }
    const { bytes, at, end, time, record } = packet
    const place = this.#offset + ahead
    // What has been delivered already is not delivered again: a retransmission, a keep-alive, an overlap.
    const from = Math.max(place, this.#offset)
    const to = Math.min(place + length, this.#end)
    if (from >= to) return
    const size = this.#pieces.size
    this.#pieces.insert(from, to - from, bytes, Math.min(end, at + from - place), end)
    this.#drain(size, time, record)
    if (this.#pieces.count > 0) {
      this.#wait(time, record)
      const { budget, limits } = this.#shared
      while (this.#pieces.size > limits.directionBytes) this.release()
      budget.enforce()
    }
  }

  /** Two segments in a row that belong together, far from where the stream stood: it goes on there. */
  #jumped(packet: PacketInfo, length: number, ahead: number): void {
    const { time, record } = packet
    const sequence = (this.#next + ahead) | 0
    const follows = this.#jump === sequence
    this.#jump = (sequence + length) | 0
    if (!follows || this.#end !== Number.POSITIVE_INFINITY) return
    while (this.#pieces.count > 0) this.#skipHole(Number.POSITIVE_INFINITY, time, record)
    this.#skip(this.#offset + ((sequence - this.#next) >>> 0), time, record)
    this.#pass(packet, length)
    this.#jump = undefined
  }

  /** Delivers what arrived in its turn, as a view. */
  #pass({ bytes, at, end, time, record }: PacketInfo, length: number): void {
    this.#deliver(at === end ? none : bytes.subarray(at, end), length, time, record)
  }

  #deliver(bytes: Uint8Array, length: number, time: number, record: number): void {
    this.#next = (this.#next + length) | 0
    this.#offset += length
    if (bytes.length > 0) this.#sink.data(this.side, bytes, time, record, length - bytes.length)
    else this.#sink.gap(this.side, length, time, record)
  }

  /** Delivers what is no longer early; of the pieces, `size` was accounted for. */
  #drain(size: number, time: number, record: number): void {
    for (const piece of this.#pieces.takeRun(this.#offset)) {
      this.#deliver(piece.bytes, piece.end - piece.start, time, record)
    }
    this.#shared.budget.changed(this, this.#pieces.size - size, this.stalled)
    if (this.#offset >= this.#end) this.#finish(time)
  }

  /** Remembers that there is a hole. */
  #wait(time: number, record: number): void {
    if (this.#hole !== this.#offset) {
      this.#hole = this.#offset
      this.#holeSince = time
    }
    this.#time = time
    this.#record = record
    this.#shared.budget.changed(this, 0, true)
  }

  /** Gives up what is missing before the first piece or the end, but nothing from `limit` on. */
  #skipHole(limit: number, time: number, record: number): void {
    const end = this.#pieces.first?.start ?? this.#end
    if (end === Number.POSITIVE_INFINITY) return
    this.#skip(Math.min(end, limit), time, record)
  }

  #skip(place: number, time: number, record: number): void {
    const length = place - this.#offset
    if (length > 0) {
      this.#offset = place
      this.#next = (this.#next + length) | 0
      this.#sink.gap(this.side, length, time, record)
    }
    this.#drain(this.#pieces.size, time, record)
  }

  #finish(time: number): void {
    if (this.ended) return
    this.ended = true
    const size = this.#pieces.size
    this.#pieces.clear()
    this.#shared.budget.changed(this, -size, false)
    this.#sink.end(this.side, time, this.#ending)
    this.#whenEnded()
  }
}

const none = new Uint8Array(0)
