import { painted, type Style } from './style.ts'
import { columns, cut } from './width.ts'

export interface Column {
  readonly title: string
  /** Numbers stand to the right. */
  readonly right?: boolean
}

/** An aligned table, cut to the terminal's width. Cells are printable. */
export function table(heads: readonly Column[], rows: readonly (readonly string[])[], style: Style): string {
  const widths = heads.map(({ title }, at) =>
    rows.reduce((width, row) => Math.max(width, columns(row[at] ?? '')), title.length),
  )
  const line = (cells: readonly string[]): string => {
    const text = heads
      .map(({ right }, at) => {
        const cell = cells[at] ?? ''
        const space = ' '.repeat((widths[at] as number) - columns(cell))
        return right === true ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
    return style.width === undefined ? text : cut(text, style.width)
  }
  const head = painted(style.palette.bold, line(heads.map(({ title }) => title)))
  return [head, ...rows.map(line)].map(text => `${text}\n`).join('')
}
