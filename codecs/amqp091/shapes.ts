import type { FieldKind, FieldShape, FrameShape } from '../core/index.ts'
import type { AmqpFrame } from './frames.ts'
import { type Plan, plans } from './plan.ts'
import type { ArgumentType, MethodType } from './tables.ts'

const kinds: Readonly<Record<ArgumentType, FieldKind>> = {
  octet: 'uint',
  short: 'uint',
  long: 'uint',
  longlong: 'long',
  bit: 'boolean',
  shortstr: 'text',
  longtext: 'text',
  longstr: 'bytes',
  secret: 'bytes',
  table: 'object',
}

const uint: FieldShape = { kind: 'uint' }

/** The methods that `facts` listens to. */
const telling = new Set<MethodType>(['connection.start', 'connection.start-ok', 'connection.open'])

function shapeOf({ type, arguments: list }: Plan): FrameShape {
  const fields: Record<string, FieldShape> = { channel: uint }
  for (const { name, type: kind, reserved } of list) {
    fields[name] = {
      kind: kinds[kind],
      ...(reserved ? { optional: true } : {}),
      ...(kind === 'secret' ? { secret: true } : {}),
      ...(name === 'heartbeat' ? { unit: 's' } : {}),
    }
  }
  return {
    section: `https://www.rabbitmq.com/amqp-0-9-1-reference#${type.replace(/-ok$/, '')}`,
    fields,
    ...(telling.has(type) ? { facts: true } : {}),
  }
}

const methods = Object.fromEntries(plans.map(plan => [plan.type, shapeOf(plan)])) as Record<MethodType, FrameShape>

/** What the fields of every frame are. */
export const shapes: Readonly<Record<AmqpFrame['type'], FrameShape>> = {
  'protocol-header': {
    section: '4.2.2',
    fields: { protocolId: uint, major: uint, minor: uint, revision: uint },
    facts: true,
  },
  ...methods,
  method: {
    section: '4.2.4',
    fields: { channel: uint, classId: uint, methodId: uint, arguments: { kind: 'bytes' } },
  },
  header: {
    section: '4.2.6.1',
    fields: {
      channel: uint,
      classId: uint,
      weight: { kind: 'uint', optional: true },
      bodySize: { kind: 'long' },
      properties: { kind: 'object' },
    },
  },
  body: { section: '4.2.6.2', fields: { channel: uint, body: { kind: 'bytes', body: true } } },
  heartbeat: { section: '4.2.7', fields: { channel: uint, short: { kind: 'boolean', optional: true } } },
}
