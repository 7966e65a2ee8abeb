import { type FileHandle, open } from 'node:fs/promises'
import { getSystemErrorMessage } from 'node:util'
import { EXIT, Failure } from '../failure.ts'

/** What is written with one system call. */
const BATCH = 256 << 10
/** How long a batch waits to be filled, in milliseconds: what a crash can cost. */
const LINGER = 100

export interface FileOptions {
  /** Bytes that may wait for the disk; beyond them, room is refused. @default 32 MiB */
  readonly queue?: number
}

/** Whole blocks that go to the disk together. */
export class Batch {
  readonly bytes = new Uint8Array(BATCH)
  readonly view = new DataView(this.bytes.buffer)
  readonly words = new Uint32Array(this.bytes.buffer)
  length = 0
}

/**
 * A private file, appended to in batches of whole blocks while the program goes on. Whatever moment the process is
 * killed at, what is on the disk ends between two blocks, or at worst within the last one.
 */
export class RecordingFile {
  readonly path: string
  readonly #file: FileHandle
  readonly #limit: number
  readonly #spare: Batch[] = []
  readonly #full: Batch[] = []
  #current = new Batch()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #written = 0
  #failure: Failure | undefined

  private constructor(path: string, file: FileHandle, { queue = 32 << 20 }: FileOptions) {
    this.path = path
    this.#file = file
    this.#limit = Math.ceil(queue / BATCH)
  }

  /** Makes or empties the file; nobody else may read it, whatever its permissions were. */
  static async create(path: string, header: Uint8Array, options: FileOptions = {}): Promise<RecordingFile> {
    try {
      const file = await open(path, 'w', PRIVATE)
      try {
        if ((await file.stat()).isFile()) await file.chmod(PRIVATE)
        const recording = new RecordingFile(path, file, options)
        await recording.#put(header)
        return recording
      } catch (error) {
        await file.close()
        throw error
      }
    } catch (error) {
      throw failed(path, error)
    }
  }

  /** Bytes on the disk. */
  get written(): number {
    return this.#written
  }

  /** Why writing ended before its time. */
  get failure(): Failure | undefined {
    return this.#failure
  }

  /** A batch with `length` bytes to spare, to be written from its `length` on; undefined while the disk is behind. */
  room(length: number): Batch | undefined {
    if (this.#failure !== undefined) return undefined
    if (this.#current.length + length > BATCH) {
      if (this.#full.length >= this.#limit) return undefined
      this.#turn()
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (this.#writing === undefined && this.#current.length > 0) this.#turn()
    }, LINGER)
    return this.#current
  }

  /** Writes what waits, and closes the file. Rejects where writing failed, now or before. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#current.length > 0) this.#turn()
    await this.#writing
    try {
      await this.#file.close()
    } catch (error) {
      this.#failure ??= failed(this.path, error)
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  #turn(): void {
    this.#full.push(this.#current)
    this.#current = this.#spare.pop() ?? new Batch()
    this.#writing ??= this.#drain()
  }

  async #drain(): Promise<void> {
    for (let batch = this.#full[0]; batch !== undefined; batch = this.#full[0]) {
      try {
        await this.#put(batch.bytes.subarray(0, batch.length))
      } catch (error) {
        this.#failure = failed(this.path, error)
        this.#full.length = 0
        break
      }
      this.#full.shift()
      batch.length = 0
      if (this.#spare.length < SPARE) this.#spare.push(batch)
      // What lingered while the disk was busy has waited long enough.
      if (this.#full.length === 0 && this.#timer === undefined && this.#current.length > 0) {
        this.#full.push(this.#current)
        this.#current = this.#spare.pop() ?? new Batch()
      }
    }
    this.#writing = undefined
  }

  async #put(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, null)
      at += bytesWritten
      this.#written += bytesWritten
    }
  }
}

const PRIVATE = 0o600
/** Batches kept to be filled again. */
const SPARE = 32

function failed(path: string, error: unknown): Failure {
  const { errno, message } = error as NodeJS.ErrnoException
  const why = errno === undefined ? message : getSystemErrorMessage(errno)
  return new Failure(`${path}: the recording could not be written: ${why}`, {
    exit: EXIT.failed,
    next: 'Give -w a file in a directory that you may write to, on a disk with room.',
    cause: error,
  })
}
