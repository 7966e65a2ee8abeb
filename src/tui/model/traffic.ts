import type { AnyCodec, Packet } from '../../../codecs/core/index.ts'
import type { Flow } from '../../flow.ts'
import type { Observer } from '../../inspector.ts'
import type { Row } from '../../output/index.ts'
import { type FlowEntry, flowsKind } from '../rows/flows.ts'
import { FrameStore, framesKind } from '../rows/frames.ts'
import { Kept, type KeptLimits } from './kept.ts'
import type { KindId } from './kind.ts'
import { Rates } from './rates.ts'
import { Ring } from './ring.ts'
import { type AnyTable, Table } from './table.ts'

/** Connections that are remembered. */
const FLOWS = 10_000

export interface TrafficOptions {
  readonly codecs: readonly AnyCodec[]
  readonly secrets: boolean
  readonly limits?: KeptLimits
}

/**
 * What passed, as the terminal UI knows it. As an observer it does no more for a packet than keep it and count it: all
 * else is done for what is looked at, when the screen is drawn.
 */
export class Traffic implements Observer {
  readonly kept: Kept
  readonly rates = new Rates()
  readonly frames: Table<Row>
  readonly flows: Table<FlowEntry>
  /** The frames of one connection. */
  readonly ladder: Table<Row>
  readonly #frameStore: FrameStore
  readonly #flowStore = new Ring<FlowEntry>(FLOWS)
  #open = 0
  #ladderOf: number | undefined

  constructor({ codecs, secrets, limits }: TrafficOptions) {
    this.kept = new Kept(limits)
    this.#frameStore = new FrameStore(this.kept, secrets)
    const frames = framesKind(codecs, this.#frameStore)
    this.frames = new Table(frames, this.#frameStore)
    this.ladder = new Table(frames, this.#frameStore)
    this.flows = new Table(flowsKind(codecs), this.#flowStore)
  }

  /** By the kinds of rows. */
  get tables(): Readonly<Partial<Record<KindId, AnyTable>>> {
    return { frames: this.frames }
  }

  /** Connections that are open. */
  get open(): number {
    return this.#open
  }

  start(origin: bigint): void {
    this.#frameStore.start(origin)
  }

  opened(flow: Flow): void {
    this.#open++
    this.#flowStore.add({ flow, clock: this.#frameStore.clock })
  }

  packet(flow: Flow, packet: Packet): void {
    this.kept.add(flow, packet)
    this.rates.count(flow, packet)
  }

  closed(): void {
    this.#open--
  }

  /** Shows the frames of this connection in the ladder. */
  climb(flow: number | undefined): void {
    if (flow === this.#ladderOf) return
    this.#ladderOf = flow
    // Which flow a packet is of is known without making the packet.
    this.ladder.restrict((_, number) => this.kept.segment(number)?.flow(number).id === flow)
  }
}
