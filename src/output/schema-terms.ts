/** As much of JSON Schema (2020-12, https://json-schema.org) as is needed here. */
export type Schema = { readonly [keyword: string]: unknown }

export const count: Schema = { type: 'integer', minimum: 0 }
export const number: Schema = { type: 'integer', minimum: 1 }
export const text: Schema = { type: 'string' }
export const rate: Schema = { type: 'number', minimum: 0 }
export const time: Schema = { $ref: '#/$defs/time' }
export const bySide: Schema = { $ref: '#/$defs/bySide' }
export const constant = (value: string): Schema => ({ const: value })

export const side: Schema = { enum: ['client', 'server'] }

/** An object of these properties and no others. */
export function objectSchema(required: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  }
}
