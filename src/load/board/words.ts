import { columns, PLAIN_STYLE, printable, table } from '../../output/index.ts'
import { EMPTY, type Line, line, span } from '../../tui/index.ts'
import type { Table } from '../report/tables.ts'

/** `0:07`, `12:05`, `1:02:03` */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (value: number): string => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** A table of the reports: a line its head, and one a row; none where it has no rows. */
export function tableLines({ columns: heads, rows }: Table): Line[] {
  if (rows.length === 0) return []
  const [head = '', ...lines] = table(
    heads,
    rows.map(row => row.map(printable)),
    PLAIN_STYLE,
  )
    .trimEnd()
    .split('\n')
  return [line(span(` ${head}`, 'dim')), ...lines.map(text => line(span(` ${text}`)))]
}

/** As many on a line as fit whole. */
export function flowing(items: readonly string[], width: number): Line[] {
  const lines: string[] = []
  for (const item of items) {
    const last = lines.at(-1)
    if (last !== undefined && columns(last) + columns(item) + 3 <= width) lines[lines.length - 1] = `${last}   ${item}`
    else lines.push(item)
  }
  return lines.map(text => line(span(` ${text}`)))
}

/** No more lines than `height`; the last one tells how many are not there. */
export function atMost(lines: readonly Line[], height: number): readonly Line[] {
  if (lines.length <= height) return lines
  const shown = lines.slice(0, Math.max(0, height - 1))
  return [...shown, line(span(` … and ${lines.length - shown.length} more`, 'dim'))].slice(0, height)
}

/** Blocks of lines with one that is empty between them. */
export const spaced = (...parts: readonly (readonly Line[])[]): Line[] =>
  parts.filter(part => part.length > 0).flatMap((part, at) => (at === 0 ? part : [EMPTY, ...part]))
