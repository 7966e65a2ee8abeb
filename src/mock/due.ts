import type { Act, Frame } from '../../codecs/core/index.ts'
import type { ScriptLine } from './script.ts'

/** Something that is to be said at a time, in milliseconds of `performance.now()`. */
export interface Due {
  readonly at: number
  /** What of the same time comes first: the line's place in the recording. */
  readonly order: number
  /** Whether it answers something: the connection does not end before. */
  readonly answer: boolean
  /** A line of the recording, or what stands in for one. */
  readonly what: ScriptLine | readonly Frame[]
  /** What the client did that it is said for. */
  readonly now: Act | undefined
}

interface Entry extends Due {
  readonly added: number
}

/** What is to be said, the earliest first; of the same time and place, in the order in which it was added. A binary heap. */
export class Agenda {
  readonly #heap: Entry[] = []
  #added = 0

  get first(): Due | undefined {
    return this.#heap[0]
  }

  add(due: Due): void {
    this.#rise({ ...due, added: this.#added++ })
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
      if (below + 1 < heap.length && before(heap[below + 1] as Entry, heap[below] as Entry)) below++
      if (!before(heap[below] as Entry, last)) break
      heap[at] = heap[below] as Entry
      at = below
    }
    heap[at] = last
    return first
  }

  /** Forgets all else. */
  retain(wanted: (due: Due) => boolean): void {
    for (const entry of this.#heap.splice(0).filter(wanted)) this.#rise(entry)
  }

  #rise(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!before(entry, heap[above] as Entry)) break
      heap[at] = heap[above] as Entry
      at = above
    }
    heap[at] = entry
  }
}

function before(a: Entry, b: Entry): boolean {
  if (a.at !== b.at) return a.at < b.at
  return a.order === b.order ? a.added < b.added : a.order < b.order
}
