import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { cautions } from '../../../src/load/report/compare/cautions.ts'
import { type Compared, compare } from '../../../src/load/report/compare/compare.ts'
import { readResult } from '../../../src/load/report/compare/read.ts'
import { comparisonText } from '../../../src/load/report/compare/report.ts'
import { PLAIN_STYLE } from '../../../src/output/index.ts'
import { runOf } from './run.ts'

const small = { seconds: 40, rate: 50 }
const base = runOf({ ...small, seed: 1 })
const slower = runOf({ ...small, seed: 2, typical: 1_500 })
const again = runOf({ ...small, seed: 3 })

const of = (rows: readonly Compared[], what: string): Compared => {
  const row = rows.find(each => each.what === what)
  if (row === undefined) throw new Error(`${what} is not among ${rows.map(each => each.what)}`)
  return row
}

describe('two runs', () => {
  const rows = compare(base, slower)

  it('of which one takes a quarter longer: so the interval says', () => {
    for (const what of ['publish → confirm p50', 'publish → confirm, service p50', 'publish → deliver p90']) {
      const { verdict, interval, change } = of(rows, what)
      expect(verdict, what).toBe('worse')
      expect(interval?.[0], what).toBeLessThan(0.25)
      expect(interval?.[1], what).toBeGreaterThan(0.25)
      expect(interval?.[0], what).toBeGreaterThan(0.15)
      expect(change, what).toBeCloseTo(0.25, 1)
    }
    expect(of(compare(slower, base), 'publish → confirm p50').verdict).toBe('better')
  })

  it('compared twice come to the same', () => expect(compare(base, slower)).toEqual(rows))

  it('that differ by chance are not said to differ, but for one in twenty', () => {
    const differ = Array.from({ length: 12 }, (_, at) => {
      const [a, b] = [runOf({ seconds: 20, rate: 20, seed: 10 + at }), runOf({ seconds: 20, rate: 20, seed: 50 + at })]
      return of(compare(a, b), 'publish → confirm, service p50').verdict !== 'no difference'
    })
    expect(differ.filter(Boolean).length).toBeLessThanOrEqual(2)
  })

  it('of which one stalled: the latency from when messages were due tells, with no certainty where it was one stall', () => {
    const stalled = compare(base, runOf({ ...small, seed: 4, stall: [10, 14] }))
    expect(of(stalled, 'publish → confirm p99').change).toBeGreaterThan(100)
    expect(of(stalled, 'publish → confirm, service p50').verdict).toBe('no difference')
    expect(of(stalled, 'late of due')).toMatchObject({ a: 0, verdict: 'no difference', of: 'share' })
  })

  it('of which one lost messages, and the other none: no statistics needed', () => {
    const lossy = { ...again, counts: { ...again.counts, lost: 2 } }
    expect(of(compare(base, lossy), 'lost')).toMatchObject({ shown: ['0', '2'], verdict: 'worse', interval: null })
    expect(of(compare(lossy, base), 'lost').verdict).toBe('better')
    expect(of(compare(lossy, lossy), 'lost').verdict).toBe('unknown')
  })

  it('too short to tell say so', () => {
    const [a, b] = [runOf({ seconds: 4, seed: 1 }), runOf({ seconds: 4, seed: 2, typical: 9_000 })]
    expect(of(compare(a, b), 'publish → confirm p50')).toMatchObject({ verdict: 'unknown', interval: null })
  })

  it('tell only of percentiles beyond which there are messages', () => {
    const names = compare(base, again).map(({ what }) => what)
    expect(names).toContain('publish → confirm p99')
    expect(names).not.toContain('publish → confirm p99.9')
  })

  it('of which one measured nothing at all', () => {
    const nothing = { ...again, measures: {}, intervals: again.intervals.map(each => ({ ...each, measures: {} })) }
    expect(compare(base, nothing).some(({ what }) => what.startsWith('publish →'))).toBe(false)
  })
})

describe('what makes them less than comparable', () => {
  it('is said', () => {
    const other = { ...again, plan: ['something else'], interrupted: true, seconds: 20 }
    expect(cautions(base, other)).toEqual([
      ...[
        'only in A: 10 publishers and 10 consumers, amqp://localhost:5672',
        'only in A: 50 messages a second, then 100',
      ],
      'only in B: something else',
      'not as long: 40 s; 20 s',
      'B was interrupted',
      'both kept up with what was due: their rates are those of the plan, not the most that is possible',
    ])
  })
})

