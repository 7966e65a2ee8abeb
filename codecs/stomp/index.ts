import type { Codec, Facts, Packet } from '../core/index.ts'
import { comparison } from './comparison.ts'
import { delimit } from './delimit.ts'
import { detect } from './detect.ts'
import { drive } from './drive/index.ts'
import type { CommandFrame, StompFrame } from './frames.ts'
import { CR, LF } from './layout.ts'
import { mock } from './mock/index.ts'
import { play } from './play/index.ts'
import { read } from './read.ts'
import { resync } from './resync.ts'
import { rules } from './rules/index.ts'
import { shapes, unlisted } from './shapes.ts'
import { summary } from './summary.ts'
import { track } from './track/index.ts'
import { type Context, Negotiation } from './version.ts'
import { commandAt } from './words.ts'
import { write } from './write.ts'

export * from './frames.ts'
export { type Header, Headers } from './headers.ts'
export { type Command, commands, type Version, versions } from './tables.ts'
export type { Context } from './version.ts'

export const stomp: Codec<StompFrame, Context> = {
  id: 'stomp',
  name: 'STOMP',
  spec: 'https://stomp.github.io/stomp-specification-1.2.html',
  transport: 'stream',
  ports: [61613, 61614],
  schemes: [
    { scheme: 'stomp', transport: 'tcp', port: 61613, certain: true },
    { scheme: 'stomps', transport: 'tls', port: 61614, certain: true },
    { scheme: 'stomp+ssl', transport: 'tls', port: 61614, certain: true },
  ],
  subprotocols: ['v12.stomp', 'v11.stomp', 'v10.stomp', 'stomp'],
  textual: true,
  frames: shapes,
  unlisted,
  detect,
  dialogue: () => new Negotiation(),
  delimit,
  resync,
  type,
  read,
  write,
  summary,
  destination: frame => (frame as CommandFrame).destination,
  facts,
  track,
  play,
  drive,
  mock,
  rules,
  comparison,
}

function type({ buffer, start, end }: Packet<Context>): string {
  return buffer[start] === LF || buffer[start] === CR ? 'heartbeat' : commandAt(buffer, start, end)
}

/** What the handshake tells of the connection. */
function facts(frame: StompFrame): Facts | undefined {
  if (frame.type === 'CONNECT' || frame.type === 'STOMP') {
    const { login, host } = frame as CommandFrame
    return {
      ...(login === undefined ? {} : { user: login }),
      ...(host === undefined ? {} : { virtualHost: host }),
    }
  }
  if (frame.type !== 'CONNECTED') return undefined
  const { server, version = '1.0' } = frame as CommandFrame
  // `RabbitMQ/3.10.8`, and comments after a space [STOMP 1.2, CONNECTED Frame].
  return { ...(server === undefined ? {} : { product: server.replace('/', ' ') }), protocolVersion: version }
}
