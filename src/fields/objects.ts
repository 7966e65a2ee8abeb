import type { FieldShape } from '../../codecs/core/index.ts'
import type { Field, Fields, Name } from './field.ts'
import { reach } from './path.ts'

type Shapes = Readonly<Record<string, FieldShape>>

/** The shape at the end of a path; undefined where there can be nothing. */
export function shapeAt(shapes: Shapes, path: readonly string[]): FieldShape | undefined {
  const [name = '', ...rest] = path
  if (!Object.hasOwn(shapes, name)) return undefined
  const shape = shapes[name] as FieldShape
  if (rest.length === 0) return shape
  const known = shape.fields === undefined ? undefined : shapeAt(shape.fields, rest)
  return known ?? (isOpen(shape) ? ANY : undefined)
}

/** Whether it may hold members that are not listed. */
const isOpen = ({ kind }: FieldShape): boolean => kind === 'object' || kind === 'list' || kind === 'any'

/** Of a member that is not listed: it may be anything. */
export const ANY: FieldShape = { kind: 'any' }

/** The names of shapes and of what they are known to hold. */
export function* namesOf(shapes: Shapes, prefix = ''): Iterable<Name> {
  for (const [key, { kind, fields }] of Object.entries(shapes)) {
    yield { name: prefix + key, detail: kind }
    if (fields !== undefined) yield* namesOf(fields, `${prefix}${key}.`)
  }
}

/** The values of rows that are JSON objects already. A protocol's name alone stands for the rows of it. */
export function objectFields<R extends { readonly protocol: string }>(
  shapes: Shapes,
  protocols: readonly string[],
): Fields<R> {
  return {
    names: [...namesOf(shapes), ...protocols.map(name => ({ name, detail: 'protocol', test: true }))],
    test: ([name = '', ...rest]) => {
      if (rest.length > 0 || !protocols.includes(name)) return undefined
      return { cost: 0, matches: row => row.protocol === name }
    },
    find: path => {
      const shape = shapeAt(shapes, path)
      if (shape === undefined) return undefined
      const { kind, unit } = shape
      const field: Field<R> = { kind, unit, cost: 0, get: row => reach(row, path) }
      return field
    },
  }
}
