import { expect, test } from 'vitest'
import type { Interval } from '../../src/load/result.ts'
import { limitOf, search } from '../../src/load/search.ts'
import { worst } from '../../src/load/stages.ts'
import { noCounts } from '../../src/load/tally.ts'

/** One second in which so many messages were confirmed. */
const second = (confirmed: number): Interval => ({
  ...{ from: 0, to: 1, measures: {}, lag: worst([]), clients: 1, inFlight: 0, cpuSeconds: 0, busy: 0, memory: 0 },
  counts: { ...noCounts(), confirmed },
})

const searched = (from: number, confirmed: (rate: number) => number) =>
  search(
    { stage: async ({ to }) => [second(confirmed(to))] },
    {
      ...{ from, step: 1, holds: () => true, trying: () => {}, tried: () => {} },
      signal: new AbortController().signal,
    },
  )

test('a rate is doubled while it gets through, and then the distance is halved', async () => {
  const steps = await searched(100, rate => Math.min(rate, 600))
  expect(steps.slice(0, 5).map(({ rate, held }) => [rate, held])).toEqual([
    [100, true],
    [200, true],
    [400, true],
    [800, false],
    [566, true],
  ])
  expect(limitOf(steps)).toBeGreaterThan(566)
  expect(limitOf(steps)).toBeLessThan(640)
})

test('a few messages a second get through as whole ones: what is at the edge is no loss', async () => {
  const [first] = await searched(4.6, rate => (rate > 5 ? 0 : Math.floor(rate)))
  expect(first).toMatchObject({ rate: 4.6, achieved: 4, held: true })
})

test('where none holds there is no limit', async () => {
  expect(limitOf(await searched(100, () => 0))).toBeUndefined()
})
