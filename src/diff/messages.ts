import { changes } from './changes.ts'
import { type Difference, MOST_NUMBERS } from './difference.ts'
import { disorder } from './disorder.ts'
import type { MessageSeen, MessagesSeen } from './seen.ts'

type Groups = ReadonlyMap<string, MessagesSeen>

/** Messages that are not in both, those that are not the same in both, and those that came in another order. */
export function compareMessages(a: Groups, b: Groups): Difference[] {
  return [...new Set([...a.keys(), ...b.keys()])].flatMap(key => {
    const group = (a.get(key) ?? b.get(key)) as MessagesSeen
    return new Matching(group, a.get(key)?.seen ?? [], b.get(key)?.seen ?? []).differences()
  })
}

/** The messages one way to one destination in A, each with its counterpart in B. */
class Matching {
  readonly #about: Pick<Difference, 'protocol' | 'subject'>
  readonly #a: readonly MessageSeen[]
  readonly #b: readonly MessageSeen[]
  /** By index in A, the index in B; -1 while there is none. */
  readonly #match: Int32Array
  readonly #taken: Uint8Array

  constructor({ protocol, direction, address }: MessagesSeen, a: readonly MessageSeen[], b: readonly MessageSeen[]) {
    this.#about = { protocol, subject: `${direction} ${address}` }
    this.#a = a
    this.#b = b
    this.#match = new Int32Array(a.length).fill(-1)
    this.#taken = new Uint8Array(b.length)
  }

  differences(): Difference[] {
    this.#pair(({ id, hash }) => (id === undefined ? undefined : `${id}\n${hash}`))
    this.#pair(({ id }) => id)
    this.#pair(({ hash }) => hash)
    const order = this.#order()
    const [missing, extra] = this.#pairTheRest()
    return [...this.#alone('missing', missing), ...this.#alone('extra', extra), ...this.#changed(), ...order]
  }

  /** Pairs what has the same key, first with first. */
  #pair(keyOf: (message: MessageSeen) => string | undefined): void {
    const waiting = new Map<string, number[]>()
    for (let at = this.#b.length - 1; at >= 0; at--) {
      const key = this.#taken[at] === 1 ? undefined : keyOf(this.#b[at] as MessageSeen)
      if (key === undefined) continue
      const list = waiting.get(key)
      if (list === undefined) waiting.set(key, [at])
      else list.push(at)
    }
    for (const [at, message] of this.#a.entries()) {
      const key = this.#match[at] === -1 ? keyOf(message) : undefined
      const other = key === undefined ? undefined : waiting.get(key)?.pop()
      if (other === undefined) continue
      this.#match[at] = other
      this.#taken[other] = 1
    }
  }

  /** What neither an identifier nor the content pairs is taken to be what came at its place, changed. */
  #pairTheRest(): [missing: MessageSeen[], extra: MessageSeen[]] {
    const left = this.#b.flatMap((_, at) => (this.#taken[at] === 1 ? [] : [at]))
    const missing: MessageSeen[] = []
    let next = 0
    for (const [at, message] of this.#a.entries()) {
      if (this.#match[at] !== -1) continue
      const other = left[next++]
      if (other === undefined) missing.push(message)
      else this.#match[at] = other
    }
    return [missing, left.slice(next).map(at => this.#b[at] as MessageSeen)]
  }

  *#alone(change: 'missing' | 'extra', messages: readonly MessageSeen[]): Iterable<Difference> {
    const [first] = messages
    if (first === undefined) return
    const example = first.json === undefined ? undefined : (JSON.parse(first.json) as { body: unknown }).body
    const numbers = messages.slice(0, MOST_NUMBERS).map(({ message }) => message)
    yield {
      section: 'messages',
      change,
      counts: true,
      ...this.#about,
      count: messages.length,
      ...(change === 'missing' ? { a: example, inA: numbers } : { b: example, inB: numbers }),
    }
  }

  /** Of pairs that are not the same: what differs, those that differ at the same place together. */
  #changed(): Iterable<Difference> {
    const byPath = new Map<
      string,
      { first: Pick<Difference, 'a' | 'b'>; count: number; inA: number[]; inB: number[] }
    >()
    for (const [at, a] of this.#a.entries()) {
      const b = this.#b[this.#match[at] as number]
      if (b === undefined || a.hash === b.hash) continue
      for (const { path, ...first } of howDifferent(a, b)) {
        const place = path.replaceAll(/\[\d+\]/g, '[]')
        let seen = byPath.get(place)
        if (seen === undefined) {
          seen = { first, count: 0, inA: [], inB: [] }
          byPath.set(place, seen)
        }
        seen.count++
        if (seen.count > MOST_NUMBERS) continue
        seen.inA.push(a.message)
        seen.inB.push(b.message)
      }
    }
    return [...byPath].map(([path, { first, ...seen }]) => ({
      section: 'messages' as const,
      change: 'changed' as const,
      counts: true,
      ...this.#about,
      ...(path === '' ? {} : { path }),
      ...first,
      ...seen,
    }))
  }

  /** Only of messages that are surely the same. */
  *#order(): Iterable<Difference> {
    const pairs = [...this.#match.keys()].filter(at => this.#match[at] !== -1)
    const { moved, first } = disorder(pairs.map(at => this.#match[at] as number))
    if (first === undefined) return
    const at = pairs[first] as number
    yield {
      section: 'order',
      change: 'changed',
      counts: true,
      ...this.#about,
      count: moved,
      inA: [(this.#a[at] as MessageSeen).message],
      inB: [(this.#b[this.#match[at] as number] as MessageSeen).message],
    }
  }
}

function howDifferent(a: MessageSeen, b: MessageSeen): Iterable<{ path: string; a?: unknown; b?: unknown }> {
  if (a.json === undefined || b.json === undefined) return [{ path: '' }]
  return changes(JSON.parse(a.json), JSON.parse(b.json))
}
