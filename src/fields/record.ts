import type { Field, Fields, Name } from './field.ts'
import { namesOf, shapeAt } from './objects.ts'
import { reach } from './path.ts'
import type { Shapes } from './shapes.ts'

/** Writes a moment of the source as JSON has it. */
export type Iso = (time: number) => string

/** A row that works out its values when they are asked for. */
export interface RecordRow {
  readonly protocol: string
  /** As its line of NDJSON has it. */
  toJSON(): Readonly<Record<string, unknown>>
}

/** The names that `own` go by alone and below `id`: `size`, `message.size`. */
export function recordFields<R extends RecordRow>(id: string, shapes: Shapes, protocols: readonly string[]): Fields<R> {
  const find = (path: readonly string[]): Field<R> | undefined => {
    const own = path[0] === id && path.length > 1 ? path.slice(1) : path
    const shape = shapeAt(shapes, own)
    if (shape === undefined) return undefined
    const { kind, unit } = shape
    const words = own.length === 1 ? shapes[own[0] as string]?.words : undefined
    return { kind, unit, words, cost: 0, get: row => valueAt(row, own) }
  }
  return {
    find,
    test: ([name = '', ...rest]) => {
      if (rest.length > 0 || !protocols.includes(name)) return undefined
      return { cost: 0, matches: row => row.protocol === name }
    },
    names: [...recordNames(id, shapes), ...protocols.map(name => ({ name, detail: 'protocol', test: true }))],
  }
}

/** Values are accessors of the row: what nobody asks for is not worked out. */
export function valueAt(row: object, [name = '', ...rest]: readonly string[]): unknown {
  const value = (row as Readonly<Record<string, unknown>>)[name]
  return rest.length === 0 ? value : reach(value, rest)
}

function* recordNames(id: string, shapes: Shapes): Iterable<Name> {
  yield* namesOf(shapes)
  yield* namesOf(shapes, `${id}.`)
}

/** The named values of a row, those that are there. */
export function valuesOf(row: object, shapes: Shapes): Record<string, unknown> {
  const json: Record<string, unknown> = {}
  for (const name in shapes) {
    const value = (row as Readonly<Record<string, unknown>>)[name]
    if (value !== undefined) json[name] = value
  }
  return json
}
