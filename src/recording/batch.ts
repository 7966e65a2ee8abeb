import type { Side } from '../../codecs/core/index.ts'
import { withComment } from './pcapng.ts'

/** What is written with one system call, in bytes. */
export const BATCH = 256 << 10

/** The shortest block of a packet: IPv4 and UDP headers without a payload. */
const SHORTEST = 60
const MOST_PACKETS = Math.ceil(BATCH / SHORTEST)

/** Whole blocks that go to the disk together, and what is known of them until they do. */
export class Batch {
  readonly bytes = new Uint8Array(BATCH)
  readonly view = new DataView(this.bytes.buffer)
  readonly words = new Uint32Array(this.bytes.buffer)
  length = 0

  /** Of its packets: number of the first, and how many. */
  firstPacket = 0
  packets = 0
  /** Nanoseconds since the origin. */
  firstTime = Number.POSITIVE_INFINITY
  lastTime = Number.NEGATIVE_INFINITY
  /** See IndexChunk. */
  frames: (readonly [packet: number, frame: number])[] = []

  /** Whether it begins with a part of the index, which is of no flow. */
  indexes = false

  readonly #flows = new Uint32Array(MOST_PACKETS)
  readonly #sides = new Uint8Array(MOST_PACKETS)
  readonly #places = new Uint32Array(MOST_PACKETS)
  readonly #ends = new Float64Array(MOST_PACKETS)
  #comments: { readonly at: number; readonly text: string }[] = []

  /** Takes note of a packet that was written at `length`: of which flow it is, and where in its direction it ends. */
  note(flow: number, side: Side, end: number, time: number): void {
    const at = this.packets++
    this.#flows[at] = flow
    this.#sides[at] = side === 'client' ? 0 : 1
    this.#places[at] = this.length
    this.#ends[at] = end
    if (time < this.firstTime) this.firstTime = time
    if (time > this.lastTime) this.lastTime = time
  }

  /** Takes note of something said of a flow. */
  mention(flow: number): void {
    const at = this.packets++
    this.#flows[at] = flow
    this.#sides[at] = 2
  }

  /** Has a comment put to the packet that holds byte `offset` of a flow's direction. False if it is not here. */
  comment(flow: number, side: Side, offset: number, text: string): boolean {
    const wanted = side === 'client' ? 0 : 1
    let found = -1
    for (let at = this.packets - 1; at >= 0; at--) {
      if (this.#flows[at] !== flow || this.#sides[at] !== wanted || (at === 0 && this.indexes)) continue
      if ((this.#ends[at] as number) <= offset) break
      found = at
    }
    if (found < 0) return false
    this.#comments.push({ at: this.#places[found] as number, text })
    return true
  }

  get flows(): Set<number> {
    const flows = new Set<number>()
    for (let at = this.indexes ? 1 : 0; at < this.packets; at++) flows.add(this.#flows[at] as number)
    return flows
  }

  /** The blocks, with their comments: pieces that follow each other. */
  pieces(): Uint8Array[] {
    const pieces: Uint8Array[] = []
    let from = 0
    const places = new Map<number, string[]>()
    for (const { at, text } of this.#comments) places.set(at, [...(places.get(at) ?? []), text])
    for (const [at, texts] of [...places].sort(([a], [b]) => a - b)) {
      const end = at + this.view.getUint32(at + 4, true)
      pieces.push(this.bytes.subarray(from, at), withComment(this.bytes.subarray(at, end), texts))
      from = end
    }
    pieces.push(this.bytes.subarray(from, this.length))
    return pieces
  }

  /** Empties it, to be filled again. */
  reset(): void {
    this.length = 0
    this.packets = 0
    this.firstTime = Number.POSITIVE_INFINITY
    this.lastTime = Number.NEGATIVE_INFINITY
    this.frames = []
    this.indexes = false
    this.#comments = []
  }
}
