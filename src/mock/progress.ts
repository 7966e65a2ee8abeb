import type { Act } from '../../codecs/core/index.ts'
import type { Part, Script, ScriptLine } from './script.ts'

/** A part of the recording as it was done now. */
export interface Done {
  /** Milliseconds of `performance.now()`. */
  readonly at: number
  /** Kept for who is said something for it. */
  readonly now: Act | undefined
}

/** How far one client is in its recorded connection: which parts are done, in whatever order. */
export class Progress {
  readonly script: Script
  readonly #done = new Map<Part, Done>()
  readonly #taken = new Set<Part>()
  /** By signature, where the first may be that is not taken. */
  readonly #from = new Map<readonly Part[], number>()

  constructor(script: Script) {
    this.script = script
  }

  /** The first that is not done of a signature: rather one that is the same in detail. Undefined where all are done. */
  take(signature: string, detail: string): Part | undefined {
    const { script } = this
    const part = this.#first(script.exactly(signature, detail)) ?? this.#first(script.having(signature))
    if (part !== undefined) this.#taken.add(part)
    return part
  }

  /** The first that is not done of what comes near. */
  takeNear(act: Act): Part | undefined {
    const part = this.#first(this.script.near(act))
    if (part !== undefined) this.#taken.add(part)
    return part
  }

  taken(part: Part): boolean {
    return this.#taken.has(part)
  }

  done(part: Part, now: Act, at: number): void {
    const kept = part.events.some(({ after }) => after[0] === part)
    this.#done.set(part, { at, now: kept ? now : undefined })
  }

  doneOf(part: Part | undefined): Done | undefined {
    return part === undefined ? undefined : this.#done.get(part)
  }

  /** All that must be done before it is. */
  isReady({ after }: ScriptLine): boolean {
    return after.every(part => this.#done.has(part))
  }

  /** Everything of a signature can be done anew. */
  renew(signature: string): void {
    const { script } = this
    this.#from.delete(script.having(signature))
    for (const part of script.having(signature)) {
      this.#taken.delete(part)
      this.#from.delete(script.exactly(signature, part.act.detail))
      this.#from.delete(script.near(part.act))
    }
  }

  #first(parts: readonly Part[]): Part | undefined {
    let at = this.#from.get(parts) ?? 0
    while (at < parts.length && this.#taken.has(parts[at] as Part)) at++
    this.#from.set(parts, at)
    return parts[at]
  }
}
