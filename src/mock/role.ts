import type { Act, AnyCodec } from '../../codecs/core/index.ts'
import type { Casting, Castings } from './casting.ts'
import { Progress } from './progress.ts'
import type { Part } from './script.ts'
import type { Signatures } from './signatures.ts'

/** After so many acts, or bytes, a client is no longer taken for another than it looked like. */
const MOST_ACTS = 64
const MOST_BYTES = 1 << 20

/** What a client did, at a moment in milliseconds of `performance.now()`. */
export interface Past {
  readonly act: Act
  readonly at: number
}

export interface RoleOptions {
  readonly codec: AnyCodec
  readonly castings: Castings
  readonly signatures: Signatures
  readonly loop: boolean
  /** It is taken for another than before, or for the first: this is what it did so far. */
  readonly changed: (before: Casting | undefined, past: readonly Past[]) => void
}

/** Which recorded client a live one is taken for, and how far it is in what that one did. */
export class Role {
  readonly #options: RoleOptions
  #casting: Casting | undefined
  #progress: Progress | undefined
  /** What it did while it may still be another. */
  #past: Past[] | undefined = []
  #size = 0

  constructor(options: RoleOptions) {
    this.#options = options
  }

  get casting(): Casting | undefined {
    return this.#casting
  }

  get progress(): Progress | undefined {
    return this.#progress
  }

  /** Nobody can tell it from the one that it is taken for any more. */
  settle(): void {
    this.#past = undefined
  }

  /** What this is in the recording; undefined where it was done already as often as there, or never. `size`: its bytes. */
  meet(past: Past, size: number): Part | undefined {
    const { act } = past
    if (this.#casting === undefined || (act.likeness !== undefined && this.#past !== undefined)) this.#cast(act)
    let part = this.take(act)
    if (part === undefined && this.#past !== undefined && this.#having(act).length === 0) {
      // It looked like one recorded client, but does what that one never did.
      this.#cast(act)
      part = this.take(act)
    }
    this.#remember(past, size)
    if (part !== undefined || !this.#options.loop || this.#having(act).length === 0) return part
    this.#progress?.renew(this.#signature(act))
    return this.take(act)
  }

  /** The last that is recorded of what was done more often now. */
  last(act: Act): Part | undefined {
    return this.#having(act).at(-1)
  }

  /** What the recording has done in another way, where nothing is as it was done now. */
  near(act: Act): Part | undefined {
    return this.#casting?.spent === true ? undefined : this.#progress?.takeNear(act)
  }

  /** Nothing is left of what was played already. */
  take(act: Act): Part | undefined {
    return this.#casting?.spent === true ? undefined : this.#progress?.take(this.#signature(act), act.detail)
  }

  #signature(act: Act): string {
    return this.#options.signatures.of(this.#options.codec, act)
  }

  #having(act: Act): readonly Part[] {
    return this.#progress?.script.having(this.#signature(act)) ?? []
  }

  #remember(past: Past, size: number): void {
    if (this.#past === undefined) return
    this.#size += size
    if (this.#past.push(past) > MOST_ACTS || this.#size > MOST_BYTES) this.settle()
  }

  #cast(act: Act): void {
    const past = this.#past ?? []
    const before = this.#casting
    const casting = this.#options.castings.cast(this.#options.codec, [...past.map(each => each.act), act], before)
    if (casting === undefined || casting === before) return
    this.#casting = casting
    this.#progress = new Progress(casting.script)
    this.#options.changed(before, past)
  }
}
