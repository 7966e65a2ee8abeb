import type { AnyCodec, Dialogue, Joined, Scan } from './codec.ts'
import type { Diagnostic } from './diagnostic.ts'
import { Packet, type PacketKind } from './packet.ts'
import type { Side } from './side.ts'
import { type Arrival, Window } from './window.ts'

/** Bounds on what a peer can make a decoder hold, in bytes. */
export interface DecoderLimits {
  /** A frame larger than this is let pass: its head is kept, the rest counted. */
  readonly maxFrame: number
  /** How much of such a frame is kept. */
  readonly head: number
  /** Bytes that fit no frame are reported in runs of at most this. */
  readonly malformedRun: number
  /** How far resynchronising looks before it must decide. */
  readonly lookahead: number
  /** How much one side may be held back until the other is heard. */
  readonly held: number
}

export const DEFAULT_LIMITS: DecoderLimits = {
  maxFrame: 16 << 20,
  head: 64 << 10,
  malformedRun: 64 << 10,
  lookahead: 256 << 10,
  held: 64 << 10,
}

/**
 * Cuts one direction of a connection into packets, for every protocol.
 *
 * What arrives whole is never copied: its packets are views of the chunk. What is partial is copied once, so the caller
 * may reuse its chunk as soon as `next` has answered undefined (and it holds no packet).
 *
 *     decoder.push(chunk, time, record)
 *     for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) …
 *
 * The packets depend on the bytes alone, never on how they were split into chunks.
 */
export class Decoder {
  readonly #codec: AnyCodec
  readonly #side: Side
  readonly #dialogue: Dialogue<unknown>
  readonly #limits: DecoderLimits
  readonly #window = new Window()
  readonly #scan: Scan = { at: 0, mark: 0 }
  /** Packets that are finished and not yet asked for. */
  #ready: Packet[] = []

  /** How many bytes the window lacks at least before there is a point in going on. */
  #need = 0
  /** Whether `need` is exactly what the present frame lacks. */
  #known = false
  /** Looking for a place where a frame can begin. */
  #seeking: boolean
  /** No more will come: what waits for bytes, or for the other side, is decided now. */
  #final = false
  /** Why held bytes are given up, when they are. */
  #reason: Diagnostic = CUT

  /** A run of bytes that fit no frame. */
  #lost: Uint8Array = empty
  #lostLength = 0
  #lostReason: Diagnostic | undefined
  #lostArrival: Arrival | undefined

  /** Bytes of the present frame that go by unbuffered. */
  #skip = 0
  /** The frame beyond the cap that they belong to; none where they are what a hole left of a frame. */
  #huge: HugeFrame | undefined

  constructor(
    codec: AnyCodec,
    side: Side,
    dialogue: Dialogue<unknown>,
    joined: Joined = 'start',
    limits: DecoderLimits = DEFAULT_LIMITS,
  ) {
    this.#codec = codec
    this.#side = side
    this.#dialogue = dialogue
    this.#limits = limits
    this.#seeking = joined === 'middle'
  }

  /** Bytes of memory held for what is not yet a whole frame. */
  get buffered(): number {
    return this.#window.buffered + this.#lost.length
  }

