/** Most deliveries from the first that is not settled to the last that came. */
const MOST = 1 << 20

/**
 * Deliveries that are not settled, and the source of each. They are numbered as their delivery-ids are, which one
 * follows the other [2.6.12], but beyond 2^32: a number's low 32 bits are the id.
 */
export class Unsettled {
  /** -1 where it is settled. */
  #sources = new Int32Array(16).fill(-1)
  #first = 0
  #next = 0

  get first(): number {
    return this.#first
  }

  /** The number of one more; -1 where that is too far ahead of those that are not settled. */
  add(id: number, source: number): number {
    const ahead = (id - (this.#next >>> 0)) >>> 0
    if (this.#first === this.#next) {
      this.#first += ahead
      this.#next = this.#first
    }
    const number = this.#first === this.#next ? this.#next : this.#next + ahead
    if (number - this.#first >= MOST) return -1
    while (number - this.#first >= this.#sources.length) this.#grow()
    const mask = this.#sources.length - 1
    // Deliveries between that came settled.
    for (let each = this.#next; each < number; each++) this.#sources[each & mask] = -1
    this.#sources[number & mask] = source
    this.#next = number + 1
    return number
  }

  /** Which source it is from; -1 if it is settled. */
  sourceOf(number: number): number {
    if (number < this.#first || number >= this.#next) return -1
    return this.#sources[number & (this.#sources.length - 1)] as number
  }

  settle(number: number): void {
    const mask = this.#sources.length - 1
    this.#sources[number & mask] = -1
    while (this.#first < this.#next && this.#sources[this.#first & mask] === -1) this.#first++
  }

  #grow(): void {
    const { length } = this.#sources
    const sources = new Int32Array(length * 2).fill(-1)
    for (let number = this.#first; number < this.#next; number++) {
      sources[number & (length * 2 - 1)] = this.#sources[number & (length - 1)] as number
    }
    this.#sources = sources
  }
}
