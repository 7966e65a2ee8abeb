import type { AnyCodec } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { type Address, codecAt } from '../net/index.ts'

/** The codec of a protocol, as it is spoken at an address: CoAP is another over UDP than over TCP. */
export function spokenAt(id: string, address: Address): AnyCodec | undefined {
  const named = codecs.find(codec => codec.id === id)
  return named === undefined ? undefined : codecAt(address, named, codecs)
}
