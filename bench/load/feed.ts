import type { Socket } from 'node:net'

/** Messages that are written at once. */
const BATCH = 500

/** Sends a consumer its messages as fast as it takes them: as the socket has room, and as it grants. */
export class Feed {
  readonly #socket: Socket
  readonly #encode: (number: number) => Uint8Array
  readonly #count: number
  #sent = 0
  #granted = 0
  #full = false

  /** `count` of them; `encode` makes one, counted from 0, of its own or over and over in one place. */
  constructor(socket: Socket, count: number, encode: (number: number) => Uint8Array) {
    this.#socket = socket
    this.#count = count
    this.#encode = encode
  }

  /** So many may have been sent, in all. */
  grant(count: number): void {
    this.#granted = Math.min(this.#count, count)
    if (!this.#full) this.#go()
  }

  #go(): void {
    this.#full = false
    while (this.#sent < this.#granted && !this.#full) {
      const messages: Uint8Array[] = []
      while (this.#sent < this.#granted && messages.length < BATCH) {
        messages.push(Buffer.from(this.#encode(this.#sent++)))
      }
      this.#full = !this.#socket.write(Buffer.concat(messages))
    }
    if (this.#full) this.#socket.once('drain', () => this.#go())
  }
}

/** How many messages a consumer gets: what it asks for ends with the number. */
export const countOf = (name: string): number => Number(/\d+$/.exec(name)?.[0] ?? 0)
