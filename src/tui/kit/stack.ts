import { framed, type PaneView, type Rect, roomOf } from './screen.ts'
import type { Line } from './text.ts'

/** A part of a screen that takes as much room as there is for it. */
export interface Block {
  readonly title: string
  /** What else its title tells, where it is so wide. */
  readonly about?: (width: number) => string
  /** The key that shows it alone, where one does. */
  readonly key?: string
  /** Lines without which it is not worth its title, and beyond which it has no use for more. */
  readonly least: number
  readonly most: number
  /** What it shows in so many columns and lines. */
  readonly lines: (width: number, height: number) => readonly Line[]
}

/**
 * Blocks below each other, as panes: the first ones have what they need before the others, and what is left is shared
 * evenly among those that can use it. Together they are as high as their place.
 */
export function stacked(blocks: readonly Block[], rect: Rect): PaneView[] {
  const { width } = roomOf(rect)
  let left = rect.height
  const shown = blocks.flatMap(block => {
    const height = Math.min(block.least + 1, left)
    // A title alone tells nothing.
    if (height < 2) return []
    left -= height
    return [{ block, height }]
  })
  for (let growing = true; growing && left > 0; ) {
    growing = false
    for (const each of shown) {
      if (left === 0 || each.height > each.block.most) continue
      each.height++
      left--
      growing = true
    }
  }
  const last = shown.at(-1)
  if (last !== undefined) last.height += left
  let y = rect.y
  return shown.map(({ block: { title, about, key, lines }, height }) => {
    const place = { ...rect, y, height }
    y += height
    const named = about === undefined ? title : `${title}, ${about(width)}`
    const framing = { ...(key !== undefined && { key }), title: named, active: false }
    return framed(place, framing, lines(width, height - 1))
  })
}
