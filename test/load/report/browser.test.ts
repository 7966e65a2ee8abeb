import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ReportFiles } from '../../../src/load/report/index.ts'
import { isMissing } from '../../interop/brokers.ts'
import { BROWSER, Browser } from './browser.ts'
import { runOf } from './run.ts'

/** Where a plot is drawn: the middle of the first one on the page, and how many points its lines have. */
const PLOTS = `[...document.querySelectorAll('figure')].map(figure => {
  const chart = figure.querySelector('.chart')
  const { left, top, width, height } = chart.getBoundingClientRect()
  const lines = [...chart.querySelectorAll('path.line')]
  return {
    title: figure.querySelector('h3').textContent,
    left, top, width, height,
    points: lines.map(line => line.getAttribute('d').split(/[ML]/).length - 1),
    drawn: lines.map(line => line.getTotalLength()),
    outside: [...figure.querySelectorAll('text')].filter(text => {
      const box = text.getBoundingClientRect()
      return box.left < 0 || box.right > document.documentElement.clientWidth
    }).length,
    values: [...figure.querySelectorAll('output')].map(output => output.textContent),
    cursor: figure.querySelector('.cursor').getBoundingClientRect().left,
  }
})`

interface Drawn {
  readonly title: string
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly points: readonly number[]
  readonly drawn: readonly number[]
  readonly outside: number
  readonly values: readonly string[]
  readonly cursor: number
}

describe.skipIf(isMissing(BROWSER))('the page in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mqinspect-'))
  const path = join(folder, 'run.html')
  let browser: Browser

  beforeAll(async () => {
    await (await ReportFiles.open([path])).write(runOf({ seconds: 40, rate: 50, stall: [20, 22] }))
    browser = await Browser.start()
  })

  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  it.each([
    [1400, false],
    [1400, true],
    [400, false],
  ])('is drawn %i wide (dark: %s), without a complaint', async (width, dark) => {
    await browser.show(path, width, 900, dark)
    const plots = await browser.value<readonly Drawn[]>(PLOTS)
    expect(plots).toHaveLength(9)
    for (const { title, points, drawn, outside, width: wide, height, left } of plots) {
      expect(points.length, title).toBeGreaterThan(0)
      // Two intervals hold no answer.
      for (const count of points) expect(count, title).toBeGreaterThanOrEqual(38)
      for (const length of drawn) expect(length, title).toBeGreaterThan(500)
      expect(outside, title).toBe(0)
      expect(left + wide, title).toBeLessThanOrEqual(width)
      expect(wide, title).toBeGreaterThan(width > 1_000 ? 450 : 290)
      expect(height, title).toBeGreaterThan(150)
    }
    const ground = await browser.value<string>('getComputedStyle(document.documentElement).backgroundColor')
    expect(ground).toBe(dark ? 'rgb(13, 17, 23)' : 'rgb(255, 255, 255)')
    expect(await browser.value('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
      true,
    )
    expect(await browser.value('document.documentElement.dataset.ready')).toBe('9')
    expect(browser.complaints).toEqual([])
    expect(browser.requests).toHaveLength(1)
    expect((await browser.picture()).length).toBeGreaterThan(20_000)
  })

  it('shows the values under the pointer, in all plots of the axis', async () => {
    await browser.show(path, 1400, 900)
    const before = await browser.value<readonly Drawn[]>(PLOTS)
    const [rate] = before
    expect(before.flatMap(({ values }) => values).join('')).toBe('')
    if (rate === undefined) throw new Error('there is no plot')
    await browser.moveTo(rate.left + (rate.width * 22.5) / 40, rate.top + rate.height / 2)
    const plots = await browser.value<readonly Drawn[]>(PLOTS)
    const values = (title: string) => plots.find(plot => plot.title === title)?.values
    expect(values('Rate')).toEqual(['100/s', '300/s', '300/s', '300/s', '22–23 s'])
    expect(values('publish → confirm')?.[2]).toMatch(/^1\.\d+ s$/)
    expect(values('What went wrong')).toEqual(['200/s', '22–23 s'])
    expect(values('Latency by percentile')?.join('')).toBe('')
    expect(plots[0]?.cursor).toBeCloseTo(rate.left + (rate.width * 22.5) / 40, 0)
    expect(browser.complaints).toEqual([])
  })

  it('goes by keys too', async () => {
    await browser.show(path, 1400, 900)
    await browser.value(`document.querySelector('figure').focus()`)
    const press = (key: string) =>
      browser.value(
        `document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true }))`,
      )
    const when = () => browser.value(`document.querySelector('.when output').textContent`)
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowLeft']) await press(key)
    expect(await when()).toBe('1–2 s')
    await press('Escape')
    expect(await when()).toBe('')
  })

  it('complains where its script is tampered with', async () => {
    await browser.show(path, 1400, 900)
    await browser.value(`document.body.append(Object.assign(document.createElement('script'), { textContent: '0' }))`)
    expect(browser.complaints.join()).toContain('Content Security Policy')
  })
})
