import { randomOf } from '../../arrivals.ts'
import type { LoadResult, Measure } from '../../result.ts'
import { condensed } from '../condense.ts'
import { tailOf } from './confidence.ts'
import { Sample } from './sample.ts'

/**
 * How sure a comparison of two runs can be, by a stratified block bootstrap (Carlstein 1986; Davison and Hinkley 1997, §8.2.3):
 * each run is cut into blocks of neighbouring intervals, n^⅓ long, so that what goes on for longer than an interval (a
 * compaction, a collection, a stall) stays in one piece; as many blocks as there are, of each stage, are drawn again with
 * replacement; and what is compared is worked out of each drawing. It takes no latency to be of any distribution.
 */
export const DRAWINGS = 1_000
export const SEED = 1
/** From fewer blocks, hardly anything different can be drawn. */
const FEWEST_BLOCKS = 6
const MOST_BLOCKS = 100

/** A run, cut into blocks. */
export interface Blocks {
  readonly sample: Sample
  /** Which blocks are of the same stage. */
  readonly strata: readonly (readonly number[])[]
  /** Of all strata. */
  readonly count: number
  readonly enough: boolean
}

export function blocksOf(run: LoadResult, wanted: readonly Measure[]): Blocks {
  const { intervals, stages } = run
  const stageOf = (middle: number): number => stages.findLastIndex(({ from }) => from <= middle)
  const byStage = [...Map.groupBy(intervals, ({ from, to }) => stageOf((from + to) / 2)).values()]
  const length = Math.max(1, Math.round(Math.cbrt(intervals.length)), Math.ceil(intervals.length / MOST_BLOCKS))
  const blocks = byStage.map(part => condensed(part, Math.max(1, Math.floor(part.length / length))))
  let next = 0
  const strata = blocks.map(part => part.map(() => next++))
  return { sample: new Sample(blocks.flat(), wanted, run.seconds), strata, count: next, enough: next >= FEWEST_BLOCKS }
}

/** How often each block is drawn: the same for all that is compared, so that it is compared of the same drawing. */
export function* drawings({ strata, count }: Blocks, seed: number): Generator<Float64Array> {
  const random = randomOf(seed)
  const weights = new Float64Array(count)
  for (let drawing = 0; drawing < DRAWINGS; drawing++) {
    weights.fill(0)
    for (const blocks of strata) {
      for (const _ of blocks) weights[blocks[Math.floor(random() * blocks.length)] as number]! += 1
    }
    yield weights
  }
}

/** In which 95 % of runs like these would lie, as far as drawings from so many blocks tell. */
export function interval(values: readonly number[], blocks: number): readonly [from: number, to: number] | undefined {
  const known = values.filter(Number.isFinite).sort((a, b) => a - b)
  // What is not known of every twentieth drawing is not known.
  if (known.length === 0 || known.length < values.length * 0.95) return undefined
  const at = (share: number): number => known[Math.round(share * (known.length - 1))] as number
  const tail = tailOf(blocks)
  return [at(tail), at(1 - tail)]
}
