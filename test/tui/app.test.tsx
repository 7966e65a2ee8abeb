import { render } from 'ink-testing-library'
import { describe, expect, it } from 'vitest'
import { App } from '../../src/tui/kit/app.ts'
import { KEYMAP, PROMPT_KEYS } from '../../src/tui/model/keymap.ts'
import { themeFor } from '../../src/tui/terminal/theme.ts'
import { screenOf } from '../../src/tui/view/screen.ts'
import { AROUND, Client, User } from './plant.ts'

async function watching(columns = 100, rows = 30): Promise<User> {
  const user = await User.sits({ size: { columns, rows } })
  const client = new Client(user.sink, 1)
  client.publish('plant/línea-1/temperatura', '{"celsius":21.5}')
  return user
}

/** What is drawn, with what colours it. */
function drawn(user: User, { unicode = true, depth = 0 as 0 | 16 | 256 | 16_777_216, theme = 'dark' } = {}): string {
  const screen = screenOf(user.state, user.desk, { ...AROUND, unicode })
  const { lastFrame, unmount } = render(<App screen={screen} theme={themeFor(theme, depth)} unicode={unicode} />)
  const frame = lastFrame() ?? ''
  unmount()
  return frame
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const plain = (text: string): string => text.replaceAll(/\x1b\[[\d;]*m/g, '').replaceAll(/ +$/gm, '')

describe('the screen', () => {
  it('is as large as the terminal, and no line is longer', async () => {
    for (const [columns, rows] of [
      [100, 30],
      [80, 24],
      [60, 15],
      [40, 10],
    ] as const) {
      const lines = plain(drawn(await watching(columns, rows))).split('\n')
      expect(lines).toHaveLength(rows)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
    }
  })

  it('says the same in every theme and number of colours', async () => {
    const user = (await watching()).press('k')
    const bare = plain(drawn(user))
    for (const depth of [0, 16, 256, 16_777_216] as const) {
      for (const theme of ['dark', 'light', 'plain']) expect(plain(drawn(user, { depth, theme }))).toBe(bare)
    }
  })

  it('uses no colours where there are none, and only what the terminal has', async () => {
    const user = await watching()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
    const codes = (text: string): string[] => [...text.matchAll(/\x1b\[([\d;]*)m/g)].map(([, code = '']) => code)
    expect(
      codes(drawn(user))
        .flatMap(code => code.split(';'))
        .filter(code => Number(code) >= 30),
    ).toEqual([])
    expect(codes(drawn(user, { depth: 16 })).filter(code => /[34]8;/.test(code))).toEqual([])
    expect(codes(drawn(user, { depth: 256 })).filter(code => /[34]8;2;/.test(code))).toEqual([])
    expect(codes(drawn(user, { depth: 16_777_216 })).some(code => /38;2;/.test(code))).toBe(true)
  })

  it('is ASCII where the terminal has no more, as wide as it was', async () => {
    const user = await watching()
    const lines = plain(drawn(user, { unicode: false })).split('\n')
    for (const line of lines) expect(line).toMatch(/^[ -~]*$/)
    expect(lines.join('\n')).toContain('plant/l?nea-1/temperatura')
  })

  it('tells without colours which pane has the keys, which row and which bytes are chosen', async () => {
    const user = (await watching(80, 24)).press('k')
    expect(drawn(user)).toMatch(/═▶ 2 frames ═/)
    expect(plain(drawn(user))).toMatch(/^▶ +3 /m)
    user.press('3')
    expect(plain(drawn(user))).toMatch(/═▶ 3 details of frame 3 ═/)
    expect(plain(drawn(user))).toMatch(/0000 \[32 /)
  })

  it('shows the error of a filter where it is, by a sign too', async () => {
    const user = (await watching()).press('/').type('mqtt.toppic')
    expect(plain(drawn(user))).toMatch(/^\/mqtt\.toppic +✗ .*toppic/m)
    user.press('ctrl-u').type('mqtt.topic')
    expect(plain(drawn(user))).toMatch(/^\/mqtt\.topic +✓ Enter applies it/m)
  })
})

describe('the help', () => {
  it('has every key, and only keys that work where one is', async () => {
    const user = (await watching(100, 200)).press('?')
    const help = plain(drawn(user))
    for (const binding of KEYMAP.filter(({ where }) => where !== 'fields'))
      expect(help).toContain(binding.help.slice(0, 40))
    user.press('?', '3', '?')
    expect(plain(drawn(user))).toContain('unfold')
    expect(plain(drawn(user))).not.toContain('sort by the next column')
  })
})

describe('keys', () => {
  it('mean one thing each, and leave those for holding, editing and faulting frames', () => {
    const keys = KEYMAP.flatMap(binding => binding.keys)
    expect(new Set(keys).size).toBe(keys.length)
    for (const key of ['i', 'a', 'e', 'd']) expect(keys).not.toContain(key)
    // What is written is text: only keys that write nothing may edit it.
    for (const key of Object.keys(PROMPT_KEYS)) expect(key.length).toBeGreaterThan(1)
  })
})
