/** Who waits for missing bytes, and can do without. */
export interface Holder {
  /** Gives up the first hole. */
  release(): void
  /** Time has passed. */
  tick(time: number, record: number): void
}

/** Memory that all connections together hold in segments that came too early. */
export class Budget {
  readonly #limit: number
  #held = 0
  /** In the order in which they began to wait. */
  readonly #holders = new Set<Holder>()

  constructor(limit: number) {
    this.#limit = limit
  }

  get holders(): Iterable<Holder> {
    return this.#holders
  }

  /** `holder` holds `change` bytes more than before, and is waiting or is not. */
  changed(holder: Holder, change: number, waiting: boolean): void {
    this.#held += change
    if (waiting) this.#holders.add(holder)
    else this.#holders.delete(holder)
  }

  /** Makes room, at the cost of those that have waited longest. */
  enforce(): void {
    while (this.#held > this.#limit) {
      const [oldest] = this.#holders
      if (oldest === undefined) return
      oldest.release()
    }
  }
}
