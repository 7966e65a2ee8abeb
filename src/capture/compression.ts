import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'

export type Compression = 'gzip' | 'zstd'

/** By the first four bytes. */
export function compressionOf(bytes: Uint8Array, at: number): Compression | undefined {
  if (bytes[at] === 0x1f && bytes[at + 1] === 0x8b) return 'gzip'
  const zstd = bytes[at] === 0x28 && bytes[at + 1] === 0xb5 && bytes[at + 2] === 0x2f && bytes[at + 3] === 0xfd
  return zstd ? 'zstd' : undefined
}

/** Compressed data ends early or makes no sense. All that could be had of it has been given out. */
export class Undecompressible extends Error {
  override readonly name = 'Undecompressible'
}

/** Input is given to the decompressor in pieces of this size, to bound what it answers at a time. */
const PIECE = 64 << 10
const OUTPUT = 256 << 10

/** Decompresses chunks as they come. While what a piece gave is worked on, the next is decompressed in another thread. */
export async function* decompress(
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  let engine = new Engine(compression)
  let ready: Uint8Array[] = []
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        const piece = chunk.subarray(at, at + PIECE)
        const writing = engine.write(piece)
        yield* ready
        const used = await writing
        ready = engine.take()
        if (engine.failure !== undefined) break
        at += used
        if (used === piece.length) continue
        // Gunzip goes on to the next member by itself; what it leaves is padding.
        if (compression === 'gzip') break
        engine.destroy()
        engine = new Engine(compression)
      }
      // Whoever waits at a pipe gets what there is before more of it comes.
      yield* ready
      ready = []
      if (engine.failure !== undefined) break
    }
    await engine.finish()
    yield* engine.take()
    if (engine.failure !== undefined) throw new Undecompressible(engine.failure.message)
  } finally {
    engine.destroy()
  }
}

/**
 * A decompressor of Node's, fed a piece at a time, so that all it answers to one is there before the next: as a stream
 * it would drop what it holds when it meets an error.
 */
class Engine {
  failure: Error | undefined
  readonly #zlib: Gunzip | ZstdDecompress
  #output: Uint8Array[] = []
  #closed = false
  #wake = (): void => {}

  constructor(compression: Compression) {
    const options = { chunkSize: OUTPUT }
    this.#zlib = compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options)
    this.#zlib.on('data', (chunk: Uint8Array) => this.#output.push(chunk))
    this.#zlib.on('error', error => {
      this.failure = error
    })
    // After an error it calls back no more: that it closes wakes whoever waits.
    this.#zlib.on('close', () => {
      this.#closed = true
      this.#wake()
    })
  }

  /** Resolves to the number of bytes used: fewer than there are if the compressed data ends before them. */
  async write(piece: Uint8Array): Promise<number> {
    const before = this.#zlib.bytesWritten
    await this.#until(done => this.#zlib.write(piece, () => done()))
    return this.#zlib.bytesWritten - before
  }

  finish(): Promise<void> {
    return this.#until(() => this.#zlib.end())
  }

  take(): Uint8Array[] {
    const taken = this.#output
    this.#output = []
    return taken
  }

  destroy(): void {
    this.#zlib.destroy()
  }

  #until(start: (done: () => void) => void): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
      if (this.#closed) resolve()
      else start(resolve)
    })
  }
}
