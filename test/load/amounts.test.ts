import { describe, expect, it } from 'vitest'
import { parseBytes, parseCount, parseRate, parseShare, parseSizeRange, parseStages } from '../../src/load/amounts.ts'
import { parseQuota, partOf } from '../../src/load/quota.ts'
import { parseWork } from '../../src/load/spec.ts'

describe('amounts of a load test', () => {
  it.each([
    ['500', 500],
    ['2.5k', 2500],
    ['1M', 1_000_000],
  ])('count %s', (given, count) => {
    expect(parseCount(given, '--count')).toBe(count)
  })

  it.each([
    ['1k/s', 1000],
    ['0.5', 0.5],
    ['max', undefined],
  ])('are a rate in %s', (given, rate) => {
    expect(parseRate(given, '--rate')).toBe(rate)
  })

  it.each(['0', 'fast', '-1', '1k/m'])('are no rate in %s', given => {
    expect(() => parseRate(given, '--rate')).toThrow(`--rate ${given.replace('/s', '')}`)
  })

  it('are stages, with ramps and pauses', () => {
    expect(parseStages('1k:30s, 1k..5k:1m, 0:500ms, 2.5..10:2', '--stages')).toEqual([
      { from: 1000, to: 1000, seconds: 30 },
      { from: 1000, to: 5000, seconds: 60 },
      { from: 0, to: 0, seconds: 0.5 },
      { from: 2.5, to: 10, seconds: 2 },
    ])
  })

  it.each(['1k', '1k:', ':10s', '1k..:10s', '1k:30x'])('are no stage in %s', given => {
    expect(() => parseStages(given, '--stages')).toThrow('--stages')
  })

  it('are shares', () => {
    expect([parseShare('5%', '--reject'), parseShare('0.05', '--reject')]).toEqual([0.05, 0.05])
    expect(() => parseShare('200%', '--reject')).toThrow('not a share')
  })

  it('are sizes', () => {
    expect([parseBytes('100', '--size'), parseBytes('10kB', '--size')]).toEqual([100, 10_000])
    expect(() => parseBytes('1GB', '--size')).toThrow('not a size')
  })

  it('are sizes from least to most', () => {
    expect(parseSizeRange('100..10kB', '--size')).toEqual({ least: 100, most: 10_000 })
    expect(parseSizeRange('1kB', '--size')).toEqual({ least: 1000, most: 1000 })
    for (const wrong of ['10..1', '1..2..3', '1..', '..'])
      expect(() => parseSizeRange(wrong, '--size')).toThrow('--size')
  })

  it('are times of work, each for a time', () => {
    expect(parseWork('5ms')).toEqual([{ value: 5, seconds: Number.POSITIVE_INFINITY }])
    expect(parseWork('5ms:30s,0:1m')).toEqual([
      { value: 5, seconds: 30 },
      { value: 0, seconds: 60 },
    ])
  })

  it('are counts of all clients together, or of each', () => {
    const none = Number.POSITIVE_INFINITY
    expect(parseQuota('1.5k', '--count')).toEqual({ all: 1500, each: none })
    expect(parseQuota('20/client', '--count')).toEqual({ all: none, each: 20 })
    expect(parseQuota(undefined, '--count')).toEqual({ all: none, each: none })
    for (const wrong of ['1/s', '/client', '1.5']) expect(() => parseQuota(wrong, '--count')).toThrow('--count')
  })

  it('are shared by workers, and come out even', () => {
    const parts = (all: number, of: number, clients: number) =>
      Array.from({ length: of }, (_, index) => partOf({ all, each: 1 }, { index, of }, clients))
    expect(parts(10, 3, 5)).toEqual([4, 3, 3])
    expect(parts(10, 3, 2)).toEqual([5, 5, 0])
  })
})
