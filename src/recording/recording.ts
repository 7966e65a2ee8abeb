import type { Side } from '../../codecs/core/index.ts'
import { EXIT, Failure } from '../failure.ts'
import { BATCH, type Batch } from './batch.ts'
import { Queue, RecordingFile } from './file.ts'
import { secretsBlock } from './pcapng.ts'
import { freeSpace, type Rotation, Series } from './rotation.ts'

export interface FileOptions {
  /** Bytes that may wait for the disk; beyond them, room is refused. @default 32 MiB */
  readonly queue?: number
  /** Go on in another file. Absent: one file, whatever its size. */
  readonly rotation?: Rotation
  /** How many files of a rotated recording are kept, those of earlier runs included; absent: all. */
  readonly keep?: number
  /** Put an index to the end. @default true */
  readonly indexed?: boolean
  /** Stop recording when there is less room on the disk, in bytes. @default 100 MB */
  readonly minFree?: number
}

const DEFAULT_MIN_FREE = 100e6

/** How often the disk is asked for its room, in milliseconds. */
const WATCH = 1_000
/** Keys of TLS that are repeated in each file, in bytes: those of some thousand connections. */
const MOST_KEYS = 1 << 20

export interface RecordingHooks {
  /** How file `part` begins, from 1. */
  header(part: number): Uint8Array
  /** Nanoseconds since the Unix epoch that packets' times count from. */
  origin(): bigint
  readonly tell: (message: string) => void
}

/**
 * One recording, in one file or several that each stand alone. It ends where the disk is full or nearly so; whoever
 * records goes on, and finds no more room.
 */
export class Recording {
  /** Of the file that is being written, from 1: with another part, flows introduce themselves anew. */
  part = 0
  readonly #path: string
  readonly #options: FileOptions
  readonly #hooks: RecordingHooks
  readonly #queue: Queue
  readonly #series: Series | undefined
  readonly #ending = new Set<Promise<void>>()
  #pruned: Promise<void> = Promise.resolve()
  #number = 0
  #file: RecordingFile | undefined
  #size = 0
  #keys: { readonly type: number; readonly bytes: Uint8Array }[] = []
  #keyBytes = 0
  #failure: Failure | undefined
  #watch: NodeJS.Timeout | undefined

  private constructor(path: string, options: FileOptions, hooks: RecordingHooks) {
    this.#path = path
    this.#options = options
    this.#hooks = hooks
    this.#queue = new Queue(Math.ceil((options.queue ?? 32 << 20) / BATCH))
    this.#series = options.rotation === undefined ? undefined : new Series(path)
  }

  static async create(path: string, options: FileOptions, hooks: RecordingHooks): Promise<Recording> {
    const recording = new Recording(path, options, hooks)
    await recording.#begin()
    return recording
  }

  /** The file that is being written, or was last. */
  get path(): string {
    return this.#file?.path ?? this.#path
  }

  /** Bytes on the disk, over all files. */
  get written(): number {
    return this.#size + (this.#file?.written ?? 0)
  }

  get failure(): Failure | undefined {
    return this.#failure ?? this.#file?.failure
  }

