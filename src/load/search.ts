import type { Interval, StageResult } from './result.ts'
import type { Steering } from './run.ts'
import { type StageEvidence, stageOf } from './stages.ts'

export interface SearchOptions {
  /** Messages a second to begin with. */
  readonly from: number
  /** Seconds that each rate is held. */
  readonly step: number
  /** Whether what was asked for held at this rate. */
  readonly holds: (evidence: StageEvidence) => boolean
  /** A rate is next; and what came of it. */
  readonly trying: (rate: number) => void
  readonly tried: (stage: StageResult) => void
  readonly signal: AbortSignal
}

/** Most seconds without any load before each rate: what waits in queues from the last one is not this one's. */
const MOST_SETTLING = 2
/** A rate that does not get through is not held, whatever the latencies of what does. */
const THROUGH = 0.95
/** The search ends when the highest rate that held and the lowest that did not are so near. */
const NEAR = 1.05
const MOST_STEPS = 30

/**
 * Searches for the highest rate that holds: doubles it until one does not, then halves the distance. Every step is
 * evidence, also of what lies above the answer.
 */
export async function search(steering: Steering, options: SearchOptions): Promise<StageResult[]> {
  const steps: StageResult[] = []
  let [low, high] = [0, Number.POSITIVE_INFINITY]
  let rate = options.from
  while (steps.length < MOST_STEPS && !options.signal.aborted && high / Math.max(low, 1e-9) > NEAR) {
    options.trying(rate)
    await steering.stage({ from: 0, to: 0, seconds: Math.min(MOST_SETTLING, options.step) })
    const intervals = await steering.stage({ from: rate, to: rate, seconds: options.step })
    if (intervals.length === 0) break
    const step = stepOf(rate, intervals, options)
    steps.push(step)
    options.tried(step)
    if (step.held === true) low = rate
    else high = rate
    rate = round(high === Number.POSITIVE_INFINITY ? rate * 2 : low === 0 ? high / 2 : Math.sqrt(low * high))
    if (rate < 1 || rate === low || rate === high) break
  }
  return steps
}

/** The highest rate that held; undefined where none did. */
export const limitOf = (steps: readonly StageResult[]): number | undefined =>
  steps.reduce<number | undefined>(
    (most, { rate, held }) => (held === true && rate > (most ?? 0) ? rate : most),
    undefined,
  )

function stepOf(rate: number, intervals: readonly Interval[], { holds }: SearchOptions): StageResult {
  const { evidence, result } = stageOf(`${rate}/s`, rate, intervals)
  // Messages are whole, and one at the edge may be of the next stage.
  const through = result.achieved * evidence.seconds + 1 >= rate * evidence.seconds * THROUGH
  return { ...result, held: through && holds(evidence) }
}

/** To three digits: nobody asks for 1414.2 messages a second. */
const round = (rate: number): number => Number(rate.toPrecision(3))
