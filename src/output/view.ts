import type { Exchange, LevelChange, Message } from '../../codecs/core/index.ts'
import type { Finding } from '../findings/index.ts'
import type { Flow } from '../flow.ts'
import type { Output } from './output.ts'
import type { Row, RowFormat } from './row.ts'

/** How much a view must be told: frames alone, what they mean together, what is wrong with it. */
export type Needs = 'frames' | 'meaning' | 'findings'

/**
 * One way of looking at traffic: what is written, and when. What makes a row of it answers whether it did (a filter may
 * leave it out). A view of frames has `row`; one that only counts them has it too.
 */
export interface View {
  readonly needs: Needs
  open?(): void
  opened?(flow: Flow): void
  row?(row: Row): void
  message?(flow: Flow, message: Message, number: number): boolean
  /** `now`: until when it was not answered, where it was not. */
  exchange?(flow: Flow, exchange: Exchange, number: number, now?: number): boolean
  level?(flow: Flow, change: LevelChange): boolean
  finding?(finding: Finding): boolean
  closed?(flow: Flow): void
  /** Nothing more comes: totals, closing brackets. */
  finish(): void
}

/** A row a frame, as it comes. */
export class FramesView implements View {
  readonly needs: Needs
  readonly #format: RowFormat
  readonly #output: Output

  constructor(format: RowFormat, output: Output, needs: Needs = 'frames') {
    this.needs = needs
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
