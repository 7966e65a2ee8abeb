import type { Act } from '../../codecs/core/index.ts'
import type { ScriptLine } from './script.ts'

/** A line that is to be said at a time, in milliseconds of `performance.now()`. */
export interface Due {
  readonly at: number
  readonly line: ScriptLine
  /** What the client did that it is said for. */
  readonly now: Act | undefined
}

/** What is to be said, the earliest first; of the same time, in the order of the recording. A binary heap. */
export class Agenda {
  readonly #heap: Due[] = []

  get first(): Due | undefined {
    return this.#heap[0]
  }

  add(due: Due): void {
    const heap = this.#heap
    let at = heap.push(due) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!before(due, heap[above] as Due)) break
      heap[at] = heap[above] as Due
      at = above
    }
    heap[at] = due
  }

  take(): Due | undefined {
    const heap = this.#heap
    const [first] = heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let below = at * 2 + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && before(heap[below + 1] as Due, heap[below] as Due)) below++
      if (!before(heap[below] as Due, last)) break
      heap[at] = heap[below] as Due
      at = below
    }
    heap[at] = last
    return first
  }

  /** Forgets all else. */
  retain(wanted: (due: Due) => boolean): void {
    const kept = this.#heap.filter(wanted)
    this.#heap.length = 0
    for (const due of kept) this.add(due)
  }
}

const before = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.line.index < b.line.index)
