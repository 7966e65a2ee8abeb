/** A span of the shared clock, in milliseconds; without an end, it goes on. */
export interface Span {
  readonly from: number
  readonly to?: number
  readonly reason: string
}

/** Milliseconds without an answer that is owed, or without room for what is due, from which on it is told. */
const STALL = 1000

/** When a group's publishers were held up by their peer: by its word, or because nothing went on for a second or more. */
export class Stalls {
  /** Why nothing can be published now, in words. */
  readonly #why: () => string
  /** Over, and not told yet. */
  #spans: Span[] = []
  #said: { readonly since: number; readonly reason: string } | undefined
  #open = 0
  /** When the last answer came, or the first message went that has none. */
  #owed = 0
  /** When something became due that nobody had room for; NaN while somebody has. */
  #held = Number.NaN
  #reason: string | undefined
  #heldFor = 0
  #taken = 0

  constructor(why: () => string) {
    this.#why = why
  }

  /** A message went that will be answered. */
  sent(now: number): void {
    if (this.#open++ === 0) this.#owed = now
  }

  /** It was, or never will be. */
  answered(now: number): void {
    this.#open--
    if (now - this.#owed >= STALL) this.#note(this.#owed, now, UNANSWERED)
    this.#owed = now
  }

  /** Something is due, and nobody has room. */
  full(now: number): void {
    if (Number.isNaN(this.#held)) this.#held = now
  }

  /** Somebody has room. */
  free(now: number): void {
    if (Number.isNaN(this.#held)) return
    this.#close(now)
    this.#held = Number.NaN
    this.#reason = undefined
  }

  /** The peer asks to publish nothing (`reason`), or no longer. */
  said(now: number, reason: string | undefined): void {
    const said = this.#said
    if (said?.reason === reason) return
    if (said === undefined) {
      // From here on it is the peer's word that explains all.
      if (this.#open > 0 && now - this.#owed >= STALL) this.#note(this.#owed, now, UNANSWERED)
    } else {
      this.#owed = now
      this.#spans.push({ from: said.since, to: now, reason: said.reason })
    }
    if (!Number.isNaN(this.#held)) this.#restart(now)
    this.#said = reason === undefined ? undefined : { since: now, reason }
  }

  /** To be called more often than once in `STALL`: what holds them up may become something else. */
  look(now: number): void {
    if (Number.isNaN(this.#held)) return
    const reason = this.#why()
    if (this.#reason !== undefined && this.#reason !== reason) this.#restart(now)
    this.#reason = reason
  }

  /** Nothing more is due. */
  stop(now: number): void {
    if (now - this.#held < STALL) this.free(now)
  }

  /** Since the last time: for how many milliseconds something was due and nobody had room; and spans. */
  take(now: number): { readonly held: number; readonly spans: readonly Span[] } {
    const spans = this.#spans
    this.#spans = []
    if (this.#said !== undefined) spans.push({ from: this.#said.since, reason: this.#said.reason })
    else {
      if (this.#open > 0 && now - this.#owed >= STALL) spans.push({ from: this.#owed, reason: UNANSWERED })
      if (now - this.#held >= STALL && this.#reason !== undefined)
        spans.push({ from: this.#held, reason: this.#reason })
    }
    const held = this.#heldFor + (Number.isNaN(this.#held) ? 0 : now - Math.max(this.#held, this.#taken))
    this.#heldFor = 0
    this.#taken = now
    return { held, spans }
  }

  #restart(now: number): void {
    this.#close(now)
    this.#held = now
    this.#reason = undefined
  }

  #close(now: number): void {
    this.#heldFor += now - Math.max(this.#held, this.#taken)
    if (now - this.#held >= STALL && this.#reason !== undefined) this.#note(this.#held, now, this.#reason)
  }

  /** Not what the peer's own word explains. */
  #note(from: number, to: number, reason: string): void {
    if (this.#said === undefined) this.#spans.push({ from, to, reason })
  }
}

/** Something is under way, and no answer comes. */
export const UNANSWERED = 'it answered nothing'
