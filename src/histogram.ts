import { createRequire } from 'node:module'
import type {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  Histogram as Hdr,
  JsHistogram,
} from 'hdr-histogram-js'

/** A distribution, as rows have it: the values at some percentiles, and the mean. */
export interface Distribution {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

interface Library {
  readonly build: typeof build
  readonly decodeFromCompressedBase64: typeof decodeFromCompressedBase64
  readonly encodeIntoCompressedBase64: typeof encodeIntoCompressedBase64
}

let loaded: Library | undefined

/** Loaded by the first who needs it: it takes longer to prepare than a short capture to show. */
function library(): Library {
  loaded ??= createRequire(import.meta.url)('hdr-histogram-js') as Library
  return loaded
}

/**
 * Whole numbers, kept to `digits` decimal digits (an HDR histogram): memory does not grow with their count. Starts small
 * and grows with the range of what is recorded.
 */
export class Histogram {
  readonly #hdr: JsHistogram

  constructor(digits: 2 | 3 = 3, hdr?: Hdr) {
    this.#hdr =
      (hdr as JsHistogram | undefined) ??
      (library().build({
        bitBucketSize: 32,
        autoResize: true,
        lowestDiscernibleValue: 1,
        highestTrackableValue: 2,
        numberOfSignificantValueDigits: digits,
        useWebAssembly: false,
      }) as JsHistogram)
  }

  /** What `encoded` gave, also in another process. Throws where it is nothing of the kind. */
  static decoded(text: string): Histogram {
    return new Histogram(3, library().decodeFromCompressedBase64(text, 32, false))
  }

  /** `count` times. */
  record(value: number, count = 1): void {
    const whole = Math.max(0, Math.round(value))
    if (count === 1) this.#hdr.recordValue(whole)
    else this.#hdr.recordValueWithCount(whole, count)
  }

  /** Takes in all of `other`: exact, as long as both keep as many digits. */
  add(other: Histogram): void {
    this.#hdr.add(other.#hdr)
  }

  /** Forgets what was recorded. */
  reset(): void {
    this.#hdr.reset()
  }

  get count(): number {
    return this.#hdr.totalCount
  }

  /** The least value that `percentile` (0 to 100) of what was recorded does not exceed; 0 where there is nothing. */
  at(percentile: number): number {
    // A percentile is the upper end of its bucket, which may lie beyond what was recorded.
    return Math.min(this.#hdr.getValueAtPercentile(percentile), this.#hdr.maxValue)
  }

  get distribution(): Distribution {
    return {
      count: this.#hdr.totalCount,
      mean: Math.round(this.#mean),
      p50: this.at(50),
      p90: this.at(90),
      p99: this.at(99),
      p999: this.at(99.9),
      max: this.#hdr.maxValue,
    }
  }

  /** Each value that was recorded (the upper end of its bucket), ascending, and how often. */
  *recorded(): Generator<readonly [value: number, count: number]> {
    // The library's own iterator takes twenty times as long.
    const hdr = this.#hdr
    for (let at = 0, left = hdr.totalCount; left > 0; at++) {
      const count = hdr.getCountAtIndex(at)
      if (count === 0) continue
      left -= count
      yield [hdr.highestEquivalentValue(hdr.valueFromIndex(at)), count]
    }
  }

  get #mean(): number {
    let sum = 0
    for (const [value, count] of this.recorded()) sum += this.#hdr.medianEquivalentValue(value) * count
    return this.count === 0 ? 0 : sum / this.count
  }

  /** In the compressed form of HdrHistogram's V2 encoding, in Base64: what interval logs hold. */
  get encoded(): string {
    return library().encodeIntoCompressedBase64(this.#hdr)
  }
}
