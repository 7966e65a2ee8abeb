import type { Filter } from '../filter/index.ts'
import { printableJson } from './escape.ts'
import { commas } from './json.ts'
import type { Output } from './output.ts'
import { cell, type Select } from './select.ts'
import type { Style } from './style.ts'
import { type Column, table } from './table.ts'

/** How the rows of a summary (flows, statistics) are written. */
export interface RecordFormat<T> {
  open?(): void
  write(records: readonly T[]): void
  close?(): void
}

/** Only the records that match. */
export const filteredRecords = <T>(format: RecordFormat<T>, filter: Filter<T>): RecordFormat<T> => ({
  ...format,
  write: records => format.write(records.filter(record => filter.matches(record))),
})

export function ndjsonRecords<T>(output: Output): RecordFormat<T> {
  return {
    write: records => {
      for (const record of records) output.write(`${printableJson(JSON.stringify(record))}\n`)
    },
  }
}

export function jsonRecords<T>(output: Output): RecordFormat<T> {
  const comma = commas()
  return {
    open: () => output.write('['),
    write: records => {
      for (const record of records) output.write(comma() + printableJson(JSON.stringify(record)))
    },
    close: () => output.write('\n]\n'),
  }
}

export function fieldRecords<T>(output: Output, paths: readonly string[], select: Select<T>): RecordFormat<T> {
  const chosen = paths.map(select)
  return {
    write: records => {
      for (const record of records) output.write(`${chosen.map(get => cell(get(record))).join('\t')}\n`)
    },
  }
}

export function tableRecords<T>(
  output: Output,
  columns: readonly (Column & { readonly cell: (record: T) => string })[],
  style: Style,
): RecordFormat<T> {
  return {
    write: records => {
      if (records.length > 0) {
        const rows = records.map(record => columns.map(({ cell }) => cell(record)))
        output.write(table(columns, rows, style))
      }
    },
  }
}
