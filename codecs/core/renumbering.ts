import { Recent } from './recent.ts'

/** What a peer chooses to name things by: a number, or a name of its own making. */
export type Identifier = number | bigint | string

/**
 * What identifiers of a recording are called in the live run, by namespace (`delivery ch=1`, `queue`, `packet`): a
 * namespace is made when it is first used. Bounded: of each namespace the last half of `limit` identifiers at least are
 * known, and of the namespaces too.
 */
export class Renumbering {
  readonly #limit: number
  readonly #namespaces: Recent<string, Recent<Identifier, Identifier>>
  readonly #shared: Renumbering | undefined

  /** At most `namespaces` of `limit` identifiers each. What is learnt, `shared` learns too, and is asked where this knows nothing. */
  constructor(limit = 65_536, namespaces = 4096, shared?: Renumbering) {
    this.#limit = limit
    this.#namespaces = new Recent(namespaces)
    this.#shared = shared
  }

  learn(namespace: string, recorded: Identifier, live: Identifier): void {
    this.#shared?.learn(namespace, recorded, live)
    let names = this.#namespaces.get(namespace)
    if (names === undefined) {
      names = new Recent(this.#limit)
      this.#namespaces.set(namespace, names)
    }
    names.set(recorded, live)
  }

  /** Undefined where nothing live is known for it. */
  live(namespace: string, recorded: Identifier): Identifier | undefined {
    return this.#namespaces.get(namespace)?.get(recorded) ?? this.#shared?.live(namespace, recorded)
  }

  forget(namespace: string, recorded: Identifier): void {
    this.#namespaces.get(namespace)?.delete(recorded)
  }

  /** All of a namespace: its channel, session or connection ended, and its numbers begin anew. */
  clear(namespace: string): void {
    this.#namespaces.delete(namespace)
  }
}
