import type { Act } from '../../codecs/core/index.ts'
import type { Part } from './script.ts'

interface Echo {
  readonly now: Act
  readonly size: number
}

/** Bytes of messages that are kept to be passed on. */
const MOST = 64 << 20

/** What clients published now in place of what was published then. The oldest goes where there is too much of it. */
export class Echoes {
  readonly #kept = new Map<Part, Echo>()
  #size = 0

  keep(part: Part, now: Act, size: number): void {
    this.#forget(part)
    this.#kept.set(part, { now, size })
    this.#size += size
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= MOST) break
      this.#forget(oldest)
    }
  }

  of(part: Part | undefined): Act | undefined {
    return part === undefined ? undefined : this.#kept.get(part)?.now
  }

  #forget(part: Part): void {
    this.#size -= this.#kept.get(part)?.size ?? 0
    this.#kept.delete(part)
  }
}
