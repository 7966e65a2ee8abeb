import type { Packet } from '../../codecs/core/index.ts'
import type { FrameRow } from '../fields/index.ts'
import type { Filter } from '../filter/index.ts'
import type { Flow } from '../flow.ts'
import type { Observer } from '../inspector.ts'
import { Clock } from './clock.ts'
import type { Output } from './output.ts'
import { Row, type RowFormat } from './row.ts'

/** One way of looking at traffic: what is written, and when. */
export interface View {
  open?(): void
  opened?(flow: Flow): void
  row?(row: Row): void
  closed?(flow: Flow): void
  /** Nothing more comes: totals, closing brackets. */
  finish(): void
}

/** A row a frame, as it comes. */
export class FramesView implements View {
  readonly #format: RowFormat
  readonly #output: Output

  constructor(format: RowFormat, output: Output) {
    this.#format = format
    this.#output = output
  }

  open(): void {
    this.#format.open?.(this.#output.lines)
  }

  row(row: Row): void {
    if (!this.#output.accepts()) return
    this.#format.row(row, this.#output.lines)
    this.#output.wrote()
  }

  finish(): void {
    this.#format.close?.(this.#output.lines)
    this.#output.wrote()
  }
}

export interface Selection {
  /** Only these; undefined for all. */
  readonly flows: ReadonlySet<number> | undefined
  /** Ends after so many rows; undefined for all. */
  readonly count: number | undefined
}

export interface ViewerOptions extends Selection {
  /** Only frames that it matches; undefined for all. */
  readonly wanted?: Filter<FrameRow> | undefined
  readonly secrets: boolean
  /** As many rows were shown as were asked for. */
  readonly onEnough?: () => void
}

/**
 * Numbers the frames of all flows, and lets the chosen ones through to a view. The numbers are those of the whole
 * input, so that frame 12 is frame 12 whatever else is shown.
 */
export class Viewer implements Observer {
  readonly #output: Output
  readonly #options: ViewerOptions
  readonly #view: View
  #row: Row
  #number = 0
  #shown = 0
  #over = false

  /** `view` is made with the clock of the source, which is not known before it starts. */
  constructor(output: Output, options: ViewerOptions, view: (clock: () => Clock) => View) {
    this.#output = output
    this.#options = options
    this.#row = new Row(new Clock(0n), options.secrets)
    this.#view = view(() => this.#row.clock)
    this.#view.open?.()
  }

  /** Frames, malformed runs and gaps so far. */
  get frames(): number {
    return this.#number
  }

  start(origin: bigint): void {
    this.#row = new Row(new Clock(origin), this.#options.secrets)
  }

  opened(flow: Flow): void {
    if (this.#wants(flow)) this.#view.opened?.(flow)
  }

  packet(flow: Flow, packet: Packet): void {
    if (this.#over) return
    this.#number++
    if (!this.#wants(flow)) return
    const row = this.#row.load(this.#number, flow, packet)
    if (this.#options.wanted?.matches(row) === false) return
    this.#view.row?.(row)
    if (++this.#shown === this.#options.count) {
      this.finish()
      this.#options.onEnough?.()
    }
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

  #wants(flow: Flow): boolean {
    return !this.#over && (this.#options.flows?.has(flow.id) ?? true)
  }
}
