import { type Assertion, type Node, PatternError } from './parse.ts'
import type { CharSet } from './set.ts'

/** One step of a nondeterministic automaton [Thompson 1968]. Steps are named by their place in the program. */
export type Step =
  | { readonly kind: 'set'; readonly set: CharSet; readonly next: number }
  | { readonly kind: 'assert'; readonly what: Assertion; readonly next: number }
  | { readonly kind: 'split'; readonly next: number[] }
  | { readonly kind: 'match' }

export interface Program {
  readonly steps: readonly Step[]
  readonly start: number
}

/** What one character of the text can cost at most, and with it the time of the worst pattern. */
const LONGEST = 2000

/** Builds from the end: each part is made knowing the step that follows it. */
export function programOf(node: Node): Program {
  const steps: Step[] = []
  const add = (step: Step): number => {
    if (steps.length >= LONGEST) throw new PatternError('the pattern is too long, its repetitions counted', 0)
    return steps.push(step) - 1
  }
  const build = (part: Node, next: number): number => {
    switch (part.kind) {
      case 'set':
      case 'assert':
        return add({ ...part, next })
      case 'sequence':
        return part.items.reduceRight((after, item) => build(item, after), next)
      case 'choice':
        return add({ kind: 'split', next: part.items.map(item => build(item, next)) })
      case 'repeat':
        return repeat(part.item, part.min, part.max, next)
    }
  }
  const repeat = (item: Node, min: number, max: number, next: number): number => {
    let after = next
    if (max === Number.POSITIVE_INFINITY) {
      const ways = [next]
      after = add({ kind: 'split', next: ways })
      ways.push(build(item, after))
    } else for (let count = min; count < max; count++) after = add({ kind: 'split', next: [next, build(item, after)] })
    for (let count = 0; count < min; count++) {
      const before = build(item, after)
      // What takes no characters takes none however often.
      if (before === after) break
      after = before
    }
    return after
  }
  const start = build(node, add({ kind: 'match' }))
  return { steps, start }
}
