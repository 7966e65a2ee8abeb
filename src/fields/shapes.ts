import type { FieldShape } from '../../codecs/core/index.ts'

/** What the rows that are made of several frames hold, named as in their JSON. */
export type Shapes = Readonly<Record<string, RowShape>>

export interface RowShape extends FieldShape {
  /** All that the value can be. */
  readonly words?: readonly string[]
}

export const text: FieldShape = { kind: 'text' }
export const uint: FieldShape = { kind: 'uint' }
const optional = (shape: FieldShape): FieldShape => ({ ...shape, optional: true })

const side = { kind: 'text', words: ['client', 'server'] } as const

/** What is told of a flow in all of them. */
export const COMMON = { flow: uint, time: { kind: 'time' }, protocol: text } as const

const us = { kind: 'uint', unit: 'us' } as const

export const EXCHANGE: Shapes = {
  exchange: uint,
  ...COMMON,
  from: side,
  kind: text,
  key: text,
  address: optional(text),
  request: uint,
  reply: uint,
  elapsedUs: optional(us),
  openUs: optional(us),
  ok: optional({ kind: 'boolean' }),
  outcome: optional(text),
  steps: optional({ kind: 'list', fields: { type: text, frame: uint, elapsedUs: us } }),
}

export const MESSAGE: Shapes = {
  message: uint,
  ...COMMON,
  from: side,
  direction: { kind: 'text', words: ['publish', 'deliver'] },
  address: optional(text),
  destination: { kind: 'object' },
  properties: { kind: 'object' },
  contentType: optional(text),
  size: uint,
  body: { kind: 'any' },
  payload: optional({ kind: 'object', fields: { format: text, encodings: { kind: 'list' }, trouble: text } }),
  frames: { kind: 'list' },
  /** Only where it is not: false. */
  whole: optional({ kind: 'boolean' }),
}
