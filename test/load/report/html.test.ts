import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { condensed, withoutStub } from '../../../src/load/report/condense.ts'
import { html } from '../../../src/load/report/html/page.ts'
import { linear, logarithmic, moments } from '../../../src/load/report/html/scale.ts'
import { runOf } from './run.ts'

const result = runOf({ seconds: 20, rate: 50, stall: [8, 10] })
const page = html(result)

describe('the page', () => {
  it('has the verdict first', () => {
    expect(page).toContain('<h1 class="bad">✗ failed: 1 of 2 thresholds crossed</h1>')
    expect(html({ ...runOf({ seconds: 4 }), ok: true })).toContain('<h1 class="good">✓ passed')
  })

  it('allows its own style and script, and nothing else', () => {
    const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(page) ?? []
    const hashed = (tag: string) => {
      const [, text = ''] = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page) ?? []
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    }
    expect(policy).toBe(
      `default-src 'none'; style-src ${hashed('style')}; script-src ${hashed('script')}; base-uri 'none'; form-action 'none'`,
    )
    expect(page).not.toMatch(/ style=| on[a-z]+=|https?:|<link|<img|@import|url\(/)
  })

  it('takes what the peer said for text', () => {
    const evil = '</script><script>alert(1)</script><b id="x">\u001b'
    const told = html({
      ...result,
      plan: [evil],
      stages: result.stages.map(stage => ({ ...stage, name: evil, to: 20, from: 0 })),
      troubles: [{ reason: evil, count: 1, first: 0 }],
      blocked: [{ from: 1, to: 2, reason: evil }],
    })
    expect(told).not.toContain('<script>alert')
    expect(told).not.toContain('<b id')
    expect(told).not.toContain('\u001b')
    expect(told).toContain('&lt;/script&gt;&lt;script&gt;alert(1)')
  })

  it('has thresholds of steps across its plots, too', () => {
    const threshold = 'warm-up: publish-confirm p99 < 50ms'
    expect(html({ ...result, thresholds: [{ threshold, ok: true, actual: 1, shown: '1 µs' }] })).toContain('warm-up:')
  })

  it('leaves out the plots of which there is nothing', () => {
    const { connect, ...measures } = result.measures
    const titles = (text: string) => [...text.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, title]) => title)
    expect(titles(page)).toEqual([
      ...['Rate', 'publish → confirm', 'publish → deliver', 'Latency by percentile', 'Schedule lag', 'What went wrong'],
      ...['Clients, and messages under way', 'The generator', 'Memory of the generator'],
    ])
    expect(connect).toBeDefined()
    expect(titles(html({ ...result, measures, intervals: [] }))).toEqual(['Latency by percentile'])
    expect(titles(html({ ...result, measures: {}, intervals: [] }))).toEqual([])
  })
})

describe('a search for the highest rate', () => {
  const [stage] = result.stages
  const stages = [4, 1, 3, 2].map(rate => ({ ...stage!, rate: rate * 100, held: rate < 3 }))
  const limit = { what: 'generator', why: 'busy' } as const
  const rates = [1, 2, 3, 4].map(rate => ({ rate: rate * 100, tries: 1, held: rate < 3 ? 1 : 0 }))
  const search = { threshold: 'p99 < 9ms', step: 5, rates, held: 200, failed: 300, limit }
  const searched = html({ ...result, stages, search })

  it('has a plot of latency by rate, a point a step, by the rate', () => {
    const [, axes = ''] = /id="axes">(.*?)<\/script>/.exec(searched) ?? []
    expect(JSON.parse(axes).rate).toEqual({
      places: [0.25, 0.5, 0.75, 1],
      names: ['100/s, held', '200/s, held', '300/s, crossed', '400/s, crossed'],
    })
  })

  it('says how far it got', () => {
    expect(searched).toContain(
      '<h1 class="bad">✗ the threshold held up to 200/s, and not at 300/s: there the generator was the limit, which says little of the broker, 1 of 2 thresholds crossed</h1>',
    )
    const none = html({
      ...result,
      ok: false,
      thresholds: [],
      search: { ...search, held: null, limit: { ...limit, what: 'broker' } },
    })
    expect(none).toContain('✗ no rate held the threshold</h1>')
  })
})

describe('many intervals', () => {
  it('are made fewer, and their percentiles stay true', () => {
    const few = condensed(result.intervals, 7)
    expect(few).toHaveLength(7)
    expect(few.map(({ from, to }) => to - from)).toEqual([2, 3, 3, 3, 3, 3, 3])
    for (const key of ['sent', 'bytesSent', 'late'] as const) {
      expect(few.reduce((sum, { counts }) => sum + counts[key], 0)).toBe(result.counts[key])
    }
    const [one] = condensed(result.intervals, 1)
    const { count, p50, p90, p99 } = result.measures['publish-confirm']?.latency ?? {}
    expect(one?.measures['publish-confirm']?.latency).toMatchObject({ count, p50, p90, p99 })
    expect(one?.cpuSeconds).toBeCloseTo(result.intervals.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0))
  })

  it('end in no stub', () => {
    const last = result.intervals.at(-1)
    if (last === undefined) throw new Error('there is no interval')
    const whole = withoutStub([...result.intervals, { ...last, from: 20, to: 20.1 }])
    expect(whole.map(({ to }) => to).slice(-2)).toEqual([19, 20.1])
    expect(whole.at(-1)?.counts.sent).toBe(2 * last.counts.sent)
    expect(withoutStub(result.intervals)).toBe(result.intervals)
  })

  it('are left alone where they are few', () => expect(condensed(result.intervals, 20)).toBe(result.intervals))
})

describe('scales', () => {
  it('end in round numbers', () => {
    expect(linear(0).ticks).toEqual([0, 0.5, 1])
    expect(linear(7).ticks).toEqual([0, 2, 4, 6, 8])
    expect(linear(4_998).ticks).toEqual([0, 2_000, 4_000, 6_000])
    expect(linear(4_998).place(3_000)).toBe(0.5)
  })

  it('go by decades where there are several', () => {
    expect(logarithmic(900, 2.5e6).ticks).toEqual([100, 1e3, 1e4, 1e5, 1e6, 1e7])
    expect(logarithmic(900, 2_000).ticks).toEqual([500, 1_000, 2_000])
    expect(logarithmic(1_000, 1_000).ticks).toEqual([1_000, 2_000])
    expect(logarithmic(1, 100).place(10)).toBe(0.5)
    expect(logarithmic(1, 100).place(0)).toBe(0)
  })

  it('have round moments', () => {
    expect(moments(60)).toEqual([0, 10, 20, 30, 40, 50, 60])
    expect(moments(7_200)).toEqual([0, 1_800, 3_600, 5_400, 7_200])
    expect(moments(1)).toEqual([0, 0.5, 1])
  })
})
