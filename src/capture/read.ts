import type { Sink } from '../flow.ts'
import { Assembly } from './assembly.ts'
import { type Compression, compressionOf, decompress, Undecompressible } from './compression.ts'
import { CaptureError, type Damage } from './error.ts'
import type { FormatReader } from './format.ts'
import { type CaptureLimits, DEFAULT_CAPTURE_LIMITS } from './limits.ts'
import { notACapture, readerFor } from './sniff.ts'
import { type CaptureInput, openSource, type Source } from './source.ts'
import type { CaptureSummary } from './summary.ts'
import { Window } from './window.ts'

export interface CaptureOptions {
  readonly limits?: Partial<CaptureLimits>
  /** Where servers listen: tells the sides of a connection whose beginning the capture lacks. */
  readonly ports?: ReadonlySet<number>
  /** Stops reading: what was read is delivered, the flows are closed. */
  readonly signal?: AbortSignal
  /** After each block: bytes of the input so far, and how many there will be if that is known. */
  readonly onProgress?: (bytesRead: number, totalBytes: number | undefined) => void
  /** Before each block of a pcapng: where it begins in the (decompressed) input, and how many packets came before it. */
  readonly onBlock?: (offset: number, packets: number) => void
}

/**
 * Reads a capture and delivers its flows to `sink`, as the bytes come. Rejects with a CaptureError where there is
 * nothing to be read; where a capture is damaged further on, the summary tells.
 */
export async function readCapture(
  input: CaptureInput,
  sink: Sink,
  { limits, ports = new Set(), signal, onProgress, onBlock }: CaptureOptions = {},
): Promise<CaptureSummary> {
  const source = await openSource(input)
  const seeks = 'path' in input && input.stretches !== undefined
  const assembly = new Assembly(sink, ports, { ...DEFAULT_CAPTURE_LIMITS, ...limits }, { seeks, onBlock })
  const run = new Run(source, assembly, sink, onProgress)
  const abort = (): void => run.abort()
  signal?.addEventListener('abort', abort)
  if (signal?.aborted === true) abort()
  try {
    await run.read()
    assembly.close()
    await sink.drain?.()
    return summary(run, assembly)
  } finally {
    signal?.removeEventListener('abort', abort)
    run.stop()
  }
}

function summary(run: Run, assembly: Assembly): CaptureSummary {
  const { packets, origin, first, last, tcpPackets, udpPackets, skipped, comments, flows } = assembly
  return {
    format: run.format,
    packets,
    bytes: run.bytes,
    origin,
    first: Number.isFinite(first) ? first : 0,
    last: Number.isFinite(last) ? last : 0,
    tcpPackets,
    udpPackets,
    skipped,
    flows: flows.opened,
    evicted: flows.evicted,
    comments,
    session: assembly.session,
    damage: run.damage,
    aborted: run.aborted,
  }
}

/** How much of the input tells what it is; for captures the first four bytes do. */
const HEAD = 512
const MAGIC = 4

/** One capture being read. */
class Run {
  /** Bytes of the input so far, as it is stored. */
  bytes = 0
  aborted = false

  readonly #source: Source
  readonly #assembly: Assembly
  readonly #sink: Sink
  readonly #onProgress: CaptureOptions['onProgress']
  #compression: Compression | undefined
  #reader: FormatReader | undefined
  #window: Window
  #chunks: AsyncIterator<Uint8Array>
  #broken: Damage | undefined
  /** Ends the wait for the next chunk. */
  #wake = (): void => {}

  constructor(source: Source, assembly: Assembly, sink: Sink, onProgress: CaptureOptions['onProgress']) {
    this.#source = source
    this.#assembly = assembly
    this.#sink = sink
    this.#onProgress = onProgress
    this.#window = new Window(source.headroom)
    this.#chunks = this.#counted()
  }

  get format(): string {
    const name = this.#reader?.name ?? ''
    return this.#compression === undefined ? name : `${name} (${this.#compression})`
  }

  get damage(): Damage | undefined {
    return this.#reader?.damage ?? this.#broken
  }

  async read(): Promise<void> {
    while (!this.aborted) {
      const chunk = await this.#nextOrAbort()
      if (this.aborted) return
      if (chunk === undefined) break
      if (!this.#window.push(chunk, this.#reader?.need ?? MAGIC)) continue
      this.#digest(false)
      if (this.#reader?.stopped === true) return
      await this.#sink.drain?.()
    }
    if (this.aborted) return
    this.#window.settle()
    this.#digest(true)
  }

  abort(): void {
    this.aborted = true
    this.#wake()
  }

  /** Lets go of the input, which may never have anything more to say. */
  stop(): void {
    void this.#chunks.return?.().catch(() => {})
    void this.#source.chunks.return?.().catch(() => {})
  }

  /** Not Promise.race: one promise that outlives them all would keep hold of every chunk. */
  #nextOrAbort(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined)
      this.#next().then(resolve, reject)
    })
  }

  /** The next chunk; undefined at the end, also where that comes by damage. */
  async #next(): Promise<Uint8Array | undefined> {
    try {
      const { value, done } = await this.#chunks.next()
      return done === true ? undefined : value
    } catch (cause) {
      if (cause instanceof CaptureError) throw cause
      const offset = this.#window.offset + this.#window.length
      const why = (cause as Error).message
      const packed = cause instanceof Undecompressible
      const message = packed ? `the ${this.#compression} data is cut or damaged (${why})` : `reading failed: ${why}`
      if (this.#reader === undefined && this.#window.length === 0) {
        throw new CaptureError(`${this.#source.name} cannot be read: ${message}`, { cause })
      }
      this.#broken = { offset, message }
      return undefined
    }
  }

  #digest(final: boolean): void {
    const window = this.#window
    this.#reader ??= this.#recognize(final)
    const reader = this.#reader
    if (reader === undefined) return
    window.consume(reader.read(window.bytes, window.at, window.end, window.offset, final))
  }

  /** Finds out what this is. Undefined where it was compressed, and is now decompressed first. */
  #recognize(final: boolean): FormatReader | undefined {
    const { bytes, at, end, length } = this.#window
    const head = bytes.subarray(at, Math.min(end, at + HEAD))
    if (length === 0 && final) {
      const what = this.#compression === undefined ? '' : ' inside'
      throw new CaptureError(`${this.#source.name} is empty${what}`, {
        offset: 0,
        next: 'See whether the program that captured is still running, or was stopped before it wrote.',
      })
    }
    if (length >= MAGIC) {
      const reader = readerFor(bytes, at, this.#assembly)
      if (reader !== undefined) return reader
      const compression = this.#compression === undefined ? compressionOf(bytes, at) : undefined
      if (compression !== undefined && !final) {
        this.#compression = compression
        this.#chunks = decompress(prefixed(bytes.subarray(at, end), this.#chunks), compression)
        this.#window = new Window()
        return undefined
      }
    }
    throw notACapture(this.#source.name, head, this.#compression)
  }

  async *#counted(): AsyncGenerator<Uint8Array> {
    const { chunks, size } = this.#source
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      this.bytes += next.value.length
      yield next.value
      this.#onProgress?.(this.bytes, size)
    }
  }
}

async function* prefixed(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}
