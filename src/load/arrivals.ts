/** A span of the run in which the rate goes evenly from one value to another. */
export interface Stage {
  /** Messages a second at its beginning, and at its end. */
  readonly from: number
  readonly to: number
  readonly seconds: number
}

/** How arrivals fall: evenly, or as those of many independent senders do (a Poisson process). */
export type Spacing = 'even' | 'poisson'

/** When messages are due: seconds since the start, one after the other. */
export interface Schedule {
  /** When the next is due; undefined where there are no more, so far. */
  readonly due: number | undefined
  /** The next is dealt with: on to the one after it. */
  advance(): void
}

/** A stage, when it starts, and how many arrivals were before it. */
interface Placed {
  readonly stage: Stage
  readonly start: number
  readonly count: number
}

/**
 * When messages are due: an open arrival process, which nothing that happens to the messages holds up. Times are in
 * seconds since the start of the first stage.
 */
export class Arrivals implements Schedule {
  readonly #spacing: Spacing
  readonly #share: number
  readonly #random: () => number
  readonly #stages: Placed[] = []
  #end = 0
  #total = 0
  #at = 0
  /** Of the next, in expected arrivals since the beginning. */
  #next: number

  /**
   * `share` of the rate, from 0 to 1; several sharers begin `offset` of one arrival apart (0 to 1), so that together
   * they are as even as one would be.
   */
  constructor(stages: readonly Stage[], spacing: Spacing = 'even', share = 1, offset = 0, seed = 1) {
    this.#spacing = spacing
    this.#share = share
    this.#random = randomOf(seed)
    this.#next = spacing === 'even' ? offset : this.#gap()
    for (const stage of stages) this.extend(stage)
  }

  /** Seconds until the last stage ends. */
  get end(): number {
    return this.#end
  }

  /** Another stage, after those that there are. */
  extend(stage: Stage): void {
    this.#stages.push({ stage, start: this.#end, count: this.#total })
    this.#end += stage.seconds
    this.#total += ((stage.from + stage.to) / 2) * stage.seconds * this.#share
  }

  /** When the next is due; undefined where there are no more, so far. */
  get due(): number | undefined {
    while (this.#at < this.#stages.length) {
      const { stage, start, count } = this.#stages[this.#at] as Placed
      const within = this.#next - count
      const time = timeOf(within, stage, this.#share)
      if (time < stage.seconds) return start + time
      this.#at++
    }
    return undefined
  }

  /** The next is dealt with: on to the one after it. */
  advance(): void {
    this.#next += this.#spacing === 'even' ? 1 : this.#gap()
  }

  #gap(): number {
    return -Math.log(1 - this.#random())
  }
}

/** When within a stage so many arrivals have come. */
function timeOf(count: number, { from, to, seconds }: Stage, share: number): number {
  const start = from * share
  const slope = ((to - from) * share) / seconds
  if (slope === 0) return start === 0 ? Number.POSITIVE_INFINITY : count / start
  // count = start·t + slope·t²/2, in the form that does not cancel.
  const root = start * start + 2 * slope * count
  if (root < 0) return Number.POSITIVE_INFINITY
  const sum = start + Math.sqrt(root)
  return sum === 0 ? (count > 0 ? Number.POSITIVE_INFINITY : 0) : (2 * count) / sum
}

/** Numbers in [0, 1), the same for the same seed (xorshift). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
