import { readFileSync } from 'node:fs'
import { usage } from '../failure.ts'
import { near } from '../near.ts'
import { columnsIn } from './template.ts'

/** Of one file, in bytes: every worker has all of it. */
const MOST_BYTES = 16 << 20

/** The columns of files (CSV, with a header) that templates name, by `file:column`. */
export function columnsOf(templates: readonly string[]): Record<string, readonly string[]> {
  const columns: Record<string, readonly string[]> = {}
  for (const named of new Set(templates.flatMap(columnsIn))) {
    const at = named.lastIndexOf(':')
    const [file, column] = [named.slice(0, at), named.slice(at + 1)]
    if (at <= 0) throw usage(`%{${named}}: not a column of a file`, 'Write %{FILE:COLUMN}: %{cars.csv:plate}.')
    const [header = [], ...rows] = parseCsv(textOf(file, named))
    const index = header.indexOf(column)
    if (index < 0) {
      const [meant] = near(column, header)
      throw usage(
        `%{${named}}: ${file} has no such column`,
        meant === undefined ? `It has: ${header.join(', ')}.` : `Did you mean ${meant}?`,
      )
    }
    if (rows.length === 0) throw usage(`%{${named}}: ${file} has no rows`)
    columns[named] = rows.map(row => row[index] ?? '')
  }
  return columns
}

function textOf(path: string, named: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw usage(`%{${named}}: ${(error as Error).message}`)
  }
  if (Buffer.byteLength(text) > MOST_BYTES) throw usage(`%{${named}}: ${path} is larger than 16 MiB`)
  return text
}

/** Records of values, which may be quoted, and then hold commas and line ends [RFC 4180]. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = []
  let record: string[] = []
  const value = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  while (value.lastIndex < text.length) {
    const [, quoted, plain = '', end] = value.exec(text) ?? []
    if (end === undefined) throw usage(`line ${records.length + 1} of the file is not CSV`, 'Quote what holds quotes.')
    record.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === ',' && value.lastIndex < text.length) continue
    if (end === ',') record.push('')
    records.push(record)
    record = []
  }
  return records
}
