/** The names that `wanted` was probably meant to be, nearest first. */
export function near(wanted: string, names: Iterable<string>): string[] {
  const lower = wanted.toLowerCase()
  const found: { readonly name: string; readonly distance: number }[] = []
  for (const name of new Set(names)) {
    const other = name.toLowerCase()
    const apart = other.startsWith(lower) ? 1 : distance(lower, other)
    if (apart <= Math.max(1, Math.floor(wanted.length / 3))) found.push({ name, distance: apart })
  }
  return found.sort((a, b) => a.distance - b.distance).map(({ name }) => name)
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one into the other. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1)
      next.push(best)
    }
    before = row
    row = next
  }
  return row[b.length]!
}
