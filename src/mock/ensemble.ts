import type { Act } from '../../codecs/core/index.ts'
import type { Part, Script, ScriptLine } from './script.ts'

/** One who plays a recorded client. */
export interface Member {
  readonly id: number
  /** Somebody published what `line` passes on. */
  caused(line: ScriptLine, part: Part, at: number): void
  /** Whether it is yet to do this. */
  owes(part: Part): boolean
}

/** Who published something in place of a part, at a moment in milliseconds of `performance.now()`. */
interface Published {
  readonly by: number
  readonly at: number
}

/** Milliseconds that whoever is to publish next may take to come, where others have published. */
export const PATIENCE = 1000
/** Bytes of messages that are kept to be passed on. */
const MOST_BYTES = 64 << 20
/** Of one part, publishes that are remembered. */
const MOST_PUBLISHED = 64

/**
 * Those who play the recorded clients: what one publishes, others get. Where the same recorded clients are played several
 * times at once, each has a partner of its own among those who play another, as far as there is one for it.
 */
export class Ensemble {
  readonly #playing = new Map<Script, Map<number, Member>>()
  /** By member, its partner among those who play a recorded client. */
  readonly #partners = new Map<number, Map<Script, number>>()
  readonly #published = new Map<Part, Published[]>()
  /** When something was last published for who plays a recorded client. */
  readonly #lastPublished = new Map<Script, number>()
  /** When a line was last said to anybody. */
  readonly #said = new Map<ScriptLine, number>()
  readonly #echoes = new Map<string, { readonly now: Act; readonly size: number }>()
  #size = 0

  enter(script: Script, member: Member): void {
    const those = this.#playing.get(script)
    if (those === undefined) this.#playing.set(script, new Map([[member.id, member]]))
    else those.set(member.id, member)
  }

  leave(script: Script, { id }: Member): void {
    const those = this.#playing.get(script)
    those?.delete(id)
    if (those?.size === 0) this.#playing.delete(script)
    this.#partners.delete(id)
  }

  /** Keeps what was published, of so many bytes, for who is to get it as it is. The oldest goes where it is too much. */
  keep(part: Part, { id }: Member, now: Act, size: number): void {
    const key = keyOf(part, id)
    this.#forget(key)
    this.#echoes.set(key, { now, size })
    this.#size += size
    for (const oldest of this.#echoes.keys()) {
      if (this.#size <= MOST_BYTES) break
      this.#forget(oldest)
    }
  }

  /** What was published in place of `part`: by the member itself, by its partner, by anybody. */
  echo(part: Part | undefined, { id }: Member): Act | undefined {
    if (part === undefined) return undefined
    const partner = this.#partners.get(id)?.get(part.script)
    const last = this.#published.get(part)?.at(-1)?.by
    for (const by of [id, partner, last]) {
      const echo = by === undefined ? undefined : this.#echoes.get(keyOf(part, by))
      if (echo !== undefined) return echo.now
    }
    return undefined
  }

  /** What `part` published is there for whoever got it then. */
  did(part: Part, by: Member, at: number): void {
    const published = this.#published.get(part)
    if (published === undefined) this.#published.set(part, [{ by: by.id, at }])
    else if (published.push({ by: by.id, at }) > MOST_PUBLISHED) published.shift()
    for (const line of part.elsewhere) {
      this.#lastPublished.set(line.script, at)
      this.#pair(part.script, line.script)
      for (const member of this.#playing.get(line.script)?.values() ?? []) {
        const partner = this.#partnerOf(member, part.script)
        if (partner === undefined || partner === by) member.caused(line, part, at)
      }
    }
  }

  said(line: ScriptLine): void {
    if (line.cause !== undefined) this.#said.set(line, performance.now())
  }

  /** When that which `line` passes on was published; undefined where it was not, or where that was for others. */
  causedAt(line: ScriptLine, member: Member): number | undefined {
    const { cause } = line
    const published = cause === undefined ? undefined : this.#published.get(cause)
    if (cause === undefined || published === undefined) return undefined
    const partner = this.#partnerOf(member, cause.script)
    if (partner !== undefined) return published.findLast(({ by }) => by === partner.id)?.at
    const last = published.at(-1)?.at ?? 0
    return last <= (this.#said.get(line) ?? 0) ? undefined : last
  }

  /** Whether somebody is here who will publish this for `member`, or is likely to come, as it looks. */
  awaits(cause: Part, member: Member, script: Script): boolean {
    this.#pair(cause.script, script)
    const partner = this.#partnerOf(member, cause.script)
    if (partner !== undefined) return partner.owes(cause)
    for (const other of this.#playing.get(cause.script)?.values() ?? []) if (other.owes(cause)) return true
    // Who publishes one message and leaves is followed by the next, who does so too.
    const last = this.#lastPublished.get(script) ?? Number.NEGATIVE_INFINITY
    return !this.#published.has(cause) && performance.now() - last < PATIENCE
  }

  #partnerOf({ id }: Member, script: Script): Member | undefined {
    const partner = this.#partners.get(id)?.get(script)
    return partner === undefined ? undefined : this.#playing.get(script)?.get(partner)
  }

  /** Those of two recorded clients who have no partner yet, in the order in which they came. */
  #pair(one: Script, other: Script): void {
    const free = (script: Script, of: Script): Member[] =>
      [...(this.#playing.get(script)?.values() ?? [])].filter(member => this.#partnerOf(member, of) === undefined)
    const others = free(other, one)
    if (others.length === 0) return
    for (const [at, member] of free(one, other).entries()) {
      const partner = others[at]
      if (partner === undefined) return
      this.#bind(member, other, partner)
      this.#bind(partner, one, member)
    }
  }

  #bind({ id }: Member, script: Script, partner: Member): void {
    const partners = this.#partners.get(id)
    if (partners === undefined) this.#partners.set(id, new Map([[script, partner.id]]))
    else partners.set(script, partner.id)
  }

  #forget(key: string): void {
    this.#size -= this.#echoes.get(key)?.size ?? 0
    this.#echoes.delete(key)
  }
}

const keyOf = ({ script, index }: Part, by: number): string => `${script.flow} ${index} ${by}`
