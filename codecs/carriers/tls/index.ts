import type { Carrier } from '../../core/index.ts'
import { codec, type Record } from './codec.ts'
import { unwrapper } from './unwrap.ts'

export { firstHello } from './client-hello.ts'
export type { Record } from './codec.ts'

/** TLS 1.2 and 1.3, decrypted with the secrets of a key log. */
export const tls: Carrier<Record, null> = { codec, open: unwrapper }
