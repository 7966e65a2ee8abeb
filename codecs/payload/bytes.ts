import { Unreadable } from './format.ts'

/** Bytes that are read from the first to the last, none twice. */
export abstract class BytesReader {
  protected readonly bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes
    this.at = at
  }

  /** Where the next bytes begin, which are then behind. */
  protected take(length: number): number {
    const start = this.at
    if (length > this.bytes.length - start) {
      throw new Unreadable(`${length - this.bytes.length + start} bytes missing`, start)
    }
    this.at += length
    return start
  }

  protected view(length: number): DataView {
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + this.take(length), length)
  }

  protected binary(length: number): Uint8Array {
    const start = this.take(length)
    return this.bytes.subarray(start, this.at)
  }
}
