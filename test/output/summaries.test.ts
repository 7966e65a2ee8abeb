import { describe, expect, it } from 'vitest'
import { Clock } from '../../src/output/clock.ts'
import { FlowsView } from '../../src/output/flows.ts'
import { ndjsonRecords } from '../../src/output/record.ts'
import { Rows } from '../../src/output/rows.ts'
import { StatsView } from '../../src/output/stats.ts'
import { Viewer } from '../../src/output/viewer.ts'
import { jsonLines, plain, shown, written } from './shown.ts'
import { traffic } from './toy.ts'

describe('--view flows', () => {
  it('is a row a connection', async () => {
    expect(jsonLines(await shown({ view: 'flows', format: 'ndjson' }))).toEqual([
      {
        flow: 1,
        protocol: 'toy',
        client: '[::1]:40001',
        server: '[::1]:7',
        start: '2025-11-24T16:00:00.123456789Z',
        end: '2025-11-24T16:00:02.123456789Z',
        durationUs: 2_000_000,
        frames: { client: 2, server: 1 },
        bytes: { client: 26, server: 13 },
        product: 'toy of ann',
        user: 'ann',
        malformed: 0,
        lost: 0,
        ending: 'lost',
      },
      {
        flow: 2,
        protocol: 'toy',
        client: '10.0.0.1:40002',
        server: '[::1]:7',
        start: '2025-11-24T16:00:00.123458289Z',
        end: '2025-11-24T16:00:01.123461789Z',
        durationUs: 1_000_004,
        frames: { client: 1, server: 0 },
        bytes: { client: 5, server: 3 },
        malformed: 1,
        lost: 40,
        ending: 'reset',
      },
    ])
  })

  it('is an aligned table as text', async () => {
    const [head = '', ...rows] = (await shown({ view: 'flows' })).trimEnd().split('\n')
    expect(rows).toHaveLength(2)
    const at = head.indexOf('SERVER')
    for (const row of rows) expect(row.slice(at)).toMatch(/^\[::1\]:7 /)
  })

  it('tells of connections still open where it ends early', async () => {
    const rows = jsonLines(await shown({ view: 'flows', format: 'ndjson', count: 3 }))
    expect(rows.map(({ flow, ending }) => [flow, ending])).toEqual([
      [1, 'open'],
      [2, 'open'],
    ])
  })

  it('comes in batches where there are very many', async () => {
    const text = await written(output => {
      const viewer = new Viewer(new Rows(output, plain, clock => new FlowsView(ndjsonRecords(output), clock, 1)))
      traffic(viewer)
      viewer.finish()
    })
    // Each as it closed: the second closes first.
    expect(jsonLines(text).map(({ flow }) => flow)).toEqual([2, 1])
  })

  it('calls a protocol that is none of ours unknown', async () => {
    const text = await written(output => {
      const viewer = new Viewer(new Rows(output, plain, clock => new FlowsView(ndjsonRecords(output), clock)))
      traffic(viewer, [])
      viewer.finish()
    })
    expect(jsonLines(text)).toMatchObject([{ protocol: 'unknown', bytes: { client: 26 } }, { protocol: 'unknown' }])
  })
})

describe('--view stats', () => {
  it('counts everything, protocols, types and destinations', async () => {
    const rows = jsonLines(await shown({ view: 'stats', format: 'ndjson' }))
    expect(rows[0]).toEqual({
      stat: 'total',
      flows: 2,
      start: '2025-11-24T16:00:00.123456789Z',
      end: '2025-11-24T16:00:02.123456789Z',
      frames: { client: 3, server: 1 },
      bytes: { client: 31, server: 13 },
      framesPerSecond: 2,
      bytesPerSecond: 22,
      malformed: 1,
      lost: 40,
    })
    expect(rows.map(({ stat, type, destination }) => [stat, type ?? destination])).toEqual([
      ['total', undefined],
      ['protocol', undefined],
      ['type', 'say'],
      ['type', 'login'],
      ['type', 'many'],
      ['destination', 'bad'],
      ['destination', '\u001b[31mred\n\u202e'],
      ['flow', undefined],
      ['flow', undefined],
    ])
  })

  it('counts destinations beyond the limit together', async () => {
    const text = await written(output => {
      const viewer = new Viewer(new Rows(output, plain, clock => new StatsView(ndjsonRecords(output), clock, 1)))
      traffic(viewer)
      viewer.finish()
    })
    const rows = jsonLines(text).filter(({ stat }) => String(stat).includes('destination'))
    expect(rows).toMatchObject([
      { stat: 'destination', destination: 'bad', frames: { client: 1 } },
      { stat: 'other-destinations', frames: { client: 1 } },
    ])
  })

  it('is tables as text', async () => {
    const text = await shown({ view: 'stats' })
    expect(text.split('\n\n')).toHaveLength(4)
    expect(text).toMatch(/^toy +say +2 +0 +19 B/m)
  })

  it('has an answer for no traffic at all', async () => {
    const text = await written(output => {
      new StatsView(ndjsonRecords(output), () => new Clock(0n)).finish()
    })
    const none = { client: 0, server: 0 }
    expect(jsonLines(text)).toEqual([{ stat: 'total', flows: 0, frames: none, bytes: none, malformed: 0, lost: 0 }])
  })
})

it('has no tree and no hex of summaries', async () => {
  for (const view of ['flows', 'stats'] as const) {
    for (const format of ['tree', 'hex'] as const) {
      await expect(shown({ view, format })).rejects.toMatchObject({ exit: 2 })
    }
  }
})
