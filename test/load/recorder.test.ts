import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from '../../src/histogram.ts'
import { Recorder } from '../../src/load/recorder.ts'

const distributionOf = (encoded: string | undefined) =>
  encoded === undefined ? undefined : [...Histogram.decoded(encoded).recorded()]

/** What an HDR histogram makes of the same. */
function direct(values: readonly number[]): string {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram.encoded
}

test('a recorder puts values where an HDR histogram does, at the edges of its buckets too', () => {
  const edges = Array.from({ length: 40 }, (_, power) => 2 ** power).flatMap(value => [value - 1, value, value + 1])
  for (const value of [0, ...edges]) {
    const recorder = new Recorder()
    recorder.record(value)
    expect(distributionOf(recorder.take()), String(value)).toEqual(distributionOf(direct([value])))
  }
})

test('whatever is recorded, in whatever order, over several intervals', () => {
  const value = fc.oneof(
    fc.nat({ max: 5000 }),
    fc.nat({ max: 2 ** 30 }),
    fc.double({ min: -10, max: 1e9, noNaN: true }),
  )
  fc.assert(
    fc.property(fc.array(fc.array(value, { minLength: 1, maxLength: 200 }), { maxLength: 4 }), intervals => {
      const recorder = new Recorder()
      for (const values of intervals) {
        for (const each of values) recorder.record(each)
        expect(distributionOf(recorder.take())).toEqual(distributionOf(direct(values)))
      }
    }),
    { numRuns: 200 },
  )
})

test('nothing is recorded: nothing is told', () => {
  const recorder = new Recorder()
  expect(recorder.take()).toBeUndefined()
  recorder.record(5)
  recorder.take()
  expect(recorder.take()).toBeUndefined()
})
