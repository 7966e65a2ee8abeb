import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadSchema } from '../../../src/load/report/index.ts'
import type { LoadResult } from '../../../src/load/result.ts'
import { mqinspect } from '../../commands/cli.ts'
import { freePorts, isMissing, mosquitto } from '../../interop/brokers.ts'
import { violations } from '../../output/validate.ts'

describe.skipIf(isMissing('mosquitto'))('a run against Mosquitto', () => {
  it('is reported in every form, and can be watched while it goes on', async () => {
    const broker = await mosquitto()
    onTestFinished(() => broker.stop())
    const folder = mkdtempSync(join(tmpdir(), 'mqinspect-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const [metrics] = await freePorts(1)
    const reports = ['html', 'json', 'csv', 'hlog', 'xml', 'md'].map(kind => `run.${kind}`)
    const ended = mqinspect(
      [
        ...['load', `mqtt://127.0.0.1:${broker.port}`, '--qos', '1', '--rate', '200', '--duration', '3s'],
        ...['--interval', '200ms', '--threshold', 'lost == 0', '--threshold', 'publish-confirm max > 0ms'],
        ...['--prometheus', String(metrics), ...reports.flatMap(name => ['--report', name])],
      ],
      { cwd: folder },
    )
    const scraped = async (): Promise<number> => {
      const response = await fetch(`http://127.0.0.1:${metrics}/metrics`).catch(() => undefined)
      const text = (await response?.text()) ?? ''
      return Number(/^mqinspect_load_messages_confirmed_total\{protocol="mqtt"\} (\d+)$/m.exec(text)?.[1] ?? 0)
    }
    await expect.poll(scraped, { timeout: 20_000, interval: 50 }).toBeGreaterThan(100)
    const { code, stdout, stderr } = await ended
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain('✓ passed: all is accounted for, all thresholds held')
    expect(readdirSync(folder).sort()).toEqual([...reports].sort())

    const [html = '', json = '', csv = ''] = reports.map(name => readFileSync(join(folder, name), 'utf8'))
    const schema = loadSchema()
    const result = JSON.parse(json) as LoadResult
    expect(violations(result, schema, schema)).toEqual([])
    expect(result.counts).toMatchObject({ sent: 600, confirmed: 600, delivered: 600, lost: 0 })
    expect(csv.trimEnd().split('\r\n')).toHaveLength(result.intervals.length + 1)
    expect(html).toContain('<h1 class="good">✓ passed')
  })
})
