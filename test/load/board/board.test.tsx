import { render } from 'ink-testing-library'
import { describe, expect, it } from 'vitest'
import { mostTop } from '../../../src/load/board/screen.ts'
import { GENERATOR, valuesOf } from '../../../src/load/board/series.ts'
import { KEYMAP, VIEWS } from '../../../src/load/board/state.ts'
import type { Interval } from '../../../src/load/result.ts'
import { themeFor } from '../../../src/tui/index.ts'
import { App } from '../../../src/tui/kit/app.ts'
import { type Second, Watcher } from './plant.ts'

const SMALL = { columns: 80, rows: 24 }
const LARGE = { columns: 200, rows: 60 }

/** What is drawn, with what colours it. */
function drawn(
  watcher: Watcher,
  { unicode = true, depth = 0 as 0 | 16 | 256 | 16_777_216, theme = 'dark' } = {},
): string {
  const { lastFrame, unmount } = render(
    <App screen={watcher.screen(unicode)} theme={themeFor(theme, depth)} unicode={unicode} />,
  )
  const frame = lastFrame() ?? ''
  unmount()
  return frame
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const plain = (text: string): string => text.replaceAll(/\x1b\[[\d;]*m/g, '').replaceAll(/ +$/gm, '')
const seen = (watcher: Watcher): string => plain(drawn(watcher))

const STEADY: readonly Second[] = Array.from({ length: 5 }, () => ({ sent: 1000, due: 3, service: 2 }))

async function watching(size = SMALL, flags = {}): Promise<Watcher> {
  return (await Watcher.sits(size, flags)).begins().passes(...STEADY)
}

describe('the screen of a load', () => {
  it('is as large as the terminal in every view, and no line is longer', async () => {
    for (const [columns, rows] of [
      ...([
        [80, 24],
        [120, 30],
        [200, 60],
        [260, 80],
      ] as const),
      ...([
        [60, 15],
        [40, 10],
        [20, 5],
        [5, 2],
      ] as const),
    ]) {
      const watcher = await watching({ columns, rows }, { threshold: ['lost == 0'] })
      for (const key of [...VIEWS.map((_, at) => String(at + 1)), '?']) {
        const lines = seen(watcher.press(key)).split('\n')
        expect(lines).toHaveLength(rows)
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
      }
    }
  })

  it('says the same in every theme and number of colours, and has none where there are none', async () => {
    const watcher = await watching(LARGE, { threshold: ['lost == 0', 'p99 < 1ms'] })
    const bare = seen(watcher)
    for (const depth of [0, 16, 256, 16_777_216] as const) {
      for (const theme of ['dark', 'light', 'plain']) expect(plain(drawn(watcher, { depth, theme }))).toBe(bare)
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
    expect(drawn(watcher)).not.toMatch(/\x1b\[(\d+;)*[34][0-8]/)
  })

  it('is ASCII where the terminal has no more', async () => {
    const watcher = (await watching(LARGE, { threshold: ['p99 < 1ms'] })).passes({
      blocked: 'memory',
      trouble: 'reset',
    })
    for (const key of ['1', '2', '3', '4', '?', '?', 'p']) {
      const text = plain(drawn(watcher.press(key), { unicode: false }))
      expect(text).toMatch(/^[ -~\n]*$/)
      expect(text).not.toContain('?'.repeat(3))
    }
  })

  it('tells what is sent, confirmed and delivered, and latencies from due with those from sent beside them', async () => {
    const text = seen(await watching())
    expect(text).toMatch(/^ sent +1,000\/s +█{5}$/m)
    expect(text).toMatch(/^ confirmed +1,000\/s/m)
    expect(text).toMatch(/^ delivered +1,000\/s/m)
    expect(text).toMatch(/^ confirm p50 +3 ms +2 ms +█{5}$/m)
    expect(text).toMatch(/^ lag p99 +1 ms/m)
    expect(text).toMatch(/due 5,000 {3}sent 5,000/)
    expect(text).toMatch(/clients 2 {3}in flight 7 {3}CPU .* busy 25 % {3}memory/)
    expect(text).toMatch(/25 % {2}0:05 of 0:20, 0:15 to go/)
  })

  it('shows more where there is room: plots of several lines, all counts, groups, how latencies are spread', async () => {
    const text = seen(await watching(LARGE))
    expect(text).toMatch(/^ +most 1,000\/s/m)
    expect(text).toContain('100 % of sent')
    expect(text).toMatch(/2 groups ─.*\n.*group +clients +rate +sent/)
    expect(text).toMatch(/5 ms +█+ +5,000 100 %/)
  })

  it('tells of thresholds in words what they are so far', async () => {
    const threshold = ['publish-confirm p(99) < 50ms', 'sent > 9000', 'publish-deliver max < 1s']
    const text = seen(await watching(SMALL, { threshold }))
    expect(text).toMatch(/✗ 1 of 3 thresholds/)
    const tall = seen(await watching(LARGE, { threshold }))
    expect(tall).toMatch(/✓ held +publish-confirm p\(99\) < 50ms {2}3 ms/)
    expect(tall).toMatch(/✗ crossed +sent > 9000 {2}5,000/)
    expect(tall).toMatch(/· open +publish-deliver max < 1s {2}nothing was measured yet/)
  })

  it('tells of troubles and of spans in which the broker asked not to be published to, as they happen', async () => {
    const watcher = (await watching()).passes({ blocked: 'low on memory', trouble: 'connection reset' })
    expect(seen(watcher)).toMatch(/▲ BLOCKED .* sent$/m)
    const during = seen(watcher.press('4'))
    expect(during).toMatch(/▲ BLOCKED since 5 s {2}low on memory/)
    expect(during).toMatch(/✗ 1 × connection reset {2}first at 5 s/)
    const after = seen(watcher.passes({ sent: 1000 }))
    expect(after).toMatch(/▲ blocked 5 to 6 s {2}low on memory/)
    expect(after).not.toContain('BLOCKED')
  })
})

describe('what does not fit', () => {
  it('is scrolled to, as far as there is something', async () => {
    const troubles = Array.from({ length: 40 }, (_, at) => ({ trouble: `trouble ${at + 1}` }))
    const watcher = (await watching()).passes(...troubles).press('4')
    expect(seen(watcher)).toMatch(/× trouble 40 /)
    expect(mostTop(watcher.scene(), watcher.course.seen)).toBe(40 - 18)
    const text = seen(watcher.press('space', 'j'))
    expect(text).toMatch(/from line 12 of 40/)
    expect(text).toMatch(/last ones first, from line 12.*\n.*× trouble 29 /)
    expect(seen(watcher.press('space', 'space', 'space'))).toMatch(/× trouble 1 .*\n q end/)
  })
})

describe('what is frozen', () => {
  it('stays as it is while counting goes on', async () => {
    const watcher = (await watching()).press('p')
    const body = (text: string): string => text.split('\n').slice(2).join('\n')
    const before = seen(watcher)
    const after = seen(watcher.passes({ sent: 2000 }, { sent: 2000 }))
    expect(body(after)).toBe(body(before))
    expect(after).toMatch(/❙❙ FROZEN, 2 intervals since {2}9,000 sent/)
    expect(seen(watcher.press('p'))).toMatch(/^ sent +2,000\/s/m)
  })
})

describe('a search', () => {
  it('shows every rate that was tried, and the one that is', async () => {
    const watcher = await watching(SMALL, { 'find-limit': 'p99 < 50ms', duration: undefined })
    const stage = { name: '', from: 0, to: 5, measures: {} }
    watcher.course.trying(500, 1)
    watcher.course.tried({ ...stage, rate: 500, achieved: 499, held: true })
    watcher.course.trying(1000, 1)
    const text = seen(watcher)
    expect(text).toMatch(/0:05, tries 1,000\/s, 1 tried; 500\/s holds/)
    expect(text).toMatch(/▶ 1,000\/s {2}is tried\n ✓ 500\/s holds \(499\/s answered\)/)
    watcher.course.tried({ ...stage, rate: 1000, achieved: 700, held: false })
    expect(seen(watcher)).toMatch(/✗ 1,000\/s does not hold \(700\/s answered\)\n ✓ 500\/s/)
  })
})

describe('a run of several steps', () => {
  it('shows which are done, which is under way, and which is to come, on one timeline', async () => {
    const watcher = (await Watcher.sits(LARGE, {}, 3)).begins().passes(...STEADY)
    watcher.course.over({ name: 'step 1', started: 0, ok: true, words: 'waited 5s' })
    watcher.begins(1).passes({ sent: 700 })
    const text = seen(watcher)
    expect(text).toMatch(/step 2 of 3: step 2/)
    for (const line of [/✓ step 1 {2}waited 5s/, /▶ step 2/, /· step 3/]) expect(text).toMatch(line)
    // The counts are of this step, the plots of all.
    expect(text).toMatch(/ sent +700 +700\/s/)
    expect(text).toMatch(/most 1,000\/s/)
  })
})

describe('keys', () => {
  it('mean one thing each; the help has all of them, the foot the main ones', async () => {
    const keys = KEYMAP.flatMap(binding => binding.keys)
    expect(new Set(keys).size).toBe(keys.length)
    const text = seen((await watching()).press('?'))
    for (const { help } of KEYMAP) expect(text).toContain(help)
    expect(text).toMatch(/ q end {2}p freeze {2}Tab view .* \? help$/)
  })

  it('go from view to view, and back', async () => {
    const watcher = await watching()
    expect(watcher.press('tab').state.view).toBe('groups')
    expect(watcher.press('tab', 'tab', 'tab').state.view).toBe('overview')
    expect(watcher.press('shift-tab').state.view).toBe('troubles')
    expect(watcher.press('3').state.view).toBe('latency')
    expect(watcher.press('esc').state.view).toBe('overview')
  })

  it('end it, by q and by Ctrl-C', async () => {
    const watcher = await watching()
    expect(watcher.press('q', 'ctrl-c').effects).toEqual(['end', 'end'])
    watcher.ending = true
    expect(seen(watcher)).toMatch(/■ ending .* ! ends in order: .* q again ends at once/s)
  })
})

describe('plots of the whole run', () => {
  it('lose nothing that was bad, and take the mean of what is a rate', () => {
    const intervals = [1, 9, 2, 2].map(
      (inFlight, at) => ({ inFlight, busy: inFlight / 10, from: at, to: at + 1 }) as Interval,
    )
    const of = (name: string) => GENERATOR.find(series => series.name === name) as (typeof GENERATOR)[number]
    expect(valuesOf(of('in flight'), intervals, 2, true)).toEqual([9, 2])
    expect(valuesOf(of('busy'), intervals, 2, true)).toEqual([0.5, 0.2])
    expect(valuesOf(of('in flight'), intervals, 3, false)).toEqual([9, 2, 2])
  })
})
