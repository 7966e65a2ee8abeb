import { Expected } from '../../core/index.ts'
import { within } from './ranges.ts'

/** One disposition of the recording. */
interface Group {
  readonly expected: Expected
  left: number
}

interface Pending {
  recalled: Group | undefined
  heard: boolean
}

/** Deliveries that wait to be confirmed, at most; of more, the oldest is forgotten. */
const MOST = 65_536

/**
 * Deliveries, by their ids in the recording, that the peer confirms: each of a disposition then must be confirmed now, in
 * whatever ranges.
 */
export class Confirmations {
  readonly #pending = new Map<number, Pending>()

  /** It may be confirmed from now on. */
  add(id: number): void {
    if (this.#pending.size >= MOST) this.#pending.delete(this.#pending.keys().next().value as number)
    this.#pending.set(id, { recalled: undefined, heard: false })
  }

  /** Undefined where all were confirmed, or will not be: they were not sent. */
  recall(first: number, last: number, cause: string, loose: boolean): Expected | undefined {
    const group: Group = { expected: new Expected(cause, loose), left: 0 }
    for (const id of within(first, last, this.#pending)) {
      const pending = this.#pending.get(id)
      if (pending === undefined || pending.recalled !== undefined) continue
      if (pending.heard) this.#pending.delete(id)
      else {
        pending.recalled = group
        group.left++
      }
    }
    return group.left > 0 ? group.expected : undefined
  }

  hear(id: number): void {
    const pending = this.#pending.get(id)
    if (pending === undefined || pending.heard) return
    pending.heard = true
    const { recalled } = pending
    if (recalled === undefined) return
    this.#pending.delete(id)
    recalled.left--
    if (recalled.left === 0) recalled.expected.meet()
  }

  /** What is still to come for it. */
  awaited(id: number): Expected | undefined {
    return this.#pending.get(id)?.recalled?.expected
  }
}
