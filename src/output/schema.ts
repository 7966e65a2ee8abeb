import type { AnyCodec, FieldKind, FieldShape, FrameShape } from '../../codecs/core/index.ts'
import { exchangeLine, findingLine, flowLine, levelLine, messageLine, statLines } from './schema-lines.ts'
import { constant, count, number, objectSchema, type Schema, side, text, time } from './schema-terms.ts'

/** What each kind of value looks like, made by `toJson`. */
const KINDS: Readonly<Record<FieldKind, Schema>> = {
  uint: { type: 'integer', minimum: 0 },
  int: { type: 'integer' },
  long: { type: 'string', pattern: '^-?[0-9]+$' },
  float: { anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] },
  boolean: { type: 'boolean' },
  // What ought to be text and is not valid UTF-8 is kept as bytes.
  text: { $ref: '#/$defs/bytes' },
  bytes: { $ref: '#/$defs/bytes' },
  hex: { type: 'string', pattern: '^([0-9a-f]{2})*$' },
  time: {},
  list: { type: 'array' },
  object: { type: 'object' },
  any: {},
}

const DEFS: Schema = {
  time: { type: 'string', pattern: '^.+T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{9}Z$' },
  bytes: {
    description: 'Text where the bytes are valid UTF-8.',
    anyOf: [text, objectSchema({ base64: { type: 'string' } })],
  },
  bySide: objectSchema({ client: count, server: count }),
  row: {
    type: 'object',
    properties: {
      frame: { ...number, description: 'Counted over the whole input.' },
      packet: { ...number, description: 'The capture packet that completed it; absent on live traffic.' },
      time,
      flow: number,
      from: side,
      protocol: text,
      type: text,
      length: { ...count, description: 'Bytes on the wire.' },
      summary: text,
      diagnostics: { $ref: '#/$defs/diagnostics' },
    },
    required: ['frame', 'time', 'flow', 'from', 'protocol', 'type', 'length', 'summary'],
  },
  diagnostics: {
    type: 'array',
    minItems: 1,
    items: objectSchema(
      {
        code: text,
        severity: { enum: ['error', 'warning', 'note'] },
        message: text,
        start: { type: 'integer' },
        end: { type: 'integer' },
      },
      { rule: text },
    ),
  },
}

/** The JSON Schema of every line that `--format ndjson` writes, in all views. */
export function ndjsonSchema(codecs: readonly AnyCodec[]): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A line of mqinspect --format ndjson',
    $defs: { ...DEFS, ...definitions(codecs) },
    anyOf: [
      ...codecs.flatMap(codec =>
        Object.entries<FrameShape>(codec.frames).map(([type, shape]) => frameLine(codec, type, shape)),
      ),
      unframedLine('malformed', { bytes: { $ref: '#/$defs/bytes' } }),
      unframedLine('gap', {}),
      messageLine(codecs),
      exchangeLine(codecs),
      flowLine(),
      findingLine(codecs),
      levelLine(codecs),
      ...statLines(codecs),
    ],
  }
}

function frameLine(codec: AnyCodec, type: string, shape: FrameShape): Schema {
  return {
    title: `${codec.name} ${type}`,
    description: shape.section,
    ...line(constant(codec.id), type, { [codec.id]: { $ref: `#/$defs/${codec.id}/${escapePointer(type)}` } }),
  }
}

function unframedLine(type: string, more: Record<string, Schema>): Schema {
  return { title: type, ...line(text, type, more) }
}

/** What all rows of the frame view have, and what is this one's own. */
function line(protocol: Schema, type: string, more: Record<string, Schema>): Schema {
  return {
    $ref: '#/$defs/row',
    properties: { protocol, type: constant(type), ...more },
    required: Object.keys(more),
    unevaluatedProperties: false,
  }
}

/** By id, which a protocol's codecs for several transports share. */
function definitions(codecs: readonly AnyCodec[]): Schema {
  const found: Record<string, Schema> = {}
  for (const codec of codecs) found[codec.id] = { ...found[codec.id], ...fieldsOf(codec) }
  return found
}

/** A codec's frames, each an object of its fields. */
function fieldsOf(codec: AnyCodec): Schema {
  return Object.fromEntries(
    Object.entries<FrameShape>(codec.frames).map(([type, { fields }]) => {
      const required: Record<string, Schema> = {}
      const optional: Record<string, Schema> = {}
      for (const [name, shape] of Object.entries(fields)) {
        ;(shape.optional === true ? optional : required)[name] = fieldSchema(shape)
      }
      return [type, objectSchema(required, optional)]
    }),
  )
}

function fieldSchema({ kind, secret }: FieldShape): Schema {
  const schema = KINDS[kind]
  if (secret !== true || kind === 'text' || kind === 'bytes') return schema
  return { anyOf: [schema, constant('***')] }
}

/** RFC 6901 §3 */
const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')
