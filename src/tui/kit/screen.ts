import { columns, cut } from '../../output/index.ts'
import { fittedLine } from './cells.ts'
import { EMPTY, type Line, line, type Span, span } from './text.ts'

/** A place on the screen: cells from its upper left corner. */
export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** A pane as it is drawn: lines as wide as its place. */
export interface PaneView {
  readonly rect: Rect
  readonly lines: readonly Line[]
}

/** All that is on a screen. */
export interface Screen {
  readonly columns: number
  readonly rows: number
  readonly head: readonly Line[]
  readonly panes: readonly PaneView[]
  readonly foot: readonly Line[]
}

export interface Framing {
  /** The key that brings it up, where one does, and what it is. */
  readonly key?: string
  readonly title: string
  /** It has the keys: told by a double line and a sign. */
  readonly active: boolean
}

/** What a pane has room for: without its title, and without the line between it and the pane to its left. */
export const roomOf = ({ x, width, height }: Rect): { readonly width: number; readonly height: number } => ({
  width: width - (x > 0 ? 1 : 0),
  height: Math.max(0, height - 1),
})

/** A pane with its title, and a line to its left where another lies there. */
export function framed(rect: Rect, { key, title, active }: Framing, lines: readonly Line[]): PaneView {
  const { width } = roomOf(rect)
  const look = active ? 'title' : 'dim'
  const name = key === undefined ? title : `${key} ${title}`
  const text = cut(`${active ? '═▶' : '──'} ${name} `, width)
  const filled = [line(span(text, look), span((active ? '═' : '─').repeat(width - columns(text)), look)), ...lines]
  return {
    rect,
    lines: Array.from({ length: rect.height }, (_, index) => {
      const fitted = fittedLine(filled[index] ?? EMPTY, width)
      return rect.x > 0 ? { ...fitted, spans: [span('│', 'divider'), ...fitted.spans] } : fitted
    }),
  }
}

/** A key and what it does, in a word, for the bar at the foot. */
export interface BarItem {
  readonly key: string
  readonly what: string
}

/** The main keys, for the foot: as many as there is room for, whole; the last one always, which tells of the others. */
export function bar(items: readonly BarItem[], width: number): Span[] {
  const parts = items.map(({ key, what }) => [span(` ${key}`, 'key'), span(` ${what} `, 'dim')])
  const last = parts.pop() ?? []
  const kept: Span[][] = []
  let left = width - widthOf(last)
  for (const part of parts) {
    left -= widthOf(part)
    if (left < 0) break
    kept.push(part)
  }
  return [...kept, last].flat()
}

const widthOf = (spans: readonly Span[]): number => spans.reduce((sum, { text }) => sum + columns(text), 0)
