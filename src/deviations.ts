/** Deviations that are told, each. */
const MOST_TOLD = 1000

/** What went otherwise than recorded: what is the same is told once, with how often. */
export class Deviations<D extends { count: number }> {
  readonly told: D[] = []
  /** Beyond those that are told. */
  more = 0
  readonly #known = new Map<string, D>()

  add(what: Omit<D, 'count'>): void {
    const key = JSON.stringify(what)
    const known = this.#known.get(key)
    if (known !== undefined) known.count++
    else if (this.told.length >= MOST_TOLD) this.more++
    else {
      const deviation = { ...what, count: 1 } as D
      this.#known.set(key, deviation)
      this.told.push(deviation)
    }
  }

  /** One JSON object a line. */
  *lines(): Generator<string> {
    for (const [at, deviation] of this.told.entries()) {
      yield `${JSON.stringify({ deviation: at + 1, ...deviation })}\n`
    }
  }
}
