import { parseSpeed } from '../speed.ts'

/** When what was recorded is done again. */
export interface Pace {
  /** Whether confirmations and deliveries need not be awaited before what comes after them. */
  readonly hurried: boolean
  /**
   * The moment, in milliseconds of `performance.now()`, for what happened at `time` (ns) in the recording; 0: at once.
   * `publishes`: it is a message that a client publishes.
   */
  due(time: number, publishes: boolean): number
  /** The recording begins anew. */
  restart(): void
}

/** `--speed 10`, `--speed max`, or `--rate 500`, in messages a second. */
export function parsePace(speed: string, rate: number | undefined): Pace {
  if (rate !== undefined) return new Rate(rate)
  const times = parseSpeed(speed)
  return times === Number.POSITIVE_INFINITY ? { hurried: true, due: () => 0, restart: () => {} } : new Scaled(times)
}

class Scaled implements Pace {
  readonly hurried = false
  readonly #speed: number
  #first: number | undefined
  #began = 0

  constructor(speed: number) {
    this.#speed = speed
  }

  due(time: number): number {
    if (this.#first === undefined) {
      this.#first = time
      this.#began = performance.now()
    }
    return this.#began + (time - this.#first) / 1e6 / this.#speed
  }

  restart(): void {
    this.#first = undefined
  }
}

class Rate implements Pace {
  readonly hurried = true
  readonly #interval: number
  #next = 0

  constructor(rate: number) {
    this.#interval = 1000 / rate
  }

  due(_time: number, publishes: boolean): number {
    if (!publishes) return 0
    if (this.#next === 0) this.#next = performance.now()
    const due = this.#next
    this.#next += this.#interval
    return due
  }

  restart(): void {
    // The rate is one, from the first message to the last.
  }
}
