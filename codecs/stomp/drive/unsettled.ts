/** Most deliveries that may wait to be settled, and most octets of what they are acknowledged by. */
const MOST = 1 << 20
const MOST_OCTETS = 64 << 20
/** How many there is room for at first; clients that consume nothing are many. */
const SLOTS = 16
const OCTETS = 1024
const NOTHING: Uint8Array = new Uint8Array(0)

/**
 * Deliveries that are not settled, numbered in the order of coming, each with the octets that it is acknowledged by.
 * These are kept one behind the other, as a message each would be an object each.
 */
export class Unsettled {
  #octets: Uint8Array = NOTHING
  /** How many octets went before `#octets[0]`; ends, too, are counted from the first there ever was. */
  #base = 0
  #head = 0
  #tail = 0
  #ends = new Float64Array(SLOTS)
  /** -1 once it is settled. */
  #sources = new Int32Array(SLOTS)
  #first = 0
  #next = 0

  /** The number of the first that is not settled. */
  get first(): number {
    return this.#first
  }

  /** The number of one more, whose octets are bytes [start, end); -1 where there are too many. */
  add(bytes: Uint8Array, start: number, end: number, source: number): number {
    const live = this.#tail - this.#head + end - start
    if (this.#next - this.#first >= MOST || live > MOST_OCTETS) return -1
    if (this.#next - this.#first === this.#ends.length) this.#moreSlots()
    if (this.#tail - this.#base + end - start > this.#octets.length) this.#moveTo(live)
    const at = this.#tail - this.#base
    for (let from = start; from < end; from++) this.#octets[at + from - start] = bytes[from] as number
    this.#tail += end - start
    const slot = this.#next & (this.#ends.length - 1)
    this.#ends[slot] = this.#tail
    this.#sources[slot] = source
    return this.#next++
  }

  /** Which source it is from; -1 if it is settled. */
  sourceOf(number: number): number {
    if (number < this.#first || number >= this.#next) return -1
    return this.#sources[number & (this.#ends.length - 1)] as number
  }

  lengthOf(number: number): number {
    return (this.#ends[number & (this.#ends.length - 1)] as number) - this.#startOf(number)
  }

  /** Copies its octets to `bytes` at `at`. */
  copy(number: number, bytes: Uint8Array, at: number): void {
    const length = this.lengthOf(number)
    const from = this.#startOf(number) - this.#base
    for (let each = 0; each < length; each++) bytes[at + each] = this.#octets[from + each] as number
  }

  settle(number: number): void {
    const mask = this.#ends.length - 1
    this.#sources[number & mask] = -1
    while (this.#first < this.#next && this.#sources[this.#first & mask] === -1) {
      this.#head = this.#ends[this.#first++ & mask] as number
    }
  }

  #startOf(number: number): number {
    return number === this.#first ? this.#head : (this.#ends[(number - 1) & (this.#ends.length - 1)] as number)
  }

  #moreSlots(): void {
    const { length } = this.#ends
    const ends = new Float64Array(length * 2)
    const sources = new Int32Array(length * 2)
    for (let number = this.#first; number < this.#next; number++) {
      ends[number & (length * 2 - 1)] = this.#ends[number & (length - 1)] as number
      sources[number & (length * 2 - 1)] = this.#sources[number & (length - 1)] as number
    }
    this.#ends = ends
    this.#sources = sources
  }

  /** What is still needed moves to the front, of new memory if `needed` octets would soon not fit. */
  #moveTo(needed: number): void {
    const live = this.#octets.subarray(this.#head - this.#base, this.#tail - this.#base)
    let length = Math.max(this.#octets.length, OCTETS)
    while (length < needed * 2) length *= 2
    if (length > this.#octets.length) {
      const octets = new Uint8Array(length)
      octets.set(live)
      this.#octets = octets
    } else this.#octets.set(live)
    this.#base = this.#head
  }
}
