import { Histogram } from '../histogram.ts'

/** Significant bits of a value that are kept: as many as three decimal digits take, in an HDR histogram. */
const KEPT = 11
const HALF = 2 ** (KEPT - 1)
/** From this value on there are no counters here: 67 seconds, in microseconds. */
const LIMIT = 2 ** 26

/**
 * What is recorded for every message, at the price of one counter: the buckets are those of an HDR histogram of three
 * digits, which takes them in when it is asked for.
 */
export class Recorder {
  readonly #counts = new Uint32Array((Math.log2(LIMIT) - KEPT + 2) * HALF)
  readonly #histogram = new Histogram()
  /** The highest bucket with something in it; -1 for none. */
  #top = -1

  record(value: number): void {
    const whole = Math.max(0, Math.round(value))
    if (whole >= LIMIT) {
      this.#histogram.record(whole)
      return
    }
    const shift = Math.max(0, 32 - KEPT - Math.clz32(whole))
    const bucket = shift * HALF + (whole >> shift)
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    if (bucket > this.#top) this.#top = bucket
  }

  /** What was recorded since the last time, encoded; undefined for nothing. */
  take(): string | undefined {
    const histogram = this.#histogram
    for (let bucket = 0; bucket <= this.#top; bucket++) {
      const count = this.#counts[bucket] as number
      if (count === 0) continue
      const shift = Math.max(0, Math.floor(bucket / HALF) - 1)
      histogram.record((bucket - shift * HALF) << shift, count)
    }
    this.#counts.fill(0, 0, this.#top + 1)
    this.#top = -1
    if (histogram.count === 0) return undefined
    const { encoded } = histogram
    histogram.reset()
    return encoded
  }
}
