import type { Exchange, Message, Side } from '../../codecs/core/index.ts'
import { type BySide, type Flow, formatEndpoint, protocolOf } from '../flow.ts'
import type { Distribution } from '../histogram.ts'
import type { Clock } from './clock.ts'
import type { ExchangeCounts } from './latency.ts'
import type { RecordFormat } from './record.ts'
import type { Row } from './row.ts'
import { StatsOfMeaning } from './stats-of-meaning.ts'
import type { View } from './view.ts'

interface Counts {
  readonly frames: BySide<number>
  readonly bytes: BySide<number>
  /** Over the time from the beginning of the first connection to the end of the last; absent where no time passed. */
  readonly framesPerSecond?: number
  readonly bytesPerSecond?: number
}

/** What was counted, of everything and then of ever narrower parts of it. */
export type StatRow =
  | ({
      readonly stat: 'total'
      readonly flows: number
      readonly start?: string
      readonly end?: string
      readonly malformed: number
      readonly lost: number
    } & Counts)
  | ({
      readonly stat: 'protocol'
      readonly protocol: string
      readonly flows: number
      readonly malformed: number
      readonly lost: number
    } & Counts)
  | ({ readonly stat: 'type'; readonly protocol: string; readonly type: string } & Counts)
  | ({ readonly stat: 'destination'; readonly protocol: string; readonly destination: string } & Counts)
  /** What went to destinations beyond those that are counted one by one. */
  | ({ readonly stat: 'other-destinations'; readonly protocol: string } & Counts)
  /** The connections, the busiest first. */
  | ({
      readonly stat: 'flow'
      readonly flow: number
      readonly protocol: string
      readonly client: string
      readonly server: string
      readonly product?: string
    } & Counts)
  /** Exchanges of one kind; to one destination, or of one flow, where it says so. */
  | ({
      readonly stat: 'latency' | 'destination-latency' | 'flow-latency'
      readonly protocol: string
      readonly kind: string
      readonly destination?: string
      readonly flow?: number
    } & ExchangeCounts)
  /** Sizes of messages in bytes. */
  | ({ readonly stat: 'message-size'; readonly protocol: string; readonly direction: string } & Distribution)

export const statColumns: readonly string[] = [
  'stat',
  'protocol',
  'type',
  'destination',
  'flows',
  'frames',
  'bytes',
  'framesPerSecond',
  'bytesPerSecond',
  'flow',
  'client',
  'server',
  'product',
  'kind',
  'direction',
  'count',
  'failed',
  'open',
  'meanUs',
  'p50Us',
  'p90Us',
  'p99Us',
  'p999Us',
  'maxUs',
  'mean',
  'p50',
  'p90',
  'p99',
  'p999',
  'max',
  'start',
  'end',
  'malformed',
  'lost',
]

/** Destinations counted one by one, of each protocol: a client that makes up names must not take all memory. */
const DESTINATIONS = 10_000

class Tally {
  readonly frames: BySide<number> = { client: 0, server: 0 }
  readonly bytes: BySide<number> = { client: 0, server: 0 }

  add(side: Side, bytes: number): void {
    this.frames[side]++
    this.bytes[side] += bytes
  }

  addBytes({ client, server }: Readonly<BySide<number>>): void {
    this.bytes.client += client
    this.bytes.server += server
  }

  counts(span: number): Counts {
    const { frames, bytes } = this
    if (span <= 0) return { frames, bytes }
    return {
      frames,
      bytes,
      framesPerSecond: rounded((frames.client + frames.server) / span),
      bytesPerSecond: rounded((bytes.client + bytes.server) / span),
    }
  }

  get weight(): number {
    return this.frames.client + this.frames.server
  }
}

/** To four digits: no rate is known better than that. */
const rounded = (value: number): number => Number(value.toPrecision(4))

class ProtocolTally {
  readonly all = new Tally()
  readonly types = new Map<string, Tally>()
  readonly destinations = new Map<string, Tally>()
  readonly others = new Tally()
  flows = 0
  malformed = 0
  lost = 0

  destination(name: string, limit: number): Tally {
    const known = this.destinations.get(name)
    if (known !== undefined) return known
    return this.destinations.size < limit ? tallyOf(this.destinations, name) : this.others
  }
}

function tallyOf(map: Map<string, Tally>, name: string): Tally {
  let tally = map.get(name)
  if (tally === undefined) map.set(name, (tally = new Tally()))
  return tally
}

