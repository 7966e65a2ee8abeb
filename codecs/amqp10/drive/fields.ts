import { u32At } from '../../core/index.ts'
import { LIST0, NULL, skip } from '../types.ts'

/** Goes from field to field of a performative, without reading more than is asked for. One for all: nothing is kept. */
export class Fields {
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0
  #left = 0

  /** On the body at `at`. */
  open(bytes: Uint8Array, at: number, end: number): this {
    this.#bytes = bytes
    this.#end = end
    this.#left = 0
    const list = skip(bytes, at + 1, end)
    const code = bytes[list]
    if (list < 0 || code === LIST0) return this
    const wide = code === 0xd0
    if ((!wide && code !== 0xc0) || list + (wide ? 9 : 3) > end) return this
    this.#left = wide ? u32At(bytes, list + 5) : (bytes[list + 2] as number)
    this.#at = list + (wide ? 9 : 3)
    return this
  }

  /** Where the next one stands; -1 where it is null, or left out. */
  next(): number {
    if (this.#left === 0) return -1
    const at = this.#at
    const after = skip(this.#bytes, at, this.#end)
    if (after < 0) {
      this.#left = 0
      return -1
    }
    this.#left--
    this.#at = after
    return this.#bytes[at] === NULL ? -1 : at
  }
}
