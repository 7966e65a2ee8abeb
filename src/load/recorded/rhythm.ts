import type { Schedule } from '../arrivals.ts'

/** When messages of a recording came. */
export interface Rhythm {
  /** Seconds since the first, in order. */
  readonly times: Float64Array
  /** Until it all begins again. */
  readonly seconds: number
}

export interface RhythmShare {
  /** Clients of the group, which publish in turn. */
  readonly clients: number
  /** Those of them whose number leaves `index` when divided by `of` are ours. */
  readonly index: number
  readonly of: number
}

/** Arrivals as they were recorded, over and over, `seconds` long. */
export class RecordedArrivals implements Schedule {
  readonly #rhythm: Rhythm
  readonly #share: RhythmShare
  readonly #seconds: number
  #at = -1

  constructor(rhythm: Rhythm, share: RhythmShare, seconds: number) {
    this.#rhythm = rhythm
    this.#share = share
    this.#seconds = seconds
    this.advance()
  }

  get due(): number | undefined {
    const { times, seconds } = this.#rhythm
    const due = Math.floor(this.#at / times.length) * seconds + (times[this.#at % times.length] as number)
    return due < this.#seconds ? due : undefined
  }

  /** On to the next that one of our clients publishes. */
  advance(): void {
    const { clients, index, of } = this.#share
    do this.#at++
    while ((this.#at % clients) % of !== index)
  }
}
