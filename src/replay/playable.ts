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
  if (spokenAt(to, flow) !== undefined) return undefined
  return `${codec.name} cannot be replayed over ${to.transport}`
}

/** Why a connection is not meant where the address names another protocol by its scheme; undefined where it is. */
export function unmeant({ scheme }: Address, { codec }: Flow): string | undefined {
  const named = codecs.filter(({ schemes }) => schemes.some(each => each.scheme === scheme))
  if (codec === undefined || named.length === 0 || named.some(({ id }) => id === codec.id)) return undefined
  return `${codec.name} is not spoken at ${scheme}://`
}

/** What a connection speaks when it is made to an address. Datagrams have what streams lack: they stay datagrams. */
export function spokenAt(to: Address, { codec, transport }: Flow): AnyCodec | undefined {
  const spoken = codec === undefined ? undefined : codecAt(to, codec, codecs)
  return (spoken?.transport === 'datagram') === (transport === 'datagram') ? spoken : undefined
}
