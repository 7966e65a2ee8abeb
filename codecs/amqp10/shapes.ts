import type { FieldShape, FrameShape } from '../core/index.ts'
import type { Amqp10Frame } from './frames.ts'
import { type Field, type Row, rowNamed } from './schema.ts'
import { performatives, saslBodies } from './tables.ts'

type Shapes = Readonly<Record<string, FieldShape>>

const payload: Shapes = {
  message: {
    kind: 'object',
    optional: true,
    fields: {
      body: {
        kind: 'any',
        optional: true,
        body: true,
        at: ['message.data', 'message.amqpSequence', 'message.amqpValue'],
      },
    },
  },
  payload: { kind: 'bytes', optional: true, body: true },
}

const KINDS: Readonly<Record<string, FieldShape['kind']>> = {
  boolean: 'boolean',
  ubyte: 'uint',
  ushort: 'uint',
  uint: 'uint',
  ulong: 'long',
  binary: 'bytes',
  string: 'text',
  symbol: 'text',
}

/** What each frame holds, for those who must know without knowing the protocol. */
export const shapes: Readonly<Record<Amqp10Frame['type'], FrameShape>> = buildShapes()

function buildShapes(): Record<Amqp10Frame['type'], FrameShape> {
  const channel: FieldShape = { kind: 'uint' }
  const extendedHeader: FieldShape = { kind: 'hex', optional: true }
  const frames: Record<string, FrameShape> = {
    'protocol-header': {
      section: '2.2',
      fields: { protocolId: channel, major: channel, minor: channel, revision: channel },
      facts: true,
    },
    empty: { section: '2.3.2', fields: { channel, extendedHeader } },
    unknown: { section: '2.3.2', fields: { channel, extendedHeader, body: { kind: 'any' } } },
  }
  for (const name of Object.keys(performatives)) {
    frames[name] = shapeOfRow(rowNamed(name), { channel, extendedHeader }, name === 'transfer' ? payload : {})
  }
  for (const name of Object.keys(saslBodies)) frames[name] = shapeOfRow(rowNamed(name), { extendedHeader }, {})
  return frames as Record<Amqp10Frame['type'], FrameShape>
}

function shapeOfRow({ name, section, fields }: Row, before: Shapes, after: Shapes): FrameShape {
  const own = Object.fromEntries(fields.map(field => [field.name, shapeOfField(field)]))
  const facts = name === 'open' || name === 'sasl-init'
  return { section, fields: { ...before, ...own, ...after }, ...(facts && { facts }) }
}

function shapeOfField({ shape, primitive, declared, mandatory, secret }: Field): FieldShape {
  return {
    kind: kindOf(shape, primitive, declared),
    ...(!mandatory && { optional: true }),
    ...(secret && { secret }),
    ...(declared === 'milliseconds' && { unit: 'ms' }),
    ...(declared === 'seconds' && { unit: 's' }),
  }
}

function kindOf(shape: Field['shape'], primitive: string, declared: string): FieldShape['kind'] {
  switch (shape) {
    case 'scalar':
      // A tag is made to be told from others, not to be read.
      return declared === 'delivery-tag' ? 'hex' : (KINDS[primitive] as FieldShape['kind'])
    case 'role':
      return 'text'
    case 'timestamp':
      return 'time'
    case 'symbols':
      return 'list'
    case 'any':
      return 'any'
    default:
      return 'object'
  }
}
