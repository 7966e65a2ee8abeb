/**
 * How many of `order`'s items would have to move for it to rise: all but those of its longest rising subsequence.
 * `first` is the index of the first that stands before one it should follow; undefined where none does.
 */
export function disorder(order: readonly number[]): { readonly moved: number; readonly first: number | undefined } {
  // Of rising subsequences of each length, the smallest value that one ends with (patience sorting).
  const ends: number[] = []
  let first: number | undefined
  for (const [index, value] of order.entries()) {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] as number) < value) low = middle + 1
      else high = middle
    }
    if (low < ends.length) first ??= index
    ends[low] = value
  }
  return { moved: order.length - ends.length, first }
}
