import type { AnyCodec } from '../../codecs/core/index.ts'
import { usage } from '../failure.ts'
import { near } from '../near.ts'
import { reversible } from './escape.ts'
import { title } from './json.ts'
import type { Row, RowFormat } from './row.ts'

/** What every row of the frame view has; a protocol's fields stand under its id. */
const COLUMNS: Readonly<Record<string, (row: Row) => unknown>> = {
  frame: row => row.number,
  packet: row => (row.packet.record === 0 ? undefined : row.packet.record),
  time: row => row.time,
  flow: row => row.flow.id,
  from: row => row.from,
  protocol: row => row.codec.id,
  type: row => row.type,
  length: row => row.packet.length,
  summary: row => title(row.type, row.summary),
  bytes: row => row.bytes,
  diagnostics: row => row.diagnostics,
}

export const frameColumns: readonly string[] = Object.keys(COLUMNS)

/** The chosen values of each row, separated by tabs. A value that is not there is empty. */
export function fieldRows(paths: readonly string[], codecs: readonly AnyCodec[]): RowFormat {
  const getters = paths.map(path => getter(path, codecs))
  return {
    row: (row, lines) => {
      let tab = ''
      for (const get of getters) {
        lines.text(tab)
        lines.text(cell(get(row)))
        tab = '\t'
      }
      lines.text('\n')
    },
  }
}

/** `time`, `diagnostics.code`, `mqtt.topic`: the path of the value in the row's JSON. */
function getter(path: string, codecs: readonly AnyCodec[]): (row: Row) => unknown {
  const [name = '', ...rest] = path.split('.')
  const column = COLUMNS[name]
  if (column !== undefined) return row => reach(column(row), rest)
  const codec = codecs.find(({ id }) => id === name)
  const [field] = rest
  if (codec === undefined || (field !== undefined && !fieldNames(codec).has(field))) throw unknown(path, codec, codecs)
  return row => (row.codec === codec ? reach(row.fields, rest) : undefined)
}

const fieldNames = (codec: AnyCodec): Set<string> =>
  new Set(Object.values(codec.frames).flatMap(({ fields }) => Object.keys(fields)))

function unknown(path: string, codec: AnyCodec | undefined, codecs: readonly AnyCodec[]): Error {
  const under = (of: AnyCodec): string[] => [...fieldNames(of)].map(name => `${of.id}.${name}`)
  const names = codec === undefined ? [...frameColumns, ...codecs.flatMap(under)] : under(codec)
  return noSuchField(path, names, codec === undefined ? [...frameColumns, ...codecs.map(of => `${of.id}.…`)] : names)
}

/** `offered` is the short form of `names`, for who was not near any of them. */
export function noSuchField(path: string, names: readonly string[], offered = names): Error {
  const meant = near(path, names).slice(0, 3)
  const next = meant.length === 0 ? `Fields: ${offered.join(', ')}.` : `Did you mean ${meant.join(' or ')}?`
  return usage(`--fields: no field is called ${path}`, next)
}

/** Follows a path into a JSON value. A list gives the values of its items, unless the path says which item. */
export function reach(value: unknown, path: readonly string[]): unknown {
  if (path.length === 0 || value === undefined || value === null) return value
  if (typeof value !== 'object') return undefined
  if (Array.isArray(value) && !/^\d+$/.test(path[0] as string)) {
    return value.map(item => reach(item, path)).filter(item => item !== undefined)
  }
  // Users' own keys may hold dots: the longest that is there is meant.
  for (let length = path.length; length > 0; length--) {
    const key = path.slice(0, length).join('.')
    if (Object.hasOwn(value, key)) return reach((value as Record<string, unknown>)[key], path.slice(length))
  }
  return undefined
}

/** A value as it stands between tabs: text as it is, lists with commas, the rest as JSON. */
export function cell(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return reversible(value)
  if (Array.isArray(value) && value.every(item => typeof item !== 'object')) return value.map(cell).join(',')
  return typeof value === 'object' ? reversible(JSON.stringify(value)) : String(value)
}
