import { write } from 'node:fs'
import { isatty } from 'node:tty'
import { getSystemErrorMessage } from 'node:util'
import { EXIT, Failure } from '../failure.ts'
import { Lines } from './lines.ts'

export interface OutputOptions {
  /**
   * Live traffic must not wait for who reads about it: with more than this many bytes pending, rows are dropped and
   * counted. Absent, nothing is dropped, and the source is to wait for `ready`.
   */
  readonly dropAbove?: number
  /** The reader went away (`| head`, a terminal that was closed): there is no point in going on. */
  readonly onGone?: () => void
}

/** A batch that is worth a system call. */
const BATCH = 128 << 10
/** Pending bytes from which a source is asked to wait. */
const HIGH_WATER = 4 << 20
/** Buffers kept for the next batches. */
const SPARE = 40
/** How long a full pipe that was made non-blocking is left alone, in milliseconds. */
const PAUSE = 5

/**
 * Writes lines to a file descriptor, in batches, while the program goes on.
 *
 * `process.stdout` writes pipes synchronously: a reader that stops (a pager) would stop the whole process, and with it
 * every connection it relays. Here a slow reader only makes `ready` wait.
 */
export class Output {
  readonly #fd: number
  readonly #onTerminal: boolean
  readonly #options: OutputOptions
  /** What is being written: `accepts`, then a row into `lines`, then `wrote`. */
  readonly lines = new Lines()
  /** Batches that wait their turn; the first is under way. */
  readonly #queue: Buffer[] = []
  #queued = 0
  #spare: Buffer<ArrayBuffer>[] = []
  #scheduled = false
  #gone = false
  #error: Failure | undefined
  #dropped = 0
  #waiting: (() => void)[] = []

  constructor(fd: number, options: OutputOptions = {}) {
    this.#fd = fd
    this.#onTerminal = isatty(fd)
    this.#options = options
  }

  /** Whether there is room for a row, and someone to read it. A row that is refused counts as dropped. */
  accepts(): boolean {
    if (this.#gone || this.#error !== undefined) return false
    const { dropAbove } = this.#options
    if (dropAbove === undefined || this.#queued + this.lines.length <= dropAbove) return true
    this.#dropped++
    return false
  }

  /** Tells that `lines` holds a row more. */
  wrote(): void {
    if (this.lines.length >= BATCH) this.#enqueue()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        this.#enqueue()
      })
    }
  }

  /** Whole lines: what is dropped is dropped as it came. */
  write(text: string): void {
    if (!this.accepts()) return
    this.lines.text(text)
    this.wrote()
  }

  /** Rows that were dropped. */
  get dropped(): number {
    return this.#dropped
  }

  /** Bytes that wait to be written. */
  get pending(): number {
    return this.#queued + this.lines.length
  }

  /** Whether the reader went away. What is written from then on goes nowhere. */
  get gone(): boolean {
    return this.#gone
  }

  /** Resolves when little is pending; undefined if that is so now. Rejects where writing failed. */
  ready(): Promise<void> | undefined {
    return this.#error === undefined && this.#queued < HIGH_WATER ? undefined : this.#until(HIGH_WATER / 2)
  }

  /** Resolves when everything was written. */
  async end(): Promise<void> {
    this.#enqueue()
    await this.#until(0)
  }

  /** Resolves when no more than `most` bytes are pending. */
  async #until(most: number): Promise<void> {
    while (this.#queued > most) await new Promise<void>(resolve => this.#waiting.push(resolve))
    if (this.#error !== undefined) throw this.#error
  }

  #enqueue(): void {
    if (this.lines.length === 0 || this.#gone || this.#error !== undefined) return
    const batch = this.lines.take(this.#spare.pop())
    this.#queued += batch.length
    if (this.#queue.push(batch) === 1) this.#put(batch, 0)
  }

  #put(batch: Buffer, from: number): void {
    write(this.#fd, batch, from, batch.length - from, null, (error, written) => {
      if (error === null) {
        if (from + written < batch.length) this.#put(batch, from + written)
        else this.#done(batch)
      } else if (error.code === 'EAGAIN') setTimeout(() => this.#put(batch, from), PAUSE)
      else this.#fail(error)
    })
  }

  #done(batch: Buffer): void {
    this.#queue.shift()
    this.#queued -= batch.length
    // One that a huge row has stretched is not worth keeping.
    const buffer = batch.buffer as ArrayBuffer
    if (this.#spare.length < SPARE && buffer.byteLength < 4 * BATCH) this.#spare.push(Buffer.from(buffer))
    const next = this.#queue[0]
    if (next !== undefined) this.#put(next, 0)
    this.#tell()
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#queue.length = 0
    this.#queued = 0
    if (error.code === 'EPIPE' || (this.#onTerminal && error.code === 'EIO')) {
      this.#gone = true
      this.#options.onGone?.()
    } else {
      const why = error.errno === undefined ? error.message : getSystemErrorMessage(error.errno)
      this.#error = new Failure(`could not write the output: ${why}`, { exit: EXIT.failed, cause: error })
    }
    this.#tell()
  }

  #tell(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
