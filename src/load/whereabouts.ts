import type { CarrierStatus } from '../../codecs/core/index.ts'
import { type Address, formatAddress } from '../net/index.ts'
import type { Place } from './result.ts'

/** The upstreams that a client may be at: its own, and where that is not to be reached, those after it, in a circle. */
export class Rounds {
  readonly #addresses: readonly Address[]
  #at = 0
  /** How many are still to be tried of this round. */
  #left: number
  /** Where it was last, or is to be first. */
  #home: Address
  #place: Counted | undefined

  /** Its own first, and at least that. */
  constructor(addresses: readonly Address[]) {
    this.#addresses = addresses
    this.#left = addresses.length - 1
    this.#home = addresses[0] as Address
  }

  get address(): Address {
    return this.#addresses[this.#at] as Address
  }

  /** A connection there is ready: the next round begins with it. Answers with whether it is another than before. */
  arrived(whereabouts: Whereabouts, carriers: readonly CarrierStatus[]): boolean {
    this.#left = this.#addresses.length - 1
    const { address } = this
    this.#place = whereabouts.arrived(address, carriers, this.#place)
    const moved = address !== this.#home
    this.#home = address
    return moved
  }

  /** It was not: goes on to the next. False where all have been tried, and a new round begins. */
  next(): boolean {
    this.#at = (this.#at + 1) % this.#addresses.length
    const more = this.#left > 0
    this.#left = more ? this.#left - 1 : this.#addresses.length - 1
    return more
  }
}

/** A place, as it is counted. */
type Counted = { -readonly [Name in keyof Place]: Place[Name] }

/** Where the connections of one group went, and what was agreed on there. */
export class Whereabouts {
  readonly #places = new Map<string, Counted>()

  /** A client's connection became ready; `before` is where the one before it was. */
  arrived(address: Address, carriers: readonly CarrierStatus[], before: Counted | undefined): Counted {
    const url = formatAddress(address)
    const secured = carriers.find(({ cipher }) => cipher !== undefined)
    const key = JSON.stringify([url, secured?.name, secured?.cipher, secured?.subprotocol])
    let place = this.#places.get(key)
    if (place === undefined) this.#places.set(key, (place = { url, connections: 0, clients: 0, ...tlsOf(secured) }))
    place.connections++
    place.clients++
    if (before !== undefined) before.clients--
    return place
  }

  get places(): readonly Place[] {
    return [...this.#places.values()]
  }
}

function tlsOf(secured: CarrierStatus | undefined): Pick<Place, 'tls'> {
  if (secured === undefined) return {}
  const { name, cipher = '', subprotocol } = secured
  return { tls: { version: name, cipher, ...(subprotocol !== undefined && { protocol: subprotocol }) } }
}

/** Those of several workers, put together. */
export function placesOf(parts: readonly Place[]): readonly Place[] {
  const all = new Map<string, Counted>()
  for (const place of parts) {
    const { connections, clients, ...terms } = place
    const key = JSON.stringify(terms)
    const known = all.get(key)
    if (known === undefined) all.set(key, { ...place })
    else {
      known.connections += connections
      known.clients += clients
    }
  }
  return [...all.values()].sort((a, b) => a.url.localeCompare(b.url) || b.connections - a.connections)
}
