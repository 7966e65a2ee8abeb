import type { AnyCodec, Exchange, Message, Packet, TopologyChange } from '../../../codecs/core/index.ts'
import { ExchangeRow, FindingRow, MessageRow, type Tied } from '../../fields/index.ts'
import { Diagnosis, type Finding, type FindingObserver, trafficRules } from '../../findings/index.ts'
import type { Flow } from '../../flow.ts'
import type { Observer } from '../../inspector.ts'
import type { Row } from '../../output/index.ts'
import type { Payloads } from '../../payload/index.ts'
import { Tracking } from '../../tracking/index.ts'
import { type ExchangeEntry, exchangesKind } from '../rows/exchanges.ts'
import { findingsKind } from '../rows/findings.ts'
import { type FlowEntry, flowsKind } from '../rows/flows.ts'
import { FrameStore, framesKind } from '../rows/frames.ts'
import { messagesKind } from '../rows/messages.ts'
import { Kept, type KeptLimits } from './kept.ts'
import type { KindId } from './kind.ts'
import { Latencies } from './latencies.ts'
import { Pace } from './pace.ts'
import { type Again, Past } from './past.ts'
import { Rates } from './rates.ts'
import { Ring } from './ring.ts'
import { type AnyTable, Table } from './table.ts'
import { Ties } from './ties.ts'
import { Topology } from './topology.ts'

/** How much is remembered of what is no frame: each may hold on to a chunk of what arrived. */
const FLOWS = 10_000
const MESSAGES = 20_000
const MESSAGE_BYTES = 64 << 20
/** Of what is live less: it is garbage soon, and the more of it there is, the dearer it is to collect. */
const LIVE_MESSAGE_BYTES = 16 << 20
const EXCHANGES = 20_000
const FINDINGS = 5_000

export interface TrafficOptions {
  readonly codecs: readonly AnyCodec[]
  readonly secrets: boolean
  readonly payloads: Payloads
  readonly limits?: KeptLimits
  /** Of what comes faster than anybody could look, only a part is listed: for what is live. */
  readonly sampled?: boolean
  /** Reads it all again, for what is no longer kept; absent where it is nowhere. */
  readonly again?: Again | undefined
}

interface Told<S> {
  readonly flow: Flow
  readonly source: S
}

/**
 * What passed, as the terminal UI knows it. As an observer it does no more for anything than keep it and count it: all
 * else is done for what is looked at, when the screen is drawn.
 */
export class Traffic implements FindingObserver {
  readonly kept: Kept
  readonly rates = new Rates()
  readonly latencies = new Latencies()
  readonly topologies = new Topology()
  readonly ties = new Ties()
  readonly frames: Table<Row>
  readonly flows: Table<FlowEntry>
  /** By the kinds of rows, in the order in which one key goes through them. */
  readonly tables: Readonly<Partial<Record<KindId, AnyTable>>>
  /** The frames of one connection. */
  readonly ladder: Table<Row>
  /** What is to be told to it, by way of whoever works out what it means. */
  readonly observer: Observer
  /** Told when rows came that were wanted, or why they did not. */
  onPast: (trouble?: string) => void = () => {}
  readonly #tracking: Tracking
  readonly #diagnosis: Diagnosis
  readonly #frames: FrameStore
  readonly #past: Past | undefined
  readonly #flows: Ring<FlowEntry, FlowEntry>
  readonly #messages: Ring<Told<Message>, MessageRow>
  readonly #exchanges: Ring<Told<Exchange>, ExchangeEntry>
  readonly #findings: Ring<Finding, FindingRow>
  readonly #sampled: boolean
  readonly #messagePace = new Pace()
  readonly #exchangePace = new Pace()
  readonly #tiePace = new Pace()
  #open = 0
  #now = 0
  #ladderOf: number | undefined
  #chunk: ArrayBufferLike | undefined