  /** Number of the packet that is written next, in its file. */
  get nextPacket(): number {
    return (this.#file?.packets ?? 0) + 1
  }

  /** Goes on in another file where `length` bytes more would be too many, or it is time. */
  turn(length: number): void {
    const { rotation } = this.#options
    const file = this.#file
    if (rotation === undefined || file === undefined || file.packets === 0 || this.failure !== undefined) return
    const { bytes = Number.POSITIVE_INFINITY, time = Number.POSITIVE_INFINITY } = rotation
    if (file.size + length + SLACK <= bytes && Date.now() - file.begun < time) return
    this.#end(file)
    this.#file = this.#open()
  }

  /** Resolves when the disk has caught up; undefined where it is not far behind. */
  drain(): Promise<void> | undefined {
    return this.#queue.drain()
  }

  room(length: number): Batch | undefined {
    return this.#failure === undefined ? this.#file?.room(length) : undefined
  }

  counted(): void {
    this.#file?.counted()
  }

  /** Writes what is said of a flow. */
  custom(block: Uint8Array, flow: number): boolean {
    return this.#failure === undefined && this.#file?.custom(block, flow) === true
  }

  /** Puts a comment to a packet that is not on its way to the disk yet. False if there is none. */
  comment(flow: number, side: Side, offset: number, text: string): boolean {
    return this.#file?.comment(flow, side, offset, text) === true
  }

  /** Keeps secrets, as pcapng types them; they stand in every file from now on. */
  secrets(type: number, bytes: Uint8Array): boolean {
    this.#keys.push({ type, bytes: bytes.slice() })
    this.#keyBytes += bytes.length
    while (this.#keyBytes > MOST_KEYS) this.#keyBytes -= this.#keys.shift()?.bytes.length ?? 0
    return this.#failure === undefined && this.#file?.block(secretsBlock(type, bytes)) === true
  }

  /** Ends the files. Rejects where writing failed. */
  async finish(): Promise<void> {
    clearInterval(this.#watch)
    if (this.#file !== undefined) this.#end(this.#file)
    await Promise.all([...this.#ending, this.#pruned])
    if (this.#failure !== undefined) throw this.#failure
  }

  async #begin(): Promise<void> {
    this.#number = (await this.#series?.numbers())?.at(-1) ?? 0
    const file = this.#open()
    this.#file = file
    await file.ready
    const { minFree = DEFAULT_MIN_FREE } = this.#options
    if (!file.regular || minFree <= 0) return
    const free = await freeSpace(file.path)
    if (free !== undefined && free < minFree) {
      await file.close()
      throw new Failure(`${file.path}: ${tooFull(free, minFree)}`, { exit: EXIT.failed, next: MORE_ROOM })
    }
    this.#watch = setInterval(() => void this.#look(minFree), WATCH)
    this.#watch.unref()
  }

  #open(): RecordingFile {
    const { keep, indexed = true } = this.#options
    const number = ++this.#number
    const path = this.#series?.path(number) ?? this.#path
    const secrets = [...Map.groupBy(this.#keys, ({ type }) => type)].map(([type, keys]) =>
      secretsBlock(type, Buffer.concat(keys.map(({ bytes }) => bytes))),
    )
    const header = Buffer.concat([this.#hooks.header(++this.part), ...secrets])
    const file = new RecordingFile(path, header, this.#queue, indexed ? () => this.#hooks.origin() : undefined)
    const series = this.#series
    if (keep !== undefined && series !== undefined) this.#prune(file, () => series.prune(keep))
    return file
  }

  /** Deletes old files once `file` is there, one run after the other. */
  #prune(file: RecordingFile, prune: () => Promise<void>): void {
    this.#pruned = Promise.all([this.#pruned, file.ready])
      .then(prune)
      .catch(error => {
        // What cannot be made is told by who writes to it.
        if (file.failure === undefined) this.#hooks.tell(`old files could not be deleted: ${(error as Error).message}`)
      })
  }

  /** Ends a file, while others go on. */
  #end(file: RecordingFile): void {
    const ending = file.close().catch((error: Failure) => {
      this.#failure ??= error
      this.#hooks.tell(error.message)
    })
    const done = ending.then(() => {
      if (this.#file !== file) this.#size += file.written
      this.#ending.delete(done)
    })
    this.#ending.add(done)
  }

  async #look(minFree: number): Promise<void> {
    const free = await freeSpace(this.path)
    if (free === undefined || free >= minFree || this.failure !== undefined || this.#file === undefined) return
    const message = `${this.path}: ${tooFull(free, minFree)}; the recording ends here, all else goes on`
    this.#failure = new Failure(message, { exit: EXIT.failed, next: MORE_ROOM })
    clearInterval(this.#watch)
    this.#hooks.tell(message)
    this.#end(this.#file)
  }
}

/** Room for what a flow says of itself before its first packet. */
const SLACK = 2 << 10

const MORE_ROOM = 'Make room, record to another disk, or lower --min-free; --rotate and --keep bound what is kept.'

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
const tooFull = (free: number, minFree: number): string =>
  `only ${megabytes(free)} are free on its disk (--min-free ${megabytes(minFree)})`
