import type { Carrier, Packet } from '../../core/index.ts'
import { FrameReader, Writer } from '../../core/index.ts'
import { codec } from './codec.ts'
import type { Context } from './dialogue.ts'
import type { Frame } from './frames.ts'
import { unwrapper } from './unwrap.ts'

export type * from './frames.ts'
export { withoutSecrets } from './secrets.ts'
export { closeCodes, opcodes } from './tables.ts'

/** WebSocket over HTTP/1.1: RFC 6455 and RFC 7692. HTTP that does not become a WebSocket is named and carries nothing. */
export const websocket: Carrier<Frame, Context> = { codec, open: unwrapper, refill }

const reader = new FrameReader()

/** One frame in place of all of a message: neither compressed nor fragmented, masked as the first was. */
function refill(packets: readonly Packet<Context>[], payload: Uint8Array): Uint8Array {
  const first = packets[0] as Packet<Context>
  const { frame } = reader.read(codec, first)
  const writer = new Writer()
  codec.write(writer, { ...frame, fin: true, rsv1: false, payload } as Frame, first.context)
  return writer.take()
}
