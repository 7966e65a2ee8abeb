import type { Side } from '../../codecs/core/index.ts'
import type { FlowInfo } from '../flow.ts'
import type { Known, Scribe, Target } from '../recording/index.ts'
import { type Moment, momentAt } from './moment.ts'

export interface Bounds {
  readonly from: Moment | undefined
  readonly to: Moment | undefined
}

/** More than anybody writes of what comes next. */
const MOST_COMMENTS = 1000

/** Lets through what is between two moments. A flow that began before is joined in its middle. */
export class CutTarget implements Target {
  readonly #inner: Target
  readonly #bounds: Bounds
  #first = Number.NEGATIVE_INFINITY
  #last = Number.POSITIVE_INFINITY

  constructor(inner: Target, bounds: Bounds) {
    this.#inner = inner
    this.#bounds = bounds
  }

  start(origin: bigint): void {
    const { from, to } = this.#bounds
    if (from !== undefined) this.#first = Number(momentAt(from, origin) - origin)
    if (to !== undefined) this.#last = Number(momentAt(to, origin) - origin)
    this.#inner.start(origin)
  }

  open(info: FlowInfo, known: Known): Scribe {
    const isIn = (time: number): boolean => time >= this.#first && time <= this.#last
    let scribe = isIn(info.started) ? this.#inner.open(info, known) : undefined
    /** On what comes next: whether that is let through shows then. */
    const comments: Parameters<Scribe['comment']>[] = []
    const at = (time: number): Scribe | undefined => {
      const due = comments.splice(0)
      if (scribe === undefined || !isIn(time)) return undefined
      for (const comment of due) scribe.comment(...comment)
      return scribe
    }
    return {
      data: (side, time, ...rest) => {
        if (isIn(time)) scribe ??= this.#inner.open({ ...info, started: time, joined: 'middle' }, known)
        at(time)?.data(side, time, ...rest)
      },
      gap: (side: Side, time: number, length: number) => at(time)?.gap(side, time, length),
      end: (side, time, ending) => at(time)?.end(side, time, ending),
      close: (time, end) => scribe?.close(Math.min(time, this.#last), end),
      comment: (...comment) => {
        if (comments.length < MOST_COMMENTS) comments.push(comment)
      },
    }
  }

  secrets(type: number, bytes: Uint8Array): void {
    this.#inner.secrets(type, bytes)
  }
}
