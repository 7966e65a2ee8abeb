import { Histogram } from '../histogram.ts'

/** How exchanges of one kind went. */
export class ExchangeTally {
  readonly #digits: 2 | 3
  #latency: Histogram | undefined
  /** Answered otherwise than was hoped for. */
  failed = 0
  /** Not answered. */
  open = 0

  constructor(digits: 2 | 3 = 3) {
    this.#digits = digits
  }

  /** `elapsed` in nanoseconds. */
  answered(elapsed: number, ok: boolean): void {
    this.#latency ??= new Histogram(this.#digits)
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
