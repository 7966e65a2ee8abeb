import type { Ending } from '../flow.ts'
import { hidden, type Secret } from './redact.ts'

/** Where a lane's bytes go, once they may. */
export interface LaneOutput {
  data(bytes: Uint8Array, offset: number, secrets: readonly Secret[]): void
  gap(length: number): void
  /** `length` bytes were sent and are not written. */
  lost(length: number): void
}

/**
 * One direction on its way to the recording: bytes wait until what they belong to is known, so that nothing secret
 * reaches the disk.
 */
export class Lane {
  /** How it ended, until that is written. */
  ending: Ending | undefined
  /** Number of the first byte that is not written. */
  offset = 0
  #held: Uint8Array = empty
  #heldLength = 0
  /** What came last; the lane's own only for as long as `hold` has not copied what is left of it. */
  #chunk: Uint8Array = empty
  /** Bytes up to this one are known. */
  #known = 0
  #secrets: Secret[] = []

  /** Bytes that wait. */
  get waiting(): number {
    return this.#heldLength + this.#chunk.length
  }

  /** What waits, to look at; what comes first of it. */
  get head(): Uint8Array {
    return this.#heldLength > 0 ? this.#held.subarray(0, this.#heldLength) : this.#chunk
  }

  push(bytes: Uint8Array): void {
    this.#chunk = bytes
  }

  /** What lies before `upTo` is known, and these parts of it are secret. */
  know(upTo: number, secrets: readonly Secret[]): void {
    this.#known = Math.max(this.#known, upTo)
    for (const secret of secrets) this.#secrets.push(secret)
  }

  /** All that waits is known; or, not to be known any better, secret as a whole. */
  knowAll(secret: boolean): void {
    const upTo = this.offset + this.waiting
    this.know(upTo, secret && this.waiting > 0 ? [hidden(this.offset, upTo)] : [])
  }

  /** Writes what is known. */
  write(output: LaneOutput): void {
    const held = Math.min(this.#heldLength, this.#known - this.offset)
    if (held > 0) {
      output.data(this.#held.subarray(0, held), this.offset, this.#secrets)
      this.#held.copyWithin(0, held, this.#heldLength)
      this.#heldLength -= held
      this.offset += held
    }
    const fresh = Math.min(this.#chunk.length, this.#known - this.offset)
    if (this.#heldLength === 0 && fresh > 0) {
      output.data(this.#chunk.subarray(0, fresh), this.offset, this.#secrets)
      this.#chunk = this.#chunk.subarray(fresh)
      this.offset += fresh
    }
    if (this.#secrets.length > 0) this.#secrets = this.#secrets.filter(({ end }) => end > this.offset)
  }

  /** All that waits, for another to write. */
  take(): Uint8Array {
    this.hold()
    const bytes = this.#held.slice(0, this.#heldLength)
    this.#held = empty
    this.#heldLength = 0
    this.offset += bytes.length
    return bytes
  }

  /** Copies what is left of the chunk, which may be another's soon. */
  hold(): void {
    const length = this.#heldLength + this.#chunk.length
    if (length > this.#held.length) {
      const grown = new Uint8Array(Math.max(length, Math.min(length * 2, SMALL)))
      grown.set(this.#held.subarray(0, this.#heldLength))
      this.#held = grown
    } else if (length === 0 && this.#held.length > 0) this.#held = empty
    this.#held.set(this.#chunk, this.#heldLength)
    this.#heldLength = length
    this.#chunk = empty
  }

  /** `length` bytes of the stream are missing after what waits. */
  gap(length: number, output: LaneOutput): void {
    output.gap(length)
    this.offset += length
    this.#known = Math.max(this.#known, this.offset)
  }
}

const empty: Uint8Array = new Uint8Array(0)
/** Up to this a buffer grows by doubling. */
const SMALL = 64 << 10
