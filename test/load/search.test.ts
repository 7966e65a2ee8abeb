import { describe, expect, it, test } from 'vitest'
import { parseThreshold } from '../../src/load/report/index.ts'
import type { Interval } from '../../src/load/result.ts'
import { nextRate, search, type Try } from '../../src/load/search.ts'
import { groupOf } from '../../src/load/spec.ts'
import { worst } from '../../src/load/stages.ts'
import { noCounts } from '../../src/load/tally.ts'
import { measured } from './report/run.ts'

/** One second in which so many messages were sent and confirmed. */
const second = (confirmed: number, rest: Partial<Interval> = {}, sent = confirmed): Interval => ({
  ...{ from: 0, to: 1, measures: {}, lag: worst([]), clients: 1, inFlight: 0, cpuSeconds: 0, busy: 0.2, memory: 0 },
  held: 0,
  counts: { ...noCounts(), sent, confirmed },
  ...rest,
})

const publish = { destination: ['x'] }
const PLAN = {
  ...{
    run: 1,
    groups: [groupOf({ name: 'p', upstream: ['mqtt://localhost'], publish }, 1)],
    seconds: 1,
    steered: true,
  },
  ...{ drain: 1, idle: Number.POSITIVE_INFINITY, interval: 1, timeout: 1 },
  tls: { ca: undefined, insecure: false, 'server-name': undefined, 'client-cert': undefined, 'client-key': undefined },
}

/** `happens` tells what comes of a rate, when it is tried for the nth time. */
const searched = (
  from: number,
  happens: (rate: number, nth: number) => Interval,
  { threshold = 'sent > 0', lost = () => false }: { threshold?: string; lost?: () => boolean } = {},
) => {
  let nth = 0
  return search(
    {
      stage: async ({ to, seconds }, settling) => {
        expect([seconds, settling]).toEqual([1, 1])
        return [happens(to, nth)]
      },
      get lost() {
        return lost()
      },
    },
    {
      ...{ plan: PLAN, from, step: 1, threshold: parseThreshold(threshold), tried: () => {} },
      trying: (_, number) => (nth = number),
      signal: new AbortController().signal,
    },
  )
}

describe('which rate is tried next', () => {
  const tries = (text: string): Try[] =>
    text.split(' ').flatMap(each => {
      const [rate = '', results = ''] = each.split(':')
      return [...results].map(mark => ({ rate: Number(rate), held: mark === '+' }))
    })

  it.each([
    ['while it holds, twice as much', '100:+ 200:+', 400],
    ['what failed, again', '100:+ 200:-', 200],
    ['of one that failed and held, a third time decides', '100:+ 200:-+', 200],
    ['two of three hold: on it goes', '100:+ 200:-+-', 141],
    ['two of two failed: the middle', '100:+ 200:--', 141],
    ['the first failed: half of it', '100:--', 50],
    ['near enough, but the highest held only once: again', '100:+ 104:--', 100],
    ['which fails now: a third time', '100:+- 104:--', 100],
    ['and again: it is the lowest that fails', '50:+ 100:+-- 104:--', 70.7],
    ['both are sure: that is all', '100:++ 104:--', undefined],
    ['nothing below one message a second', '1:--', undefined],
  ])('%s', (_, before, rate) => {
    expect(nextRate(before === '' ? [] : tries(before), 100)).toBe(rate)
  })
})

test('a rate is doubled while it gets through, and then the distance is halved; both ends are sure', async () => {
  const { found, stages } = await searched(100, rate => second(Math.min(rate, 600), {}, rate))
  expect(stages.map(({ name }) => name).slice(0, 7)).toEqual([
    ...['100/s', '200/s', '400/s', '800/s', '800/s, try 2', '566/s', '673/s'],
  ])
  const { held, failed, rates } = found
  expect(held).toBeGreaterThan(566)
  expect(failed).toBeLessThan(held! * 1.05)
  expect(rates.find(({ rate }) => rate === held)).toMatchObject({ tries: 2, held: 2 })
  expect(rates.find(({ rate }) => rate === failed)).toMatchObject({ tries: 2, held: 0, limit: { what: 'broker' } })
  expect(found.limit.what).toBe('broker')
})

test('one bad moment does not end it, wherever it comes', async () => {
  let moments = 0
  for (let bad = 1; bad < 14; bad++) {
    moments = 0
    const { found } = await searched(100, rate => second(rate > 0 && ++moments === bad ? 0 : Math.min(rate, 600)))
    expect([bad, found.held! > 580 && found.held! < 640]).toEqual([bad, true])
  }
})

test('what is said to be the limit is what made it fail', async () => {
  const lag = { ...worst([]), count: 9, p50: 30_000, p99: 80_000 }
  const of = async (rest: Partial<Interval>) =>
    (await searched(100, rate => (rate < 300 ? second(rate) : second(100, rest)))).found.limit.what
  expect(await of({ busy: 0.95 })).toBe('generator')
  expect(await of({ lag })).toBe('generator')
  expect(await of({ lag, held: 0.8 })).toBe('broker')
  expect(await of({ held: 0.8, inFlight: 10_000 })).toBe('window')
  const timed = (service: number) =>
    searched(
      100,
      rate =>
        second(rate, { lag, measures: { 'publish-confirm': measured([rate * 100], [rate < 300 ? 1 : service]) } }),
      { threshold: 'publish-confirm p99 < 30ms' },
    )
  expect((await timed(2_000)).found).toMatchObject({ limit: { what: 'generator' } })
  expect((await timed(60_000)).found).toMatchObject({ limit: { what: 'broker' } })
})

test('a few messages a second get through as whole ones: what is at the edge is no loss', async () => {
  const { stages } = await searched(4.6, rate => second(rate > 5 ? 0 : Math.floor(rate)))
  expect(stages[0]).toMatchObject({ rate: 4.6, achieved: 4, held: true })
})

test('a generator that is late at any rate ends the search, and is what is told', async () => {
  const lag = { ...worst([]), count: 9, p50: 30_000, p99: 80_000 }
  const { found } = await searched(100, rate => second(rate / 2, { lag }))
  expect(found.rates.map(({ rate, tries }) => [rate, tries])).toEqual([
    [25, 2],
    [50, 2],
    [100, 2],
  ])
  expect(found).toMatchObject({ held: null, failed: 25, limit: { what: 'generator' } })
})

test('where none holds there is no limit', async () => {
  const { found } = await searched(100, () => second(0))
  expect(found.held).toBeNull()
})

test('nobody is there any more: that says nothing of a rate, and ends it', async () => {
  let tried = 0
  const { found } = await searched(100, rate => second(rate), { lost: () => ++tried > 2 })
  expect(found).toMatchObject({ held: 200, failed: null, rates: [{ rate: 100 }, { rate: 200 }] })
})
