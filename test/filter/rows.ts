import type { FieldShape } from '../../codecs/core/index.ts'
import { type Fields, objectFields } from '../../src/fields/index.ts'
import { compile } from '../../src/filter/index.ts'

/** A row of a view that does not exist, with a value of every kind. */
export type Thing = { readonly protocol: string } & Record<string, unknown>

const SHAPES: Readonly<Record<string, FieldShape>> = {
  protocol: { kind: 'text' },
  count: { kind: 'uint' },
  change: { kind: 'int' },
  tag: { kind: 'long' },
  ratio: { kind: 'float' },
  durable: { kind: 'boolean' },
  topic: { kind: 'text' },
  body: { kind: 'bytes' },
  token: { kind: 'hex' },
  at: { kind: 'time' },
  list: { kind: 'list' },
  group: { kind: 'object', fields: { expiry: { kind: 'uint', unit: 's' } } },
  any: { kind: 'any' },
  elapsedUs: { kind: 'uint', unit: 'us' },
}

export const things: Fields<Thing> = objectFields(SHAPES, ['toy', 'other'])

export const thing = (values: Record<string, unknown>): Thing => ({ protocol: 'toy', ...values })

export const matches = (filter: string, values: Record<string, unknown>): boolean =>
  compile(filter, things).matches(thing(values))
