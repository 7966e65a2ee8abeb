import type { Exchange } from '../../../codecs/core/index.ts'

/** Frames whose exchanges are remembered. */
const MOST = 1 << 15
/** One acknowledgement may answer very many. */
const MOST_EACH = 100

/** Which exchanges a frame answered, of the frames that passed last. */
export class Ties {
  readonly #answered = new Map<number, Exchange[]>()

  answered(exchange: Exchange): void {
    if (exchange.reply === 0) return
    const known = this.#answered.get(exchange.reply)
    if (known !== undefined) {
      if (known.length < MOST_EACH) known.push(exchange)
      return
    }
    this.#answered.set(exchange.reply, [exchange])
    if (this.#answered.size <= MOST) return
    for (const oldest of this.#answered.keys()) {
      this.#answered.delete(oldest)
      break
    }
  }

  /** Those that the frame with this number answered. */
  of(frame: number): readonly Exchange[] {
    return this.#answered.get(frame) ?? NONE
  }
}

const NONE: readonly Exchange[] = []
