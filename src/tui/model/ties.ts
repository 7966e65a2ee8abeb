import type { Exchange } from '../../../codecs/core/index.ts'

/** Frames whose exchanges are remembered: a power of two. */
const FRAMES = 1 << 15
/** One acknowledgement may answer very many. */
const MOST_EACH = 100

/** Which exchanges a frame answered, of the frames that passed last: a later frame takes the place of an earlier one. */
export class Ties {
  readonly #frames = new Float64Array(FRAMES)
  readonly #answered: Exchange[][] = []

  answered(exchange: Exchange): void {
    const frame = exchange.reply
    if (frame === 0) return
    const place = frame % FRAMES
    const known = this.#answered[place]
    if (known !== undefined && this.#frames[place] === frame) {
      if (known.length < MOST_EACH) known.push(exchange)
      return
    }
    this.#frames[place] = frame
    this.#answered[place] = [exchange]
  }

  /** Those that the frame with this number answered. */
  of(frame: number): readonly Exchange[] {
    const place = frame % FRAMES
    return this.#frames[place] === frame ? (this.#answered[place] ?? NONE) : NONE
  }
}

const NONE: readonly Exchange[] = []