describe('runs of different things', () => {
  const group = 'publishers: 5 clients of MQTT, at mqtt://localhost:1883, publish to a,'
  const one = { ...base, plan: [`${group} 1,000/s for 5 s, qos=1`, 'consumers: 1 client of MQTT, at x'] }

  it('differ in some words of a group, and in groups', () => {
    const two = { ...base, plan: [`${group} 500/s for 5 s, qos=1, from 127.0.0.2`, 'more: 1 client of MQTT, at y'] }
    expect(cautions(one, two).slice(0, 3)).toEqual([
      'not the same publishers: 1,000/s for 5 s; 500/s for 5 s, from 127.0.0.2',
      'only in A: consumers: 1 client of MQTT, at x',
      'only in B: more: 1 client of MQTT, at y',
    ])
    expect(cautions(one, { ...one, plan: [`${group} 1,000/s for 5 s`, ...one.plan.slice(1)] })[0]).toBe(
      'not the same publishers: qos=1; nothing of the kind',
    )
  })

  it('differ in stages, versions, and in who was there', () => {
    const [stage] = base.stages
    const gone = [{ group: 'consumers', clients: 1, since: 4, reason: 'connection refused', unsent: 0 }]
    const two = { ...base, stages: [{ ...stage!, name: 'warm-up', to: 5 }], mqinspect: '9.9.9', gone }
    expect(cautions(base, two)).toEqual([
      'not the same stages: 50/s (20 s), 100/s (20 s); warm-up (5 s)',
      'not the same version of mqinspect: 0.1.0; 9.9.9',
      'B: consumers: its client had no connection from 4 s to the end (connection refused)',
      expect.stringMatching(/^both kept up/),
    ])
  })

  it('found limits that differ, where the spans in which these lie have nothing in common', () => {
    const searched = (held: number | null, failed: number | null, threshold = 'p99 < 9ms') => {
      const limit = { what: 'broker', why: '' } as const
      return { ...base, search: { threshold, step: 5, rates: [], held, failed, limit } }
    }
    const found = (b: ReturnType<typeof searched>) =>
      compare(searched(1000, 1050), b).find(({ what }) => what === 'highest rate that held')
    expect(found(searched(1040, 1090))).toMatchObject({ verdict: 'no difference' })
    expect(found(searched(1050, 1100))).toMatchObject({ verdict: 'better', shown: ['1,000/s', '1,050/s'] })
    expect(found(searched(900, 945))).toMatchObject({ verdict: 'worse', change: expect.closeTo(-0.1) })
    expect(found(searched(null, 945))).toMatchObject({ verdict: 'worse', change: null })
    expect(found(searched(1000, 1050, 'p99 < 1ms'))).toBeUndefined()
    expect(cautions(searched(1000, 1050), searched(1000, 1050, 'p99 < 1ms'))[0]).toBe(
      'not the same search: p99 < 9ms, each try 5 s; p99 < 1ms, each try 5 s',
    )
    expect(cautions(searched(1000, 1050), base)[0]).toMatch(/^not the same stages: the tries of a search; 50\/s/)
  })
})

describe('the comparison in text', () => {
  it('has the change, its interval, and what it means', () => {
    const rows = compare(base, slower)
    const files = { a: 'a.json', b: 'b.json', 'max-regression': '10%' }
    const text = comparisonText(files, base, slower, rows, rows.slice(0, 1), PLAIN_STYLE)
    expect(text).toMatch(/^A {2}a\.json {2}40 s from 2026-11-28T12:00:00\.000Z, run run-1$/m)
    expect(text).toMatch(
      /^publish → confirm p50 +[\d.]+ ms +[\d.]+ ms +\+2\d(\.\d)? % +\+[\d.]+ % to \+[\d.]+ % {2}✗ worse$/m,
    )
    expect(text).toMatch(/^sent a second +75\/s +75\/s +±0 % .* no difference that these runs could show$/m)
    expect(text).toMatch(/^✗ worse by more than 10%: publish → confirm p50$/m)
    expect(text).toContain('by a block bootstrap over 40 and 40 intervals, 1,000 drawings, seed 1.')
  })
})

describe('a result in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mqinspect-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  it('is a report, or the last line of what --json wrote', async () => {
    expect(await readResult(file('a.json', JSON.stringify(base, null, 2)))).toEqual(base)
    const lines = `${JSON.stringify({ interval: 1 })}\n${JSON.stringify({ result: base })}\n`
    expect(await readResult(file('a.ndjson', lines))).toEqual(base)
  })

  it.each([
    ['none', undefined, 'there is no such file'],
    ['empty', '', 'it is no result of mqinspect load'],
    ['other', '{"counts":{}}', 'it is no result of mqinspect load'],
    ['list', '[]', 'it is no result of mqinspect load'],
    ['damaged', JSON.stringify(base).replaceAll('HISTF', 'HISTX'), 'its histograms are damaged'],
  ])('that is %s is refused', async (name, text, why) => {
    const path = text === undefined ? join(folder, name) : file(name, text)
    await expect(readResult(path)).rejects.toMatchObject({ exit: 4, message: `${path}: ${why}` })
  })
})
