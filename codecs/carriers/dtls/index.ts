import type { Carrier } from '../../core/index.ts'
import { codec, type Datagram } from './codec.ts'
import { unwrapper } from './unwrap.ts'

export type { Ciphertext, Datagram, PlainRecord } from './codec.ts'

/** DTLS 1.0 to 1.3: named with what its handshake shows, and not decrypted. */
export const dtls: Carrier<Datagram, null> = { codec, open: unwrapper }