  constructor({ codecs, secrets, payloads, limits, again, sampled = false }: TrafficOptions) {
    this.#sampled = sampled
    this.kept = new Kept(limits)
    this.#past = again && new Past(again, trouble => this.onPast(trouble))
    this.#frames = new FrameStore(this.kept, secrets, frame => this.#tied(frame), this.#past)
    const clock = () => this.#frames.clock
    const iso = (time: number): string => clock().iso(time)
    this.#flows = new Ring({ limit: FLOWS, row: entry => entry })
    this.#messages = new Ring({
      limit: MESSAGES,
      row: ({ flow, source }, number) => new MessageRow(number, flow, source, iso, payloads),
      weight: {
        limit: sampled ? LIVE_MESSAGE_BYTES : MESSAGE_BYTES,
        of: ({ source }) => this.#weigh(source),
      },
    })
    this.#exchanges = new Ring({
      limit: EXCHANGES,
      row: ({ flow, source }, number) => {
        const now = source.ended === 0 ? this.#now : source.ended
        return { flow, row: new ExchangeRow(number, flow, source, iso, now) }
      },
    })
    this.#findings = new Ring({ limit: FINDINGS, row: finding => new FindingRow(finding, iso) })
    const frames = framesKind(codecs, this.#frames, payloads)
    this.frames = new Table(frames, this.#frames)
    this.ladder = new Table(frames, this.#frames)
    this.flows = new Table(flowsKind(codecs), this.#flows)
    this.tables = {
      frames: this.frames,
      messages: new Table(messagesKind(codecs, secrets, clock), this.#messages),
      exchanges: new Table(exchangesKind(codecs, clock), this.#exchanges),
      findings: new Table(findingsKind(codecs, clock), this.#findings),
    }
    this.#diagnosis = new Diagnosis(this, trafficRules)
    this.#tracking = new Tracking(this.#diagnosis)
    this.observer = this.#tracking
  }

  /** Connections that are open. */
  get open(): number {
    return this.#open
  }

  get findings(): number {
    return this.#findings.total
  }

  start(origin: bigint): void {
    this.#frames.start(origin)
    this.#past?.start(origin)
  }

  opened(flow: Flow): void {
    this.#open++
    this.#flows.add({ flow, clock: this.#frames.clock })
  }

  packet(flow: Flow, packet: Packet): void {
    this.kept.add(flow, packet)
    this.#past?.note(this.kept.total, packet)
    this.rates.count(flow, packet)
    if (packet.time > this.#now) this.#now = packet.time
  }

  message(flow: Flow, source: Message): void {
    if (this.#lets(this.#messagePace, source.time, source.body.length)) this.#messages.add({ flow, source })
    else this.#messages.skip()
    this.topologies.message(flow, source)
  }

  began(flow: Flow, source: Exchange): void {
    if (this.#lets(this.#exchangePace, source.started)) this.#exchanges.add({ flow, source })
    else this.#exchanges.skip()
    this.latencies.began()
  }

  ended(_: Flow, exchange: Exchange): void {
    this.latencies.ended(exchange)
    if (this.#lets(this.#tiePace, exchange.ended)) this.ties.answered(exchange)
  }

  unanswered(_: Flow, exchange: Exchange): void {
    this.latencies.unanswered(exchange)
  }

  topology(flow: Flow, change: TopologyChange): void {
    this.topologies.change(flow, change)
  }

  finding(finding: Finding): void {
    this.#findings.add(finding)
  }

  closed(): void {
    this.#open--
  }

  /** Nothing more comes. */
  finish(): void {
    this.#tracking.finish()
    this.#diagnosis.finish()
  }

  /** Exchanges and bodies that could not be followed, findings that were more of the same. */
  get omissions(): string[] {
    return [...this.#tracking.omissions, ...this.#diagnosis.omissions]
  }

  /** Shows the frames of this connection in the ladder; false where it did. */
  climb(flow: number): boolean {
    if (flow === this.#ladderOf) return false
    this.#ladderOf = flow
    // Which flow a packet is of is known without making the packet.
    this.ladder.restrict((_, number) => this.kept.segment(number)?.flow(number).id === flow)
    return true
  }

  /** The exchanges that a frame answered, for filters that ask about them. */
  #tied(frame: number): Tied {
    const answered = this.ties.of(frame)
    if (answered.length === 0) return NOTHING
    const iso = (time: number): string => this.#frames.clock.iso(time)
    const flow = this.kept.segment(frame)?.flow(frame)
    if (flow === undefined) return NOTHING
    return { message: [], exchange: answered.map(exchange => new ExchangeRow(0, flow, exchange, iso)) }
  }

  #lets(pace: Pace, time: number, bytes?: number): boolean {
    return !this.#sampled || pace.lets(time, bytes)
  }

  /** Messages are views of the chunks they arrived in; neighbours share theirs. */
  #weigh({ packets, body }: Message): number {
    const chunk = (packets.at(-1)?.buffer ?? body).buffer
    if (chunk === this.#chunk) return 0
    this.#chunk = chunk
    return chunk.byteLength
  }
}

const NOTHING: Tied = { message: [], exchange: [] }
