import type { Frame } from './codec.ts'
import type { Exchange } from './exchange.ts'
import type { Watcher } from './rule.ts'

const SECOND = 1e9
const MINUTE = 60 * SECOND

/** Longer than nearly all work takes. */
const LIMIT = 5 * MINUTE
/** Enough to be told of at the end, when no answer can come any more. */
const LATE = MINUTE

/**
 * Looks for exchanges of one kind that wait for too long, such as deliveries that nobody settles. `tell` gets the one
 * that waits longest, for how long (ns), and how many others wait beside it for more than a minute, once the end shows.
 */
export function overdue<F extends Frame, C>(
  kind: string,
  tell: (oldest: Exchange, waited: number, others: number) => void,
): Watcher<F, C> {
  const open = new Set<Exchange>()
  let next = 0
  let told: Exchange | undefined
  const check = (oldest: Exchange | undefined, time: number): void => {
    if (told !== undefined || oldest === undefined || oldest.missed || time - oldest.started < LIMIT) return
    told = oldest
    tell(oldest, time - oldest.started, 0)
  }
  return {
    began: exchange => {
      if (exchange.kind === kind) open.add(exchange)
    },
    ended: exchange => {
      if (open.delete(exchange)) check(exchange, exchange.ended)
    },
    frame: (_frame, { time }) => {
      if (time < next) return
      next = time + MINUTE
      check(open.values().next().value, time)
    },
    end: (time, exchanges) => {
      let oldest: Exchange | undefined
      let late = 0
      for (const exchange of exchanges) {
        if (exchange.kind !== kind || exchange.missed || time - exchange.started < LATE) continue
        if (oldest === undefined || exchange.started < oldest.started) oldest = exchange
        late++
      }
      if (oldest !== undefined && (oldest !== told || late > 1)) tell(oldest, time - oldest.started, late - 1)
    },
  }
}
