import { describe, expect, it } from 'vitest'
import { bar, framed } from '../../src/tui/kit/screen.ts'
import { line, span } from '../../src/tui/kit/text.ts'
import { noTmux, TmuxTerminal } from './tmux.ts'

const text = (lines: readonly { readonly spans: readonly { readonly text: string }[] }[]): string[] =>
  lines.map(({ spans }) => spans.map(each => each.text).join(''))

describe('a pane', () => {
  it('has its title, its lines in its width, and a line to its left where another lies there', () => {
    const lines = [line(span('a line that is too long for it'))]
    const view = framed({ x: 10, y: 0, width: 20, height: 3 }, { key: '7', title: 'rates', active: true }, lines)
    expect(text(view.lines)).toEqual(['│═▶ 7 rates ════════', '│a line that is too…', `│${' '.repeat(19)}`])
  })
})

describe('the bar at the foot', () => {
  it('has as many keys as there is room for, whole, and always the last', () => {
    const items = [
      { key: 'p', what: 'freeze' },
      { key: 'Tab', what: 'pane' },
      { key: 'q', what: 'quit' },
    ]
    const shown = (width: number): string =>
      bar(items, width)
        .map(each => each.text)
        .join('')
    expect(shown(80)).toBe(' p freeze  Tab pane  q quit ')
    expect(shown(20)).toBe(' p freeze  q quit ')
    expect(shown(5)).toBe(' q quit ')
  })
})

describe.skipIf(noTmux)('a second screen', () => {
  const opened = async (): Promise<TmuxTerminal> => {
    const terminal = new TmuxTerminal({ columns: 80, rows: 24 })
    terminal.run(`${process.execPath} test/tui/second-screen.ts`)
    await terminal.shows(/═▶ 1 counts ═.*\n counted \d+/)
    return terminal
  }

  it('is drawn as what it shows changes, frozen, resized, and leaves the terminal as it was', async () => {
    const terminal = await opened()
    const first = /counted (\d+)/.exec(terminal.screen())?.[1]
    await terminal.shows(new RegExp(`counted (?!${first}\\b)`))
    terminal.keys('p')
    await terminal.shows(', frozen')
    terminal.resize(100, 30)
    await terminal.shows('pressed 1 at 100x30')
    terminal.keys('q')
    await terminal.becomes('alternate_on', '0')
    expect([terminal.state('mouse_any_flag'), terminal.state('cursor_flag')]).toEqual(['0', '1'])
  })

  it('is suspended, comes back, and gives the terminal back where it fails', async () => {
    const terminal = await opened()
    terminal.keys('C-z')
    await terminal.becomes('alternate_on', '0')
    terminal.keys('fg', 'Enter')
    await terminal.becomes('alternate_on', '1')
    await terminal.shows(/counted \d+/)
    terminal.keys('x')
    await terminal.shows('it was made to fail')
    expect([terminal.state('alternate_on'), terminal.state('mouse_any_flag')]).toEqual(['0', '0'])
  })
})
