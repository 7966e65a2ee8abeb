import type { Output, Style } from '../output/index.ts'
import type { Difference } from './difference.ts'
import { writeHtml } from './html.ts'
import type { Run } from './run.ts'
import { writeText } from './text.ts'

/** What was compared, and what came of it. */
export interface Compared {
  /** What the two are called. */
  readonly a: string
  readonly b: string
  readonly runs: readonly [Run, Run]
  readonly found: readonly Difference[]
}

export type DiffFormat = 'text' | 'ndjson' | 'json' | 'html'

export const reports: Readonly<Record<DiffFormat, (output: Output, compared: Compared, style: Style) => void>> = {
  text: writeText,
  ndjson: (output, { found }) => {
    for (const [index, difference] of found.entries()) output.write(`${JSON.stringify(row(difference, index))}\n`)
  },
  json: (output, { found }) => output.write(`${JSON.stringify(found.map(row), null, 2)}\n`),
  html: writeHtml,
}

const row = (difference: Difference, index: number): object => ({ difference: index + 1, ...difference })
