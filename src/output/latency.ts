import { createRequire } from 'node:module'
import type { build, Histogram } from 'hdr-histogram-js'

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

let make: typeof build | undefined

/**
 * Whole numbers, kept to `digits` decimal digits (an HDR histogram): memory does not grow with their count. Starts small
 * and grows with the range of what is recorded.
 */
export class Histogrammed {
  readonly #histogram: Histogram

  constructor(digits: 2 | 3 = 3) {
    // Loaded by the first: it takes longer to prepare than a short capture to show.
    make ??= (createRequire(import.meta.url)('hdr-histogram-js') as { build: typeof build }).build
    this.#histogram = make({
      bitBucketSize: 32,
      autoResize: true,
      lowestDiscernibleValue: 1,
      highestTrackableValue: 2,
      numberOfSignificantValueDigits: digits,
      useWebAssembly: false,
    })
  }

  record(value: number): void {
    this.#histogram.recordValue(Math.max(0, Math.round(value)))
  }

  get distribution(): Distribution {
    const histogram = this.#histogram
    // A percentile is the upper end of its bucket, which may lie beyond what was recorded.
    const at = (percentile: number): number => Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue)
    return {
      count: histogram.totalCount,
      mean: Math.round(histogram.mean),
      p50: at(50),
      p90: at(90),
      p99: at(99),
      p999: at(99.9),
      max: histogram.maxValue,
    }
  }
}

/** How exchanges of one kind went. */
export class ExchangeTally {
  readonly #digits: 2 | 3
  #latency: Histogrammed | undefined
  /** Answered otherwise than was hoped for. */
  failed = 0
  /** Not answered. */
  open = 0

  constructor(digits: 2 | 3 = 3) {
    this.#digits = digits
  }

  /** `elapsed` in nanoseconds. */
  answered(elapsed: number, ok: boolean): void {
    this.#latency ??= new Histogrammed(this.#digits)
    this.#latency.record(elapsed / 1000)
    if (!ok) this.failed++
  }

  get row(): ExchangeCounts {
    const { count = 0, mean, p50, p90, p99, p999, max } = this.#latency?.distribution ?? {}
    const counts = { count, failed: this.failed, open: this.open }
    if (p50 === undefined) return counts
    return { ...counts, meanUs: mean, p50Us: p50, p90Us: p90, p99Us: p99, p999Us: p999, maxUs: max }
  }

  get weight(): number {
    return this.open + (this.#latency?.distribution.count ?? 0)
  }
}

/** Latencies are of those that were answered, in microseconds; absent where none was. */
export interface ExchangeCounts {
  readonly count: number
  readonly failed: number
  readonly open: number
  readonly meanUs?: number | undefined
  readonly p50Us?: number | undefined
  readonly p90Us?: number | undefined
  readonly p99Us?: number | undefined
  readonly p999Us?: number | undefined
  readonly maxUs?: number | undefined
}
