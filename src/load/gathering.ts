/**
 * Milliseconds that nothing is read, so that answers gather: what Node's shortest timer takes. At this rate of reading, a
 * read costs next to nothing beside what it brings.
 */
export const PAUSE = 1

/** Milliseconds over which it is looked at how answers come. */
const SPAN = 10
/** Reads a millisecond from which on there is something to be won. */
const FREQUENT = 2
/** Shares of the window that may be answered in a pause: more, and the peer would soon have nothing to do. */
const TO_BEGIN = 1 / 4
const TO_GO_ON = 1 / 2
/** Pauses in a row that were too long for it: one may be the system's doing, which ran something else. */
const TOO_LONG = 3

/**
 * Whether a publisher of a closed run reads on at once, or lets answers gather, as network drivers do (interrupt
 * coalescing). A peer that answers messages one by one costs a read, and a write of what follows, for each few of them,
 * and is itself held up by waking us. It is no loss as long as the window lasts for longer than the pause.
 */
export class Gathering {
  readonly #window: number
  #on = false
  #tooLong = 0
  #since = 0
  #reads = 0
  #answers = 0

  /** `window`: how many messages are under way at most. */
  constructor(window: number) {
    this.#window = window
  }

  /** A read at `now`, in milliseconds, brought so many answers: whether there should be a pause before the next. */
  heard(answers: number, now: number): boolean {
    if (this.#on) {
      this.#tooLong = answers > this.#window * TO_GO_ON ? this.#tooLong + 1 : 0
      this.#on = this.#tooLong < TOO_LONG
      return this.#on
    }
    this.#reads++
    this.#answers += answers
    const span = now - this.#since
    if (span < SPAN) return false
    this.#on = this.#reads >= span * FREQUENT && this.#answers * PAUSE <= span * this.#window * TO_BEGIN
    this.#since = now
    this.#tooLong = 0
    this.#reads = 0
    this.#answers = 0
    return this.#on
  }
}
