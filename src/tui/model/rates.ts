import type { Packet } from '../../../codecs/core/index.ts'
import type { Flow } from '../../flow.ts'
import { protocolOf } from '../../flow.ts'

/** Seconds that are remembered. */
export const HISTORY = 120
/** Types counted one by one: STOMP's are words of the sender's own choice. */
const MOST_TYPES = 500

export interface TypeCount {
  readonly protocol: string
  readonly type: string
  count: number
  bytes: number
  /** Of the last whole second. */
  rate: number
  /** `count` when that second ended. */
  before: number
}

/** Counts by second of `now`, which is the wall clock's for live traffic and the traffic's own for a file. */
export class Series {
  readonly #values = new Float64Array(HISTORY)
  #second = 0

  add(second: number, amount: number): void {
    this.turn(second)
    // What belongs to a second that has passed counts where it belongs, as long as that is remembered.
    const at = second > this.#second - HISTORY ? second : this.#second
    this.#values[slot(at)] = (this.#values[slot(at)] as number) + amount
  }

  /** Moves on to this second: those between were silent. */
  turn(second: number): void {
    if (this.#second === 0) this.#second = second
    if (second - this.#second >= HISTORY) this.#values.fill(0)
    else for (let at = this.#second + 1; at <= second; at++) this.#values[slot(at)] = 0
    this.#second = Math.max(this.#second, second)
  }

  /** The last `count` seconds, oldest first; the one that is not over only where it is `over`. */
  last(count: number, over: boolean): number[] {
    const end = this.#second + (over ? 1 : 0)
    const from = end - Math.min(count, HISTORY - 1)
    return Array.from({ length: end - from }, (_, index) => this.#values[slot(from + index)] as number)
  }
}

const slot = (second: number): number => ((second % HISTORY) + HISTORY) % HISTORY

/** How much passes, in all and by type. */
export class Rates {
  readonly client = new Series()
  readonly server = new Series()
  readonly clientBytes = new Series()
  readonly serverBytes = new Series()
  bytes = 0
  malformed = 0
  readonly #types = new Map<string, Map<string, TypeCount>>()
  #typesSeen = 0
  #second = 0

  count(flow: Flow, packet: Packet): void {
    const second = Math.floor(packet.time / 1e9) + 1
    if (second > this.#second) this.turn(second)
    const client = packet.side === 'client'
    ;(client ? this.client : this.server).add(second, 1)
    ;(client ? this.clientBytes : this.serverBytes).add(second, packet.length)
    this.bytes += packet.length
    if (packet.kind === 'malformed') this.malformed++
    const { codec } = flow
    const type = packet.kind === 'frame' && codec !== undefined ? codec.type(packet) : packet.kind
    const counted = this.#type(codec?.id ?? protocolOf(flow), type)
    counted.count++
    counted.bytes += packet.length
  }

  /** Says what time it is, in seconds from 1 since the source's origin, where nothing arrives that would. */
  turn(second: number): void {
    if (second <= this.#second) return
    const passed = second - this.#second
    this.#second = second
    for (const series of [this.client, this.server, this.clientBytes, this.serverBytes]) series.turn(second)
    for (const counted of this.types) {
      counted.rate = (counted.count - counted.before) / passed
      counted.before = counted.count
    }
  }

  get types(): TypeCount[] {
    return [...this.#types.values()].flatMap(types => [...types.values()])
  }

  #type(protocol: string, type: string): TypeCount {
    let types = this.#types.get(protocol)
    if (types === undefined) this.#types.set(protocol, (types = new Map()))
    let counted = types.get(type)
    if (counted === undefined) {
      const name = this.#typesSeen < MOST_TYPES ? type : 'other'
      counted = types.get(name)
      if (counted === undefined) {
        counted = { protocol, type: name, count: 0, bytes: 0, rate: 0, before: 0 }
        types.set(name, counted)
        this.#typesSeen++
      }
    }
    return counted
  }
}
