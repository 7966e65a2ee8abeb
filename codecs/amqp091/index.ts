import { type Codec, type Packet, u16At } from '../core/index.ts'
import { comparison } from './comparison.ts'
import { type Context, delimit } from './delimit.ts'
import { destination } from './destination.ts'
import { detect } from './detect.ts'
import { FrameSize } from './dialogue.ts'
import { drive } from './drive/index.ts'
import { facts } from './facts.ts'
import type { AmqpFrame } from './frames.ts'
import { mock } from './mock/index.ts'
import { planById } from './plan.ts'
import { play } from './play/index.ts'
import { read } from './read.ts'
import { resync } from './resync.ts'
import { rules } from './rules/index.ts'
import { shapes } from './shapes.ts'
import { summary } from './summary.ts'
import { AMQP, BODY, HEADER, METHOD } from './tables.ts'
import { track } from './track/index.ts'
import { wireshark } from './wireshark.ts'
import { write } from './write.ts'

export type { Context } from './delimit.ts'
export { Decimal, type Entry, FieldArray, type FieldValue, Table, type Tagged } from './field-table.ts'
export type * from './frames.ts'
export { type Properties, WireProperties } from './properties.ts'
export type { Text } from './strings.ts'
export { type MethodType, replyCodes } from './tables.ts'
export { timeOf } from './time.ts'

export const amqp091: Codec<AmqpFrame, Context> = {
  id: 'amqp091',
  name: 'AMQP 0-9-1',
  spec: 'https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf',
  transport: 'stream',
  ports: [5672],
  schemes: [
    { scheme: 'amqp', transport: 'tcp', port: 5672, certain: false },
    { scheme: 'amqps', transport: 'tls', port: 5671, certain: false },
  ],
  frames: shapes,
  wireshark,
  detect,
  dialogue: () => new FrameSize(),
  delimit,
  resync,
  type,
  read,
  write,
  summary,
  destination,
  destined: new Set(['basic.publish', 'basic.deliver', 'basic.get-ok', 'basic.return'] as const),
  facts,
  track,
  play,
  mock,
  drive,
  comparison,
  rules,
}

/** Looks at nothing but the octets that tell. */
function type({ buffer, start, end }: Packet<Context>): AmqpFrame['type'] {
  switch (buffer[start]) {
    case METHOD:
      if (end - start < 11) return 'method'
      return planById(u16At(buffer, start + 7), u16At(buffer, start + 9))?.type ?? 'method'
    case HEADER:
      return 'header'
    case BODY:
      return 'body'
    case AMQP[0]:
      return 'protocol-header'
    default:
      return 'heartbeat'
  }
}
