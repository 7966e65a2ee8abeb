import type { AnyCodec } from '../../codecs/core/index.ts'
import type { Output } from './output.ts'
import type { RecordFormat } from './record.ts'
import type { RowFormat } from './row.ts'
import { chosenFields, type Select } from './select.ts'

/** What a frame's line holds where nothing else is asked for. */
const FRAME = ['frame', 'packet', 'time', 'flow', 'from', 'protocol', 'type', 'length', 'summary']

/** RFC 4180, with a line of names first; lines end in CRLF as it asks. */
export function csvRows(paths: readonly string[] = FRAME, codecs: readonly AnyCodec[]): RowFormat {
  const fields = chosenFields(paths, codecs)
  return {
    open: lines => lines.text(csvLine(paths)),
    row: (row, lines) => lines.text(csvLine(fields.map(field => field.get(row)))),
  }
}

export function csvRecords<T>(output: Output, columns: readonly string[], select: Select<T>): RecordFormat<T> {
  const chosen = columns.map(select)
  return {
    open: () => output.write(csvLine(columns)),
    write: records => {
      for (const record of records) output.write(csvLine(chosen.map(get => get(record))))
    },
  }
}

/** One line of RFC 4180. */
export const csvLine = (values: readonly unknown[]): string => `${values.map(csvCell).join(',')}\r\n`

/** Quoted where it must be (RFC 4180 §2.6), a quote doubled. */
function csvCell(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
