/** Of what comes in a tenth of a second, so many are remembered, and so many bytes. */
const MOST = 500
const MOST_BYTES = 1 << 20
const TENTH = 1e8

/**
 * Lets pass what somebody could ever look at: where very much comes, the first of each tenth of a second, next to each
 * other as they came. What is remembered for a second or two, the collector has to move again and again.
 */
export class Pace {
  #until = 0
  #count = 0
  #bytes = 0

  /** `time`: nanoseconds, never before the last. */
  lets(time: number, bytes = 0): boolean {
    if (time >= this.#until) {
      this.#until = time + TENTH
      this.#count = 0
      this.#bytes = 0
    }
    if (this.#count >= MOST || this.#bytes > MOST_BYTES) return false
    this.#count++
    this.#bytes += bytes
    return true
  }
}
