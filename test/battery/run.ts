import { type AnyCodec, type Conversation, converse, type Joined, type Packet } from '../../codecs/core/index.ts'
import type { Step } from './wire.ts'

/** Everything that a conversation makes of some steps, to its end. */
export function run(codec: AnyCodec, steps: Iterable<Step>, joined: Joined): Packet[] {
  const conversation = converse(codec, { joined })
  const packets: Packet[] = []
  let time = 0
  for (const step of steps) {
    time += 1000
    if (step.type === 'data') conversation.push(step.side, step.bytes, time)
    else if (step.type === 'gap') conversation.gap(step.side, step.length, time)
    else conversation.end(step.side)
    drain(conversation, packets)
  }
  for (const side of ['client', 'server'] as const) {
    conversation.end(side)
    drain(conversation, packets)
  }
  return packets
}

function drain(conversation: Conversation, into: Packet[]): void {
  for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) into.push(packet)
}

/** What must not depend on how the stream was cut into chunks. */
export const essence = (packet: Packet): string =>
  JSON.stringify([
    packet.kind,
    packet.side,
    packet.offset,
    packet.length,
    Buffer.from(packet.bytes).toString('hex'),
    packet.context ?? null,
    packet.diagnostics,
  ])
