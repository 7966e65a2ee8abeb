import type { AnyCodec, FieldKind, FieldShape, FrameShape } from '../../codecs/core/index.ts'

/** As much of JSON Schema (2020-12, https://json-schema.org) as is needed here. */
export type Schema = { readonly [keyword: string]: unknown }

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

const count: Schema = { type: 'integer', minimum: 0 }
const number: Schema = { type: 'integer', minimum: 1 }
const text: Schema = { type: 'string' }
const rate: Schema = { type: 'number', minimum: 0 }
const time: Schema = { $ref: '#/$defs/time' }
const bySide: Schema = { $ref: '#/$defs/bySide' }
const DISTRIBUTION = { mean: count, p50: count, p90: count, p99: count, p999: count, max: count }
const constant = (value: string): Schema => ({ const: value })

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
      from: { enum: ['client', 'server'] },
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

const carrier = objectSchema(
  { name: text },
  { subprotocol: text, serverName: text, cipher: text, encrypted: { type: 'boolean' }, opaque: text, fault: text },
)

const numbers: Schema = { type: 'array', items: number }
const side: Schema = { enum: ['client', 'server'] }

function messageLine(codecs: readonly AnyCodec[]): Schema {
  return {
    title: 'An application message (--view messages)',
    ...objectSchema(
      {
        message: number,
        flow: number,
        time,
        protocol: known(codecs),
        from: side,
        direction: { enum: ['publish', 'deliver'] },
        destination: { type: 'object' },
        properties: { type: 'object' },
        size: count,
        body: { description: 'What the body holds: text, a JSON value, or bytes.' },
        frames: numbers,
      },
      {
        address: text,
        contentType: text,
        payload: objectSchema(
          { format: text },
          { encodings: { type: 'array', items: text }, trouble: text, truncated: { const: true } },
        ),
        whole: { const: false },
      },
    ),
  }
}

function exchangeLine(codecs: readonly AnyCodec[]): Schema {
  const answered = { reply: number, elapsedUs: count, ok: { type: 'boolean' } }
  const open = { reply: { const: null }, openUs: count }
  const step = objectSchema({ type: text, frame: number, elapsedUs: count })
  const both = {
    exchange: number,
    flow: number,
    time,
    protocol: known(codecs),
    from: side,
    kind: text,
    key: text,
    request: number,
  }
  const optional = { address: text, outcome: text, steps: { type: 'array', items: step, minItems: 1 } }
  return {
    title: 'A request with its answer (--view exchanges), or without one so far',
    anyOf: [objectSchema({ ...both, ...answered }, optional), objectSchema({ ...both, ...open }, optional)],
  }
}

function findingLine(codecs: readonly AnyCodec[]): Schema {
  return {
    title: 'A diagnosis (--view findings)',
    ...objectSchema({
      finding: text,
      severity: { enum: ['error', 'warning', 'note'] },
      flow: number,
      time,
      protocol: protocols(codecs),
      frames: numbers,
      message: text,
      why: text,
      fix: text,
    }),
  }
}

function levelLine(codecs: readonly AnyCodec[]): Schema {
  return {
    title: 'A level that changed (--view levels)',
    ...objectSchema({
      level: text,
      subject: text,
      value: { type: 'integer' },
      frame: number,
      flow: number,
      time,
      protocol: known(codecs),
    }),
  }
}

const known = (codecs: readonly AnyCodec[]): Schema => ({ enum: [...new Set(codecs.map(({ id }) => id))] })

function flowLine(): Schema {
  return {
    title: 'A connection (--view flows)',
    ...objectSchema(
      {
        flow: number,
        protocol: text,
        client: text,
        server: text,
        start: time,
        end: time,
        durationUs: count,
        frames: bySide,
        bytes: bySide,
        malformed: count,
        lost: count,
        ending: { enum: ['fin', 'reset', 'lost', 'open'] },
      },
      {
        carriers: { type: 'array', items: carrier, minItems: 1 },
        product: text,
        serverProduct: text,
        protocolVersion: text,
        clientId: text,
        user: text,
        virtualHost: text,
      },
    ),
  }
}

function statLines(codecs: readonly AnyCodec[]): Schema[] {
  const counts = { frames: bySide, bytes: bySide }
  const rates = { framesPerSecond: rate, bytesPerSecond: rate }
  const totals = { flows: count, malformed: count, lost: count }
  const stat = (name: string, required: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema => ({
    title: `Statistics, ${name} (--view stats)`,
    ...objectSchema({ stat: constant(name), ...required, ...counts }, { ...optional, ...rates }),
  })
  const protocol = protocols(codecs)
  return [
    stat('total', totals, { start: time, end: time }),
    // Of a carrier that could not be looked into, its own name.
    stat('protocol', { protocol: text, ...totals }),
    stat('type', { protocol, type: text }),
    stat('destination', { protocol, destination: text }),
    stat('other-destinations', { protocol }),
    stat('flow', { flow: number, protocol: text, client: text, server: text }, { product: text }),
    {
      title: 'Statistics, sizes of messages in bytes (--view stats)',
      ...objectSchema({ stat: constant('message-size'), protocol, direction: text, count, ...DISTRIBUTION }),
    },
    ...['latency', 'destination-latency', 'flow-latency'].map(name => ({
      title: `Statistics, ${name} of exchanges (--view stats)`,
      ...objectSchema(
        {
          stat: constant(name),
          protocol,
          kind: text,
          ...(name === 'destination-latency' ? { destination: text } : {}),
          ...(name === 'flow-latency' ? { flow: number } : {}),
          count,
          failed: count,
          open: count,
        },
        { meanUs: count, p50Us: count, p90Us: count, p99Us: count, p999Us: count, maxUs: count },
      ),
    })),
  ]
}

const protocols = (codecs: readonly AnyCodec[]): Schema => ({ enum: [...codecs.map(({ id }) => id), 'unknown'] })

/** An object of these properties and no others. */
export function objectSchema(required: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  }
}

/** RFC 6901 §3 */
const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')
