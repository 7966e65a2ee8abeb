/** What is held back of an outbox that is not taken from, at first: bytes. */
const CAPACITY = 64 << 10

/**
 * Where a driver puts what is to be sent: appended frame by frame, taken as one piece. Plates are copied in, and what
 * differs from message to message is patched in place, so that a message costs one copy and no allocation.
 */
export class Outbox {
  bytes: Uint8Array
  view: DataView
  /** Where the next byte goes. */
  length = 0
  /** Where the body of the message that was put in last begins: there it can still be stamped. */
  bodyAt = 0
  /** Ends of datagrams, where each frame is one; undefined on streams. */
  readonly ends: number[] | undefined
  readonly #spare: Uint8Array[] = []

  constructor(datagrams = false) {
    this.bytes = new Uint8Array(CAPACITY)
    this.view = new DataView(this.bytes.buffer)
    this.ends = datagrams ? [] : undefined
  }

  /** Appends; answers with where. */
  put(bytes: Uint8Array): number {
    const at = this.room(bytes.length)
    this.bytes.set(bytes, at)
    return at
  }

  /** Appends `count` bytes of whatever was there before; answers with where they begin. */
  room(count: number): number {
    const at = this.length
    if (at + count > this.bytes.length) this.#grow(at + count)
    this.length = at + count
    return at
  }

  /** A frame is whole. */
  end(): void {
    this.ends?.push(this.length)
  }

  /** All that was put in; it is the taker's until given back with `reuse`. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length)
    this.#begin(this.#spare.pop() ?? new Uint8Array(CAPACITY))
    return taken
  }

  /** What was taken is not needed any more. */
  reuse(taken: Uint8Array): void {
    if (taken.buffer.byteLength === CAPACITY && this.#spare.length < MOST_SPARE) {
      this.#spare.push(new Uint8Array(taken.buffer))
    }
  }

  #begin(bytes: Uint8Array): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer)
    this.length = 0
  }

  #grow(least: number): void {
    let capacity = this.bytes.length * 2
    while (capacity < least) capacity *= 2
    const { bytes, length } = this
    this.#begin(new Uint8Array(capacity))
    this.bytes.set(bytes.subarray(0, length))
    this.length = length
  }
}

const MOST_SPARE = 4
