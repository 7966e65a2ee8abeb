import { describe, expect, it } from 'vitest'
import { schemas } from '../../scripts/schemas.ts'
import { joined } from '../../src/load/join.ts'
import { parseThreshold } from '../../src/load/report/index.ts'
import type { LoadResult } from '../../src/load/result.ts'
import type { Outcome } from '../../src/load/steps.ts'
import { violations } from '../output/validate.ts'
import { runOf } from './report/run.ts'

const NOON = Date.UTC(2026, 0, 1, 12)
const slow = runOf({ seconds: 4, rate: 50 })
const fast = runOf({ seed: 2, seconds: 2, rate: 100 })
const outcomes: readonly Outcome[] = [
  { name: 'warm-up', started: NOON, ok: slow.proof.ok, result: slow },
  { name: 'rest', started: NOON + 4_000, ok: true, words: 'waited 6s' },
  { name: 'spike', started: NOON + 10_000, ok: fast.proof.ok, result: fast },
]
const whole = joined(outcomes, [parseThreshold('sent > 0'), parseThreshold('sent == 0')], false) as LoadResult

describe('a run of several steps', () => {
  it('has the schema of any result', () => {
    expect(violations(whole, schemas.load, schemas.load)).toEqual([])
  })

  it('is on one timeline, which leaves out what it did not load', () => {
    expect(whole.started).toBe('2026-01-01T12:00:00.000Z')
    expect(whole.seconds).toBe(slow.seconds + fast.seconds)
    expect(whole.intervals.map(({ from }) => from)).toEqual([0, 1, 2, 3, 10, 11])
    expect(whole.stages.map(({ name, from, to }) => [name, from, to])).toEqual([
      ['warm-up', 0, 4],
      ['spike', 10, 12],
    ])
  })

  it('adds up what was counted and measured', () => {
    expect(whole.counts.sent).toBe(slow.counts.sent + fast.counts.sent)
    const [all, ...parts] = [whole, slow, fast].map(({ measures }) => measures['publish-confirm']?.latency.count ?? 0)
    expect(all).toBe(parts.reduce((sum, count) => sum + count, 0))
  })

  it('names groups, proof and plan by their step', () => {
    expect(whole.groups.map(({ name }) => name)).toEqual([
      ...slow.groups.map(({ name }) => `warm-up/${name}`),
      ...fast.groups.map(({ name }) => `spike/${name}`),
    ])
    expect(whole.proof.lines).toContain('rest: waited 6s')
    expect(whole.plan[0]).toBe(`warm-up: ${slow.plan[0]}`)
  })

  it('is held against thresholds as a whole, and has those of its steps', () => {
    expect(whole.thresholds.slice(0, 2).map(({ threshold, ok }) => [threshold, ok])).toEqual([
      ['sent > 0', true],
      ['sent == 0', false],
    ])
    expect(whole.thresholds.slice(2).map(({ threshold }) => threshold)).toEqual([
      ...slow.thresholds.map(({ threshold }) => `warm-up: ${threshold}`),
      ...fast.thresholds.map(({ threshold }) => `spike: ${threshold}`),
    ])
    expect(whole.ok).toBe(false)
  })

  it('does not add up where one step does not', () => {
    const failed: Outcome = {
      name: 'late',
      started: NOON + 20_000,
      ok: false,
      words: 'no client could connect',
      over: true,
    }
    expect(joined([...outcomes, failed], [], false)?.proof).toMatchObject({ ok: false })
  })

  it('that one of its thresholds ended did not hold it, whatever there was in the end', () => {
    const ended = { threshold: 'sent > 0', ok: false, actual: 0, shown: '0 at 4 s, where it ended the run', endedAt: 4 }
    const [first] = outcomes as [Outcome]
    const unbegun: Outcome = { name: 'later', started: NOON, ok: true, words: 'not begun' }
    const cut = joined([{ ...first, ended, over: true }, unbegun], [parseThreshold('sent > 0')], false)
    expect(cut?.thresholds[0]).toEqual(ended)
    expect(violations(cut, schemas.load, schemas.load)).toEqual([])
  })

  it('of one step is that step; without a load, nothing', () => {
    expect(joined(outcomes.slice(0, 1), [], false)).toBe(slow)
    expect(joined(outcomes.slice(1, 2), [], false)).toBeUndefined()
  })
})
