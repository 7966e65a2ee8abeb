import type { AnyCodec, Dialogue, Joined, Scan } from './codec.ts'
import type { Diagnostic } from './diagnostic.ts'
import { Packet, type PacketKind } from './packet.ts'
import type { Side } from './side.ts'

/** Bounds on what a peer can make a decoder hold, in bytes. */
export interface DecoderLimits {
  /** A frame larger than this is passed by: its head is kept, the rest counted. */
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
 * Cuts one direction of a connection into packets, for every protocol: the one place that buffers partial frames.
 *
 * What arrives whole is never copied: its packets are views of the chunk. What is partial is copied once, into a buffer
 * of the decoder's own, so the caller may reuse its chunk as soon as `next` has answered undefined.
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
  readonly #scan: Scan = { at: 0, mark: 0 }
  /** Packets that are finished and not yet asked for. */
  #ready: Packet[] = []

  /** Bytes in order, not yet cut: [at, end) of `window`, which is the pushed chunk or, if `own`, a buffer of ours. */
  #window = empty
  #at = 0
  #end = 0
  #own = false
  /** Of the chunk pushed last, what is not yet in the window. */
  #tail = empty
  #tailAt = 0
  /** How many bytes the window lacks at least before there is a point in going on. */
  #need = 0
  /** Whether `need` is exactly what the present frame lacks. */
  #known = false

  /** Stream offset of `window[at]`. */
  #offset = 0
  #arrivals: Arrival[] = []
  #arrival: Arrival = { until: 0, time: 0, record: 0 }

  #seeking: boolean
  #final = false
  /** Why held bytes are given up, when they are. */
  #reason: Diagnostic = CUT
  /** A run of bytes that fit no frame. */
  #lost = empty
  #lostLength = 0
  #lostReason: Diagnostic | undefined
  /** Bytes of the present frame that go by unbuffered. */
  #skip = 0
  /** The frame beyond the cap that they belong to; none where they are what a hole left of a frame. */
  #huge: HugeFrame | undefined
  /** Bytes dropped from the middle of the present frame. */
  #dropped = 0

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
    return (this.#own ? this.#window.length : 0) + this.#lost.length
  }

  /**
   * Hands over the next bytes of the stream, at `time` (ns since the source's origin), from capture record `record`
   * (0 if live); `next` then yields what they complete. The chunk pushed before has been drained.
   */
  push(chunk: Uint8Array, time: number, record = 0): void {
    // A Buffer's `subarray` would make Buffers all the way: slower, and another hidden class at every call site.
    const bytes =
      chunk.constructor === Uint8Array ? chunk : new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const until = this.#offset + this.#dropped + (this.#end - this.#at) + bytes.length
    if (this.#at === this.#end) {
      this.#look(bytes, 0)
      this.#arrivals.length = 0
      this.#arrival = { until, time, record }
    } else {
      this.#tail = bytes
      this.#tailAt = 0
      this.#arrivals.push({ until, time, record })
    }
  }

