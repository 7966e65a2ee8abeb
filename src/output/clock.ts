import type { Lines } from './lines.ts'

const SECOND = 1_000_000_000

/**
 * Writes the times of one source. Neighbouring rows share their second, so its text is made once, not for every row.
 */
export class Clock {
  readonly #seconds: number
  readonly #nanoseconds: number
  #second = Number.NaN
  #date = ''
  #timeOfDay = ''
  #moment = Number.NaN
  #iso = ''

  /** `origin`: nanoseconds since the Unix epoch, from which the source counts. */
  constructor(origin: bigint) {
    const seconds = origin / 1_000_000_000n
    this.#seconds = Number(seconds)
    this.#nanoseconds = Number(origin - seconds * 1_000_000_000n)
  }

  /** `2026-11-23T06:46:00.123456789Z` */
  iso(time: number): string {
    // What came in one packet shares its moment.
    if (time === this.#moment) return this.#iso
    const fraction = this.#turn(time)
    this.#moment = time
    this.#iso = `${this.#date}${this.#timeOfDay}${String(fraction).padStart(9, '0')}Z`
    return this.#iso
  }

  writeIso(time: number, lines: Lines): void {
    const fraction = this.#turn(time)
    lines.ascii(this.#date)
    lines.ascii(this.#timeOfDay)
    lines.number(fraction, 9)
    lines.ascii('Z')
  }

  /** `06:46:00.123456`, in UTC. */
  timeOfDay(time: number): string {
    const fraction = this.#turn(time)
    return `${this.#timeOfDay}${String(Math.floor(fraction / 1000)).padStart(6, '0')}`
  }

  writeTimeOfDay(time: number, lines: Lines): void {
    const fraction = this.#turn(time)
    lines.ascii(this.#timeOfDay)
    lines.number(Math.floor(fraction / 1000), 6)
  }

  /** Moves to the second that `time` is in; returns the nanoseconds within it. */
  #turn(time: number): number {
    const at = this.#nanoseconds + time
    const second = Math.floor(at / SECOND)
    if (second !== this.#second) {
      this.#second = second
      const moment = new Date((this.#seconds + second) * 1000)
      // A damaged capture may claim any moment, also one that no calendar has a name for.
      const text = Number.isNaN(moment.getTime()) ? `@${this.#seconds + second}T00:00:00` : moment.toISOString()
      const middle = text.indexOf('T') + 1
      this.#date = text.slice(0, middle)
      this.#timeOfDay = `${text.slice(middle, middle + 8)}.`
    }
    return Math.floor(at - second * SECOND)
  }
}

/** `1.5 s`, `12 ms`: a duration in nanoseconds, for people. */
export function formatDuration(time: number): string {
  if (time < 1_000) return `${Math.round(time)} ns`
  if (time < 1_000_000) return `${Math.round(time / 1_000)} µs`
  if (time < SECOND) return `${Math.round(time / 1_000_000)} ms`
  if (time < 60 * SECOND) return `${(time / SECOND).toFixed(1)} s`
  const minutes = Math.floor(time / SECOND / 60)
  return `${minutes} min ${Math.floor(time / SECOND) % 60} s`
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** `12.3 MB`: powers of a thousand. */
export function formatBytes(count: number): string {
  let unit = 0
  let value = count
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`
}
