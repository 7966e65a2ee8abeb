import { expect, it } from 'vitest'
import { tailOf } from '../../../src/load/report/compare/confidence.ts'

it.each([
  // Of tables: t(0.975; 5) = 2.571, times √(6/5), below which the normal distribution has 0.0024; and so on.
  [6, 0.0024],
  [10, 0.0086],
  [20, 0.0159],
  [100, 0.023],
  [1_000_000, 0.025],
])('of %i blocks, so much is left out at each end: %f', (blocks, share) => {
  expect(tailOf(blocks)).toBeCloseTo(share, 3)
})
