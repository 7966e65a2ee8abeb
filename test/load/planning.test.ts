import { expect, test } from 'vitest'
import { dividing } from '../../src/load/planning.ts'

test.each([
  [5, 1, 1],
  [3, 1, 1],
  [1, 1, 0.5],
  [0.5, 1, 0.25],
  [2.5, 1, 2.5 / 3],
  [5, 0.2, 0.2],
])(
  'a step of %d s, where it is told how it goes every %d s, has intervals of %d s: a whole number, two at least',
  (step, wanted, interval) => {
    expect(dividing(step, wanted)).toBeCloseTo(interval, 9)
    const number = step / dividing(step, wanted)
    expect(Math.round(number)).toBeCloseTo(number, 9)
    expect(number).toBeGreaterThanOrEqual(2)
  },
)
