import { describe, expect, it } from 'vitest'
import { Reservoir } from '../../../src/load/recorded/reservoir.ts'

function kept(count: number, limits: { count: number; bytes: number }, size = (_: number) => 1): number[] {
  const reservoir = new Reservoir<number>(limits)
  for (let at = 0; at < count; at++) reservoir.add(size(at), () => at)
  expect(reservoir.seen).toBe(count)
  return reservoir.items
}

describe('a reservoir', () => {
  it('holds all, in order, where there is room for all', () => {
    expect(kept(5, { count: 5, bytes: 5 })).toEqual([0, 1, 2, 3, 4])
  })

  it('holds some that stand for all: as many of each part', () => {
    const some = kept(100_000, { count: 1000, bytes: 1e9 })
    expect(some).toHaveLength(1000)
    expect(new Set(some).size).toBe(1000)
    expect(some).toEqual(some.toSorted((a, b) => a - b))
    for (let part = 0; part < 4; part++) {
      const count = some.filter(at => at >= part * 25_000 && at < (part + 1) * 25_000).length
      expect(count).toBeGreaterThan(200)
      expect(count).toBeLessThan(300)
    }
  })

  it('is the same for the same', () => {
    const limits = { count: 10, bytes: 1e9 }
    expect(kept(1000, limits)).toEqual(kept(1000, limits))
  })

  it('holds no more bytes than it may, but for one that is larger by itself', () => {
    const some = kept(10_000, { count: 1000, bytes: 2000 }, at => (at % 2 === 0 ? 1 : 19))
    const bytes = some.reduce((sum, at) => sum + (at % 2 === 0 ? 1 : 19), 0)
    expect(bytes).toBeLessThanOrEqual(2000)
    expect(some.length).toBeGreaterThan(100)
    // Neither kind is preferred.
    const small = some.filter(at => at % 2 === 0).length
    expect(small / some.length).toBeGreaterThan(0.35)
    expect(small / some.length).toBeLessThan(0.65)
    expect(kept(1, { count: 10, bytes: 5 }, () => 100)).toEqual([0])
  })
})
