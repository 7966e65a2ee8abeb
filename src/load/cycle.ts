import { parseDuration } from '../duration.ts'
import { usage } from '../failure.ts'

/** A value that holds for so many seconds; Infinity: from then on. */
export interface Phased<T> {
  readonly value: T
  readonly seconds: number
}

/** Values one after the other, each for its time, over and over. */
export class Cycle<T> {
  readonly #phases: readonly Phased<T>[]
  readonly #period: number
  #phase: Phased<T>
  /** Seconds from and until which it holds. */
  #from = 0
  #until: number

  /** At least one. */
  constructor(phases: readonly Phased<T>[]) {
    this.#phases = phases
    this.#period = phases.reduce((sum, { seconds }) => sum + seconds, 0)
    this.#phase = phases[0] as Phased<T>
    this.#until = this.#phase.seconds
  }

  /** What holds so many seconds after the start; before it, what will hold first. */
  at(elapsed: number): T {
    const time = Math.max(0, elapsed)
    if (time < this.#from || time >= this.#until) this.#find(time)
    return this.#phase.value
  }

  #find(time: number): void {
    let end = Math.floor(time / this.#period) * this.#period
    for (const phase of this.#phases) {
      this.#phase = phase
      this.#from = end
      end += phase.seconds
      if (time < end) break
    }
    this.#until = end
  }
}

/** One value for good. */
export const always = <T>(value: T): Phased<T>[] => [{ value, seconds: Number.POSITIVE_INFINITY }]

/** `5ms:30s`, `50ms:10s`: each so long; or one alone, `5ms`, for good. */
export function parsePhased<T>(texts: readonly string[], flag: string, parse: (text: string) => T): Phased<T>[] {
  const [only = ''] = texts
  if (texts.length === 1 && !only.includes(':')) return always(parse(only.trim()))
  return texts.map(text => {
    const [, value, time] = /^([^:]+):([^:]+)$/.exec(text.trim()) ?? []
    if (value !== undefined && time !== undefined) {
      return { value: parse(value.trim()), seconds: parseDuration(time, flag) / 1000 }
    }
    throw usage(`${flag} ${text.trim()}: for how long is not said`, 'Write VALUE:TIME, each of several.')
  })
}
