/** A range of serial numbers that spans more than half of them runs backwards [2.8.10]. */
const HALF = 0x8000_0000

/** Those ids of a range that are known, at no more cost than there are such. */
export function* within(first: number, last: number, known: ReadonlyMap<number, unknown>): Iterable<number> {
  const span = (last - first) >>> 0
  if (span >= HALF) return
  if (span < known.size) yield* latest(first, last, span + 1)
  else for (const id of [...known.keys()]) if ((id - first) >>> 0 <= span) yield id
}

/** The last `most` ids of a range. */
export function* latest(first: number, last: number, most: number): Iterable<number> {
  const span = (last - first) >>> 0
  if (span >= HALF) return
  for (let at = Math.max(0, span + 1 - most); at <= span; at++) yield (first + at) >>> 0
}

/** First and last of each run of ids that follow each other. */
export function rangesOf(ids: readonly number[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = []
  for (const id of ids) {
    const range = ranges.at(-1)
    if (range !== undefined && (range[1] + 1) >>> 0 === id) range[1] = id
    else ranges.push([id, id])
  }
  return ranges
}
