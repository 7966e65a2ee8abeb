import type { FieldKind, FieldShape, FrameShape } from '../core/index.ts'
import { type OptionDefinition, RELIABLE_OPTIONS, reliableSpace } from './option-table.ts'
import { MESSAGE_TYPES, type MessageType, SIGNAL_TYPES, type SignalType } from './tables.ts'

const uint: FieldShape = { kind: 'uint' }
const text: FieldShape = { kind: 'text' }
const optionalText: FieldShape = { kind: 'text', optional: true }

const kinds = {
  empty: 'boolean',
  opaque: 'text',
  uint: 'uint',
  string: 'text',
  block: 'object',
  oscore: 'object',
} as const satisfies Record<OptionDefinition['format'], FieldKind>

function optionShapes(definitions: Iterable<OptionDefinition>): Record<string, FieldShape> {
  const shapes: Record<string, FieldShape> = {}
  for (const { name, field, format, repeatable, separator, meaning, unit } of definitions) {
    const kind = repeatable === true && separator === undefined ? 'list' : kinds[format]
    shapes[field] = { kind, optional: true, at: [`options.${name}`], ...(unit === undefined ? {} : { unit }) }
    if (meaning === 'content-format') shapes[`${field}Name`] = optionalText
  }
  return shapes
}

const head: Readonly<Record<string, FieldShape>> = { code: text, codeName: optionalText }
const list: Readonly<Record<string, FieldShape>> = { token: { kind: 'hex' }, options: { kind: 'list' } }
const payload: Readonly<Record<string, FieldShape>> = { payload: { kind: 'bytes', optional: true, body: true } }
const body: Readonly<Record<string, FieldShape>> = {
  ...list,
  ...optionShapes(RELIABLE_OPTIONS.options.values()),
  ...payload,
  decoded: { kind: 'any', optional: true },
}

const datagram: FrameShape = { section: 'RFC 7252 §3', fields: { version: uint, ...head, messageId: uint, ...body } }

export const datagramShapes = Object.fromEntries(MESSAGE_TYPES.map(type => [type, datagram])) as Record<
  MessageType,
  FrameShape
>

const SIGNAL_SECTIONS: Readonly<Record<SignalType, string>> = {
  csm: 'RFC 8323 §5.3',
  ping: 'RFC 8323 §5.4',
  pong: 'RFC 8323 §5.4',
  release: 'RFC 8323 §5.5',
  abort: 'RFC 8323 §5.6',
}

const signals = SIGNAL_TYPES.map((type, index) => {
  const { options } = reliableSpace(0xe1 + index)
  const fields = { ...head, ...list, ...optionShapes(options.values()), ...payload }
  return [type, { section: SIGNAL_SECTIONS[type], fields }] as const
})

export const reliableShapes = {
  message: { section: 'RFC 8323 §3.2', fields: { ...head, ...body } },
  ...(Object.fromEntries(signals) as Record<SignalType, FrameShape>),
}
