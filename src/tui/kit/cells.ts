import { columns, cut } from '../../output/index.ts'
import type { Line, Look, Span } from './text.ts'

/** Text in exactly `width` columns. */
export function fitted(text: string, width: number, right = false): string {
  const kept = cut(text, width)
  const missing = ' '.repeat(Math.max(0, width - columns(kept)))
  return right ? missing + kept : kept + missing
}

/** A line in exactly `width` columns, of spans that are as wide as what they say. */
export function fittedLine({ spans, look }: Line, width: number): Line {
  let left = width
  const kept: Span[] = []
  for (const { text, look } of spans) {
    if (left <= 0) break
    const part = cut(text, left)
    kept.push({ text: part, look })
    left -= columns(part)
  }
  if (left > 0) kept.push({ text: ' '.repeat(left), look: 'plain' })
  return { spans: kept, look }
}

/** What stands at the left, and what at the right end; the left gives way. */
export function justified(left: readonly Span[], right: readonly Span[], width: number, look?: Look): Line {
  const tail = right.reduce((sum, { text }) => sum + columns(text), 0)
  const head = fittedLine({ spans: left }, Math.max(0, width - tail))
  return fittedLine({ spans: [...head.spans, ...right], look }, width)
}

const BARS = '▁▂▃▄▅▆▇█'
const PLAIN_BARS = '_.-=+*#@'

/** The last `width` values as bars, the largest as high as a line. */
export function sparkline(values: readonly number[], width: number, unicode: boolean): string {
  return chart(values, { width, height: 1, most: Math.max(1, ...values.slice(-width)), unicode })[0] as string
}

export interface ChartOptions {
  readonly width: number
  readonly height: number
  /** The value that is as high as all of it. */
  readonly most: number
  readonly unicode: boolean
}

/** The last `width` values as bars over `height` lines, the upper ones first; whatever is more than 0 is to be seen. */
export function chart(values: readonly number[], { width, height, most, unicode }: ChartOptions): string[] {
  const bars = unicode ? BARS : PLAIN_BARS
  const steps = values
    .slice(-width)
    .map(value => (value > 0 ? Math.min(8 * height, Math.floor((value / most) * 8 * height) + 1) : 0))
  return Array.from({ length: height }, (_, row) => {
    const below = 8 * (height - 1 - row)
    return steps
      .map(step => (step <= below ? ' ' : bars[Math.min(7, step - below - 1)]))
      .join('')
      .padStart(width)
  })
}

/** How much of something is done, a share from 0 to 1, in `width` columns. */
export function progressBar(share: number, width: number): string {
  const done = Math.round(Math.min(1, Math.max(0, share)) * width)
  return '═'.repeat(done) + '─'.repeat(width - done)
}
