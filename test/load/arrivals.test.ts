import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arrivals, type Stage } from '../../src/load/arrivals.ts'

function all(arrivals: Arrivals): number[] {
  const dues: number[] = []
  for (let due = arrivals.due; due !== undefined; due = arrivals.due) {
    dues.push(due)
    arrivals.advance()
  }
  return dues
}

const constant = (rate: number, seconds: number): Stage => ({ from: rate, to: rate, seconds })

describe('open arrivals', () => {
  it('are as far apart as the rate says', () => {
    expect(all(new Arrivals([constant(4, 1)]))).toEqual([0, 0.25, 0.5, 0.75])
  })

  it('grow evenly closer on a ramp: half of it is there when three quarters of its messages are yet to come', () => {
    const dues = all(new Arrivals([{ from: 0, to: 1000, seconds: 10 }]))
    expect(dues).toHaveLength(5000)
    expect(dues.filter(due => due < 5)).toHaveLength(1250)
  })

  it('pause where the rate is 0', () => {
    const dues = all(new Arrivals([constant(10, 1), constant(0, 5), constant(10, 1)]))
    expect(dues).toHaveLength(20)
    expect(dues.filter(due => due >= 1 && due < 6)).toEqual([])
  })

  it('go on where a stage is added after the last one has ended', () => {
    const arrivals = new Arrivals([])
    expect(arrivals.due).toBeUndefined()
    arrivals.extend(constant(2, 1))
    expect(all(arrivals)).toEqual([0, 0.5])
    arrivals.extend(constant(0, 1))
    expect(all(arrivals)).toEqual([])
    arrivals.extend(constant(1, 2))
    expect(all(arrivals)).toEqual([2, 3])
  })

  it('of several sharers are together as even as those of one', () => {
    const shares = [0, 1, 2, 3].map(index => all(new Arrivals([constant(100, 1)], 'even', 0.25, index / 4)))
    const together = shares.flat().sort((a, b) => a - b)
    const one = all(new Arrivals([constant(100, 1)]))
    expect(together).toHaveLength(one.length)
    for (const [at, due] of one.entries()) expect(together[at]).toBeCloseTo(due, 9)
  })

  it('of a Poisson process come as often on average, and as irregularly as it says', () => {
    const dues = all(new Arrivals([constant(1000, 20)], 'poisson', 1, 0, 7))
    expect(dues.length).toBeGreaterThan(19_500)
    expect(dues.length).toBeLessThan(20_500)
    const gaps = dues.slice(1).map((due, at) => due - (dues[at] as number))
    const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
    // The standard deviation of an exponential distribution is its mean.
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1)
  })

  it('never go back, and are as many as the stages hold', () => {
    const stage = fc.record({
      from: fc.integer({ min: 0, max: 500 }),
      to: fc.integer({ min: 0, max: 500 }),
      seconds: fc.integer({ min: 1, max: 5 }),
    })
    fc.assert(
      fc.property(fc.array(stage, { minLength: 1, maxLength: 5 }), stages => {
        const dues = all(new Arrivals(stages))
        const count = stages.reduce((sum, { from, to, seconds }) => sum + ((from + to) / 2) * seconds, 0)
        expect(Math.abs(dues.length - count)).toBeLessThanOrEqual(stages.length)
        for (let at = 1; at < dues.length; at++) expect(dues[at]).toBeGreaterThanOrEqual(dues[at - 1] as number)
        const end = stages.reduce((sum, { seconds }) => sum + seconds, 0)
        expect(dues.at(-1) ?? 0).toBeLessThan(end)
      }),
    )
  })
})
