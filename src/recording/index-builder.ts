import type { IndexChunk, IndexMeta, IndexPartMeta } from '../metadata.ts'

/** What is worth jumping to, in bytes: less is read faster than it is skipped. */
const CHUNK = 1 << 20
/** Numbers of one chunk: where flows alternate with every packet there are many. */
const MOST_NUMBERS = 4096
/** Numbers of one part, which is to fit into a batch: each takes ten bytes or so. */
const PART = 16_384

type Draft = { -readonly [K in keyof Omit<IndexChunk, 'flows' | 'frames'>]: IndexChunk[K] } & {
  readonly flows: Set<number>
  readonly frames: (readonly [number, number])[]
}

/** What a stretch of the file holds, as it comes to be known. */
export interface Stretch {
  readonly firstPacket: number
  readonly packets: number
  readonly firstTime: number
  readonly lastTime: number
  readonly flows: Iterable<number>
  readonly frames: IndexChunk['frames']
}

/** Gathers the index of one file while it is written. */
export class IndexBuilder {
  readonly #begin: number
  readonly #chunks: IndexChunk[] = []
  #numbers = 0
  #draft: Draft | undefined

  /** `begin`: where the first chunk does. */
  constructor(begin: number) {
    this.#begin = begin
  }

  /** Bytes [offset, end) of the file hold this. */
  add(offset: number, end: number, stretch: Stretch): void {
    this.#draft ??= {
      offset,
      packet: stretch.firstPacket,
      packets: 0,
      first: Number.POSITIVE_INFINITY,
      last: Number.NEGATIVE_INFINITY,
      flows: new Set(),
      frames: [],
    }
    const draft = this.#draft
    draft.packets += stretch.packets
    draft.first = Math.min(draft.first, stretch.firstTime)
    draft.last = Math.max(draft.last, stretch.lastTime)
    for (const flow of stretch.flows) draft.flows.add(flow)
    for (const pair of stretch.frames) draft.frames.push(pair)
    const many = draft.frames.length * 2 + draft.flows.size >= MOST_NUMBERS
    if (many || end - draft.offset >= CHUNK) this.#finishChunk()
  }

  /** What is worth a block of its own; with `all`, whatever there is. */
  part(all: boolean): IndexPartMeta | undefined {
    if (all) this.#finishChunk()
    if (this.#chunks.length === 0 || (this.#numbers < PART / 2 && !all)) return undefined
    let numbers = 0
    let count = 0
    for (const chunk of this.#chunks) {
      numbers += numbersOf(chunk)
      if (count > 0 && numbers > PART) break
      count++
    }
    const chunks = this.#chunks.splice(0, count)
    for (const chunk of chunks) this.#numbers -= numbersOf(chunk)
    return { kind: 'index-part', chunks }
  }

  /** The end of the index of a file whose chunks end at `end`, and whose index's parts stand at `parts`. */
  root(origin: bigint, parts: readonly number[], end: number): IndexMeta {
    return { kind: 'index', origin: String(origin), parts, begin: this.#begin, end }
  }

  #finishChunk(): void {
    if (this.#draft === undefined) return
    const { flows, first, last, ...rest } = this.#draft
    // Without packets there is no time; what is mentioned then is mentioned at all times.
    const timed = first <= last ? { first, last } : { first: Number.MIN_SAFE_INTEGER, last: Number.MAX_SAFE_INTEGER }
    const chunk = { ...rest, ...timed, flows: [...flows].sort((a, b) => a - b) }
    this.#chunks.push(chunk)
    this.#numbers += numbersOf(chunk)
    this.#draft = undefined
  }
}

const numbersOf = ({ flows, frames }: IndexChunk): number => 8 + flows.length + frames.length * 2
