import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HistogramLogReader } from 'hdr-histogram-js'
import { afterAll, describe, expect, it } from 'vitest'
import { Histogram } from '../../../src/histogram.ts'
import { hlog as hlogOf } from '../../../src/load/report/hlog.ts'
import { loadSchema, ReportFiles } from '../../../src/load/report/index.ts'
import { violations } from '../../output/validate.ts'
import { runOf } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqinspect-'))
afterAll(() => rmSync(folder, { recursive: true }))

const result = runOf({ seconds: 6, rate: 50, stall: [2, 3] })
const paths = ['json', 'csv', 'hlog', 'xml', 'md'].map(extension => join(folder, `run.${extension}`))
await (await ReportFiles.open(paths)).write(result)
const [json = '', csv = '', hlog = '', xml = '', markdown = ''] = paths.map(path => readFileSync(path, 'utf8'))

describe('report files', () => {
  it('nobody else may read', () => {
    for (const path of paths) expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('are refused before the run where their kind is not known', async () => {
    const good = join(folder, 'good.json')
    await expect(ReportFiles.open([good, 'run.jsn'])).rejects.toMatchObject({
      exit: 2,
      message: '--report run.jsn: its name does not say what kind it is',
      next: expect.stringMatching(/^Did you mean \.json\? Known: \.json .*\.$/),
    })
    await expect(ReportFiles.open(['run'])).rejects.toMatchObject({ next: expect.stringMatching(/^Known: /) })
    expect(existsSync(good)).toBe(false)
  })

  it('are refused before the run where they cannot be written', async () => {
    await expect(ReportFiles.open([join(folder, 'none', 'run.json')])).rejects.toMatchObject({ exit: 1 })
  })
})

describe('JSON', () => {
  const schema = loadSchema()

  it('is the result', () => expect(JSON.parse(json)).toEqual(result))

  it('has the schema in docs', () => {
    const file = readFileSync(new URL('../../../docs/schema/load.schema.json', import.meta.url), 'utf8')
    expect(JSON.parse(file), 'npm run schema').toEqual(JSON.parse(JSON.stringify(schema)))
    expect(violations(JSON.parse(json), schema, schema)).toEqual([])
  })

  it('may say that nothing was measured, that a block never ended, and how a search went', () => {
    const other = {
      ...result,
      thresholds: [{ threshold: 'max < 1s', ok: false, actual: null, shown: 'nothing was measured' }],
      blocked: [{ from: 2, reason: 'low on memory' }],
      stages: result.stages.map(stage => ({ ...stage, held: true })),
      search: {
        ...{ threshold: 'p99 < 1s', step: 5, held: 100, failed: null, limit: { what: 'generator', why: 'busy' } },
        rates: [{ rate: 100, tries: 3, held: 2, limit: { what: 'generator', why: 'busy' } }],
      },
      gone: [{ group: 'orders', clients: 20, since: 4, reason: 'connection refused', unsent: 400 }],
    }
    expect(violations(other, schema, schema)).toEqual([])
  })

  it('is nothing else by the schema', () => {
    for (const change of [{ ok: 1 }, { counts: {} }, { more: 1 }, { limit: { what: 'moon', why: '' } }]) {
      expect(violations({ ...result, ...change }, schema, schema), JSON.stringify(change)).not.toEqual([])
    }
  })
})

describe('CSV', () => {
  it('has a line an interval and a column a value, called by its path', () => {
    const [head = [], ...rows] = csv.split('\r\n').map(line => line.split(','))
    expect(rows.pop()).toEqual([''])
    expect(rows).toHaveLength(6)
    for (const row of rows) expect(row).toHaveLength(head.length)
    const column = (name: string) => rows.map(row => row[head.indexOf(name)])
    expect(column('to')).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(column('counts.sent')).toEqual(['50', '50', '0', '150', '100', '100'])
    const p99 = result.intervals.map(({ measures }) => measures['publish-confirm']?.latency.p99)
    expect(column('measures.publish-confirm.latency.p99')).toEqual(p99.map(value => (value ?? '').toString()))
    expect(column('lag.max')[2]).toBe('')
  })
})

describe('the HDR log', () => {
  it('is read by HdrHistogram, and adds up to the run', () => {
    const reader = new HistogramLogReader(hlog)
    const sums = new Map<string, Histogram>()
    const starts: number[] = []
    for (let next = reader.nextIntervalHistogram(); next !== null; next = reader.nextIntervalHistogram()) {
      const sum = sums.get(next.tag) ?? new Histogram()
      sum.add(new Histogram(3, next as never))
      sums.set(next.tag, sum)
      if (next.tag === 'publish-confirm') starts.push(next.startTimeStampMsec - Date.parse(result.started))
    }
    expect(starts).toEqual([0, 1_000, 3_000, 4_000, 5_000])
    expect([...sums.keys()]).toEqual([
      'publish-confirm',
      'publish-confirm.service',
      'publish-deliver',
      'publish-deliver.service',
    ])
    for (const [tag, all] of [
      ['publish-confirm', result.measures['publish-confirm']?.latency],
      ['publish-deliver.service', result.measures['publish-deliver']?.service],
    ] as const) {
      const { count, p50, p90, p99, max } = sums.get(tag)?.distribution ?? {}
      expect({ count, p50, p90, p99 }).toEqual({ count: all?.count, p50: all?.p50, p90: all?.p90, p99: all?.p99 })
      // What is encoded keeps three digits, of the largest value too.
      expect((max ?? 0) / (all?.max ?? 0)).toBeCloseTo(1, 2)
    }
  })
})

it('the HDR log begins when clients connect, before the first message is due', () => {
  const early = runOf({ seconds: 2 }).intervals.map(({ from, to, ...rest }) => ({
    ...rest,
    from: from - 0.5,
    to: to - 0.5,
  }))
  const reader = new HistogramLogReader(hlogOf({ ...result, intervals: early }))
  expect((reader.nextIntervalHistogram()?.startTimeStampMsec ?? 0) - Date.parse(result.started)).toBe(-500)
})

describe('JUnit', () => {
  it('has a test case for the proof, for connections, and one a threshold', () => {
    expect(xml).toMatch(/<testsuite name="amqp:\/\/localhost:5672" tests="4" failures="1" errors="0">/)
    expect(xml).toContain('<testcase classname="mqinspect.load.proof" name="what was sent is accounted for">')
    expect(xml).toMatch(
      /name="publish-confirm p\(99\) &lt; 50ms">\n +<failure type="threshold" message="there was [\d.]+ ms">/,
    )
    expect(xml).toContain('<testcase classname="mqinspect.load.threshold" name="lost == 0"/>')
    expect(xml).toContain('3 × PRECONDITION_FAILED &lt;x&gt; &amp; &quot;y&quot;')
  })
})

describe('Markdown', () => {
  it('has the verdict, the thresholds and the tables', () => {
    expect(markdown).toMatch(/^## ✗ failed: 1 of 2 thresholds crossed\n/)
    expect(markdown).toContain('- ✓ held: lost == 0 (0)\n')
    expect(markdown).toContain('| time | from | count | mean | p50 | p90 | p99 | p99.9 | max |\n| :-- | :-- | --: |')
    expect(markdown).toContain('- 3 × PRECONDITION\\_FAILED \\<x\\> \\& "y"  first at 2 s\n')
  })
})
