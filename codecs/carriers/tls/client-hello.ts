import { concat, u16At } from '../../core/index.ts'
import { type ClientHello, readClientHello } from './hello.ts'
import { contentTypes, handshakeTypes } from './tables.ts'

const HANDSHAKE = contentTypes.code('handshake')
const CLIENT_HELLO = handshakeTypes.code('client_hello')
const RECORD_HEADER = 5
const MESSAGE_HEADER = 4
/** More than any hello has, post-quantum key shares included. */
const MOST = 1 << 15

/**
 * The ClientHello that `bytes`, a client's first, begin with; it may be spread over several records. `'more'` while it
 * is not all there; undefined where this is no TLS.
 */
export function firstHello(bytes: Uint8Array): ClientHello | 'more' | undefined {
  const fragments: Uint8Array[] = []
  let held = 0
  let whole: number | undefined
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== HANDSHAKE || (at + 1 < bytes.length && bytes[at + 1] !== 3)) return undefined
    if (at + RECORD_HEADER > bytes.length) break
    const end = at + RECORD_HEADER + u16At(bytes, at + 3)
    const fragment = bytes.subarray(at + RECORD_HEADER, end)
    if (held === 0 && fragment.length > 0 && fragment[0] !== CLIENT_HELLO) return undefined
    fragments.push(fragment)
    held += fragment.length
    if (whole === undefined && held >= MESSAGE_HEADER) whole = lengthOf(concat(fragments))
    if (whole !== undefined && held >= whole) return readClientHello(concat(fragments).subarray(MESSAGE_HEADER, whole))
    at = end
  }
  return bytes.length > MOST ? undefined : 'more'
}

/** Of the handshake message that begins here, with its header. */
const lengthOf = (message: Uint8Array): number => MESSAGE_HEADER + (((message[1] as number) << 16) | u16At(message, 2))
