import type { Exchange, LevelChange, Message, Packet } from '../../codecs/core/index.ts'
import { ExchangeRow, type FrameRow, MessageRow, type Tied } from '../fields/index.ts'
import type { Filter } from '../filter/index.ts'
import type { Finding, FindingObserver } from '../findings/index.ts'
import type { Flow } from '../flow.ts'
import type { Payloads } from '../payload/index.ts'
import { Clock } from './clock.ts'
import type { Output } from './output.ts'
import { Row } from './row.ts'
import type { View } from './view.ts'

export interface Selection {
  /** Only these; undefined for all. */
  readonly flows: ReadonlySet<number> | undefined
  /** Ends after so many rows; undefined for all. */
  readonly count: number | undefined
}

export interface RowsOptions extends Selection {
  /** Only frames that it matches; undefined for all. */
  readonly wanted?: Filter<FrameRow> | undefined
  readonly secrets: boolean
  readonly payloads: Payloads
  /** As many rows were shown as were asked for. */
  readonly onEnough?: () => void
  /** A finding was shown. */
  readonly onFinding?: (finding: Finding) => void
}

/**
 * Numbers what comes, and lets the chosen of it through to a view. The numbers are those of the whole input, so that
 * message 12 is message 12 whatever else is shown.
 */
export class Rows implements FindingObserver {
  readonly #output: Output
  readonly #options: RowsOptions
  readonly #view: View
  #row: Row
  #frames = 0
  #messages = 0
  #exchanges = 0
  #shown = 0
  #over = false
  /** What the packet that comes next completed. */
  #tied: Tied = NOTHING

  /** `view` is made with the clock of the source, which is not known before it starts. */
  constructor(output: Output, options: RowsOptions, view: (clock: () => Clock) => View) {
    this.#output = output
    this.#options = options
    this.#row = new Row(new Clock(0n), options.secrets)
    this.#view = view(() => this.#row.clock)
    this.#view.open?.()
  }

  get needs(): View['needs'] {
    const { needs } = this.#view
    return needs === 'frames' && this.#options.wanted?.tracks === true ? 'meaning' : needs
  }

  /** Frames, malformed runs and gaps so far. */
  get frames(): number {
    return this.#frames
  }

  start(origin: bigint): void {
    this.#row = new Row(new Clock(origin), this.#options.secrets)
  }

  opened(flow: Flow): void {
    if (this.#wants(flow)) this.#view.opened?.(flow)
  }

  packet(flow: Flow, packet: Packet, number: number): void {
    if (this.#over) return
    this.#frames = number
    const tied = this.#tied
    this.#tied = NOTHING
    if (!this.#wants(flow) || !this.#seesFrames) return
    const row = this.#row.load(number, flow, packet, tied)
    if (this.#options.wanted?.matches(row) === false) return
    this.#view.row?.(row)
    this.#count(true)
  }

  message(flow: Flow, message: Message): void {
    const number = ++this.#messages
    if (!this.#wants(flow)) return
    this.#count(this.#view.message?.(flow, message, number))
    if (!this.#keepsTied) return
    const row = new MessageRow(number, flow, message, time => this.#row.clock.iso(time), this.#options.payloads)
    this.#tied = { ...this.#tied, message: [...this.#tied.message, row] }
  }

  ended(flow: Flow, exchange: Exchange): void {
    const number = ++this.#exchanges
    if (!this.#wants(flow)) return
    this.#count(this.#view.exchange?.(flow, exchange, number))
    if (!this.#keepsTied || this.#tied.exchange.length >= MOST_TIED) return
    const row = new ExchangeRow(number, flow, exchange, time => this.#row.clock.iso(time))
    this.#tied = { ...this.#tied, exchange: [...this.#tied.exchange, row] }
  }

  unanswered(flow: Flow, exchange: Exchange, time: number): void {
    const number = ++this.#exchanges
    if (this.#wants(flow)) this.#count(this.#view.exchange?.(flow, exchange, number, time))
  }

  level(flow: Flow, change: LevelChange): void {
    if (this.#wants(flow)) this.#count(this.#view.level?.(flow, change))
  }

  finding(finding: Finding): void {
    if (!this.#wants(finding.flow)) return
    const shown = this.#view.finding?.(finding)
    if (shown === true) this.#options.onFinding?.(finding)
    this.#count(shown)
  }

  closed(flow: Flow): void {
    if (this.#wants(flow)) this.#view.closed?.(flow)
  }

  drain(): Promise<void> | undefined {
    return this.#output.ready()
  }

  /** Writes what remains to be written. */
  finish(): void {
    if (this.#over) return
    this.#over = true
    this.#view.finish()
  }

  /** Views whose rows are no frames count their own. */
  get #seesFrames(): boolean {
    const { message, exchange, level, finding, row } = this.#view
    return row !== undefined || (message ?? exchange ?? level ?? finding) === undefined
  }

  get #keepsTied(): boolean {
    return this.#view.row !== undefined
  }

  #count(shown: boolean | undefined): void {
    if (shown === true && ++this.#shown === this.#options.count) {
      this.finish()
      this.#options.onEnough?.()
    }
  }

  #wants(flow: Flow): boolean {
    return !this.#over && (this.#options.flows?.has(flow.id) ?? true)
  }
}

const NOTHING: Tied = { message: [], exchange: [] }
/** One acknowledgement may end very many exchanges; filters see no more of them. */
const MOST_TIED = 1000
