import { concat, u16At } from '../../core/index.ts'
import { type ClientHello, readClientHello } from './hello.ts'
import { contentTypes, handshakeTypes } from './tables.ts'

const HANDSHAKE = contentTypes.code('handshake')
const CLIENT_HELLO = handshakeTypes.code('client_hello')
const RECORD_HEADER = 5
const MESSAGE_HEADER = 4
/** More than any hello has, post-quantum key shares included. */
const MOST = 1 << 16

/**
 * The ClientHello that `bytes`, a client's first, begin with; it may be spread over several records. `'more'` while it
 * is not all there; undefined where this is no TLS.
 */
export function firstHello(bytes: Uint8Array): ClientHello | 'more' | undefined {
  let message: Uint8Array = new Uint8Array(0)
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== HANDSHAKE || (at + 1 < bytes.length && bytes[at + 1] !== 3)) return undefined
    if (at + RECORD_HEADER > bytes.length) return 'more'
    const end = at + RECORD_HEADER + u16At(bytes, at + 3)
    message = concat([message, bytes.subarray(at + RECORD_HEADER, end)])
    if (message.length > 0 && message[0] !== CLIENT_HELLO) return undefined
    if (message.length >= MESSAGE_HEADER) {
      const whole = MESSAGE_HEADER + (((message[1] as number) << 16) | u16At(message, 2))
      if (message.length >= whole) return readClientHello(message.subarray(MESSAGE_HEADER, whole))
    }
    at = end
  }
  return bytes.length > MOST ? undefined : 'more'
}
