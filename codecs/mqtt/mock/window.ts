import { IDENTIFIERS } from './act.ts'

/** What is on its way to one client at QoS 1 and 2: packet identifiers in use, as many as it takes [3.1.2.11.3]. */
export class Window {
  /** Without a word of the client's, as many as there are identifiers. */
  #most = IDENTIFIERS - 1
  readonly #used = new Set<number>()
  #last = 0

  set most(most: number | undefined) {
    this.#most = most ?? IDENTIFIERS - 1
  }

  get full(): boolean {
    return this.#used.size >= this.#most
  }

  /** A free identifier; there is one where it is not full. */
  take(): number {
    do this.#last = (this.#last % (IDENTIFIERS - 1)) + 1
    while (this.#used.has(this.#last))
    this.#used.add(this.#last)
    return this.#last
  }

  give(packetId: number): void {
    this.#used.delete(packetId)
  }
}
