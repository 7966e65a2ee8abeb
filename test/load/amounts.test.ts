import { describe, expect, it } from 'vitest'
import { parseBytes, parseCount, parseRate, parseShare, parseStages } from '../../src/load/amounts.ts'

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
})