  /** The next packet that is complete, or undefined until more is pushed. */
  next(): Packet | undefined {
    for (;;) {
      if (this.#ready.length > 0) return this.#ready.shift()
      if (this.#at === this.#end && !this.#lookAtTail()) return undefined
      if (this.#skip > 0) {
        this.#passBy()
        continue
      }
      if (this.#need > 0 && !this.#fill()) return undefined
      if (this.#seeking) {
        this.#seek()
        continue
      }
      const context = this.#dialogue.context(this.#side, this.#window, this.#at, this.#end, this.#mustDecide())
      if (context === undefined) {
        this.#append(this.#tail.length - this.#tailAt)
        return undefined
      }
      const length = this.#codec.delimit(this.#window, this.#at, this.#end, context, this.#scan)
      if (length > 0) {
        if (length <= this.#end - this.#at) return this.#cut(length, context)
        this.#await(length - (this.#end - this.#at), true, context)
      } else if (length < 0) {
        this.#await(-length, false, context)
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
    if (this.#huge !== undefined && left > 0) this.#skip = left
    else {
      this.#settle(HOLE)
      if (left >= 0) this.#skip = left
      else this.#seeking = true
    }
    this.#arrival = { until: this.#offset + length, time, record }
    this.#ready.push(this.#stored('gap', empty, length, undefined, none))
    this.#offset += length
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

  #mustDecide(): boolean {
    return this.#final || this.#end - this.#at + this.#tail.length - this.#tailAt > this.#limits.held
  }

  #cut(length: number, context: unknown): Packet {
    const start = this.#at
    const wire = length + this.#dropped
    const kept = this.#dropped === 0 ? length : Math.min(length, this.#limits.head)
    const diagnostics = kept === wire ? none : [capped(kept, wire)]
    const arrival = this.#arrivalOf(this.#offset + wire)
    const packet = new Packet(
      'frame',
      this.#side,
      this.#offset,
      arrival.time,
      arrival.record,
      this.#window,
      start,
      start + kept,
      wire,
      context,
      diagnostics,
    )
    this.#at = start + length
    this.#offset += length
    this.#restart()
    this.#dialogue.follow(packet)
    return packet
  }

  /** The frame in the window lacks `missing` bytes: exactly, if its length is `known`, else at least. */
  #await(missing: number, known: boolean, context: unknown): void {
    const have = this.#end - this.#at
    if (this.#final) {
      this.#lostReason ??= this.#reason
      this.#lose(have)
      this.#restart()
    } else if (known && have + missing > this.#limits.maxFrame) {
      this.#huge = { length: have + missing, context, head: empty }
      this.#skip = have + missing
    } else {
      if (!known && have > this.#limits.maxFrame) this.#dropMiddle()
      this.#need = missing
      this.#known = known
    }
  }

  /** Frees what a scanned frame beyond the cap no longer needs: all between its head and where the search goes on. */
  #dropMiddle(): void {
    const head = this.#limits.head
    const drop = this.#scan.at - head
    if (drop <= 0) return
    const window = new Uint8Array(this.#end - this.#at - drop)
    window.set(this.#window.subarray(this.#at, this.#at + head))
    window.set(this.#window.subarray(this.#at + this.#scan.at, this.#end), head)
    this.#look(window, 0)
    this.#own = true
    this.#scan.at = head
    this.#dropped += drop
  }

  /** Moves bytes from the tail into the window. True once it has what it needs. */
  #fill(): boolean {
    const available = this.#tail.length - this.#tailAt
    // A search takes all there is; a length takes just what it lacks, so that what follows needs no copy.
    const count = this.#seeking || this.#scan.at > 0 ? available : Math.min(this.#need, available)
    this.#append(count)
    this.#need = Math.max(0, this.#need - count)
    return this.#need === 0
  }

  /** Takes `count` bytes of the tail into the window, which becomes our own. */
  #append(count: number): void {
    const held = this.#end - this.#at
    if (!this.#own || this.#end + count > this.#window.length) {
      const wanted = held + Math.max(count, this.#need)
      const window = new Uint8Array(wanted <= EXACT ? wanted : Math.max(held + count, held * 2))
      window.set(this.#window.subarray(this.#at, this.#end))
      this.#look(window, 0)
      this.#own = true
      this.#end = held
    }
    this.#window.set(this.#tail.subarray(this.#tailAt, this.#tailAt + count), this.#end)
    this.#end += count
    this.#tailAt += count
    if (this.#tailAt === this.#tail.length) {
      this.#tail = empty
      this.#tailAt = 0
    }
  }

  #look(bytes: Uint8Array, at: number): void {
    this.#window = bytes
    this.#at = at
    this.#end = bytes.length
    this.#own = false
  }

  /** Goes on in the tail, once the window is used up. False if there is none. */
  #lookAtTail(): boolean {
    this.#look(this.#tail, this.#tailAt)
    this.#tail = empty
    this.#tailAt = 0
    return this.#at < this.#end
  }

  #restart(): void {
    this.#need = 0
    this.#known = false
    this.#scan.at = 0
    this.#scan.mark = 0
    this.#offset += this.#dropped
    this.#dropped = 0
  }

  /** Lets bytes go by that belong to a frame that is not kept. */
  #passBy(): void {
    const count = Math.min(this.#skip, this.#end - this.#at)
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
      head.set(this.#window.subarray(this.#at, this.#at + wanted), huge.head.length)
      huge.head = head
    }
    this.#at += count
    this.#offset += count
    if (this.#skip === 0) this.#finishHuge()
  }

  #finishHuge(): void {
    const { head, length, context } = this.#huge as HugeFrame
    const passed = length - this.#skip
    const note = capped(head.length, passed)
    const whole = this.#skip === 0
    const packet = this.#stored(
      whole ? 'frame' : 'malformed',
      head,
      passed,
      context,
      whole ? [note] : [note, this.#reason],
    )
    this.#huge = undefined
    this.#ready.push(packet)
    this.#restart()
    if (whole) this.#dialogue.follow(packet)
  }

  /** Looks for a place where a frame can begin. */
  #seek(): void {
    const { lookahead } = this.#limits
    let found = this.#resync(this.#end, this.#final)
    if (found < 0 && this.#final) found = ~this.#end
    else if (found < 0 && this.#end - ~found > lookahead) {
      this.#lose(~found - this.#at)
      found = this.#resync(this.#at + lookahead, true)
    }
    if (found >= 0) {
      this.#lose(found - this.#at)
      this.#finishLost()
      this.#seeking = false
      this.#restart()
      return
    }
    this.#lostReason ??= NOT_A_FRAME
    this.#lose(~found - this.#at)
    // In steps that grow with what is undecided, so that the work stays linear however small the chunks are.
    this.#need = Math.max(1, (this.#end - this.#at) >> 1)
  }

  #resync(end: number, final: boolean): number {
    if (this.#codec.resync === undefined) return ~end
    const context = this.#dialogue.context(this.#side, this.#window, this.#at, end, true)
    return this.#codec.resync(this.#window, this.#at, end, context, final)
  }

  /** Counts `count` bytes of the window to the run that fits no frame. */
  #lose(count: number): void {
    const { malformedRun } = this.#limits
    for (let left = count; left > 0; ) {
      const held = this.#lostLength
      const take = Math.min(left, malformedRun - held)
      if (held + take > this.#lost.length) {
        const grown = new Uint8Array(Math.min(malformedRun, (held + take) * 2))
        grown.set(this.#lost.subarray(0, held))
        this.#lost = grown
      }
      this.#lost.set(this.#window.subarray(this.#at, this.#at + take), held)
      this.#lostLength += take
      this.#at += take
      this.#offset += take
      left -= take
      if (this.#lostLength === malformedRun) this.#finishLost()
    }
  }

  #finishLost(): void {
    const length = this.#lostLength
    if (length === 0) return
    const reason = { ...(this.#lostReason ?? NOT_A_FRAME), end: length }
    this.#ready.push(this.#stored('malformed', this.#lost.slice(0, length), length, undefined, [reason]))
    this.#lost = empty
    this.#lostLength = 0
    this.#lostReason = undefined
  }

  /** A packet over bytes of its own, that ends where the stream stands now. A gap begins there. */
  #stored(
    kind: PacketKind,
    bytes: Uint8Array,
    length: number,
    context: unknown,
    diagnostics: readonly Diagnostic[],
  ): Packet {
    const offset = kind === 'gap' ? this.#offset : this.#offset - length
    const { time, record } = kind === 'gap' ? this.#arrival : this.#arrivalOf(this.#offset)
    return new Packet(kind, this.#side, offset, time, record, bytes, 0, bytes.length, length, context, diagnostics)
  }

  /** The chunk that brought the byte before stream offset `end`. */
  #arrivalOf(end: number): Arrival {
    while (end > this.#arrival.until) {
      const later = this.#arrivals.shift()
      if (later === undefined) break
      this.#arrival = later
    }
    return this.#arrival
  }
}

interface HugeFrame {
  readonly length: number
  readonly context: unknown
  head: Uint8Array
}

/** When a chunk arrived, and the stream offset that it reached to. */
interface Arrival {
  readonly until: number
  readonly time: number
  readonly record: number
}

/** Up to this a partial frame's buffer is made at its full size; beyond, it grows with what really arrives. */
const EXACT = 1 << 20

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
