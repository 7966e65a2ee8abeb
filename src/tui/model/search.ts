import type { AnyTable } from './table.ts'

/** Rows looked at between two looks at the clock. */
const STRIDE = 32

export interface TextSearch {
  /** Goes on for about `budget` milliseconds: the number of a row, `nowhere` after all were looked at, or undefined. */
  go(budget: number): number | 'nowhere' | undefined
}

/** Looks through what the rows of a list show, from the one behind (before) `from` round to `from` itself. */
export function startSearch(table: AnyTable, from: number, text: string, by: 1 | -1): TextSearch {
  const wanted = text.toLowerCase()
  let at = table.numbers.indexOf(from)
  let left = table.numbers.length
  return {
    go(budget) {
      const until = performance.now() + budget
      while (left > 0) {
        const { numbers } = table
        for (let stride = STRIDE; stride > 0 && left > 0; stride--, left--) {
          at = (at + by + numbers.length) % numbers.length
          const number = numbers.at(at)
          const row: unknown = table.store.glance(number)
          if (row !== undefined && textOf(table, row).includes(wanted)) return number
        }
        if (performance.now() >= until) return undefined
      }
      return 'nowhere'
    },
  }
}

const textOf = ({ kind }: AnyTable, row: unknown): string =>
  kind.columns
    .map(column => column.cell(row, { time: 'clock', above: undefined }).text)
    .join(' ')
    .toLowerCase()
