import { expect } from 'vitest'

type Schema = Readonly<Record<string, unknown>>

/**
 * What is wrong with `value` by `schema`: as much of JSON Schema as ndjson.schema.json uses. A keyword that is not
 * known here is an error, so that the schema cannot outgrow its test.
 */
export function violations(value: unknown, schema: Schema, root: Schema, path = ''): string[] {
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    const check = KEYWORDS[keyword]
    if (check === undefined) return [`${path}: no such keyword: ${keyword}`]
    return check(value, argument as never, { schema, root, path })
  })
}

interface Place {
  readonly schema: Schema
  readonly root: Schema
  readonly path: string
}

type Check = (value: unknown, argument: never, place: Place) => string[]

const unless = (ok: boolean, { path }: Place, what: string): string[] => (ok ? [] : [`${path}: ${what}`])
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: value => typeof value === 'string',
  integer: Number.isInteger,
  number: value => typeof value === 'number',
  boolean: value => typeof value === 'boolean',
}

const KEYWORDS: Readonly<Record<string, Check>> = {
  $schema: () => [],
  $defs: () => [],
  title: () => [],
  description: () => [],
  type: (value, type: string, place) => unless(TYPES[type]?.(value) === true, place, `is not of type ${type}`),
  const: (value, wanted, place) => unless(value === wanted, place, `is not ${wanted}`),
  enum: (value, wanted: unknown[], place) => unless(wanted.includes(value), place, `is none of ${wanted}`),
  pattern: (value, source: string, place) =>
    unless(typeof value !== 'string' || new RegExp(source, 'u').test(value), place, `does not match ${source}`),
  minimum: (value, least: number, place) => unless(!(Number(value) < least), place, `is less than ${least}`),
  maximum: (value, most: number, place) => unless(!(Number(value) > most), place, `is more than ${most}`),
  minItems: (value, least: number, place) =>
    unless(!Array.isArray(value) || value.length >= least, place, `has fewer than ${least} items`),
  required: (value, names: string[], place) =>
    names.flatMap(name => unless(!isObject(value) || name in value, place, `has no ${name}`)),
  properties: (value, of: Record<string, Schema>, { root, path }) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, item]) =>
          of[name] === undefined ? [] : violations(item, of[name], root, `${path}/${name}`),
        )
      : [],
  additionalProperties: (value, allowed: boolean | Schema, place) => {
    const known = Object.keys((place.schema.properties ?? {}) as object)
    if (allowed === true || !isObject(value)) return []
    const more = Object.entries(value).filter(([name]) => !known.includes(name))
    if (allowed === false) return more.map(([name]) => `${place.path}: has ${name}`)
    return more.flatMap(([name, item]) => violations(item, allowed, place.root, `${place.path}/${name}`))
  },
  unevaluatedProperties: (value, allowed: boolean, place) => {
    const base = resolve(place.schema.$ref as string, place.root)
    const known = [base, place.schema].flatMap(({ properties }) => Object.keys(properties as object))
    if (allowed || !isObject(value)) return []
    return Object.keys(value).flatMap(name => unless(known.includes(name), place, `has ${name}`))
  },
  items: (value, of: Schema, { root, path }) =>
    Array.isArray(value) ? value.flatMap((item, at) => violations(item, of, root, `${path}/${at}`)) : [],
  anyOf: (value, of: Schema[], { root, path }) => {
    const found = of.map(schema => violations(value, schema, root, path))
    if (found.some(wrong => wrong.length === 0)) return []
    // The one that fits best says most.
    return found.sort((a, b) => a.length - b.length)[0] ?? [`${path}: nothing is allowed`]
  },
  $ref: (value, pointer: string, { root, path }) => violations(value, resolve(pointer, root), root, path),
}

function resolve(pointer: string, root: Schema): Schema {
  const found = pointer
    .slice(2)
    .split('/')
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, part) => (at as Schema | undefined)?.[part], root)
  expect(found, pointer).toBeDefined()
  return found as Schema
}
