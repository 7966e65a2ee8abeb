import type { Packet } from '../../../codecs/core/index.ts'
import type { Flow } from '../../flow.ts'
import type { KeptFrame } from '../../replay/index.ts'
import { type KeptPacket, SEGMENT_BYTES, Segment } from './segment.ts'

export interface KeptLimits {
  /** Packets kept at least, where their bytes allow it. */
  readonly rows: number
  /** Bytes of packets. */
  readonly bytes: number
}

export const LIVE_LIMITS: KeptLimits = { rows: 1 << 18, bytes: 64 << 20 }

/** Numbers from `first` up to, not including, `end`. */
export interface Span {
  readonly first: number
  readonly end: number
}

/**
 * The last packets that passed, in segments: the oldest segment goes when there are too many. What is pinned stays
 * beside them, so that who looks at it can go on looking: at most twice as much is held then.
 */
export class Kept {
  readonly #limits: KeptLimits
  readonly #segments: Segment[] = []
  #pinned: readonly Segment[] = []
  /** Of all segments that are not pinned: packets, and bytes. */
  #rows = 0
  #size = 0
  #next = 1
  /** The segment that went last: the next one, so that what passes leaves no garbage behind. */
  #spare: Segment | undefined

  constructor(limits: KeptLimits = LIVE_LIMITS) {
    this.#limits = limits
  }

  /** Packets that passed, kept or not. */
  get total(): number {
    return this.#next - 1
  }

  add(flow: Flow, packet: Packet): void {
    if (this.#segments.at(-1)?.add(flow, packet) !== true) {
      const segment = this.#fresh(packet.end - packet.start)
      segment.add(flow, packet)
      this.#segments.push(segment)
      this.#size += segment.size
      this.#evict()
    }
    this.#rows++
    this.#next++
  }

  /** Keeps what is there now, whatever comes. */
  pin(): void {
    if (this.#pinned.length > 0) return
    this.#pinned = [...this.#segments]
    this.#rows = 0
    this.#size = 0
  }

  unpin(): void {
    if (this.#pinned.length === 0) return
    this.#pinned = []
    this.#rows = this.#segments.reduce((sum, { length }) => sum + length, 0)
    this.#size = this.#segments.reduce((sum, { size }) => sum + size, 0)
    this.#evict()
  }

  /** What is kept, in order; neighbours that touch are one. */
  get spans(): readonly Span[] {
    const spans: { first: number; end: number }[] = []
    for (const { first, end } of this.#segments) {
      const before = spans.at(-1)
      if (before?.end === first) before.end = end
      else spans.push({ first, end })
    }
    return spans
  }

  /** The number of the oldest packet kept; of the next to come where there is none. */
  get first(): number {
    return this.#segments[0]?.first ?? this.#next
  }

  /** The segment that holds the packet with this number. */
  segment(number: number): Segment | undefined {
    let low = 0
    let high = this.#segments.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const segment = this.#segments[middle] as Segment
      if (number < segment.first) high = middle - 1
      else if (number >= segment.end) low = middle + 1
      else return segment
    }
    return undefined
  }

  get(number: number): KeptPacket | undefined {
    return this.segment(number)?.get(number)
  }

  /** Good until something is added: a view of bytes that are used anew. */
  view(number: number): KeptPacket | undefined {
    return this.segment(number)?.view(number)
  }

  /** All packets of a connection so far, copied; undefined where some are no longer here. */
  all(flow: Flow): KeptFrame[] | undefined {
    const frames: KeptFrame[] = []
    let found = 0
    for (const segment of this.#segments) {
      for (let number = segment.first; number < segment.end; number++) {
        if (segment.flow(number) !== flow) continue
        const { packet } = segment.get(number)
        if (packet.kind !== 'gap') found++
        frames.push({ number, packet })
      }
    }
    const { client, server } = flow.frames
    return found === client + server + flow.malformed ? frames : undefined
  }

  #fresh(bytes: number): Segment {
    const spare = this.#spare
    if (spare === undefined || spare.size < bytes) return new Segment(this.#next, bytes)
    this.#spare = undefined
    spare.restart(this.#next)
    return spare
  }

  #evict(): void {
    const { rows, bytes } = this.#limits
    const own = this.#pinned.length
    while (this.#segments.length - own > 1) {
      const { length, size } = this.#segments[own] as Segment
      // Without the oldest there must be as many as are to be kept, unless they are too large.
      if (this.#rows - length < rows && this.#size <= Math.max(bytes, SEGMENT_BYTES)) return
      const [gone] = this.#segments.splice(own, 1)
      this.#rows -= length
      this.#size -= size
      if (size === SEGMENT_BYTES) this.#spare = gone
    }
  }
}
