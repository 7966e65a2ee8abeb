import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { LoadResult } from '../../../src/load/result.ts'
import { type Broker, isMissing, mosquitto } from '../../interop/brokers.ts'
import { noTmux, TmuxTerminal } from '../../tui/tmux.ts'

/** The real program on a real broker in a real terminal; skipped where there is no tmux, or no Mosquitto. */

const SMALL = { columns: 80, rows: 24 }
const LARGE = { columns: 200, rows: 60 }
const STATES = ['alternate_on', 'mouse_any_flag', 'cursor_flag'] as const
const CLEAN = ['0', '0', '1']

describe.skipIf(noTmux || isMissing('mosquitto'))('mqinspect load on a terminal', () => {
  let broker: Broker
  beforeAll(async () => {
    broker = await mosquitto(['max_queued_messages 0', 'set_tcp_nodelay true'])
  })
  afterAll(() => broker?.stop())

  async function loading(
    size: { readonly columns: number; readonly rows: number },
    flags: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<TmuxTerminal> {
    const terminal = new TmuxTerminal({ ...size, env })
    terminal.run(`echo before; mqinspect load mqtt://127.0.0.1:${broker.port} --qos 1 -r 500 ${flags}; echo code $?`)
    return terminal
  }

  const states = (terminal: TmuxTerminal): string[] => STATES.map(name => terminal.state(name))

  test.each([
    ['80x24', SMALL],
    ['200x60', LARGE],
  ])('shows how it goes at %s, and after it the summary on the screen that was there', async (_, size) => {
    const terminal = await loading(size, "-z 5s --threshold 'lost == 0' --interval 500ms")
    const screen = await terminal.shows(/ delivered +\d+\/s +[▁▂▃▄▅▆▇█]+/)
    expect(states(terminal)).toEqual(['1', '1', '0'])
    const lines = screen.trimEnd().split('\n')
    expect(lines).toHaveLength(size.rows)
    expect(lines[0]).toMatch(/^ mqinspect load mqtt {2}overview .* sent$/)
    expect(lines[1]).toMatch(/^ ═*─* +\d+ % +0:0\d of 0:05, 0:0\d to go$/)
    expect(screen).toMatch(/ confirm p99 +[\d.]+ [µm]?s +[\d.]+ [µm]?s/)
    expect(screen).toMatch(/ ✓ held +lost == 0/)
    expect(lines.at(-1)).toMatch(/^ q end {2}p freeze .* \? help$/)
    terminal.keys('3')
    await terminal.shows(/3 latency .*\n.*time +from +count/)
    terminal.keys('?')
    await terminal.shows('what the keys do')
    const after = await terminal.shows('code 0')
    expect(states(terminal)).toEqual(CLEAN)
    expect(after).toMatch(/✓ held +lost == 0 {2}\(0\)/)
    expect(after).toContain('✓ passed: all is accounted for')
  })

  test.each(['q', 'C-c'])(
    'ends in order by %s: what is under way is awaited, then the summary, and exit code 130',
    async key => {
      const folder = await mkdtemp(join(tmpdir(), 'mqinspect-'))
      onTestFinished(() => rm(folder, { recursive: true, force: true }))
      const terminal = await loading(SMALL, `-z 10m --report ${folder}/run.json`)
      await terminal.shows(/ delivered +\d+\/s/)
      terminal.keys(key)
      const after = await terminal.shows('code 130')
      expect(states(terminal)).toEqual(CLEAN)
      expect(after).toMatch(/✓ passed: interrupted/)
      const result = JSON.parse(await readFile(`${folder}/run.json`, 'utf8')) as LoadResult
      expect(result).toMatchObject({ interrupted: true, proof: { ok: true } })
      expect(result.counts.delivered).toBe(result.counts.sent)
    },
  )

  test('ends at once when it is told again, by key or by signal, and leaves the terminal clean', async () => {
    for (const again of ['q', 'signal']) {
      // Nobody acknowledges to the last: the end in order takes as long as it is let.
      const terminal = await loading(SMALL, '-z 10m --work 1h --credit 10 --drain 5m')
      await terminal.shows(/ sent +\d+\/s/)
      terminal.keys('q')
      await terminal.shows('ends in order')
      if (again === 'q') terminal.keys('q')
      else process.kill(terminal.child(), 'SIGINT')
      // What a signal ends, ends the shell's list of commands too.
      await terminal.shows(/^(ready\$ )?before\n+ready\$ *\n*$/)
      expect(states(terminal)).toEqual(CLEAN)
      terminal.keys('echo code $?', 'Enter')
      await terminal.shows('code 130')
    }
  })

  test('leaves the terminal clean after a crash, and tells of it', async () => {
    const terminal = await loading(SMALL, '-z 10m', { NODE_OPTIONS: '--import=./test/tui/crash.ts' })
    await terminal.shows('it was made to')
    await terminal.shows(/code [1-9]/)
    expect(states(terminal)).toEqual(CLEAN)
    terminal.keys('echo typed', 'Enter')
    await terminal.shows(/\ntyped\n/)
  })

  test('freezes, and may be resized to anything and back', async () => {
    const terminal = await loading(SMALL, '-z 10m')
    await terminal.shows(/ delivered +\d+\/s/)
    terminal.keys('p')
    await terminal.shows(/FROZEN, [1-9]\d* intervals since/)
    terminal.resize(200, 60)
    await terminal.shows('2 groups')
    terminal.resize(20, 5)
    await terminal.shows(/^(.{0,20}\n){5}$/)
    terminal.resize(80, 24)
    await terminal.shows(/^ confirm p99/m)
    terminal.keys('p')
    await terminal.shows(/^((?!FROZEN).)*$/s)
  })

  test('has no colours with NO_COLOR', async () => {
    const terminal = await loading(SMALL, '-z 10m', { NO_COLOR: '1' })
    await terminal.shows(/ delivered +\d+\/s/)
    expect(terminal.colours()).not.toMatch(/\[(\d+;)*[34][0-8]/)
  })

  test('shows the rates that a search tries', async () => {
    const terminal = await loading(SMALL, "--find-limit 'sent rate <= 700/s' --step 500ms --interval 250ms")
    await terminal.shows(/✓ 500\/s holds/)
    await terminal.shows(/✗ 1,000\/s does not hold/)
    const after = await terminal.shows('code 0')
    expect(after).toContain('the threshold held up to')
  })

  test('shows the steps of a scenario', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mqinspect-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const load = 'duration: 2s, groups: {all: {publish: {destination: x}}, them: {consume: {}}}'
    const steps = [`{name: warm, ${load}}`, '{name: rest, wait: 2s}', `{name: spike, ${load}}`]
    await writeFile(join(folder, 's.yaml'), `steps: [${steps.join(', ')}]\n`)
    const terminal = await loading(SMALL, join(folder, 's.yaml'))
    await terminal.shows(/▶ warm\n · rest \(wait\)\n · spike/)
    await terminal.shows(/✓ warm {2}[\d,]+ sent in .*\n ▶ rest/)
    await terminal.shows(/▶ spike/)
    await terminal.shows('code 0')
  })

  test('prints lines with --no-tui, --quiet nothing but the summary', async () => {
    const terminal = await loading(LARGE, '-z 2s --no-tui')
    await terminal.shows(/^ +1 s {2}2 clients {2}sent/m)
    expect(terminal.state('alternate_on')).toBe('0')
    await terminal.shows('code 0')
    const quiet = await loading(LARGE, '-z 2s -q')
    const after = await quiet.shows('code 0')
    expect(after).not.toMatch(/^ +1 s {2}2 clients/m)
    expect(after).toContain('✓ passed')
  })
})
