import { formatBytes } from './clock.ts'

/** How far a long read has come. */
export interface Position {
  readonly bytes: number
  /** Undefined for a pipe. */
  readonly size: number | undefined
}

export interface ProgressStream {
  write(text: string): unknown
}

const EVERY = 200
/** What is done by then needs no telling. */
const PATIENCE = 500

/** A status line on a terminal that is rewritten in place: how far, how fast, how long still. */
export class Progress {
  readonly #stream: ProgressStream
  readonly #now: () => number
  readonly #began: number
  #next: number
  #shown = false

  /** `now` in milliseconds. */
  constructor(stream: ProgressStream, now: () => number = () => performance.now()) {
    this.#stream = stream
    this.#now = now
    this.#began = now()
    this.#next = this.#began + PATIENCE
  }

  /** Cheap to call often. */
  update({ bytes, size }: Position, frames: number): void {
    const now = this.#now()
    if (now < this.#next) return
    this.#next = now + EVERY
    this.#shown = true
    const rate = (bytes / Math.max(1, now - this.#began)) * 1000
    const parts = [size === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(size)}`]
    if (size !== undefined && size > 0) parts[0] += ` (${Math.floor((bytes / size) * 100)} %)`
    parts.push(`${formatBytes(rate)}/s`, `${frames.toLocaleString('en')} frames`)
    if (size !== undefined && rate > 0) parts.push(`${Math.ceil(Math.max(0, size - bytes) / rate)} s left`)
    this.#stream.write(`${CLEAR}${parts.join(', ')}`)
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shown) this.#stream.write(CLEAR)
    this.#shown = false
  }
}

const CLEAR = '\r\x1b[2K'
