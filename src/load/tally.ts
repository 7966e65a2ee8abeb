import { Histogram } from '../histogram.ts'
import { Recorder } from './recorder.ts'
import { type Counts, MEASURES, type Measure } from './result.ts'

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

export const noCounts = (): Mutable<Counts> => ({
  due: 0,
  sent: 0,
  late: 0,
  dropped: 0,
  confirmed: 0,
  refused: 0,
  unroutable: 0,
  returned: 0,
  unconfirmed: 0,
  answeredLate: 0,
  delivered: 0,
  duplicates: 0,
  reordered: 0,
  redelivered: 0,
  lost: 0,
  foreign: 0,
  empty: 0,
  acked: 0,
  replies: 0,
  bytesSent: 0,
  bytesReceived: 0,
  connected: 0,
  connectFailures: 0,
  disconnected: 0,
  reconnected: 0,
  failovers: 0,
})

/** The counts of both. */
export function added(a: Counts, b: Counts): Counts {
  const sum = noCounts()
  for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] = a[name] + b[name]
  return sum
}

/** The latency of a measure from when it was due, and the time from when it was begun. */
export interface Pair<T> {
  readonly latency: T
  readonly service: T
}

/** As a tally travels: HDR histograms encoded, measures without anything left out. */
export interface PortableTally {
  readonly counts: Counts
  readonly measures: Partial<Record<Measure, Pair<string>>>
  /** Undefined where nothing was sent. */
  readonly lag: string | undefined
}

/** What one group did in one interval. Times are in milliseconds, and kept in microseconds. */
export class Tally {
  counts = noCounts()
  readonly lag = new Recorder()
  readonly #measures = new Map<Measure, Pair<Recorder>>()

  measured(measure: Measure, latency: number, service: number): void {
    let pair = this.#measures.get(measure)
    if (pair === undefined) {
      pair = { latency: new Recorder(), service: new Recorder() }
      this.#measures.set(measure, pair)
    }
    pair.latency.record(latency * 1000)
    pair.service.record(service * 1000)
  }

  /** What came together since the last time; the next begins. */
  take(): PortableTally {
    const measures: Partial<Record<Measure, Pair<string>>> = {}
    for (const [measure, recorders] of this.#measures) {
      const latency = recorders.latency.take()
      const service = recorders.service.take()
      if (latency !== undefined && service !== undefined) measures[measure] = { latency, service }
    }
    const taken = { counts: this.counts, measures, lag: this.lag.take() }
    this.counts = noCounts()
    return taken
  }
}

/** Tallies put together, over intervals, groups or workers: exactly, as histograms add. */
export class Sum {
  counts: Counts = noCounts()
  readonly lag = new Histogram()
  readonly measures = new Map<Measure, Pair<Histogram>>()

  add({ counts, measures, lag }: PortableTally): void {
    this.counts = added(this.counts, counts)
    if (lag !== undefined) this.lag.add(Histogram.decoded(lag))
    for (const name of MEASURES) {
      const measured = measures[name]
      if (measured === undefined) continue
      this.#measure(name, Histogram.decoded(measured.latency), Histogram.decoded(measured.service))
    }
  }

  /** What was put together already, so that nothing is decoded twice. */
  join({ counts, measures, lag }: Sum): void {
    this.counts = added(this.counts, counts)
    this.lag.add(lag)
    for (const [name, { latency, service }] of measures) this.#measure(name, latency, service)
  }

  #measure(name: Measure, latency: Histogram, service: Histogram): void {
    let pair = this.measures.get(name)
    if (pair === undefined) this.measures.set(name, (pair = { latency: new Histogram(), service: new Histogram() }))
    pair.latency.add(latency)
    pair.service.add(service)
  }
}
