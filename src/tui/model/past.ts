import type { Packet } from '../../../codecs/core/index.ts'
import type { Flow } from '../../flow.ts'
import type { Observer } from '../../inspector.ts'
import { type KeptPacket, Segment } from './segment.ts'

/** Reads all that there was once more from the disk, from its beginning, until it is told to stop. */
export type Again = (observer: Observer, signal: AbortSignal) => Promise<void>

/** Packets read at once, and bytes of them at most. */
const PAGE_ROWS = 4_096
const PAGE_BYTES = 32 << 20
/** Pages kept: as one scrolls, the next are mostly the last ones. */
const MOST_PAGES = 6

/** Files may be coarser than clocks, in nanoseconds. */
const SAME = 2_000

interface Page {
  readonly first: number
  /** The number behind its last packet's. */
  end: number
  readonly segments: Segment[]
}

/**
 * Packets that memory no longer holds, read from the recording, or the capture, when somebody looks at them: a page
 * around them at a time. What they mean depends on what came before, so the file is read from its beginning.
 */
export class Past {
  readonly #again: Again
  readonly #onChange: (trouble?: string) => void
  /** When the first packet of each page passed: what is read again must be the same. */
  readonly #times: number[] = []
  #origin = 0n
  /** The one used last at the end. */
  readonly #pages: Page[] = []
  #wanted: number | undefined
  #reading = false
  /** From here on, the file had nothing when it was read last. */
  #beyond = Number.POSITIVE_INFINITY

  constructor(again: Again, onChange: (trouble?: string) => void) {
    this.#again = again
    this.#onChange = onChange
  }

  start(origin: bigint): void {
    this.#origin = origin
  }

  /** A packet passes that is to be had again. */
  note(number: number, { time }: Packet): void {
    if ((number - 1) % PAGE_ROWS === 0) this.#times.push(time)
  }

  get(number: number): KeptPacket | undefined {
    const page = this.#page(number)
    if (page === undefined) return undefined
    for (const segment of page.segments) if (number < segment.end) return segment.view(number)
    return undefined
  }

  /** Sees to it that this packet comes. Of several wishes while a page is being read, the last one counts. */
  want(number: number): void {
    if (number >= this.#beyond || this.#page(number) !== undefined) return
    this.#wanted = number
    if (!this.#reading) void this.#read()
  }

  async #read(): Promise<void> {
    this.#reading = true
    let trouble: string | undefined
    for (let wanted = this.#wanted; wanted !== undefined && trouble === undefined; wanted = this.#wanted) {
      this.#wanted = undefined
      trouble = await this.#readPage(this.#startOf(wanted))
    }
    this.#reading = false
    this.#onChange(trouble)
  }

  /** A page begins where pages do, or where the one that was full of bytes ended. */
  #startOf(number: number): number {
    const aligned = number - ((number - 1) % PAGE_ROWS)
    return Math.max(aligned, ...this.#pages.filter(({ end }) => end <= number).map(({ end }) => end))
  }

  async #readPage(first: number): Promise<string | undefined> {
    const page: Page = { first, end: first, segments: [] }
    const enough = new AbortController()
    let bytes = 0
    let later = 0
    let strayed: number | undefined
    const start = (origin: bigint): void => {
      later = Number(origin - this.#origin)
    }
    const packet = (flow: Flow, packet: Packet, number: number): void => {
      if (enough.signal.aborted) return
      if (!this.#sameAt(number, packet.time + later)) {
        strayed = number
        enough.abort()
        return
      }
      if (number < first) return
      if (page.segments.at(-1)?.add(flow, packet, later) !== true) {
        const segment = new Segment(number, packet.end - packet.start)
        segment.add(flow, packet, later)
        page.segments.push(segment)
      }
      page.end = number + 1
      bytes += packet.end - packet.start
      if (page.end - first >= PAGE_ROWS || bytes >= PAGE_BYTES) enough.abort()
    }
    try {
      await this.#again({ start, packet }, enough.signal)
    } catch (error) {
      this.#beyond = first
      return (error as Error).message
    }
    if (page.end === first) {
      this.#beyond = first
      if (strayed === undefined) return `frame ${first} is not in what was recorded`
      return `what was recorded lacks some of what passed before frame ${strayed}: it is not shown from there on`
    }
    this.#pages.push(page)
    if (this.#pages.length > MOST_PAGES) this.#pages.shift()
    this.#onChange()
    return undefined
  }

  #sameAt(number: number, time: number): boolean {
    const known = (number - 1) % PAGE_ROWS === 0 ? this.#times[(number - 1) / PAGE_ROWS] : undefined
    return known === undefined || Math.abs(time - known) < SAME
  }

  #page(number: number): Page | undefined {
    const at = this.#pages.findIndex(({ first, end }) => number >= first && number < end)
    if (at < 0) return undefined
    const page = this.#pages[at] as Page
    if (at < this.#pages.length - 1) this.#pages.push(...this.#pages.splice(at, 1))
    return page
  }
}
