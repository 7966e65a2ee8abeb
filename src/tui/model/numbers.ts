import type { Span } from './kept.ts'

/** The rows that a list has, by their numbers, in the order of the list. */
export interface Numbers {
  readonly length: number
  /** The number of the row at this place; the place must be there. */
  at(index: number): number
  /** The place of the row with this number; where it is not there, of the row that comes after where it would be. */
  indexOf(number: number): number
}

/** Everything that is kept. */
export function spanned(spans: readonly Span[]): Numbers {
  const [only] = spans
  if (only === undefined) return NO_NUMBERS
  if (spans.length === 1) {
    const length = only.end - only.first
    return {
      length,
      at: index => only.first + index,
      indexOf: number => Math.max(0, Math.min(length, number - only.first)),
    }
  }
  const before: number[] = []
  let length = 0
  for (const { first, end } of spans) {
    before.push(length)
    length += end - first
  }
  return {
    length,
    at(index) {
      const span = lastNotAbove(before, index)
      return (spans[span] as Span).first + index - (before[span] as number)
    },
    indexOf(number) {
      const at = spans.findIndex(({ end }) => number < end)
      return at < 0 ? length : (before[at] as number) + Math.max(0, number - (spans[at] as Span).first)
    },
  }
}

/** Where the last of `values`, which ascend from 0, lies that is not above `wanted`. */
function lastNotAbove(values: readonly number[], wanted: number): number {
  let at = values.length - 1
  while (at > 0 && (values[at] as number) > wanted) at--
  return at
}

/** Numbers that ascend, from `from` on. */
export function ascending(numbers: readonly number[], from = 0): Numbers {
  return {
    length: numbers.length - from,
    at: index => numbers[from + index] as number,
    indexOf(number) {
      let low = from
      let high = numbers.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((numbers[middle] as number) < number) low = middle + 1
        else high = middle
      }
      return low - from
    },
  }
}

/** Numbers in any order; what is not there has the first place. */
export function ordered(numbers: readonly number[]): Numbers {
  const places = new Map(numbers.map((number, index) => [number, index]))
  return {
    length: numbers.length,
    at: index => numbers[index] as number,
    indexOf: number => places.get(number) ?? 0,
  }
}

/** Only those up to `limit`, of numbers that ascend. */
export const upTo = (numbers: Numbers, limit: number): Numbers => ({
  length: numbers.indexOf(limit + 1),
  at: index => numbers.at(index),
  indexOf: number => numbers.indexOf(Math.min(number, limit + 1)),
})

const NO_NUMBERS: Numbers = { length: 0, at: () => 0, indexOf: () => 0 }
