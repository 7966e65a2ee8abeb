import type { Entry } from './entry.ts'

/** The order is kept only so exactly: what was heard from within this much of time is equally new. */
const COARSE = 10e6

/** Flows in the order of their last packet: a doubly linked list through the entries, so that moving one is cheap. */
export class Idle {
  /** How long one may be silent before it is forgotten. */
  readonly limit: number
  size = 0
  #oldest: Entry | undefined
  #newest: Entry | undefined

  constructor(limit: number) {
    this.limit = limit
  }

  get oldest(): Entry | undefined {
    return this.#oldest
  }

  /** Makes an entry one of the newest, taking it from wherever it was. */
  touch(entry: Entry): void {
    const { time } = entry
    if (entry.idle === this && time - entry.touched < COARSE && time >= entry.touched) return
    entry.touched = time
    if (this.#newest === entry) return
    entry.idle?.remove(entry)
    entry.idle = this
    entry.older = this.#newest
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
    this.size++
  }

  remove(entry: Entry): void {
    const { older, newer } = entry
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    entry.older = entry.newer = entry.idle = undefined
    this.size--
  }
}
