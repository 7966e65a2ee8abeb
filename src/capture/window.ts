/**
 * What has been read and not yet been used up, in one piece. Bytes that have once been here are never written over, as
 * packets further on are views of them.
 */
export class Window {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  end = 0
  /** How many bytes of the input stood before `at`. */
  offset = 0

  readonly #headroom: number
  #queue: Uint8Array[] = []
  #queued = 0

  /** `headroom`: so many bytes before the first chunk of each buffer are ours to write to. */
  constructor(headroom = 0) {
    this.#headroom = headroom
  }

  get length(): number {
    return this.end - this.at
  }

  /** Adds a chunk. False if there are less than `need` bytes still, which then are not looked at. */
  push(chunk: Uint8Array, need: number): boolean {
    this.#queue.push(chunk)
    this.#queued += chunk.length
    if (this.length + this.#queued < need) return false
    this.settle()
    return true
  }

  /** Makes all that was pushed one piece. */
  settle(): void {
    const [first] = this.#queue
    if (first === undefined) return
    if (this.#queue.length === 1) this.#append(first)
    else this.#gather(this.#queue)
    this.#queue = []
    this.#queued = 0
  }

  /** All before `at` has been used. */
  consume(at: number): void {
    this.offset += at - this.at
    this.at = at
  }

  #append(chunk: Uint8Array): void {
    const rest = this.length
    if (chunk.buffer === this.bytes.buffer && chunk.byteOffset === this.end) this.end += chunk.length
    else if (rest === 0) this.#look(chunk, chunk.byteOffset)
    else if (chunk.byteOffset === this.#headroom && rest <= this.#headroom) {
      const all = new Uint8Array(chunk.buffer)
      all.set(this.bytes.subarray(this.at, this.end), chunk.byteOffset - rest)
      this.#look(chunk, chunk.byteOffset - rest)
    } else this.#gather([chunk])
  }

  #look(chunk: Uint8Array, at: number): void {
    this.bytes = new Uint8Array(chunk.buffer)
    this.at = at
    this.end = chunk.byteOffset + chunk.length
  }

  #gather(chunks: readonly Uint8Array[]): void {
    const parts = [this.bytes.subarray(this.at, this.end), ...chunks]
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    this.bytes = whole
    this.at = 0
    this.end = whole.length
  }
}
