import type { Part, ScriptLine } from './script.ts'

interface Lane {
  readonly lines: ScriptLine[]
  /** Those before it are no longer awaited. */
  next: number
}

/**
 * Lines that wait for what another client is still to publish, and those behind them: what is for the same subscription
 * keeps its order.
 */
export class Awaited {
  readonly #all = new Set<ScriptLine>()
  readonly #lanes = new Map<Part | undefined, Lane>()

  get isEmpty(): boolean {
    return this.#all.size === 0
  }

  add(line: ScriptLine): void {
    this.#all.add(line)
    const lane = this.#lanes.get(line.after[0])
    if (lane === undefined) this.#lanes.set(line.after[0], { lines: [line], next: 0 })
    else lane.lines.push(line)
  }

  delete(line: ScriptLine): void {
    this.#all.delete(line)
  }

  clear(): void {
    this.#all.clear()
    this.#lanes.clear()
  }

  /** Whether something that is awaited comes before it. */
  blocks({ after: [base] }: ScriptLine): boolean {
    const lane = this.#lanes.get(base)
    if (lane === undefined) return false
    this.#advance(base, lane)
    return lane.next < lane.lines.length
  }

  /** Takes those that nothing is awaited for any more, and nothing that comes before them. */
  release(isStill: (line: ScriptLine) => boolean): ScriptLine[] {
    const released: ScriptLine[] = []
    for (const [base, lane] of this.#lanes) {
      for (let line = this.#advance(base, lane); line !== undefined; line = this.#advance(base, lane)) {
        if (isStill(line)) break
        this.#all.delete(line)
        released.push(line)
      }
    }
    return released
  }

  /** The first of a lane; without one the lane is gone. */
  #advance(base: Part | undefined, lane: Lane): ScriptLine | undefined {
    while (lane.next < lane.lines.length && !this.#all.has(lane.lines[lane.next] as ScriptLine)) lane.next++
    if (lane.next === lane.lines.length) this.#lanes.delete(base)
    return lane.lines[lane.next]
  }
}
