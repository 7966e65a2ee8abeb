import fc from 'fast-check'
import { build } from 'hdr-histogram-js'
import { expect, it } from 'vitest'
import { Histogram } from '../src/histogram.ts'

const values = fc.array(fc.oneof(fc.nat(100), fc.nat(1_000_000), fc.nat({ max: 2 ** 31 })), { maxLength: 200 })

it('has the distribution that the library finds', () => {
  fc.assert(
    fc.property(values, recorded => {
      const [ours, theirs] = [new Histogram(), build({ numberOfSignificantValueDigits: 3, useWebAssembly: false })]
      for (const value of recorded) {
        ours.record(value)
        theirs.recordValue(value)
      }
      const { count, mean, p50, p99, max } = ours.distribution
      expect({ count, mean, max }).toEqual({
        count: theirs.totalCount,
        mean: Math.round(theirs.mean),
        max: theirs.maxValue,
      })
      expect(p50).toBe(Math.min(theirs.getValueAtPercentile(50), theirs.maxValue))
      expect(p99).toBe(Math.min(theirs.getValueAtPercentile(99), theirs.maxValue))
    }),
  )
})

it('tells each value with how often it was recorded, also of what was encoded', () => {
  fc.assert(
    fc.property(values, recorded => {
      const histogram = new Histogram()
      for (const value of recorded) histogram.record(value)
      const pairs = [...histogram.recorded()]
      expect(pairs.reduce((sum, [, count]) => sum + count, 0)).toBe(recorded.length)
      expect([...Histogram.decoded(histogram.encoded).recorded()]).toEqual(pairs)
      const sorted = recorded.toSorted((a, b) => a - b)
      for (const [value, count] of pairs) {
        // The upper end of its bucket, which is a thousandth wide.
        for (const each of sorted.splice(0, count)) {
          expect(each).toBeLessThanOrEqual(value)
          expect(each).toBeGreaterThan(value * 0.999 - 1)
        }
      }
    }),
  )
})
