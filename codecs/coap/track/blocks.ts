import { type Budget, concat, MOST_KEPT, type Packet } from '../../core/index.ts'
import type { CoapFrame } from '../frames.ts'
import type { Block } from '../option.ts'
import type { Head } from './head.ts'
import { type Content, contentOf } from './message.ts'

interface Part {
  /** Less than `length` where the capture cut it off. */
  readonly bytes: Uint8Array
  readonly length: number
}

/** What a part takes beside its bytes: it, its place in the map, its frame's number. */
const OVERHEAD = 64

/**
 * A body that comes in blocks [RFC 7959], each at the offset that its number says: those of Q-Block come in any order
 * [RFC 9177], and the size may change on the way. What came before is not taken again.
 */
export class Blocks {
  /** What the first block says of the body: later ones may leave it out. */
  readonly head: Head
  readonly #budget: Budget
  readonly #parts = new Map<number, Part>()
  readonly #frames: number[] = []
  readonly #first: Packet
  #last: Packet
  #held = 0
  /** Where what came without a hole ends. */
  #next = 0
  /** The end of what came furthest. */
  #end = 0
  #ends = false
  /** There was no room: what follows is counted, not kept. */
  #full = false

  constructor(budget: Budget, head: Head, packet: Packet) {
    this.#budget = budget
    this.head = head
    this.#first = packet.kept()
    this.#last = this.#first
  }

  /** The last block came, and all before it, as far as they are known. */
  get whole(): boolean {
    return this.#ends && (this.#full || this.#next === this.#end)
  }

  /** Whether the block at `num` 0 is here: another one begins the body anew. */
  get begun(): boolean {
    return this.#parts.has(0)
  }

  add({ num, more, size }: Block, frame: CoapFrame, packet: Packet, number: number): void {
    const { body: payload, size: length } = contentOf(frame, packet, number)
    const offset = num * size
    if (!more) this.#ends = true
    this.#end = Math.max(this.#end, offset + length)
    this.#last = packet
    if (this.#full) return
    this.#frames.push(number)
    if (offset < this.#next || this.#parts.has(offset)) return
    const cost = payload.length + OVERHEAD
    if (this.#held + cost > MOST_KEPT || !this.#budget.take(cost)) {
      this.#full = true
      return
    }
    this.#held += cost
    this.#parts.set(offset, { bytes: payload.slice(), length })
    for (let part = this.#parts.get(this.#next); part !== undefined && part.length > 0; ) {
      this.#next += part.length
      part = this.#parts.get(this.#next)
    }
  }

  /** As far as it came without a hole, from the first part on. What was held is given back. */
  finish(): Content {
    const whole = this.whole
    const offsets = [...this.#parts.keys()].sort((a, b) => a - b)
    const run: Uint8Array[] = []
    let at = offsets[0] ?? 0
    for (const offset of offsets) {
      const { bytes, length } = this.#parts.get(offset) as Part
      if (offset !== at) break
      run.push(bytes)
      at += length
      if (bytes.length < length) break
    }
    this.#budget.give(this.#held)
    this.#held = 0
    this.#parts.clear()
    return {
      body: concat(run),
      size: this.#end,
      whole,
      frames: this.#frames,
      packets: this.#last === this.#first ? [this.#first] : [this.#first, this.#last],
      started: this.#first.time,
      time: this.#last.time,
    }
  }
}
