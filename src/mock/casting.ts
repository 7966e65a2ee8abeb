import type { Act, AnyCodec } from '../../codecs/core/index.ts'
import type { Script } from './script.ts'
import type { Signatures } from './signatures.ts'

/** A recorded connection that a live client is played. */
export interface Casting {
  readonly script: Script
  /** 0 for who is played it first, another number for each who comes after. */
  readonly take: number
  /** It was played already, and is not to be played anew: what is done again is answered as it was. */
  readonly spent: boolean
}

/** Whether it is the same client, as far as one can tell. */
const [SAME, UNKNOWN, OTHER] = [2, 1, 0] as const

/** Chooses for each client the recorded connection that it is most like; each once, or with `loop` over and over. */
export class Castings {
  readonly #scripts: readonly Script[]
  readonly #signatures: Signatures
  readonly #loop: boolean
  readonly #takes = new Map<Script, number>()
  #later = 0

  constructor(scripts: readonly Script[], signatures: Signatures, loop: boolean) {
    this.#scripts = scripts
    this.#signatures = signatures
    this.#loop = loop
  }

  takes(script: Script): number {
    return this.#takes.get(script) ?? 0
  }

  /** Each was played. */
  get complete(): boolean {
    return this.#scripts.every(script => this.takes(script) > 0)
  }

  /** For who did `acts` so far; `current` is what it is played up to now, and given back where it is another. */
  cast(codec: AnyCodec, acts: readonly Act[], current: Casting | undefined): Casting | undefined {
    const likeness = Object.assign({}, ...acts.map(act => act.likeness ?? {})) as Record<string, string>
    let best: Script | undefined
    let rank: readonly number[] = []
    for (const script of this.#scripts) {
      // Of one protocol, over whatever transport.
      if (script.codec.id !== codec.id) continue
      const isCurrent = script === current?.script
      const takes = this.takes(script) - (isCurrent && current?.spent === false ? 1 : 0)
      const free = takes === 0 || this.#loop
      const agreement = this.#agreement(script, likeness)
      const points = [
        agreement === SAME ? 1 : 0,
        free ? 1 : 0,
        agreement,
        this.#alike(script, likeness),
        this.#fits(script, acts),
        isCurrent ? 1 : 0,
        -takes,
      ]
      if (best !== undefined && compare(points, rank) <= 0) continue
      best = script
      rank = points
    }
    if (best === undefined || best === current?.script) return current
    if (current !== undefined) this.#giveBack(current)
    const takes = this.takes(best)
    const spent = takes > 0 && !this.#loop
    if (!spent) this.#takes.set(best, takes + 1)
    return { script: best, take: takes === 0 ? 0 : ++this.#later, spent }
  }

  #giveBack({ script, spent }: Casting): void {
    if (!spent) this.#takes.set(script, this.takes(script) - 1)
  }

  /** By what tells most of who the client is. */
  #agreement(script: Script, likeness: Readonly<Record<string, string>>): number {
    const [name = '', value = ''] = Object.entries(likeness)[0] ?? []
    const recorded = script.likeness.get(name)
    if (recorded === undefined) return UNKNOWN
    return this.#same(script, recorded, value) > 0 ? SAME : OTHER
  }

  #alike(script: Script, likeness: Readonly<Record<string, string>>): number {
    const names = Object.entries(likeness)
    return names.reduce((sum, [name, value], at) => {
      const recorded = script.likeness.get(name)
      return sum + (recorded === undefined ? 0 : this.#same(script, recorded, value) * (names.length - at))
    }, 0)
  }

  #same({ codec }: Script, recorded: string, live: string): number {
    if (recorded === live) return 2
    return this.#signatures.generic(codec, recorded) === this.#signatures.generic(codec, live) ? 1 : 0
  }

  #fits(script: Script, acts: readonly Act[]): number {
    return acts.filter(act => script.having(this.#signatures.of(script.codec, act)).length > 0).length
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [at, value] of a.entries()) {
    const other = b[at] as number
    if (value !== other) return value - other
  }
  return 0
}