  /** What is here of the frame that is arriving, to look at; undefined where there is none, or nobody can tell. */
  get partial(): Packet | undefined {
    const { bytes, at, end, offset, dropped } = this.#window
    if (this.#huge !== undefined) {
      const { head, passed, context } = this.#huge
      return this.#incomplete(this.#huge.offset, head, 0, head.length, passed + this.#skip, context)
    }
    if (this.#seeking || this.#skip > 0 || at === end) return undefined
    const context = this.#dialogue.context(this.#side, bytes, at, end, false)
    if (context === undefined) return undefined
    const length = end - at + dropped + (this.#known ? this.#need : 0)
    return this.#incomplete(offset, bytes, at, end, length, context)
  }

  #incomplete(offset: number, bytes: Uint8Array, at: number, end: number, length: number, context: unknown): Packet {
    const { time, record } = this.#window.latest
    return new Packet('frame', this.#side, offset, time, record, bytes, at, end, length, context, none)
  }

  /**
   * Hands over the next bytes of the stream, at `time` (ns since the source's origin), from capture record `record`
   * (0 if live); `next` then yields what they complete. The chunk pushed before has been drained.
   */
  push(chunk: Uint8Array, time: number, record = 0): void {
    this.#window.push(chunk, time, record)
  }

  /** The next packet that is complete, or undefined until more is pushed. */
  next(): Packet | undefined {
    const window = this.#window
    for (;;) {
      if (this.#ready.length > 0) return this.#ready.shift()
      if (!window.more()) return undefined
      if (this.#skip > 0) {
        this.#passBy()
        continue
      }
      if (this.#need > 0 && !this.#fill()) return undefined
      if (this.#seeking) {
        this.#seek()
        continue
      }
      const must = this.#final || window.length + window.behind > this.#limits.held
      const context = this.#dialogue.context(this.#side, window.bytes, window.at, window.end, must)
      if (context === undefined) {
        window.take(window.behind, 0)
        return undefined
      }
      const length = this.#codec.delimit(window.bytes, window.at, window.end, context, this.#scan)
      if (length > 0) {
        if (length + window.dropped > this.#limits.maxFrame) this.#letPass(length, context)
        else if (length <= window.length) return this.#cut(length, context)
        else this.#await(length - window.length, context, true)
      } else if (length < 0) {
        this.#await(-length, context, false)
      } else {
        this.#seeking = true
        this.#lostReason ??= NOT_A_FRAME
        this.#lose(1)
        this.#restart()
      }
    }
  }

  /** `length` bytes of the stream were not captured. What was pushed before has been drained; drain again after. */
  gap(length: number, time: number, record = 0): void {
    // Where the hole lies within one frame of known length, the next frame's place is known too.
    const left = (this.#skip > 0 ? this.#skip : this.#known && !this.#seeking ? this.#need : -1) - length
    if (this.#huge !== undefined && left > 0) {
      this.#skip = left
    } else {
      this.#settle(HOLE)
      if (left >= 0) this.#skip = left
      else this.#seeking = true
    }
    const arrival = this.#window.jump(length, time, record)
    this.#ready.push(this.#stored('gap', arrival.until - length, empty, length, undefined, none, arrival))
  }

  /** The bytes that were pushed and not cut, for another to cut. Nothing more is pushed. */
  surrender(): Uint8Array {
    return this.#window.drain()
  }

  /** No more bytes will come: what is held becomes packets, for `next` to yield. */
  end(): void {
    this.#settle(CUT)
  }

  /** Decides all that waits for bytes or for the other side, and gives up the rest. */
  #settle(reason: Diagnostic): void {
    this.#final = true
    this.#reason = reason
    this.#need = 0
    const packets: Packet[] = []
    for (let packet = this.next(); packet !== undefined; packet = this.next()) packets.push(packet)
    if (this.#huge !== undefined) this.#finishHuge()
    this.#skip = 0
    this.#finishLost()
    this.#ready = [...packets, ...this.#ready]
    this.#final = false
  }

  #cut(length: number, context: unknown): Packet {
    const { bytes, at, offset } = this.#window
    const { time, record } = this.#window.arrivalOf(offset + length)
    const packet = new Packet('frame', this.#side, offset, time, record, bytes, at, at + length, length, context, none)
    this.#window.advance(length)
    this.#restart()
    this.#dialogue.follow(packet)
    return packet
  }

  /** The frame in the window lacks `missing` bytes: exactly, if its length is `known`, else at least. */
  #await(missing: number, context: unknown, known: boolean): void {
    if (this.#final) {
      // Of a frame that was searched beyond the cap only the head is left.
      if (this.#window.dropped > 0) this.#letPass(this.#window.length + missing, context)
      else {
        this.#lostReason ??= this.#reason
        this.#lose(this.#window.length)
        this.#restart()
      }
      return
    }
    const { head, maxFrame } = this.#limits
    const searched = this.#scan.at - head
    if (this.#window.length > maxFrame && searched > 0) {
      this.#window.drop(head, searched)
      this.#scan.at = head
    }
    this.#need = missing
    this.#known = known
  }

  /** Moves bytes into the window. True once it has what it needs. */
  #fill(): boolean {
    const { behind } = this.#window
    // A search takes all there is; a length takes just what it lacks, so that what follows needs no copy.
    const count = this.#seeking || this.#scan.at > 0 ? behind : Math.min(this.#need, behind)
    this.#window.take(count, this.#need)
    this.#need = Math.max(0, this.#need - count)
    return this.#need === 0
  }

  /** Forgets what was known of the present frame. */
  #restart(): void {
    this.#need = 0
    this.#known = false
    this.#scan.at = 0
    this.#scan.mark = 0
    this.#window.forgetDropped()
  }

  /** The frame in the window, `length` bytes of it from here on, is beyond the cap. */
  #letPass(length: number, context: unknown): void {
    const { offset, dropped } = this.#window
    this.#huge = { offset, context, passed: dropped, head: empty }
    this.#skip = length
    this.#restart()
  }

  /** Lets bytes go by that belong to a frame that is not kept. */
  #passBy(): void {
    const window = this.#window
    const count = Math.min(this.#skip, window.length)
    const huge = this.#huge
    this.#skip -= count
    if (huge === undefined) {
      this.#lostReason ??= HOLE
      this.#lose(count)
      if (this.#skip === 0) this.#finishLost()
      return
    }
    const wanted = Math.min(count, this.#limits.head - huge.head.length)
    if (wanted > 0) {
      const head = new Uint8Array(huge.head.length + wanted)
      head.set(huge.head)
      head.set(window.bytes.subarray(window.at, window.at + wanted), huge.head.length)
      huge.head = head
    }
    huge.passed += count
    window.advance(count)
    if (this.#skip === 0) this.#finishHuge()
  }

  #finishHuge(): void {
    const { head, passed, offset, context } = this.#huge as HugeFrame
    const whole = this.#skip === 0
    const why = whole ? [capped(head.length, passed)] : [capped(head.length, passed), this.#reason]
    const arrival = this.#window.arrivalOf(this.#window.offset)
    const packet = this.#stored(whole ? 'frame' : 'malformed', offset, head, passed, context, why, arrival)
    this.#huge = undefined
    this.#ready.push(packet)
    if (whole) this.#dialogue.follow(packet)
  }

  /**
   * Looks for a place where a frame can begin. Never at more than `lookahead` bytes from where it stands, so that what
   * it finds does not depend on how much happens to have arrived.
   */
  #seek(): void {
    const { at, end: arrived } = this.#window
    const end = Math.min(arrived, at + this.#limits.lookahead)
    const full = end - at === this.#limits.lookahead
    const last = this.#final && end === arrived
    let found = this.#resync(at, end, last)
    if (found === ~at && full) found = this.#resync(at, end, true)
    if (found >= 0) {
      this.#lose(found - at)
      this.#finishLost()
      this.#seeking = false
      this.#restart()
      return
    }
    this.#lostReason ??= NOT_A_FRAME
    const undecided = last || (full && found === ~at) ? end : ~found
    this.#lose(undecided - at)
    // In steps that grow with what is undecided, so that the work stays linear however small the chunks are.
    if (undecided === at) this.#need = Math.max(1, (arrived - at) >> 1)
  }

  #resync(at: number, end: number, final: boolean): number {
    if (this.#codec.resync === undefined) return ~end
    const { bytes } = this.#window
    return this.#codec.resync(bytes, at, end, this.#dialogue.context(this.#side, bytes, at, end, true), final)
  }

  /** Counts `count` bytes of the window to the run that fits no frame. */
  #lose(count: number): void {
    const { malformedRun } = this.#limits
    const window = this.#window
    for (let left = count; left > 0; ) {
      const held = this.#lostLength
      const take = Math.min(left, malformedRun - held)
      if (held + take > this.#lost.length) {
        const grown = new Uint8Array(Math.min(malformedRun, (held + take) * 2))
        grown.set(this.#lost.subarray(0, held))
        this.#lost = grown
      }
      this.#lost.set(window.bytes.subarray(window.at, window.at + take), held)
      this.#lostLength += take
      window.advance(take)
      left -= take
      this.#lostArrival = window.arrivalOf(window.offset)
      if (this.#lostLength < malformedRun) return
      const reason = this.#lostReason
      this.#finishLost()
      if (left > 0) this.#lostReason = reason
    }
  }

  #finishLost(): void {
    const length = this.#lostLength
    if (length === 0) {
      // Nothing was lost after all, and what is lost later is lost for a reason of its own.
      this.#lostReason = undefined
      return
    }
    const reason = { ...(this.#lostReason ?? NOT_A_FRAME), end: length }
    const offset = this.#window.offset - length
    const bytes = this.#lost.slice(0, length)
    this.#ready.push(
      this.#stored('malformed', offset, bytes, length, undefined, [reason], this.#lostArrival as Arrival),
    )
    this.#lost = empty
    this.#lostLength = 0
    this.#lostReason = undefined
  }

  /** A packet over bytes of its own. */
  #stored(
    kind: PacketKind,
    offset: number,
    bytes: Uint8Array,
    length: number,
    context: unknown,
    diagnostics: readonly Diagnostic[],
    { time, record }: Arrival,
  ): Packet {
    return new Packet(kind, this.#side, offset, time, record, bytes, 0, bytes.length, length, context, diagnostics)
  }
}

interface HugeFrame {
  readonly offset: number
  readonly context: unknown
  /** Counted up rather than down: what a frame claims may be more than a number holds exactly. */
  passed: number
  head: Uint8Array
}

const empty: Uint8Array = new Uint8Array(0)
const none: readonly Diagnostic[] = []

const fault = (code: string, severity: Diagnostic['severity'], message: string): Diagnostic => ({
  code,
  severity,
  message,
  start: 0,
  end: 0,
})
const NOT_A_FRAME = fault('not-a-frame', 'error', 'no frame can begin here')
const HOLE = fault('frame-hole', 'warning', 'the capture lost bytes of this frame')
const CUT = fault('frame-cut', 'warning', 'the stream ends inside this frame')
const capped = (kept: number, length: number): Diagnostic => ({
  code: 'frame-capped',
  severity: 'note',
  message: `only the first ${kept} of ${length} bytes were kept`,
  start: 0,
  end: kept,
})
