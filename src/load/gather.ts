import type { Histogram } from '../histogram.ts'
import type { AgentInterval, Out } from './protocol.ts'
import type { Blocked, Interval, Measure, Measured, MeasuredFully, Trouble } from './result.ts'
import type { Span } from './stalls.ts'
import { type Pair, Sum } from './tally.ts'

/** Spans that are told apart; what comes then is part of the last one. */
const MOST_SPANS = 1000

/** What all agents of a run tell, put together interval by interval. */
export class Gathered {
  readonly intervals: Interval[] = []
  /** By reason; `first` is of the shared clock, as the start may be still to come. */
  readonly #troubles = new Map<string, { count: number; first: number; readonly next?: string | undefined }>()
  /** Of the shared clock. */
  readonly #blocked: { from: number; to: number | undefined; reason: string }[] = []
  /** Clients without a connection, of each agent's group, as of the last interval. */
  out: readonly Out[] = []
  readonly #agents: number
  readonly #each: (interval: Interval) => void
  readonly #waiting = new Map<number, AgentInterval[]>()
  readonly #groups = new Map<string, Sum>()
  readonly #total = new Sum()
  /** Milliseconds of the shared clock. */
  #start = 0
  #cpu = process.cpuUsage()
  cpuSeconds = 0
  memory = 0

  /** `each` is told of every interval, once it is whole. */
  constructor(agents: number, each: (interval: Interval) => void) {
    this.#agents = agents
    this.#each = each
  }

  /** The run starts at `at`. */
  start(at: number): void {
    this.#start = at
  }

  get total(): Sum {
    return this.#total
  }

  group(name: string): Sum {
    let sum = this.#groups.get(name)
    if (sum === undefined) this.#groups.set(name, (sum = new Sum()))
    return sum
  }

  add(interval: AgentInterval): void {
    this.trouble(interval)
    // What comes last is not as long as the others, and its number another with each agent.
    const number = interval.last ? Number.POSITIVE_INFINITY : interval.number
    const waiting = this.#waiting.get(number) ?? []
    waiting.push(interval)
    this.#waiting.set(number, waiting)
    if (waiting.length < this.#agents) return
    this.#waiting.delete(number)
    this.#whole(waiting)
  }

  trouble({ troubles }: Pick<AgentInterval, 'troubles'>): void {
    for (const { reason, next, count, first } of troubles) {
      const known = this.#troubles.get(reason)
      if (known === undefined) this.#troubles.set(reason, { count, first, next })
      else {
        known.count += count
        known.first = Math.min(known.first, first)
      }
    }
  }

  get told(): Trouble[] {
    return [...this.#troubles].map(([reason, { count, first, next }]) => ({
      reason,
      ...(next !== undefined && { next }),
      count,
      first: this.since(first),
    }))
  }

  get blocked(): readonly Blocked[] {
    return this.#blocked
      .map(({ from, to, reason }) => ({
        from: this.since(from),
        ...(to !== undefined && { to: this.since(to) }),
        reason,
      }))
      .sort((a, b) => a.from - b.from)
  }

  /** Of the shared clock, since the start. */
  since(time: number): number {
    return (time - this.#start) / 1000
  }

  #whole(parts: readonly AgentInterval[]): void {
    const sum = this.#sum(parts)
    const from = this.since(Math.min(...parts.map(part => part.from)))
    const to = this.since(Math.max(...parts.map(part => part.to)))
    for (const span of parts.flatMap(({ blocked }) => blocked)) this.#block(span)
    this.out = parts.flatMap(({ out }) => out)
    const { user, system } = process.cpuUsage(this.#cpu)
    this.#cpu = process.cpuUsage()
    const cpuSeconds = (user + system) / 1e6
    const memory = process.memoryUsage.rss()
    this.cpuSeconds += cpuSeconds
    this.memory = Math.max(this.memory, memory)
    const interval: Interval = {
      from,
      to,
      counts: sum.counts,
      measures: fully(sum.measures),
      lag: sum.lag.distribution,
      clients: parts.reduce((clients, part) => clients + part.clients, 0),
      inFlight: parts.reduce((open, part) => open + part.inFlight, 0),
      cpuSeconds,
      busy: Math.max(...parts.map(({ busy }) => busy)),
      held: Math.max(...parts.map(({ held }) => held)),
      memory,
    }
    this.intervals.push(interval)
    this.#each(interval)
  }

  /** Of all groups; each group's own, and the whole run's, grow by it. */
  #sum(parts: readonly AgentInterval[]): Sum {
    const sum = new Sum()
    for (const name of new Set(parts.flatMap(({ tallies }) => Object.keys(tallies)))) {
      const group = new Sum()
      for (const { tallies } of parts) {
        const tally = tallies[name]
        if (tally !== undefined) group.add(tally)
      }
      this.group(name).join(group)
      sum.join(group)
    }
    this.#total.join(sum)
    return sum
  }

  /** What goes on is told again and again, and by several groups and agents: what touches is one span. */
  #block({ from, to, reason }: Span): void {
    const end = to ?? Number.POSITIVE_INFINITY
    const all = this.#blocked
    const known =
      all.findLast(
        each => each.reason === reason && from <= (each.to ?? Number.POSITIVE_INFINITY) && end >= each.from,
      ) ?? (all.length < MOST_SPANS ? undefined : all.findLast(each => each.reason === reason))
    if (known === undefined) {
      all.push({ from, to, reason })
      return
    }
    known.from = Math.min(known.from, from)
    known.to = to === undefined ? undefined : Math.max(known.to ?? to, to)
  }
}

/** As results have them. */
export const measured = (measures: ReadonlyMap<Measure, Pair<Histogram>>): Partial<Record<Measure, Measured>> =>
  Object.fromEntries(
    [...measures].map(([name, { latency, service }]) => [
      name,
      { latency: latency.distribution, service: service.distribution },
    ]),
  )

/** With the histograms themselves. */
export const fully = (measures: ReadonlyMap<Measure, Pair<Histogram>>): Partial<Record<Measure, MeasuredFully>> =>
  Object.fromEntries(
    [...measures].map(([name, { latency, service }]) => [
      name,
      {
        latency: latency.distribution,
        service: service.distribution,
        latencyHdr: latency.encoded,
        serviceHdr: service.encoded,
      },
    ]),
  )
