import type { AnyCodec, Side } from '../../codecs/core/index.ts'
import type { Ending, Flow, FlowInfo } from '../flow.ts'
import type { Secret } from './redact.ts'

/** What is known of a flow when something of it is written: its protocol, in time. */
export interface Known {
  readonly codec: AnyCodec | undefined
  /** Undefined where nobody looked at it. */
  readonly flow: Flow | undefined
}

/** Where one flow is written to. Times are nanoseconds since the origin. */
export interface Scribe {
  /** `bytes`, the first of which is number `offset` of all that its side sent; what is secret of them is overwritten. */
  data(side: Side, time: number, bytes: Uint8Array, offset: number, secrets: readonly Secret[]): void
  /** `length` bytes were sent that are not known. */
  gap(side: Side, time: number, length: number): void
  end(side: Side, time: number, ending: Ending): void
  close(time: number, known: Known): void
  /**
   * Something to be told at the packet with byte `offset` of what `side` sent, written already or not yet; undefined for
   * the packet that is written next.
   */
  comment(side: Side, offset: number | undefined, text: string): void
}

/** What a recording is written as. */
export interface Target {
  start(origin: bigint): void
  open(info: FlowInfo, known: Known): Scribe
  secrets(type: number, bytes: Uint8Array): void
}

/** Counts the frames of all flows, as whoever shows them does. */
export interface Numbering {
  /** Frames completed so far, */
  completed: number
  /** and before what is being written arrived. */
  base: number
}
