/**
 * Messages that are under way, numbered in the order of sending. Each has a slot, of which there are `capacity`, for
 * whoever keeps something beside it; a slot is free again once all before it are answered.
 */
export class InFlight {
  readonly capacity: number
  readonly #mask: number
  /** Made when there is something to hold: there may be very many that never have. */
  #open = NONE
  #first = 0
  #next = 0

  /** `capacity` is rounded up to a power of two. */
  constructor(capacity: number) {
    this.capacity = 2 ** Math.ceil(Math.log2(Math.max(1, capacity)))
    this.#mask = this.capacity - 1
  }

  /** How many more there are slots for. */
  get room(): number {
    return this.capacity - (this.#next - this.#first)
  }

  /** The number of the first that is not answered; `next` if all are. */
  get first(): number {
    return this.#first
  }

  /** The number that the next will have; from 0. */
  get next(): number {
    return this.#next
  }

  /** One more is sent: its slot. Only where there is room. */
  open(): number {
    const slot = this.#next++ & this.#mask
    if (this.#open === NONE) this.#open = new Uint8Array(this.capacity)
    this.#open[slot] = 1
    return slot
  }

  /** The slot of a number that is still open, or -1. */
  slotOf(number: number): number {
    if (number < this.#first || number >= this.#next) return -1
    const slot = number & this.#mask
    return this.#open[slot] === 1 ? slot : -1
  }

  /** Whether what is in a slot is not answered. */
  isOpen(slot: number): boolean {
    return this.#open[slot] === 1
  }

  /** It was answered. */
  close(slot: number): void {
    this.#open[slot] = 0
    while (this.#first < this.#next && this.#open[this.#first & this.#mask] === 0) this.#first++
  }
}

const NONE = new Uint8Array(0)
