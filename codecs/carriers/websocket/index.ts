import type { Carrier } from '../../core/index.ts'
import { codec } from './codec.ts'
import type { Context } from './dialogue.ts'
import type { Frame } from './frames.ts'
import { unwrapper } from './unwrap.ts'

export type * from './frames.ts'
export { closeCodes, opcodes } from './tables.ts'

/** WebSocket over HTTP/1.1: RFC 6455 and RFC 7692. HTTP that does not become a WebSocket is named and carries nothing. */
export const websocket: Carrier<Frame, Context> = { codec, open: unwrapper }
