import type { Message, TopologyChange } from '../../../codecs/core/index.ts'
import { type Flow, formatEndpoint } from '../../flow.ts'
import { printable } from '../../output/index.ts'
import { grouped, jsonTree } from '../rows/cells.ts'
import type { Tree } from './tree.ts'

/** Things of all kinds that are remembered: what a peer makes up must not take all memory. */
const MOST = 20_000
/** Of one kind, so many are shown. */
const SHOWN = 500

interface Thing {
  readonly kind: string
  readonly name: string
  readonly parent: string | undefined
  details: TopologyChange['details']
  /** Made here or used, and not removed since. */
  present: boolean
  changes: number
}

interface Traffic {
  published: number
  delivered: number
}

interface Broker {
  readonly things: Map<string, Thing>
  readonly addresses: Map<string, Traffic>
}

/** What exists at the brokers, as far as the traffic has told; and how much went where. */
export class Topology {
  readonly #brokers = new Map<string, Broker>()
  #size = 0
  /** What there was no room for. */
  beyond = 0

  change(flow: Flow, { action, kind, name, parent, details }: TopologyChange): void {
    const { things } = this.#broker(flow)
    const key = JSON.stringify([kind, name, parent])
    let thing = things.get(key)
    if (thing === undefined) {
      if (!this.#room()) return
      thing = { kind, name, parent, details, present: true, changes: 0 }
      things.set(key, thing)
    }
    thing.changes++
    thing.present = action !== 'remove'
    if (details !== undefined) thing.details = details
  }

  message(flow: Flow, { address, direction }: Message): void {
    if (address === undefined) return
    const { addresses } = this.#broker(flow)
    let traffic = addresses.get(address)
    if (traffic === undefined) {
      if (!this.#room()) return
      traffic = { published: 0, delivered: 0 }
      addresses.set(address, traffic)
    }
    if (direction === 'publish') traffic.published++
    else traffic.delivered++
  }

  /** By broker: its things by kind, each with what hangs on it, and where messages went. */
  trees(): Tree[] {
    return [...this.#brokers].map(([server, { things, addresses }]) => ({
      name: server,
      value: '',
      children: [...kindTrees([...things.values()], addresses), ...destinationTree(addresses)],
    }))
  }

  #broker({ server }: Flow): Broker {
    const name = formatEndpoint(server)
    let broker = this.#brokers.get(name)
    if (broker === undefined) this.#brokers.set(name, (broker = { things: new Map(), addresses: new Map() }))
    return broker
  }

  #room(): boolean {
    if (this.#size >= MOST) {
      this.beyond++
      return false
    }
    this.#size++
    return true
  }
}

function kindTrees(things: readonly Thing[], addresses: ReadonlyMap<string, Traffic>): Tree[] {
  const below = new Map<string, Thing[]>()
  const names = new Set(things.map(({ name }) => name))
  const kinds = new Map<string, Thing[]>()
  for (const thing of things) {
    // What hangs on something that nobody has told of stands with its own kind.
    const hangs = thing.parent !== undefined && names.has(thing.parent) && thing.parent !== thing.name
    const lists = hangs ? below : kinds
    const key = hangs ? (thing.parent as string) : thing.kind
    lists.set(key, [...(lists.get(key) ?? []), thing])
  }
  const tree = (thing: Thing, depth: number): Tree => {
    const hanging = depth < DEEPEST ? (below.get(thing.name) ?? []) : []
    return thingTree(
      thing,
      addresses,
      hanging.slice(0, SHOWN).map(each => tree(each, depth + 1)),
    )
  }
  return [...kinds].map(([kind, all]) => ({
    name: `${printable(kind)} (${grouped(all.filter(({ present }) => present).length)})`,
    value: all.length > SHOWN ? `the first ${SHOWN} of ${grouped(all.length)}` : '',
    children: all.slice(0, SHOWN).map(each => tree(each, 0)),
  }))
}

/** Names may lead back to each other. */
const DEEPEST = 4

function thingTree(thing: Thing, addresses: ReadonlyMap<string, Traffic>, hanging: readonly Tree[]): Tree {
  const { kind, name, parent, details = {}, present } = thing
  const own = Object.entries(details).map(([key, value]) => jsonTree(key, value))
  const counts = trafficText(addresses.get(name))
  const where = parent === undefined ? '' : `on ${printable(parent)}`
  return {
    name: `${kind} ${name === '' ? '(no name)' : printable(name)}`,
    value: [present ? '' : '✗ removed', where, counts].filter(part => part !== '').join('  '),
    look: present ? undefined : 'dim',
    children: own.length + hanging.length === 0 ? undefined : [...hanging, ...own],
    folded: hanging.length === 0,
  }
}

const trafficText = (traffic: Traffic | undefined): string =>
  traffic === undefined
    ? ''
    : [
        traffic.published > 0 ? `→ ${grouped(traffic.published)}` : '',
        traffic.delivered > 0 ? `← ${grouped(traffic.delivered)}` : '',
      ]
        .filter(part => part !== '')
        .join(' ')

function destinationTree(addresses: ReadonlyMap<string, Traffic>): Tree[] {
  if (addresses.size === 0) return []
  const busiest = [...addresses].sort(([, a], [, b]) => b.published + b.delivered - a.published - a.delivered)
  return [
    {
      name: `messages by destination (${grouped(addresses.size)})`,
      value: addresses.size > SHOWN ? `the busiest ${SHOWN}` : '',
      children: busiest.slice(0, SHOWN).map(([address, traffic]) => ({
        name: address === '' ? '(no name)' : printable(address),
        value: trafficText(traffic),
      })),
    },
  ]
}
