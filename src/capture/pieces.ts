/** Bytes with a place, of which the capture may have cut some off the end: `end - start` can exceed their number. */
export interface Piece {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

/** What a piece takes of memory besides its bytes. */
const OVERHEAD = 160

/**
 * Parts of a whole in the order of their places, without overlap: of bytes that come twice the first stay. Both IP
 * fragments and TCP segments wait here. Holds copies: a view would keep the whole block alive that it was read in.
 */
export class Pieces {
  #pieces: Piece[] = []
  #size = 0

  /** Memory held. */
  get size(): number {
    return this.#size
  }

  get count(): number {
    return this.#pieces.length
  }

  get first(): Piece | undefined {
    return this.#pieces[0]
  }

  /** Adds what is new in [start, start + length), whose captured bytes are `bytes[at, end)`. */
  insert(start: number, length: number, bytes: Uint8Array, at: number, end: number): void {
    const pieces = this.#pieces
    const stop = start + length
    let index = this.#firstEndingAfter(start)
    for (let from = start; from < stop; ) {
      const next = pieces[index]
      if (next !== undefined && next.start <= from) {
        from = next.end
        index++
        continue
      }
      const to = next === undefined ? stop : Math.min(stop, next.start)
      const own = bytes.slice(Math.min(end, at + from - start), Math.min(end, at + to - start))
      const piece = { start: from, end: to, bytes: own }
      if (index === pieces.length) pieces.push(piece)
      else pieces.splice(index, 0, piece)
      this.#size += own.length + OVERHEAD
      index++
      from = to
    }
  }

  /** Takes out the pieces that follow each other without a hole from `start` on. */
  takeRun(start: number): Piece[] {
    let count = 0
    let next = start
    for (const piece of this.#pieces) {
      if (piece.start !== next) break
      next = piece.end
      count++
      this.#size -= piece.bytes.length + OVERHEAD
    }
    return count === 0 ? none : this.#pieces.splice(0, count)
  }

  [Symbol.iterator](): Iterator<Piece> {
    return this.#pieces[Symbol.iterator]()
  }

  clear(): void {
    this.#pieces = []
    this.#size = 0
  }

  #firstEndingAfter(place: number): number {
    const pieces = this.#pieces
    let low = 0
    let high = pieces.length
    // What comes next comes at the end, nearly always.
    if (high > 0 && (pieces[high - 1] as Piece).end <= place) return high
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pieces[middle] as Piece).end <= place) low = middle + 1
      else high = middle
    }
    return low
  }
}

const none: Piece[] = []
