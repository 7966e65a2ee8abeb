import type { Packet, TopologyChange, Tracked } from '../../core/index.ts'
import type { Head } from './head.ts'

/** How many are told apart; of more nothing is told. */
const MOST = 4096

/** What there is at the other side, as far as its answers tell. */
export class Resources {
  readonly #out: Tracked
  readonly #known = new Set<string>()

  constructor(out: Tracked) {
    this.#out = out
  }

  /** A request for `address` succeeded. */
  answered(address: string, { code, fields }: Head, packet: Packet, number: number): void {
    const created = code === '2.01' && fields.locationPath !== undefined ? `/${fields.locationPath}` : address
    if (code === '2.02') {
      this.#known.delete(address)
      this.#tell('remove', address, packet, number)
    } else if (!this.#known.has(created) && this.#known.size < MOST) {
      this.#known.add(created)
      this.#tell(code === '2.01' ? 'add' : 'use', created, packet, number)
    }
  }

  #tell(action: TopologyChange['action'], name: string, { time }: Packet, frame: number): void {
    this.#out.topology({ action, kind: 'resource', name, frame, time })
  }
}
