import { type FileHandle, open } from 'node:fs/promises'
import { getSystemErrorMessage } from 'node:util'
import { EXIT, Failure } from '../failure.ts'
import { BATCH, Batch } from './batch.ts'
import { IndexBuilder } from './index-builder.ts'
import { metadataBlock } from './pcapng.ts'

/** How long a batch waits to be filled, in milliseconds: what a crash can cost, and how late a comment may come. */
const LINGER = 250

/** Batches that wait for the disk, over all files of a recording. */
export class Queue {
  readonly limit: number
  #length = 0
  #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.limit = limit
  }

  get full(): boolean {
    return this.#length >= this.limit
  }

  /** Resolves when it is short again; undefined where it is. */
  drain(): Promise<void> | undefined {
    return this.#length * 2 < this.limit ? undefined : new Promise(resolve => this.#waiting.push(resolve))
  }

  change(by: number): void {
    this.#length += by
    if (this.#length * 2 < this.limit) for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/**
 * A private file, appended to in batches of whole blocks while the program goes on. Whatever moment the process is
 * killed at, what is on the disk ends between two blocks, or at worst within the last one. Ended in order, an index
 * stands at its end.
 */
export class RecordingFile {
  readonly path: string
  /** Resolves when it is there; rejects where it cannot be made. */
  readonly ready: Promise<void>
  readonly begun = Date.now()
  readonly #queue: Queue
  readonly #origin: (() => bigint) | undefined
  readonly #index: IndexBuilder
  /** Where parts of the index stand. */
  readonly #parts: number[] = []
  readonly #spare: Batch[] = []
  readonly #full: Batch[] = []
  #file: FileHandle | undefined
  #regular = false
  #current = new Batch()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #written = 0
  #accepted: number
  #packets = 0
  #failure: Failure | undefined
  #closed = false

  /** Makes or empties the file, with an index at its end where its `origin` is given; nobody else may read it, whatever its permissions were. */
  constructor(path: string, header: Uint8Array, queue: Queue, origin?: () => bigint) {
    this.path = path
    this.#queue = queue
    this.#origin = origin
    this.#index = new IndexBuilder(header.length)
    this.#accepted = header.length
    this.#current.firstPacket = 1
    this.ready = this.#open(header)
    this.#writing = this.ready.then(
      () => this.#drain(),
      (error: Failure) => this.#fail(error),
    )
  }

  /** Bytes on the disk. */
  get written(): number {
    return this.#written
  }

  /** Bytes on the disk, or on their way. */
  get size(): number {
    return this.#accepted + this.#current.length
  }

  /** Whether it is a file on a disk, rather than a pipe or a device. */
  get regular(): boolean {
    return this.#regular
  }

  /** Packets so far. */
  get packets(): number {
    return this.#packets
  }

  /** Why writing ended before its time. */
  get failure(): Failure | undefined {
    return this.#failure
  }

  /** A batch with `length` bytes to spare, to be written from its `length` on; undefined while the disk is behind. */
  room(length: number): Batch | undefined {
    if (this.#failure !== undefined || this.#closed || length > BATCH) return undefined
    if (this.#current.length + length > BATCH) {
      if (this.#queue.full) return undefined
      this.#turn()
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (this.#writing === undefined && this.#current.length > 0) this.#turn()
    }, LINGER)
    return this.#current
  }

  /** The packet that `note` told the batch of counts. */
  counted(): void {
    this.#packets++
  }

  /** Finds the packet in what is not on its way to the disk yet, the latest first. */
  comment(...packet: Parameters<Batch['comment']>): boolean {
    if (this.#current.comment(...packet)) return true
    // The first of those that are full is being written.
    for (let at = this.#full.length - 1; at > 0; at--) if (this.#full[at]?.comment(...packet) === true) return true
    return false
  }

  /** Writes a block of secrets; false where there is no room for it. */
  block(block: Uint8Array): boolean {
    const batch = this.room(block.length)
    if (batch === undefined) return false
    batch.bytes.set(block, batch.length)
    batch.length += block.length
    return true
  }

  /** Writes what is said of a flow; false where there is no room for it. Wireshark counts it as a packet. */
  custom(block: Uint8Array, flow: number): boolean {
    const batch = this.room(block.length)
    if (batch === undefined) return false
    batch.bytes.set(block, batch.length)
    batch.mention(flow)
    batch.length += block.length
    this.counted()
    return true
  }

  /** Writes what waits and the index, and closes the file. Rejects where writing failed, now or before. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    if (this.#current.length > 0) this.#turn()
    await this.#writing
    if (this.#file !== undefined) {
      try {
        if (this.#failure === undefined) await this.#finish(this.#file)
      } catch (error) {
        this.#fail(failed(this.path, error))
      }
      await this.#file.close().catch(error => this.#fail(failed(this.path, error)))
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  async #open(header: Uint8Array): Promise<void> {
    try {
      const file = await open(this.path, 'w', PRIVATE)
      try {
        this.#regular = (await file.stat()).isFile()
        if (this.#regular) await file.chmod(PRIVATE)
        await this.#put(file, header)
        this.#file = file
      } catch (error) {
        await file.close()
        throw error
      }
    } catch (error) {
      throw failed(this.path, error)
    }
  }

  #turn(): void {
    const batch = this.#current
    this.#full.push(batch)
    this.#queue.change(1)
    this.#accepted += batch.length
    this.#current = this.#spare.pop() ?? new Batch()
    this.#current.firstPacket = this.#packets + 1
    this.#indexSoFar(this.#current)
    this.#writing ??= this.#drain()
  }

  /** Gives a batch a part of the index to begin with, where there is one: of a long recording little is in memory. */
  #indexSoFar(batch: Batch): void {
    const part = this.#origin === undefined ? undefined : this.#index.part(false)
    const block = part === undefined ? undefined : metadataBlock(part)
    if (block === undefined || block.length > BATCH) return
    batch.bytes.set(block)
    batch.length = block.length
    batch.indexes = true
    batch.packets = 1
    this.counted()
  }

  async #drain(): Promise<void> {
    for (;;) {
      // What lingered while the disk was busy has waited long enough.
      if (this.#full.length === 0 && this.#timer === undefined && this.#current.length > 0) this.#turn()
      const [batch] = this.#full
      if (batch === undefined) break
      const offset = this.#written
      try {
        for (const piece of batch.pieces()) await this.#put(this.#file as FileHandle, piece)
        this.#index.add(offset, this.#written, batch)
        if (batch.indexes) this.#parts.push(offset)
      } catch (error) {
        await this.#mend(offset)
        this.#fail(failed(this.path, error))
        break
      }
      this.#full.shift()
      this.#queue.change(-1)
      batch.reset()
      if (this.#spare.length < SPARE) this.#spare.push(batch)
    }
    this.#writing = undefined
  }

  #fail(failure: Failure): void {
    this.#failure ??= failure
    this.#queue.change(-this.#full.length)
    this.#full.length = 0
    this.#writing = undefined
  }

  /** Takes away what of a batch reached a full disk: the file then ends between two blocks. */
  async #mend(offset: number): Promise<void> {
    try {
      if (this.#regular) await this.#file?.truncate(offset)
      this.#written = offset
    } catch {
      // A reader copes with half a block; why writing failed is told in any case.
    }
  }

  async #finish(file: FileHandle): Promise<void> {
    if (this.#origin !== undefined) await this.#putIndex(file, this.#origin())
    if (this.#regular) await file.datasync()
  }

  async #putIndex(file: FileHandle, origin: bigint): Promise<void> {
    const end = this.#written
    for (let part = this.#index.part(true); part !== undefined; part = this.#index.part(true)) {
      this.#parts.push(this.#written)
      await this.#put(file, metadataBlock(part))
    }
    await this.#put(file, metadataBlock(this.#index.root(origin, this.#parts, end)))
  }

  async #put(file: FileHandle, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at, null)
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
