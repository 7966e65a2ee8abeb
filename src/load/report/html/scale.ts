/** Where a value stands along an axis, from 0 to 1. */
export interface Scale {
  readonly place: (value: number) => number
  readonly ticks: readonly number[]
}

/** About so many lines across a plot. */
const LINES = 4

/** From 0 to a round number beyond `max`. */
export function linear(max: number): Scale {
  const most = max > 0 ? max : 1
  const step = round(most / LINES)
  const count = Math.ceil(most / step - 1e-9)
  const top = step * count
  return { place: value => value / top, ticks: Array.from({ length: count + 1 }, (_, at) => at * step) }
}

/** The next of 1, 2, 5, 10, 20 … */
function round(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return power * ([1, 2, 5].find(factor => factor * power >= value * (1 - 1e-9)) ?? 10)
}

/** Between round numbers around `min` and `max`, both above 0; what is below stands at the bottom. */
export function logarithmic(min: number, max: number): Scale {
  const few = max / min < 30
  const factors = few ? [1, 2, 5] : [1]
  const candidates = Array.from({ length: 40 }, (_, at) => at - 10).flatMap(power =>
    factors.map(factor => factor * 10 ** power),
  )
  const from = candidates.findLast(value => value <= min) ?? min
  const to = candidates.find(value => value >= max && value > from) ?? max
  const span = Math.log10(to / from)
  return {
    place: value => (value <= from ? 0 : Math.log10(value / from) / span),
    ticks: candidates.filter(value => value >= from && value <= to),
  }
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400]

/** Round moments of a run of so many seconds. */
export function moments(seconds: number): number[] {
  const step =
    seconds < 4 ? round(seconds / LINES) : (STEPS.find(each => seconds / each <= 6) ?? round(seconds / LINES))
  return Array.from({ length: Math.floor(seconds / step + 1e-9) + 1 }, (_, at) => at * step)
}
