/** More early data than servers let clients send. What is beyond it is not held. */
const MOST = 1 << 20

/**
 * Early data of a client (RFC 8446 §2.3): sent before it is known whether the server takes them, and worth nothing where
 * it does not, as the client then sends them once more. So they are held until that shows.
 */
export class EarlyData {
  #held: (() => void)[] = []
  #bytes = 0
  #accepted = false

  take(length: number, deliver: () => void): void {
    this.#bytes += length
    if (this.#bytes > MOST) this.accept()
    if (this.#accepted) deliver()
    else this.#held.push(deliver)
  }

  accept(): void {
    this.#accepted = true
    for (const deliver of this.#held) deliver()
    this.#held = []
  }

  refuse(): void {
    this.#held = []
  }
}
