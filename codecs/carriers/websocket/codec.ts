import { type Codec, latin1, MASK, type Packet, type Side } from '../../core/index.ts'
import { delimit, resync } from './delimit.ts'
import { type Context, dialogue } from './dialogue.ts'
import { type Frame, shapes } from './frames.ts'
import { read } from './read.ts'
import { withoutSecrets } from './secrets.ts'
import { opcodes } from './tables.ts'
import { write } from './write.ts'

export const codec: Codec<Frame, Context> = {
  id: 'websocket',
  name: 'WebSocket',
  spec: 'https://www.rfc-editor.org/rfc/rfc6455',
  transport: 'stream',
  ports: [],
  schemes: [],
  frames: shapes,
  detect,
  dialogue,
  delimit,
  resync,
  type: ({ buffer, start, context }: Packet<Context>) =>
    context.phase === 'http'
      ? latin1(buffer, start, Math.min(start + 5, buffer.length)) === 'HTTP/'
        ? 'http-response'
        : 'http-request'
      : ((opcodes.name((buffer[start] as number) & 0x0f) ?? 'continuation') as Frame['type']),
  read,
  write,
  summary,
}

const request = /^(?:GET|POST|PUT|HEAD|OPTIONS|DELETE|PATCH|CONNECT|TRACE) \S+ HTTP\/1\.[01]\r?\n/
const response = /^HTTP\/1\.[01] \d{3}/

/** Any HTTP/1.1: whether it becomes a WebSocket shows later. */
function detect(head: Uint8Array, side: Side): number {
  const text = latin1(head, 0, Math.min(head.length, 4096))
  return (side === 'client' ? request : response).test(text) ? 1 : 0
}

function summary(frame: Frame): string {
  if (frame.type === 'http-request' || frame.type === 'http-response') return withoutSecrets(frame.startLine, MASK)
  const flags = `${frame.fin ? '' : ' more'}${frame.rsv1 ? ' compressed' : ''}`
  if (frame.type !== 'close') return `${frame.payload.length} B${flags}`
  return [frame.code, frame.codeName, frame.reason].filter(part => part !== undefined && part !== '').join(' ')
}
