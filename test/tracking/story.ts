import {
  type AnyCodec,
  Budget,
  converse,
  type Exchange,
  type Frame,
  FrameReader,
  type Joined,
  type Message,
  type Packet,
  type Side,
  type TopologyChange,
  Writer,
} from '../../codecs/core/index.ts'
import { readCapture } from '../../src/capture/index.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import { Tracking } from '../../src/tracking/index.ts'

/** What was told of a connection, in order: each a line, and the things themselves. */
export interface Story {
  /** `message publish orders/eu.new 12 bytes in 3 4 5`, `exchange publish-confirm ch=1 2: 3→7 ok ack`, … */
  readonly lines: readonly string[]
  readonly messages: readonly Message[]
  readonly exchanges: readonly Exchange[]
  /** Those that were never answered. */
  readonly open: readonly Exchange[]
  readonly changes: readonly TopologyChange[]
}

/** What one side sends: frames to be written, bytes as they are; or bytes that the capture lost; or time that passes. */
export type Said<F extends Frame> =
  | { readonly client: F | Uint8Array }
  | { readonly server: F | Uint8Array }
  | { readonly lost: number; readonly by: Side }
  | { readonly ms: number }

/** Follows a conversation: one microsecond passes from step to step. Frames are numbered from 1. */
export function story<F extends Frame, C>(
  codec: AnyCodec,
  context: C,
  steps: readonly Said<F>[],
  joined: Joined = 'start',
  room = { exchanges: new Budget(1000), bytes: new Budget(1 << 20) },
): Story {
  const told = new Told()
  const tracker = codec.track?.({ joined, out: told, room })
  if (tracker === undefined) throw new TypeError(`${codec.id} has no tracker`)
  const conversation = converse(codec, { joined })
  let [time, number] = [0, 0]
  const drain = (): void => {
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) {
      if (packet.kind !== 'frame') tracker.exchanges.lost(packet.side, packet.time)
      tracker.take(packet, frameOf(codec, packet), ++number)
    }
  }
  for (const step of steps) {
    time += 'ms' in step ? step.ms * 1e6 : 1000
    if ('lost' in step) conversation.gap(step.by, step.lost, time)
    else if ('client' in step) conversation.push('client', bytesOf(codec, step.client, context), time)
    else if ('server' in step) conversation.push('server', bytesOf(codec, step.server, context), time)
    drain()
  }
  tracker.end(time)
  for (const exchange of tracker.exchanges.open()) told.unanswered(exchange)
  tracker.exchanges.release()
  if (room.exchanges.used !== 0 || room.bytes.used !== 0) throw new Error('room that was taken was not given back')
  return told
}

/** Everything that the connections of a capture tell. Frames are numbered as in the frame view. */
export async function storyOf(path: string): Promise<Story> {
  const told = new Told()
  const tracking = new Tracking({
    message: (_, message) => told.message(message),
    ended: (_, exchange) => told.ended(exchange),
    unanswered: (_, exchange) => told.unanswered(exchange),
    topology: (_, change) => told.topology(change),
    level: (_, { subject, name, value }) => told.level(subject, name, value),
  })
  await readCapture({ path }, new Inspector(inspection(), tracking))
  tracking.finish()
  return told
}

const frames = new FrameReader()
const frameOf = (codec: AnyCodec, packet: Packet): Frame | undefined =>
  packet.kind === 'frame' ? frames.read(codec, packet).frame : undefined

/** What is said, as it goes over the wire. */
export function bytesOf(codec: AnyCodec, said: Frame | Uint8Array, context: unknown): Uint8Array {
  if (said instanceof Uint8Array) return said
  const writer = new Writer()
  codec.write(writer, said, context)
  return writer.take()
}

class Told implements Story {
  readonly lines: string[] = []
  readonly messages: Message[] = []
  readonly exchanges: Exchange[] = []
  readonly open: Exchange[] = []
  readonly changes: TopologyChange[] = []

  message(message: Message): void {
    this.messages.push(message)
    const { direction, address = '?', size, frames, whole } = message
    this.lines.push(`message ${direction} ${address} ${size} bytes in ${frames.join(' ')}${whole ? '' : ', not whole'}`)
  }

  began(): void {}

  ended(exchange: Exchange): void {
    this.exchanges.push(exchange)
    this.lines.push(line(exchange))
  }

  unanswered(exchange: Exchange): void {
    this.open.push(exchange)
    this.lines.push(line(exchange))
  }

  topology(change: TopologyChange): void {
    this.changes.push(change)
    const { action, kind, name, parent } = change
    this.lines.push(`${action} ${kind} ${JSON.stringify(name)}${parent === undefined ? '' : ` of ${parent}`}`)
  }

  level(subject: string, name: string, value: number): void {
    this.lines.push(`level ${subject} ${name} ${value}`)
  }
}

/** `exchange publish-confirm ch=1 2 orders/eu: 3→7 ok ack`; an exchange without an answer: `3→? channel closed`. */
function line({ kind, key, address, request, reply, ok, outcome, steps = [] }: Exchange): string {
  const name = [kind, key, address].filter(part => part !== undefined && part !== '').join(' ')
  const way = [request, ...steps.map(({ frame }) => frame), reply === 0 ? '?' : reply].join('→')
  const end = ok === undefined ? '' : ok ? ' ok' : ' failed'
  return `exchange ${name}: ${way}${end}${outcome === undefined ? '' : ` ${outcome}`}`
}
