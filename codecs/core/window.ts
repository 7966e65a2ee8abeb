/** When a chunk arrived, and the stream offset that it reached to. */
export interface Arrival {
  readonly until: number
  readonly time: number
  readonly record: number
}

/**
 * The bytes of a stream that are not yet cut, in one piece: [at, end) of `bytes`.
 *
 * That piece is the chunk pushed last, as long as frames end within it. Only what is left of a frame at a chunk's end is
 * copied, into a buffer of the window's own, which then takes from the next chunk just what that frame lacks.
 */
export class Window {
  bytes: Uint8Array = empty
  at = 0
  end = 0
  /** Stream offset of `bytes[at]`. */
  offset = 0
  /** Bytes that were taken out between `at` and `end`. */
  dropped = 0

  #own = false
  /** Of the chunk pushed last, what is not yet in the window. */
  #tail = empty
  #tailAt = 0
  /** Of the chunks in the window, in order; those before `#arrived` are used up. */
  #arrivals: Arrival[] = []
  #arrived = 0
  #arrival: Arrival = { until: 0, time: 0, record: 0 }

  /** Bytes in the window. */
  get length(): number {
    return this.end - this.at
  }

  /** Bytes pushed and not yet in the window. */
  get behind(): number {
    return this.#tail.length - this.#tailAt
  }

  /** What came last. */
  get latest(): Arrival {
    return this.#arrivals.at(-1) ?? this.#arrival
  }

  /** Memory of our own. */
  get buffered(): number {
    return this.#own ? this.bytes.length : 0
  }

  /** The next chunk. All of the one before is in the window by now, or used up. */
  push(chunk: Uint8Array, time: number, record: number): void {
    const bytes = plain(chunk)
    const until = this.offset + this.dropped + this.length + bytes.length
    if (this.at === this.end) {
      this.#look(bytes, 0, bytes.length, false)
      this.#arrivals.length = 0
      this.#arrived = 0
      this.#arrival = { until, time, record }
    } else {
      this.#tail = bytes
      this.#tailAt = 0
      this.#arrivals.push({ until, time, record })
    }
  }

  /** Whether there is anything to look at; goes on in the chunk where the window is used up. */
  more(): boolean {
    if (this.at < this.end) return true
    this.#look(this.#tail, this.#tailAt, this.#tail.length, false)
    this.#tail = empty
    this.#tailAt = 0
    return this.at < this.end
  }

  /** Everything that is not used up, which is so from now on. */
  drain(): Uint8Array {
    this.take(this.behind, 0)
    const rest = this.bytes.slice(this.at, this.end)
    this.advance(rest.length)
    return rest
  }

  /** Uses up `count` bytes. */
  advance(count: number): void {
    this.at += count
    this.offset += count
  }

  /** Passes `count` bytes of the stream that were never here. */
  jump(count: number, time: number, record: number): Arrival {
    this.offset += count
    this.#arrival = { until: this.offset, time, record }
    return this.#arrival
  }

  /**
   * Takes `count` bytes of the chunk behind into the window, which becomes our own; it makes room at once for `wanted`
   * where that is modest, beyond that only as bytes really arrive.
   */
  take(count: number, wanted: number): void {
    const held = this.length
    if (!this.#own || this.end + count > this.bytes.length) {
      const room = held + Math.max(count, wanted)
      const bytes = new Uint8Array(room <= EXACT ? room : Math.max(held + count, held * 2))
      bytes.set(this.bytes.subarray(this.at, this.end))
      this.#look(bytes, 0, held, true)
    }
    this.bytes.set(this.#tail.subarray(this.#tailAt, this.#tailAt + count), this.end)
    this.end += count
    this.#tailAt += count
    if (this.#tailAt === this.#tail.length) {
      this.#tail = empty
      this.#tailAt = 0
    }
  }

  /** Takes `count` bytes out from `head` bytes after `at` on. */
  drop(head: number, count: number): void {
    const bytes = new Uint8Array(this.length - count)
    bytes.set(this.bytes.subarray(this.at, this.at + head))
    bytes.set(this.bytes.subarray(this.at + head + count, this.end), head)
    this.#look(bytes, 0, bytes.length, true)
    this.dropped += count
  }

  /** Counts what was taken out as used up. */
  forgetDropped(): void {
    this.offset += this.dropped
    this.dropped = 0
  }

  /** What brought the byte before stream offset `end`. Asked in the order of the stream. */
  arrivalOf(end: number): Arrival {
    while (end > this.#arrival.until) {
      const later = this.#arrivals[this.#arrived]
      if (later === undefined) break
      this.#arrival = later
      if (++this.#arrived === this.#arrivals.length) {
        this.#arrivals.length = 0
        this.#arrived = 0
      }
    }
    return this.#arrival
  }

  #look(bytes: Uint8Array, at: number, end: number, own: boolean): void {
    this.bytes = bytes
    this.at = at
    this.end = end
    this.#own = own
  }
}

/** Up to this a partial frame's buffer is made at its full size; beyond, it grows with what really arrives. */
const EXACT = 1 << 20
const empty: Uint8Array = new Uint8Array(0)

/** A Buffer's `subarray` would make Buffers all the way: slower, and another hidden class at every call site. */
export const plain = (chunk: Uint8Array): Uint8Array =>
  chunk.constructor === Uint8Array ? chunk : new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
