import { type Codec, type Packet, type Side, u32At } from '../core/index.ts'
import { comparison } from './comparison.ts'
import { delimit, HEADER_SIZE, isOurHeader, isProtocolHeader, resync } from './delimit.ts'
import { destination, facts, summary } from './describe.ts'
import { Amqp10Dialogue, type Context } from './dialogue.ts'
import { drive } from './drive/index.ts'
import type { Amqp10Frame } from './frames.ts'
import { mock } from './mock/index.ts'
import { bodyAt, rowAt } from './peek.ts'
import { play } from './play/index.ts'
import { readFrame } from './read.ts'
import { rules } from './rules/index.ts'
import { shapes } from './shapes.ts'
import { track } from './track/index.ts'
import { wireshark } from './wireshark.ts'
import { writeFrame } from './write.ts'

export { Body, type BodyKind, type Message, type Payload } from './body.ts'
export { Decimal } from './decimal.ts'
export type { Context, Phase } from './dialogue.ts'
export type * from './frames.ts'
export type { ScalarType, Type } from './types.ts'
export { AmqpArray, AmqpMap, Described, List, Opaque, type Plain, Scalar, Value } from './value.ts'

/** 2.2, 5.2.1: `AMQP` 2 1.0.0, of both sides. */
const TLS_HEADER = Uint8Array.of(0x41, 0x4d, 0x51, 0x50, 2, 1, 0, 0)

export const amqp10: Codec<Amqp10Frame, Context> = {
  id: 'amqp10',
  name: 'AMQP 1.0',
  spec: 'https://docs.oasis-open.org/amqp/core/v1.0/amqp-core-overview-v1.0.html',
  transport: 'stream',
  ports: [5672],
  schemes: [
    { scheme: 'amqp', transport: 'tcp', port: 5672, certain: false },
    { scheme: 'amqps', transport: 'tls', port: 5671, certain: false },
  ],
  subprotocols: ['amqp'],
  frames: shapes,
  wireshark,
  detect,
  dialogue: () => new Amqp10Dialogue(),
  delimit,
  resync,
  type: typeOfPacket,
  startTls: { ask: TLS_HEADER, agree: TLS_HEADER },
  // 5.2.1: after the TLS header comes a TLS negotiation, and within it AMQP from its header on.
  handsOver: ({ buffer, start, end }) => isProtocolHeader(buffer, start, end) && buffer[start + PROTOCOL_ID] === TLS,
  read: readFrame,
  write: writeFrame,
  summary,
  destination,
  destined: new Set(['attach'] as const),
  facts,
  track,
  play,
  mock,
  drive,
  rules,
  comparison,
}

/** Where a protocol header says which of AMQP, TLS and SASL it begins. */
const PROTOCOL_ID = 4
const TLS = 2

/** 2.2: every connection begins with a protocol header, either way; a capture may begin later. */
function detect(head: Uint8Array, _side: Side): number {
  if (head.length < HEADER_SIZE) return 0
  if (isOurHeader(head, 0, head.length)) return 1
  if (isProtocolHeader(head, 0, head.length)) return 0
  const size = u32At(head, 0)
  const looksFramed = head[4] === 2 && (head[5] as number) <= 1 && size >= HEADER_SIZE && size < 1 << 24
  return looksFramed && rowAt(head, bodyAt(head, 0), Math.min(head.length, size)) !== undefined ? 0.8 : 0
}

function typeOfPacket({ buffer, start, end }: Packet<Context>): Amqp10Frame['type'] {
  if (isProtocolHeader(buffer, start, end)) return 'protocol-header'
  const at = bodyAt(buffer, start)
  if (at >= end) return 'empty'
  return (rowAt(buffer, at, end)?.name as Amqp10Frame['type'] | undefined) ?? 'unknown'
}