/** Counts, rates and latencies per protocol, type, destination and flow, told at the end. */
export class StatsView implements View {
  readonly needs = 'meaning'
  readonly #format: RecordFormat<StatRow>
  readonly #clock: () => Clock
  readonly #limit: number
  readonly #protocols = new Map<string, ProtocolTally>()
  readonly #all = new Tally()
  readonly #open = new Set<Flow>()
  readonly #meaning = new StatsOfMeaning()
  /** Flows that are over, the busiest of them. */
  #flows: Talker[] = []
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  constructor(format: RecordFormat<StatRow>, clock: () => Clock, limit = DESTINATIONS) {
    this.#format = format
    this.#clock = clock
    this.#limit = limit
  }

  open(): void {
    this.#format.open?.()
  }

  opened(flow: Flow): void {
    this.#open.add(flow)
  }

  row(row: Row): void {
    const { packet } = row
    if (packet.kind !== 'frame') return
    const { side, length } = packet
    const protocol = this.#protocol(row.protocol)
    this.#all.add(side, length)
    protocol.all.add(side, length)
    tallyOf(protocol.types, row.type).add(side, length)
    const destination = row.destination
    if (destination !== undefined) protocol.destination(destination, this.#limit).add(side, length)
  }

  message(flow: Flow, message: Message): boolean {
    this.#meaning.message(protocolOf(flow), message)
    return false
  }

  exchange(flow: Flow, exchange: Exchange): boolean {
    this.#meaning.exchange(protocolOf(flow), flow.id, exchange)
    return false
  }

  closed(flow: Flow): void {
    this.#open.delete(flow)
    this.#count(flow)
  }

  finish(): void {
    for (const flow of this.#open) this.#count(flow)
    this.#format.write([...this.#rows()])
    this.#format.close?.()
  }

  #protocol(id: string): ProtocolTally {
    let protocol = this.#protocols.get(id)
    if (protocol === undefined) this.#protocols.set(id, (protocol = new ProtocolTally()))
    return protocol
  }

  #count(flow: Flow): void {
    const protocol = this.#protocol(protocolOf(flow))
    protocol.flows++
    protocol.malformed += flow.malformed
    protocol.lost += flow.lost
    if (flow.codec === undefined) {
      protocol.all.addBytes(flow.bytes)
      this.#all.addBytes(flow.bytes)
    }
    this.#flows.push(talker(flow))
    if (this.#flows.length >= 2 * FLOWS) this.#flows = busiest(this.#flows)
    this.#first = Math.min(this.#first, flow.started)
    this.#last = Math.max(this.#last, flow.ended)
  }

  *#rows(): Generator<StatRow> {
    const span = (this.#last - this.#first) / 1e9
    const protocols = [...this.#protocols].sort(([, a], [, b]) => b.all.weight - a.all.weight)
    const sum = (of: (tally: ProtocolTally) => number): number =>
      protocols.reduce((all, [, tally]) => all + of(tally), 0)
    const clock = this.#clock()
    yield {
      stat: 'total',
      flows: sum(({ flows }) => flows),
      ...(span >= 0 ? { start: clock.iso(this.#first), end: clock.iso(this.#last) } : {}),
      ...this.#all.counts(span),
      malformed: sum(({ malformed }) => malformed),
      lost: sum(({ lost }) => lost),
    }
    for (const [protocol, { all, flows, malformed, lost }] of protocols) {
      yield { stat: 'protocol', protocol, flows, ...all.counts(span), malformed, lost }
    }
    for (const [protocol, { types }] of protocols) {
      for (const [type, tally] of heaviest(types)) yield { stat: 'type', protocol, type, ...tally.counts(span) }
    }
    for (const [protocol, { destinations, others }] of protocols) {
      for (const [destination, tally] of heaviest(destinations)) {
        yield { stat: 'destination', protocol, destination, ...tally.counts(span) }
      }
      if (others.weight > 0) yield { stat: 'other-destinations', protocol, ...others.counts(span) }
    }
    yield* busiest(this.#flows)
    yield* this.#meaning.rows()
  }
}

/** Flows told one by one. */
const FLOWS = 1000

type Talker = StatRow & { readonly stat: 'flow' }

function talker(flow: Flow): Talker {
  const { product } = { ...flow.facts.server, ...flow.facts.client }
  return {
    stat: 'flow',
    flow: flow.id,
    protocol: protocolOf(flow),
    client: formatEndpoint(flow.client),
    server: formatEndpoint(flow.server),
    ...(product === undefined ? {} : { product }),
    frames: { ...flow.frames },
    bytes: { ...flow.bytes },
  }
}

const busiest = (flows: readonly Talker[]): Talker[] =>
  flows.toSorted((a, b) => total(b.bytes) - total(a.bytes) || a.flow - b.flow).slice(0, FLOWS)
const total = ({ client, server }: BySide<number>): number => client + server

const heaviest = (map: Map<string, Tally>): [string, Tally][] => [...map].sort(([, a], [, b]) => b.weight - a.weight)
