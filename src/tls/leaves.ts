import { createSecureContext, type SecureContext } from 'node:tls'
import type { KeyPair } from './authority.ts'

/** Names that are remembered: a client that asks for a new one each time does not fill the memory. */
const MOST = 1000

/** Certificates for whatever name a client asks for, each made once. */
export class Leaves {
  readonly #authority: KeyPair
  readonly #contexts = new Map<string, Promise<SecureContext>>()

  constructor(authority: KeyPair) {
    this.#authority = authority
  }

  get(name: string): Promise<SecureContext> {
    let context = this.#contexts.get(name)
    if (context === undefined) {
      context = this.#make(name)
      const [oldest] = this.#contexts.keys()
      if (this.#contexts.size >= MOST && oldest !== undefined) this.#contexts.delete(oldest)
      this.#contexts.set(name, context)
      // A failure is told to the client that asked, and not remembered.
      context.catch(() => this.#contexts.delete(name))
    }
    return context
  }

  async #make(name: string): Promise<SecureContext> {
    const { makeLeaf } = await import('./authority.ts')
    return createSecureContext(await makeLeaf(this.#authority, name))
  }
}
