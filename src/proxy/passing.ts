import type { Writable } from 'node:stream'

/** What is copied for one write at most by way of the spare buffer. */
const SIZE = 64 << 10
/** Up to this a copy of its own is cheaper: Node cuts it from a slab. */
const SMALL = 4 << 10

/** Written from again and again, as nearly every write is done when it returns; so it stays in the processor's cache. */
let spare: Buffer | undefined

/** Passes on bytes, which may be somebody else's again once they are written. */
export class Passing {
  readonly #to: Writable
  readonly #borrowed: boolean

  constructor(to: Writable, borrowed: boolean) {
    this.#to = to
    this.#borrowed = borrowed
  }

  /** False where no more should be written until `drain`. */
  write(chunk: Uint8Array): boolean {
    const to = this.#to
    const { length } = chunk
    if (!this.#borrowed) return to.write(chunk)
    if (length <= SMALL || length > SIZE || to.writableLength > 0) return to.write(copyOf(chunk))
    const memory = spare ?? Buffer.allocUnsafeSlow(SIZE)
    spare = undefined
    memory.set(chunk)
    const more = to.write(length === SIZE ? memory : memory.subarray(0, length))
    // Else the memory is the write's, until it is done.
    if (to.writableLength === 0) spare = memory
    return more
  }
}

function copyOf(chunk: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafe(chunk.length)
  copy.set(chunk)
  return copy
}
