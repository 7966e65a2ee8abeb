import { Histogram } from '../../../histogram.ts'
import type { Counts, Interval, Measure } from '../../result.ts'

export type Basis = 'latency' | 'service'

/** Blocks of a run, kept such that what a drawing of them comes to is worked out fast. */
export class Sample {
  readonly #blocks: readonly Interval[]
  readonly #times = new Map<string, Times>()
  /** Of each block. */
  readonly #seconds: readonly number[]

  /** `seconds`: how long was published. What comes before and after is of connecting and of waiting for the last answers. */
  constructor(blocks: readonly Interval[], measures: readonly Measure[], seconds: number) {
    this.#blocks = blocks
    this.#seconds = blocks.map(({ from, to }) => Math.max(0, Math.min(to, seconds) - Math.max(from, 0)))
    for (const measure of measures) {
      for (const basis of ['latency', 'service'] as const) {
        this.#times.set(`${measure} ${basis}`, new Times(blocks, measure, basis))
      }
    }
  }

  /** Of a drawing: the sum of something over its blocks. */
  sum(weights: Float64Array, of: (block: Interval) => number): number {
    let sum = 0
    for (const [at, block] of this.#blocks.entries()) sum += (weights[at] as number) * of(block)
    return sum
  }

  count(weights: Float64Array, key: keyof Counts): number {
    return this.sum(weights, ({ counts }) => counts[key])
  }

  seconds(weights: Float64Array): number {
    return this.#seconds.reduce((sum, seconds, at) => sum + seconds * (weights[at] as number), 0)
  }

  /** Of a drawing, in microseconds; NaN where nothing is in it. */
  percentiles(weights: Float64Array, measure: Measure, basis: Basis, wanted: readonly number[]): readonly number[] {
    return this.#times.get(`${measure} ${basis}`)?.percentiles(weights, wanted) ?? wanted.map(() => Number.NaN)
  }
}

/** What was recorded of one measure: the values, and how often each block has them. */
class Times {
  readonly #values: Float64Array
  /** By block: places in `#values` and counts, in turns. */
  readonly #blocks: readonly Float64Array[]
  readonly #sum: Float64Array

  constructor(blocks: readonly Interval[], measure: Measure, basis: Basis) {
    const recorded = blocks.map(({ measures }) => {
      const found = measures[measure]
      return found === undefined ? [] : [...Histogram.decoded(found[`${basis}Hdr`]).recorded()]
    })
    const values = [...new Set(recorded.flatMap(pairs => pairs.map(([value]) => value)))].sort((a, b) => a - b)
    const places = new Map(values.map((value, at) => [value, at]))
    this.#values = Float64Array.from(values)
    this.#blocks = recorded.map(pairs =>
      Float64Array.from(pairs.flatMap(([value, count]) => [places.get(value) as number, count])),
    )
    this.#sum = new Float64Array(values.length)
  }

  percentiles(weights: Float64Array, wanted: readonly number[]): readonly number[] {
    const sum = this.#sum.fill(0)
    let total = 0
    for (const [at, block] of this.#blocks.entries()) {
      const weight = weights[at] as number
      if (weight === 0) continue
      for (let pair = 0; pair < block.length; pair += 2) {
        const count = weight * (block[pair + 1] as number)
        sum[block[pair] as number]! += count
        total += count
      }
    }
    const found: number[] = []
    let place = 0
    let passed = 0
    for (const percentile of wanted) {
      const least = Math.max(1, Math.ceil((percentile / 100) * total - 1e-9))
      while (place < sum.length && passed + (sum[place] as number) < least) passed += sum[place++] as number
      found.push(total === 0 ? Number.NaN : (this.#values[place] as number))
    }
    return found
  }
}
