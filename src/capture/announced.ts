import type { Side } from '../../codecs/core/index.ts'
import type { Endpoint, FlowInfo } from '../flow.ts'
import type { FlowMeta } from '../metadata.ts'
import { sourceOf, targetOf } from './entry.ts'
import type { PacketInfo } from './packet.ts'

/** What a recording knows of a flow better than its packets do. */
export type AnnouncedFlow = Pick<FlowInfo, 'id' | 'client' | 'server' | 'started' | 'joined'> &
  Partial<Pick<FlowInfo, 'route' | 'unwrapped' | 'protocols'>>

/** Flows that were announced and may still come, and no more: the packets tell enough of the others. */
const MOST = 131_072

/** The flows of a recording, as it says itself what they are, and their numbers. */
export class Announced {
  readonly #flows = new Map<string, { readonly flow: AnnouncedFlow; readonly sender: Side }>()
  /** Numbers that are taken, where a recording gives them. */
  readonly #taken = new Set<number>()
  #last = 0

  add(meta: FlowMeta, started: number): void {
    const { flow: id, transport, recorded, client, server, joined, route, unwrapped, protocols } = meta
    const flow: AnnouncedFlow = {
      id,
      client,
      server,
      started,
      joined,
      ...(route === undefined ? {} : { route }),
      ...(unwrapped === undefined ? {} : { unwrapped }),
      ...(protocols === undefined ? {} : { protocols }),
    }
    if (this.#flows.size >= MOST) this.#flows.clear()
    this.#flows.set(key(transport, recorded.client, recorded.server), { flow, sender: 'client' })
    this.#flows.set(key(transport, recorded.server, recorded.client), { flow, sender: 'server' })
  }

  /** The flow of a packet, and who of it sent the packet. */
  of(packet: PacketInfo, transport: FlowInfo['transport']): { flow: AnnouncedFlow; sender: Side } | undefined {
    return this.#flows.size === 0 ? undefined : this.#flows.get(key(transport, sourceOf(packet), targetOf(packet)))
  }

  /** The number of a flow: the one that it is said to have, unless another has that, or else the next. */
  number(said: number | undefined): number {
    if (said !== undefined && said > this.#last && !this.#taken.has(said)) {
      this.#taken.add(said)
      return said
    }
    do this.#last++
    while (this.#taken.delete(this.#last))
    return this.#last
  }
}

const key = (transport: string, { host, port }: Endpoint, to: Endpoint): string =>
  `${transport} ${host} ${port} ${to.host} ${to.port}`
