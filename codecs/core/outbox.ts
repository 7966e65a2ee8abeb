/** What an outbox holds before it grows: bytes. */
const CAPACITY = 64 << 10
const MOST_SPARE = 16

/** Memory that many outboxes share: few of them hold anything at any moment. */
export class OutboxMemory {
  readonly #spare: Uint8Array[] = []

  /** One of at least `capacity`. */
  get(capacity: number): Uint8Array {
    return capacity > CAPACITY ? new Uint8Array(capacity) : (this.#spare.pop() ?? new Uint8Array(CAPACITY))
  }

  put(bytes: Uint8Array): void {
    if (bytes.buffer.byteLength === CAPACITY && this.#spare.length < MOST_SPARE) {
      this.#spare.push(new Uint8Array(bytes.buffer))
    }
  }
}

/**
 * Where a driver puts what is to be sent: appended frame by frame, taken as one piece. Plates are copied in, and what
 * differs from message to message is patched in place, so that a message costs one copy and no allocation.
 */
export class Outbox {
  bytes = NOTHING
  view = NO_VIEW
  /** Where the next byte goes. */
  length = 0
  /** Where the body of the message that was put in last begins: there it can still be stamped. */
  bodyAt = 0
  /** Ends of datagrams, where each frame is one; undefined on streams. */
  readonly ends: number[] | undefined
  /** Called before what was put in is taken, and is as it will be sent: whoever may have to send it again keeps it. */
  taking: (() => void) | undefined
  readonly #memory: OutboxMemory

  constructor(memory = new OutboxMemory(), datagrams = false) {
    this.#memory = memory
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
    this.taking?.()
    const taken = this.bytes.subarray(0, this.length)
    this.bytes = NOTHING
    this.view = NO_VIEW
    this.length = 0
    return taken
  }

  /** What was taken is not needed any more. */
  reuse(taken: Uint8Array): void {
    this.#memory.put(taken)
  }

  #grow(least: number): void {
    let capacity = Math.max(this.bytes.length * 2, CAPACITY)
    while (capacity < least) capacity *= 2
    const { bytes, length } = this
    this.bytes = this.#memory.get(capacity)
    this.view = new DataView(this.bytes.buffer)
    this.bytes.set(bytes.subarray(0, length))
    // Nobody else has it.
    if (bytes.length > 0) this.#memory.put(bytes)
  }
}

const NOTHING: Uint8Array = new Uint8Array(0)
const NO_VIEW = new DataView(NOTHING.buffer)
