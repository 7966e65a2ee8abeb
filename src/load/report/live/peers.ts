import { codecs } from '../../../../codecs/index.ts'
import { parseUpstream } from '../../../net/index.ts'
import type { GroupPlan, Plan } from '../../plan.ts'

/** Whom the clients of one kind speak to, as attributes of metrics: never a destination, of which there may be any number. */
export interface Peer {
  /** Codecs' ids, joined by `+` where there are several. */
  readonly protocol: string
  /** Undefined where there are several. */
  readonly host: string | undefined
  readonly port: number | undefined
}

export interface Peers {
  readonly all: Peer
  readonly published: Peer
  readonly consumed: Peer
}

/** Who is published to, and who is consumed from: they may be two. */
export const peersOf = ({ groups }: Pick<Plan, 'groups'>): Peers => ({
  all: peerOf(groups),
  published: peerOf(groups.filter(({ publish }) => publish !== undefined)),
  consumed: peerOf(groups.filter(({ consume }) => consume !== undefined)),
})

function peerOf(groups: readonly GroupPlan[]): Peer {
  const addresses = groups.flatMap(({ urls }) => urls.map(url => parseUpstream(url, codecs)))
  const only = <T>(values: readonly T[]): T | undefined => (new Set(values).size === 1 ? values[0] : undefined)
  return {
    protocol: [...new Set(groups.map(({ protocol }) => protocol))].sort().join('+'),
    host: only(addresses.map(({ host }) => host)),
    port: only(addresses.map(({ port }) => port)),
  }
}
