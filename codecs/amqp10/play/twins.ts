/** Where something is seen: in the recording, or now. */
export type Run = 'recorded' | 'live'

/** Without a counterpart at most, each. */
const MOST = 65_536

/**
 * What the peer begins of its own accord (sessions, links) and both runs have: the n-th of a signature then is the n-th
 * of it now, whichever run has it first.
 */
export class Twins<T> {
  readonly #alone = new Map<string, { readonly run: Run; readonly things: T[] }>()
  #count = 0

  take(run: Run, signature: string, make: () => T): T {
    const line = this.#alone.get(signature)
    if (line === undefined || line.run === run) {
      const made = make()
      if (this.#count >= MOST) return made
      this.#count++
      if (line === undefined) this.#alone.set(signature, { run, things: [made] })
      else line.things.push(made)
      return made
    }
    this.#count--
    const twin = line.things.shift() as T
    if (line.things.length === 0) this.#alone.delete(signature)
    return twin
  }
}

/** What we began and the peer answers, in each run: the first that was asked for is answered first. */
export class Asked<T> {
  readonly #lines: Readonly<Record<Run, Map<string, T[]>>> = { recorded: new Map(), live: new Map() }
  #count = 0

  add(run: Run, key: string, thing: T): void {
    if (this.#count >= MOST * 2) return
    this.#count++
    const line = this.#lines[run].get(key)
    if (line === undefined) this.#lines[run].set(key, [thing])
    else line.push(thing)
  }

  take(run: Run, key: string): T | undefined {
    const line = this.#lines[run].get(key)
    if (line === undefined) return undefined
    this.#count--
    if (line.length === 1) this.#lines[run].delete(key)
    return line.shift()
  }
}
