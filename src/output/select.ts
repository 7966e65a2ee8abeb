import type { AnyCodec } from '../../codecs/core/index.ts'
import { usage } from '../failure.ts'
import { frameColumns, frameFields, type Name } from '../fields/index.ts'
import { near } from '../near.ts'
import { reversible } from './escape.ts'
import type { RowFormat } from './row.ts'

/** The chosen values of each row, separated by tabs. A value that is not there is empty. */
export function fieldRows(paths: readonly string[], codecs: readonly AnyCodec[]): RowFormat {
  const fields = frameFields(codecs)
  const chosen = paths.map(path => {
    const field = fields.find(path.split('.'))
    if (field === undefined) throw unknown(path, fields.names, codecs)
    return field
  })
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

function unknown(path: string, names: readonly Name[], codecs: readonly AnyCodec[]): Error {
  const [id] = path.split('.')
  const values = names.filter(({ test, alias }) => test !== true && alias !== true).map(({ name }) => name)
  const own = values.filter(name => name.startsWith(`${id}.`) && codecs.some(codec => codec.id === id))
  if (own.length > 0) return noSuchField(path, own)
  return noSuchField(path, values, [...frameColumns, ...new Set(codecs.map(codec => `${codec.id}.…`))])
}

/** `offered` is the short form of `names`, for who was not near any of them. */
export function noSuchField(path: string, names: readonly string[], offered = names): Error {
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
