import type { Histogram } from '../histogram.ts'
import type { AgentInterval } from './protocol.ts'
import type { Blocked, Interval, Measure, Measured, MeasuredFully, Trouble } from './result.ts'
import { type Pair, type PortableTally, Sum } from './tally.ts'

/** What all agents of a run tell, put together interval by interval. */
export class Gathered {
  readonly intervals: Interval[] = []
  readonly troubles = new Map<string, { count: number; first: number }>()
  readonly blocked: { from: number; to?: number; reason: string }[] = []
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
    for (const { reason, count, first } of troubles) {
      const known = this.troubles.get(reason)
      const at = (first - this.#start) / 1000
      if (known === undefined) this.troubles.set(reason, { count, first: at })
      else {
        known.count += count
        known.first = Math.min(known.first, at)
      }
    }
  }

  get told(): Trouble[] {
    return [...this.troubles].map(([reason, { count, first }]) => ({ reason, count, first }))
  }

  get spans(): readonly Blocked[] {
    return this.blocked
  }

  #whole(parts: readonly AgentInterval[]): void {
    const sum = new Sum()
    for (const { tallies } of parts) for (const tally of Object.values(tallies)) sum.add(tally)
    for (const { tallies } of parts) for (const [name, tally] of Object.entries(tallies)) this.#add(name, tally)
    const seconds = (time: number): number => (time - this.#start) / 1000
    const from = seconds(Math.min(...parts.map(part => part.from)))
    const to = seconds(Math.max(...parts.map(part => part.to)))
    this.#block(
      parts.map(({ blocked }) => blocked).find(reason => reason !== undefined),
      from,
    )
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
      memory,
    }
    this.intervals.push(interval)
    this.#each(interval)
  }

  #add(name: string, tally: PortableTally): void {
    this.#total.add(tally)
    this.group(name).add(tally)
  }

  #block(reason: string | undefined, from: number): void {
    const last = this.blocked.at(-1)
    const open = last !== undefined && last.to === undefined ? last : undefined
    if (reason === undefined) {
      if (open !== undefined) open.to = from
    } else if (open?.reason !== reason) {
      if (open !== undefined) open.to = from
      this.blocked.push({ from, reason })
    }
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
