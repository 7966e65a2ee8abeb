import type { AnyCodec } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import type { Flow } from '../flow.ts'
import { type Address, codecAt } from '../net/index.ts'

/** Why a connection of a recording cannot be played, to an address if it is known; undefined where it can. */
export function whyNot(flow: Flow, to?: Address): string | undefined {
  const { codec, joined } = flow
  if (codec === undefined) return 'the protocol is not known'
  if (joined === 'middle') return 'the capture does not have the beginning'
  if (codec.play === undefined) return `${codec.name} cannot be replayed`
  if (to === undefined) return undefined
  if (!isOfScheme(to, codec)) return `${codec.name} is not spoken at ${to.scheme}://`
  if (spokenAt(to, flow) !== undefined) return undefined
  return `${codec.name} cannot be replayed over ${to.transport}`
}

/** Whether an address whose scheme names protocols names this one. */
function isOfScheme({ scheme }: Address, { id }: AnyCodec): boolean {
  const named = codecs.filter(({ schemes }) => schemes.some(each => each.scheme === scheme))
  return named.length === 0 || named.some(codec => codec.id === id)
}

/** What a connection speaks when it is made to an address. Datagrams have what streams lack: they stay datagrams. */
export function spokenAt(to: Address, { codec, transport }: Flow): AnyCodec | undefined {
  const spoken = codec === undefined ? undefined : codecAt(to, codec, codecs)
  return (spoken?.transport === 'datagram') === (transport === 'datagram') ? spoken : undefined
}
