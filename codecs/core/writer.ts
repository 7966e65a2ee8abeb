import { utf8Length, writeUtf8 } from './text.ts'

/** Appends to a buffer that grows. Reused for many frames: `take` hands out what was written and begins anew. */
export class Writer {
  #bytes: Uint8Array
  #view: DataView
  #length = 0
  #from = 0

  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Where the next byte goes: what `patch…` takes. */
  get position(): number {
    return this.#length - this.#from
  }

  u8(value: number): void {
    this.#room(1)
    this.#bytes[this.#length++] = value
  }

  u16(value: number): void {
    this.#room(2)
    const at = this.#length
    this.#bytes[at] = value >>> 8
    this.#bytes[at + 1] = value
    this.#length = at + 2
  }

  u32(value: number): void {
    this.#room(4)
    this.#store32(this.#length, value)
    this.#length += 4
  }

  /** 64 bits, signed or unsigned alike. */
  u64(value: number | bigint): void {
    this.#room(8)
    if (typeof value === 'bigint') this.#view.setBigUint64(this.#length, value)
    else {
      this.#store32(this.#length, Math.floor(value / 0x1_0000_0000))
      this.#store32(this.#length + 4, value % 0x1_0000_0000)
    }
    this.#length += 8
  }

  f32(value: number): void {
    this.#room(4)
    this.#view.setFloat32(this.#length, value)
    this.#length += 4
  }

  f64(value: number): void {
    this.#room(8)
    this.#view.setFloat64(this.#length, value)
    this.#length += 8
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** UTF-8. Returns the bytes written. */
  text(text: string): number {
    // Three bytes a UTF-16 unit is the most UTF-8 can take; measured exactly only where that would be wasteful.
    this.#room(text.length < 1024 ? text.length * 3 : utf8Length(text))
    const written = writeUtf8(this.#bytes, this.#length, text)
    this.#length += written
    return written
  }

  /** Overwrites a byte written before, for lengths known only afterwards. */
  patch8(position: number, value: number): void {
    this.#bytes[this.#from + position] = value
  }

  patch16(position: number, value: number): void {
    this.#bytes[this.#from + position] = value >>> 8
    this.#bytes[this.#from + position + 1] = value
  }

  patch32(position: number, value: number): void {
    this.#store32(this.#from + position, value)
  }

  /** Opens `count` bytes at `position`, moving what was written after it. */
  insert(position: number, count: number): void {
    this.#room(count)
    const at = this.#from + position
    this.#bytes.copyWithin(at + count, at, this.#length)
    this.#length += count
  }

  /** What was written since the last `take`, as a view that later writes leave alone. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(this.#from, this.#length)
    this.#from = this.#length
    return taken
  }

  /** Forgets what was written since the last `take`. */
  reset(): void {
    this.#length = this.#from
  }

  #store32(at: number, value: number): void {
    const bytes = this.#bytes
    bytes[at] = value >>> 24
    bytes[at + 1] = value >>> 16
    bytes[at + 2] = value >>> 8
    bytes[at + 3] = value
  }

  #room(count: number): void {
    if (this.#length + count > this.#bytes.length) this.#grow(count)
  }

  #grow(count: number): void {
    // What was taken stays with its takers; only the frame being written moves.
    const held = this.#length - this.#from
    let capacity = this.#bytes.length
    while (capacity < (held + count) * 2) capacity *= 2
    const bytes = new Uint8Array(capacity)
    bytes.set(this.#bytes.subarray(this.#from, this.#length))
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
    this.#from = 0
    this.#length = held
  }
}
