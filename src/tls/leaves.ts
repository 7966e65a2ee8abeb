import type { KeyPair } from './authority.ts'

/** Sets of names that are remembered: a client that asks for a new one each time does not fill the memory. */
const MOST = 1000

/** Certificates for whatever names clients ask for, each made once. */
export class Leaves {
  readonly #authority: KeyPair
  readonly #made = new Map<string, Promise<KeyPair>>()

  constructor(authority: KeyPair) {
    this.#authority = authority
  }

  /** A certificate for a server of all these names and addresses. */
  get(names: readonly string[]): Promise<KeyPair> {
    const id = names.join(' ')
    let pair = this.#made.get(id)
    if (pair === undefined) {
      pair = this.#make(names)
      const [oldest] = this.#made.keys()
      if (this.#made.size >= MOST && oldest !== undefined) this.#made.delete(oldest)
      this.#made.set(id, pair)
      // A failure is told to the client that asked, and not remembered.
      pair.catch(() => this.#made.delete(id))
    }
    return pair
  }

  async #make(names: readonly string[]): Promise<KeyPair> {
    const { makeLeaf } = await import('./authority.ts')
    return makeLeaf(this.#authority, names)
  }
}
