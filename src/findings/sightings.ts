/** Where something was seen first. */
export interface Sighting {
  readonly flow: number
  readonly frame: number
}

/** How many names a half has; the older half is forgotten when the younger is full. */
const HALF = 50_000
/** More than twice as many, so that names find their place at once; a power of two. */
const SLOTS = 1 << 17

/**
 * Remembers where names were seen first, of the last 50,000 to 100,000 of them, in some megabytes, however long they are:
 * what is kept of a name is 53 bits of a hash.
 */
export class Sightings {
  #young: Half | undefined
  #old: Half | undefined

  /** Where this name was seen first; undefined if it was not, or was asked for before. Then it is now seen. */
  again(name: number, flow: number, frame: number): Sighting | undefined {
    const first = this.#young?.take(name) ?? this.#old?.take(name)
    if (first !== undefined) return first.frame === TOLD ? undefined : first
    if (this.#young === undefined || this.#young.size === HALF) {
      this.#old = this.#young
      this.#young = new Half()
    }
    this.#young.put(name, flow, frame)
    return undefined
  }
}

/** Frames are numbered from 1. */
const TOLD = 0

/** A table of fixed size with open addressing. */
class Half {
  size = 0
  readonly #names = new Float64Array(SLOTS)
  readonly #flows = new Uint32Array(SLOTS)
  readonly #frames = new Uint32Array(SLOTS)

  /** What is here of a name, once. */
  take(name: number): Sighting | undefined {
    const at = this.#slot(name)
    if (this.#names[at] !== name) return undefined
    const found = { flow: this.#flows[at] as number, frame: this.#frames[at] as number }
    this.#frames[at] = TOLD
    return found
  }

  put(name: number, flow: number, frame: number): void {
    const at = this.#slot(name)
    this.#names[at] = name
    this.#flows[at] = flow
    this.#frames[at] = frame
    this.size++
  }

  /** Where a name stands, or would. */
  #slot(name: number): number {
    let at = name % SLOTS
    while (this.#names[at] !== 0 && this.#names[at] !== name) at = (at + 1) % SLOTS
    return at
  }
}

/** 53 bits of what these texts are, one after the other: never 0. */
export function nameOf(...parts: readonly string[]): number {
  let [high, low] = [0x811c9dc5, 0x9e3779b9]
  for (const part of parts) {
    for (let at = 0; at < part.length; at++) {
      const code = part.charCodeAt(at)
      high = Math.imul(high ^ code, 0x01000193)
      low = Math.imul(low ^ (code + (high >>> 15)), 0x85ebca6b)
    }
    // What ends here is not what goes on in the next.
    high = Math.imul(high ^ 0xffff, 0x01000193)
    low = Math.imul(low ^ high, 0x85ebca6b)
  }
  return ((high >>> 0) % (1 << 21)) * 0x1_0000_0000 + (low >>> 0) || 1
}
