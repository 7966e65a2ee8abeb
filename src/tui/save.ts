import { open } from 'node:fs/promises'
import { getSystemErrorMessage } from 'node:util'
import { Output, printableJson } from '../output/index.ts'
import type { AnyTable } from './model/table.ts'

/** Rows written between two turns of everything else. */
const STRIDE = 500

export interface Saved {
  /** Rows written. */
  readonly count: number
  /** Rows that memory does not hold, and so were not. */
  readonly away: number
}

/**
 * Writes rows to a new private file: as text where it is called `.txt`, as one JSON value where `.json`, else as
 * NDJSON. `numbers` undefined: all that the list shows. Throws what can be told.
 */
export async function save(path: string, table: AnyTable, numbers?: readonly number[]): Promise<Saved> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const why = error.errno === undefined ? error.message : getSystemErrorMessage(error.errno)
    throw new Error(`${path}: ${why}`)
  })
  try {
    const output = new Output(file.fd)
    const shown = numbers ?? Array.from({ length: table.numbers.length }, (_, at) => table.numbers.at(at))
    let count = 0
    let away = 0
    const json = path.endsWith('.json')
    if (json && shown.length !== 1) output.write('[\n')
    for (const number of shown) {
      const row: unknown = table.store.glance(number)
      if (row === undefined) {
        away++
        continue
      }
      const comma = json && count > 0 ? ',' : ''
      output.write(
        `${comma}${path.endsWith('.txt') ? asText(table, row) : asJson(table, row, json && shown.length === 1)}\n`,
      )
      if (++count % STRIDE === 0) await (output.ready() ?? new Promise(resolve => setImmediate(resolve)))
    }
    if (json && shown.length !== 1) output.write(']\n')
    await output.end()
    return { count, away }
  } finally {
    await file.close()
  }
}

const asJson = ({ kind }: AnyTable, row: unknown, spread: boolean): string =>
  printableJson(JSON.stringify(kind.json(row), null, spread ? 2 : 0))

const asText = ({ kind }: AnyTable, row: unknown): string =>
  kind.columns.map(column => column.cell(row, { time: 'clock', above: undefined }).text).join('  ')
