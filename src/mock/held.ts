import type { Act } from '../../codecs/core/index.ts'
import type { Due } from './due.ts'

interface Lane {
  readonly dues: Due[]
  /** Those before it are said. */
  next: number
}

/** What a client takes no more of for now: by what it is said for, each in its order. One does not hold up another. */
export class Held {
  readonly #lanes = new Map<Act | undefined, Lane>()

  add(due: Due): void {
    const lane = this.#lanes.get(due.now)
    if (lane === undefined) this.#lanes.set(due.now, { dues: [due], next: 0 })
    else lane.dues.push(due)
  }

  /** Whether something else is waiting before it. */
  blocks({ now }: Due): boolean {
    return this.#lanes.has(now)
  }

  /** Tries each that comes first, until `say` answers that it is still too early. */
  retry(say: (due: Due) => boolean): void {
    for (const [now, lane] of this.#lanes) {
      const { dues } = lane
      while (lane.next < dues.length && say(dues[lane.next] as Due)) lane.next++
      if (lane.next === dues.length) this.#lanes.delete(now)
    }
  }
}
