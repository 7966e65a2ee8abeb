import { type Distribution, Histogram } from '../../../src/histogram.ts'
import { randomOf } from '../../../src/load/arrivals.ts'
import { evaluate, parseThreshold } from '../../../src/load/report/index.ts'
import type { Counts, GroupResult, Interval, LoadResult, MeasuredFully } from '../../../src/load/result.ts'
import { noCounts } from '../../../src/load/tally.ts'

/** What a run came to, made up, the same each time. */

export const NOTHING: Distribution = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }

export const countsOf = (some: Partial<Counts>): Counts => ({ ...noCounts(), ...some })

const histogramOf = (values: readonly number[]): Histogram => {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

/** Microseconds from when it was due, and from when it was sent. */
export function measured(latencies: readonly number[], services: readonly number[]): MeasuredFully {
  const [latency, service] = [histogramOf(latencies), histogramOf(services)]
  return {
    latency: latency.distribution,
    service: service.distribution,
    latencyHdr: latency.encoded,
    serviceHdr: service.encoded,
  }
}

/** Without histograms, as groups and stages have them. */
const plainly = (measures: LoadResult['measures']): GroupResult['measures'] =>
  Object.fromEntries(Object.entries(measures).map(([name, { latency, service }]) => [name, { latency, service }]))

export interface RunOptions {
  readonly seed?: number
  /** Intervals, of a second each. */
  readonly seconds?: number
  /** Messages due a second; doubled in the second half. */
  readonly rate?: number
  /** Microseconds: about the median of the time from sending to the confirm. */
  readonly typical?: number
  /** Seconds during which the broker did not answer: from, to. */
  readonly stall?: readonly [number, number]
}

/** A ramp in two stages, with a stall in it, as a broker with a slow disk would have it. */
export function runOf({ seed = 1, seconds = 60, rate = 200, typical = 1_200, stall }: RunOptions = {}): LoadResult {
  const random = randomOf(seed)
  // About log-normal: a long tail, as latencies have.
  const around = (middle: number): number =>
    middle * Math.exp(0.45 * (random() + random() + random() + random() - 2) * 1.7)
  const all = { confirm: [] as number[], confirmed: [] as number[], deliver: [] as number[], delivered: [] as number[] }
  const intervals: Interval[] = []
  let backlog = 0
  for (let at = 0; at < seconds; at++) {
    const due = rate * (at < seconds / 2 ? 1 : 2)
    const stalled = stall !== undefined && at >= stall[0] && at < stall[1]
    const [confirm, confirmed, deliver, delivered]: number[][] = [[], [], [], []]
    const done = stalled ? 0 : due + backlog
    for (let message = 0; message < done; message++) {
      const service = around(typical)
      // What was due during the stall waited for its end.
      const waited = message < backlog && stall !== undefined ? (stall[1] - stall[0]) * 1e6 * random() : 0
      confirmed?.push(service)
      confirm?.push(service + waited)
      delivered?.push(service * 1.6)
      deliver?.push(service * 1.6 + waited)
    }
    backlog = stalled ? backlog + due : 0
    all.confirm.push(...(confirm ?? []))
    all.confirmed.push(...(confirmed ?? []))
    all.deliver.push(...(deliver ?? []))
    all.delivered.push(...(delivered ?? []))
    intervals.push({
      from: at,
      to: at + 1,
      counts: countsOf({
        ...{ due, sent: done, confirmed: done, delivered: done, acked: done, bytesSent: done * 1_100 },
        ...{ bytesReceived: done * 1_100, connected: at === 0 ? 20 : 0, late: Math.max(0, done - due) },
      }),
      measures:
        done === 0
          ? {}
          : {
              'publish-confirm': measured(confirm ?? [], confirmed ?? []),
              'publish-deliver': measured(deliver ?? [], delivered ?? []),
            },
      lag: histogramOf(confirm?.map((value, index) => value - (confirmed?.[index] ?? 0) + 20) ?? []).distribution,
      clients: 20,
      inFlight: backlog + 3,
      cpuSeconds: 0.2 + due / 4_000 + random() / 20,
      busy: 0.15 + due / 4_000,
      memory: 80e6 + at * 100_000,
      held: 0,
    })
  }
  const total = (count: keyof Counts): number => intervals.reduce((sum, { counts }) => sum + counts[count], 0)
  const counts = Object.fromEntries(
    Object.keys(noCounts()).map(key => [key, total(key as keyof Counts)]),
  ) as unknown as Counts
  const measures = {
    connect: measured([2_000, 2_500, 4_000], [2_000, 2_500, 4_000]),
    'publish-confirm': measured(all.confirm, all.confirmed),
    'publish-deliver': measured(all.deliver, all.delivered),
  }
  const lag = histogramOf(all.confirm.map((value, index) => value - (all.confirmed[index] ?? 0) + 20)).distribution
  const stage = (name: string, from: number, to: number, perSecond: number) => ({
    ...{ name, from, to, rate: perSecond, achieved: perSecond, measures: plainly(measures) },
  })
  const sent = counts.sent.toLocaleString('en')
  return {
    mqinspect: '0.1.0',
    run: `run-${seed}`,
    started: '2026-11-28T12:00:00.000Z',
    seconds,
    interrupted: false,
    plan: ['10 publishers and 10 consumers, amqp://localhost:5672', `${rate} messages a second, then ${2 * rate}`],
    counts,
    measures,
    lag,
    groups: [
      {
        ...{ name: 'orders', protocol: 'amqp091', url: 'amqp://localhost:5672', clients: 20, places: [] },
        ...{ counts, measures: plainly(measures) },
      },
    ],
    stages: [stage(`${rate}/s`, 0, seconds / 2, rate), stage(`${2 * rate}/s`, seconds / 2, seconds, 2 * rate)],
    intervals,
    troubles: stall === undefined ? [] : [{ reason: 'PRECONDITION_FAILED <x> & "y"', count: 3, first: stall[0] }],
    blocked: stall === undefined ? [] : [{ from: stall[0], to: stall[1], reason: 'low on disk' }],
    gone: [],
    proof: {
      ok: true,
      lines: [`sent ${sent} = confirmed ${sent}`, `delivered ${sent} + lost 0 = expected ${sent}`],
      lost: [],
    },
    thresholds: [
      ...['publish-confirm p(99) < 50ms', 'lost == 0'].map(text =>
        evaluate(parseThreshold(text), { seconds, counts, measures, lag }),
      ),
    ],
    limit: { what: 'plan', why: 'the broker and the generator kept up with what was due' },
    generator: {
      ...{ workers: 1, cpuSeconds: 21.4, messagesPerCpuSecond: 1_682, memory: 86e6, node: 'v24.21.0', cpus: 2 },
    },
    ok: stall === undefined,
  }
}
