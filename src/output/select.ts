import type { AnyCodec } from '../../codecs/core/index.ts'
import { usage } from '../failure.ts'
import {
  type Field,
  type Fields,
  type FrameRow,
  frameColumns,
  frameFields,
  type Name,
  valueAt,
} from '../fields/index.ts'
import { near } from '../near.ts'
import { reversible } from './escape.ts'
import type { RowFormat } from './row.ts'

/** How to get the value of a path out of a row. Of a path that no row has it is a usage failure. */
export type Select<T> = (path: string) => (row: T) => unknown

export function chosenFields(paths: readonly string[], codecs: readonly AnyCodec[]): readonly Field<FrameRow>[] {
  const fields = frameFields(codecs)
  return paths.map(path => {
    const field = fields.find(path.split('.'))
    if (field === undefined) throw unknown(path, fields.names, codecs)
    return field
  })
}

/** The chosen values of each row, separated by tabs. A value that is not there is empty. */
export function fieldRows(paths: readonly string[], codecs: readonly AnyCodec[]): RowFormat {
  const chosen = chosenFields(paths, codecs)
  return {
    row: (row, lines) => {
      let tab = ''
      for (const field of chosen) {
        lines.text(tab)
        lines.text(cell(field.get(row)))
        tab = '\t'
      }
      lines.text('\n')
    },
  }
}

/** Paths into rows whose first names are all known. */
export const fromColumns =
  <T extends object>(columns: readonly string[]): Select<T> =>
  path => {
    const names = path.split('.')
    if (!columns.includes(names[0] as string)) throw noSuchField(path, columns)
    return row => valueAt(row, names)
  }

/** Paths that filters know too. */
export const fromFields =
  <T>(fields: Fields<T>): Select<T> =>
  path => {
    const field = fields.find(path.split('.'))
    if (field !== undefined) return row => field.get(row)
    throw noSuchField(
      path,
      fields.names.filter(({ test, alias }) => test !== true && alias !== true).map(({ name }) => name),
    )
  }

function unknown(path: string, names: readonly Name[], codecs: readonly AnyCodec[]): Error {
  const [id] = path.split('.')
  const values = names.filter(({ test, alias }) => test !== true && alias !== true).map(({ name }) => name)
  const own = values.filter(name => name.startsWith(`${id}.`) && codecs.some(codec => codec.id === id))
  if (own.length > 0) return noSuchField(path, own)
  return noSuchField(path, values, [...frameColumns, ...new Set(codecs.map(codec => `${codec.id}.…`))])
}

/** `offered` is the short form of `names`, for who was not near any of them. */
function noSuchField(path: string, names: readonly string[], offered = names): Error {
  const meant = near(path, names).slice(0, 3)
  const next = meant.length === 0 ? `Fields: ${offered.join(', ')}.` : `Did you mean ${meant.join(' or ')}?`
  return usage(`--fields: no field is called ${path}`, next)
}

/** A value as it stands between tabs: text as it is, lists with commas, the rest as JSON. */
export function cell(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return reversible(value)
  if (Array.isArray(value) && value.every(item => typeof item !== 'object')) return value.map(cell).join(',')
  return typeof value === 'object' ? reversible(JSON.stringify(value)) : String(value)
}
