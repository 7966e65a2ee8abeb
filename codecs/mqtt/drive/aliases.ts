/** Topics that are published to, each with a number in its place as soon as the server knows that [3.3.2.3.4]. */
export class Aliases {
  /** Most that the server takes; 0: none. */
  readonly #most: number
  readonly #aliases = new Map<string, number>()
  /** By alias: whether the server was told. */
  readonly #known: Uint8Array

  constructor(most: number) {
    this.#most = most
    this.#known = new Uint8Array(most + 1)
  }

  /** The alias of a topic; 0 where there are no more. */
  of(topic: string): number {
    let alias = this.#aliases.get(topic)
    if (alias === undefined) {
      if (this.#aliases.size >= this.#most) return 0
      this.#aliases.set(topic, (alias = this.#aliases.size + 1))
    }
    return alias
  }

  /** Whether the server knows it; from now on it does. */
  told(alias: number): boolean {
    const known = this.#known[alias] === 1
    this.#known[alias] = 1
    return known
  }
}
