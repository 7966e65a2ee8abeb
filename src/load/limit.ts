import type { GroupPlan, Plan } from './plan.ts'
import type { Interval, Limit } from './result.ts'

/** An event loop that is busy for more than this share of its time is the limit itself. */
const BUSY = 0.85
/** A run that sends so much of what is due, and is answered, is held back by nothing. */
const KEPT_UP = 0.99
/** Microseconds by which the usual message may be late, and is still as good as in time. */
const PROMPT = 10_000
/** A window counts as full from this share of it on. */
const FILLED = 0.9
/** Who has room for what is due for all but this share of the time is held up by nobody. */
const SELDOM = 0.1

/** What held the rate where it was, in a whole run. */
export function whatHeld(plan: Plan, intervals: readonly Interval[], seconds: number): Limit {
  const within = intervals.filter(({ from, to }) => from >= 0 && to <= seconds + 0.5)
  const sum = (of: (interval: Interval) => number): number => within.reduce((total, each) => total + of(each), 0)
  const [due, sent, late, dropped] = [
    sum(({ counts }) => counts.due),
    sum(({ counts }) => counts.sent),
    sum(({ counts }) => counts.late),
    sum(({ counts }) => counts.dropped),
  ]
  const open = plan.groups.some(({ publish }) => publish?.stages !== undefined)
  const percent = busyText(within)
  if (due + sent === 0) return { what: 'plan', why: 'nothing was to be published' }
  const unanswered = intervals.reduce((total, { counts }) => total + counts.unconfirmed, 0)
  if (sent - unanswered < sent * KEPT_UP) {
    const some = `${unanswered.toLocaleString('en')} of ${sent.toLocaleString('en')} messages`
    const isLate = intervals.some(({ counts }) => counts.answeredLate > 0)
    return {
      what: 'broker',
      why: `it ${isLate ? `did not answer ${some} in time` : `never answered ${some}`}; the generator was busy for ${percent} of the time`,
    }
  }
  const median = middle(within.map(({ lag }) => lag.p50))
  if (open && dropped === 0 && sent >= due * KEPT_UP && median < PROMPT) {
    const some = late === 0 ? 'in time' : `all but ${late.toLocaleString('en')} in time`
    return { what: 'plan', why: `all that was due was sent, ${some}; the generator was busy for ${percent} of it` }
  }
  const busy = tooBusy(within)
  if (busy !== undefined) return busy
  if (open && median >= PROMPT && mean(within, ({ held }) => held) < SELDOM) return tooLate(within)
  return (
    windowFull(plan, within) ?? {
      what: 'broker',
      why: `it took ${Math.round(sent / Math.max(seconds, 1e-9)).toLocaleString('en')} messages a second; the generator was busy for ${percent} of the time`,
    }
  )
}

/**
 * What made a rate fail. `inTime`: whether it would have held, had all been sent when it was due; as far as the times
 * from sending tell.
 */
export function whatFailed(plan: Plan, intervals: readonly Interval[], inTime: boolean): Limit {
  const busy = tooBusy(intervals)
  if (busy !== undefined) return busy
  if (inTime && mean(intervals, ({ held }) => held) < SELDOM) return tooLate(intervals)
  return (
    windowFull(plan, intervals) ?? {
      what: 'broker',
      why: `messages were sent in time, as far as it took them; the generator was busy for ${busyText(intervals)} of the time`,
    }
  )
}

function tooBusy(intervals: readonly Interval[]): Limit | undefined {
  if (mean(intervals, ({ busy }) => busy) <= BUSY) return undefined
  const why = `its event loops were busy for ${busyText(intervals)} of the time; give it more --workers`
  return { what: 'generator', why }
}

function tooLate(intervals: readonly Interval[]): Limit {
  const lag = Math.max(0, ...intervals.map(({ lag: { p99 } }) => p99)) / 1000
  const why = `there was room for what was due, and it was sent up to ${Number(lag.toPrecision(3))} ms late (p99): its machine has no time for it`
  return { what: 'generator', why }
}

function windowFull({ groups }: Plan, intervals: readonly Interval[]): Limit | undefined {
  const room = windowOf(groups)
  const most = Math.max(0, ...intervals.map(({ inFlight }) => inFlight))
  if (room === 0 || most < room * FILLED) return undefined
  const why = `${most.toLocaleString('en')} messages were under way, which is all of --in-flight; the generator was busy for ${busyText(intervals)}`
  return { what: 'window', why }
}

const busyText = (intervals: readonly Interval[]): string =>
  `${Math.round(mean(intervals, ({ busy }) => busy) * 100)} %`

const mean = (intervals: readonly Interval[], of: (interval: Interval) => number): number =>
  intervals.reduce((sum, each) => sum + of(each), 0) / Math.max(1, intervals.length)

/** The one in the middle; 0 of none. */
const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** How many messages can be under way, in all. */
const windowOf = (groups: readonly GroupPlan[]): number =>
  groups.reduce((sum, { publish, inFlight, clients }) => sum + (publish === undefined ? 0 : inFlight * clients), 0)
