import type { Delivery, Plate } from '../../codecs/core/index.ts'
import type { Link } from './link.ts'

/** Answers to requests, which wait for room. */
export class Answering {
  #plates: Plate[] = []

  get waits(): boolean {
    return this.#plates.length > 0
  }

  /** What asks for no answer gets none. */
  asked({ replyTo, bytes, start, end }: Delivery, link: Link | undefined): void {
    if (replyTo === undefined) return
    const answer = link?.driver.plate({ destination: replyTo, answers: true, body: bytes.slice(start, end) })
    if (answer !== undefined) this.#plates.push(answer)
  }

  /** Sends those that there is room for. */
  send(link: Link): void {
    let sent = 0
    while (sent < this.#plates.length && link.room > 0) link.send(this.#plates[sent++] as Plate)
    if (sent === 0) return
    this.#plates = this.#plates.slice(sent)
    link.wrote()
  }

  /** The connection is gone that they were for. */
  clear(): void {
    this.#plates = []
  }
}
