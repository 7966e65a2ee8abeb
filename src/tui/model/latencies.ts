import type { Exchange } from '../../../codecs/core/index.ts'
import { ExchangeTally } from '../../output/index.ts'

/** Kinds counted one by one. */
const MOST_KINDS = 200

/** How long answers took, by what was asked. */
export class Latencies {
  readonly #kinds = new Map<string, ExchangeTally>()
  /** Requests without an answer so far. */
  open = 0

  began(): void {
    this.open++
  }

  ended(exchange: Exchange): void {
    this.open--
    if (exchange.reply !== 0)
      this.#tally(exchange.kind)?.answered(exchange.ended - exchange.started, exchange.ok !== false)
    else this.#lost(exchange.kind)
  }

  unanswered(exchange: Exchange): void {
    this.open--
    this.#lost(exchange.kind)
  }

  get kinds(): readonly { readonly kind: string; readonly tally: ExchangeTally }[] {
    return [...this.#kinds].map(([kind, tally]) => ({ kind, tally }))
  }

  #lost(kind: string): void {
    const tally = this.#tally(kind)
    if (tally !== undefined) tally.open++
  }

  #tally(kind: string): ExchangeTally | undefined {
    let tally = this.#kinds.get(kind)
    if (tally === undefined && this.#kinds.size < MOST_KINDS) this.#kinds.set(kind, (tally = new ExchangeTally(2)))
    return tally
  }
}
