/** Something the peer did in the recording, and is to do now. */
export class Expected {
  /** For people: `puback 7`. */
  readonly cause: string
  /**
   * Whether one may go on meanwhile, as far as nothing depends on it: deliveries, confirmations. What is not loose
   * (the answer to a declaration) comes before all that the recording has after it, on whatever connection.
   */
  readonly loose: boolean
  #state: 'open' | 'met' | 'missing' = 'open'

  constructor(cause: string, loose: boolean) {
    this.cause = cause
    this.loose = loose
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  get missing(): boolean {
    return this.#state === 'missing'
  }

  meet(): void {
    if (this.open) this.#state = 'met'
  }

  /** It is waited for no longer. What comes later is for those expected after it. */
  giveUp(): void {
    if (this.open) this.#state = 'missing'
  }
}

interface Line<R, L> {
  /** Not both are ever filled. */
  readonly recorded: { readonly value: R; readonly expected: Expected }[]
  readonly live: L[]
}

/**
 * Ties what the peer sent then to what it sends now: the n-th of a signature then to the n-th of it now, whichever
 * comes first. Bounded: beyond `limit` that have no partner, what is new is not kept.
 */
export class Pairs<R, L> {
  readonly #lines = new Map<string, Line<R, L>>()
  readonly #paired: (recorded: R, live: L) => void
  readonly #limit: number
  #alone = 0

  constructor(paired: (recorded: R, live: L) => void, limit = 65_536) {
    this.#paired = paired
    this.#limit = limit
  }

  recall(signature: string, value: R, cause: string, loose: boolean): Expected {
    const expected = new Expected(cause, loose)
    const line = this.#line(signature)
    if (line.live.length > 0) {
      const live = line.live.shift() as L
      this.#alone--
      this.#clean(signature, line)
      expected.meet()
      this.#paired(value, live)
    } else if (this.#alone >= this.#limit) {
      expected.giveUp()
    } else {
      line.recorded.push({ value, expected })
      this.#alone++
    }
    return expected
  }

  /** False where the recording has had none for it so far. */
  hear(signature: string, live: L): boolean {
    const line = this.#line(signature)
    for (let first = line.recorded.shift(); first !== undefined; first = line.recorded.shift()) {
      this.#alone--
      if (!first.expected.open) continue
      this.#clean(signature, line)
      first.expected.meet()
      this.#paired(first.value, live)
      return true
    }
    if (this.#alone < this.#limit) {
      line.live.push(live)
      this.#alone++
    }
    return false
  }

  /** What came and has no recorded one so far. */
  *unexpected(): Iterable<L> {
    for (const { live } of this.#lines.values()) yield* live
  }

  #line(signature: string): Line<R, L> {
    let line = this.#lines.get(signature)
    if (line === undefined) {
      line = { recorded: [], live: [] }
      this.#lines.set(signature, line)
    }
    return line
  }

  #clean(signature: string, { recorded, live }: Line<R, L>): void {
    if (recorded.length === 0 && live.length === 0) this.#lines.delete(signature)
  }
}
