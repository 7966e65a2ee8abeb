import { Box, Text, useApp } from 'ink'
import { createElement, memo, type ReactNode, useEffect } from 'react'
import { inAscii } from '../terminal/ascii.ts'
import { painted, type Theme } from '../terminal/theme.ts'
import type { PaneView, Screen } from './screen.ts'
import type { Line } from './text.ts'

/** Hands the terminal to another for a while. */
export type Suspend = (meanwhile: () => Promise<void>) => Promise<void>

export interface AppProps {
  readonly screen: Screen
  readonly theme: Theme
  readonly unicode: boolean
  readonly onReady?: (suspend: Suspend) => void
}

/** The whole screen: draws what it is given, and decides nothing. */
export function App({ screen, theme, unicode, onReady }: AppProps): ReactNode {
  const { suspendTerminal } = useApp()
  useEffect(() => onReady?.(suspendTerminal), [onReady, suspendTerminal])
  const text = (line: Line): string => (unicode ? painted(line, theme) : inAscii(painted(line, theme)))
  const rows = [
    ...screen.head.map(text),
    ...joined(screen.panes, screen.rows - screen.head.length - screen.foot.length, screen.head.length, text),
    ...screen.foot.map(text),
  ]
  // Without JSX, which Node does not run: the UI starts from its source as all else does.
  return createElement(
    Box,
    { flexDirection: 'column', width: screen.columns, height: screen.rows },
    rows.slice(0, screen.rows).map(rowAt),
  )
}

/** A row of the screen. One that says what it said before costs nothing. */
const Row = memo(function Row({ text }: { readonly text: string }): ReactNode {
  return createElement(Text, { wrap: 'truncate' }, text === '' ? ' ' : text)
})

/** What a row of the screen is, its place makes it. */
const rowAt = (text: string, index: number): ReactNode => createElement(Row, { key: index, text })

/** Panes that lie beside each other make one row together. */
function joined(panes: readonly PaneView[], height: number, from: number, text: (line: Line) => string): string[] {
  const rows: string[] = []
  const across = [...panes].sort((a, b) => a.rect.x - b.rect.x)
  for (let y = from; y < from + height; y++) {
    let row = ''
    for (const { rect, lines } of across) {
      const line = y >= rect.y ? lines[y - rect.y] : undefined
      if (line !== undefined) row += text(line)
    }
    rows.push(row)
  }
  return rows
}
