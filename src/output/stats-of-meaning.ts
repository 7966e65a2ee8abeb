import type { Exchange, Message } from '../../codecs/core/index.ts'
import { Histogram } from '../histogram.ts'
import { ExchangeTally } from './latency.ts'
import type { StatRow } from './stats.ts'

/** Kinds, destinations and flows whose latencies are kept one by one: names are a peer's own. */
const KINDS = 1000
const DESTINATIONS = 2000
const FLOWS = 2000

/** What messages and exchanges come to: sizes, latencies. */
export class StatsOfMeaning {
  readonly #sizes = new Map<string, { readonly protocol: string; readonly direction: string; sizes: Histogram }>()
  readonly #kinds = new Tallies(KINDS, 3)
  readonly #destinations = new Tallies(DESTINATIONS, 2)
  readonly #flows = new Tallies(FLOWS, 2)

  message(protocol: string, { direction, size }: Message): void {
    const key = `${protocol} ${direction}`
    let found = this.#sizes.get(key)
    if (found === undefined) this.#sizes.set(key, (found = { protocol, direction, sizes: new Histogram() }))
    found.sizes.record(size)
  }

  exchange(protocol: string, flow: number, exchange: Exchange): void {
    const { kind, address } = exchange
    this.#kinds.add(`${protocol} ${kind}`, { protocol, kind }, exchange)
    this.#flows.add(`${protocol} ${kind} ${flow}`, { protocol, kind, flow }, exchange)
    if (address === undefined) return
    this.#destinations.add(`${protocol} ${kind} ${address}`, { protocol, kind, destination: address }, exchange)
  }

  *rows(): Iterable<StatRow> {
    for (const { protocol, direction, sizes } of this.#sizes.values()) {
      yield { stat: 'message-size', protocol, direction, ...sizes.distribution }
    }
    yield* this.#kinds.rows('latency')
    yield* this.#destinations.rows('destination-latency')
    yield* this.#flows.rows('flow-latency')
  }
}

type Timed = Extract<StatRow, { readonly failed: unknown }>

interface Subject {
  readonly protocol: string
  readonly kind: string
  readonly destination?: string
  readonly flow?: number
}

class Tallies {
  readonly #limit: number
  readonly #digits: 2 | 3
  readonly #all = new Map<string, { readonly subject: Subject; readonly tally: ExchangeTally }>()

  constructor(limit: number, digits: 2 | 3) {
    this.#limit = limit
    this.#digits = digits
  }

  add(key: string, subject: Subject, { reply, ok, started, ended }: Exchange): void {
    let found = this.#all.get(key)
    if (found === undefined) {
      if (this.#all.size >= this.#limit) return
      this.#all.set(key, (found = { subject, tally: new ExchangeTally(this.#digits) }))
    }
    if (reply === 0) found.tally.open++
    else found.tally.answered(ended - started, ok !== false)
  }

  *rows(stat: Timed['stat']): Iterable<Timed> {
    const sorted = [...this.#all.values()].toSorted((a, b) => b.tally.weight - a.tally.weight)
    for (const { subject, tally } of sorted) yield { stat, ...subject, ...tally.row }
  }
}
