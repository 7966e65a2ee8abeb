import type { Distribution } from '../../histogram.ts'
import { objectSchema as object, type Schema } from '../../output/index.ts'
import {
  type Blocked,
  type Counts,
  type Gone,
  type GroupResult,
  type Interval,
  type LoadResult,
  MEASURES,
  type Measured,
  type MeasuredFully,
  type Place,
  type Proof,
  type SearchedRate,
  type SearchResult,
  type StageResult,
  type ThresholdResult,
  type Trouble,
} from '../result.ts'

/** A schema for every property of a type: one more in the type is one more here, or does not compile. */
type Shape<T> = { readonly [key in keyof T]-?: Schema }

const text: Schema = { type: 'string' }
const truth: Schema = { type: 'boolean' }
const number: Schema = { type: 'number' }
const amount: Schema = { type: 'number', minimum: 0 }
const count: Schema = { type: 'integer', minimum: 0 }
const seconds: Schema = { ...number, description: 'Seconds since the start; clients connect before it.' }
const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` })
const list = (items: Schema): Schema => ({ type: 'array', items })
const said = (schema: Schema, description: string): Schema => ({ ...schema, description })

const counts: Shape<Counts> = {
  due: said(count, 'By the plan; in a closed run, as many as were sent.'),
  sent: count,
  late: said(count, 'Sent more than 10 ms after they were due.'),
  dropped: said(count, 'Due, and not sent at all.'),
  confirmed: count,
  refused: count,
  unroutable: count,
  returned: said(count, 'Came back, as nobody wanted them; they are answered besides.'),
  unconfirmed: said(count, 'Sent, an answer asked for, and none came, or none in the time that it may take.'),
  answeredLate: said(count, 'Unconfirmed, as the answer came too late.'),
  delivered: said(count, 'Each once for every subscription that it came to.'),
  duplicates: count,
  reordered: count,
  redelivered: count,
  lost: said(count, 'Expected by a subscription, and not delivered.'),
  foreign: said(count, 'Delivered, and not of this run.'),
  empty: said(count, 'Times that a consumer asked for a message, and there was none.'),
  acked: count,
  replies: count,
  bytesSent: count,
  bytesReceived: count,
  connected: count,
  connectFailures: count,
  disconnected: count,
  reconnected: count,
  failovers: said(count, 'Connections to another upstream than the client was at before, or was to be at.'),
}
const distribution: Shape<Distribution> = {
  ...{ count, mean: amount, p50: amount, p90: amount, p99: amount, p999: amount, max: amount },
}
const measured: Shape<Measured> = {
  latency: said(ref('distribution'), 'From the moment the message was due, in microseconds.'),
  service: said(ref('distribution'), 'From the moment it was sent, in microseconds.'),
}
const hdr = said(text, 'An HDR histogram: V2, compressed, Base64.')
const fully: Shape<MeasuredFully> = { ...measured, latencyHdr: hdr, serviceHdr: hdr }
const interval: Shape<Interval> = {
  ...{ from: seconds, to: seconds, counts: ref('counts'), measures: ref('measuresFully') },
  lag: said(ref('distribution'), 'How late after they were due messages were sent, in microseconds.'),
  ...{ clients: count, inFlight: count },
  cpuSeconds: said(amount, 'Processor time of the generator, in seconds.'),
  busy: said(amount, "Share of the interval that the generator's event loop was busy."),
  memory: said(count, 'Bytes.'),
  held: said(amount, 'Share of the interval in which something was due, and no client had room for it.'),
}
const trouble: Shape<Trouble> = { reason: text, next: text, count, first: seconds }
const blocked: Shape<Blocked> = { from: seconds, to: seconds, reason: text }
const gone: Shape<Gone> = {
  ...{ group: text, clients: count },
  since: said(seconds, 'From when on there was no connection.'),
  reason: text,
  unsent: said(count, 'Of what was due, not sent at all.'),
}
const threshold: Shape<ThresholdResult> = {
  threshold: text,
  ok: truth,
  actual: {
    anyOf: [said(number, 'Microseconds, a count, a count a second, or a share from 0 to 1.'), { const: null }],
  },
  shown: text,
  endedAt: said(number, 'It ended the run, at this second.'),
}
const proof: Shape<Proof> = { ok: truth, lines: list(text), lost: list(text) }
const tls: Shape<NonNullable<Place['tls']>> = {
  version: text,
  cipher: said(text, "OpenSSL's name."),
  protocol: said(text, 'That ALPN selected.'),
}
const place: Shape<Place> = {
  url: text,
  connections: said(count, 'That became ready there.'),
  clients: said(count, 'Whose last connection was there.'),
  tls: optionally(tls, 'protocol'),
}
const group: Shape<GroupResult> = {
  ...{ name: text, protocol: text, url: text, clients: count },
  places: list(optionally(place, 'tls')),
  ...{ counts: ref('counts'), measures: ref('measures') },
}
const stage: Shape<StageResult> = {
  ...{ name: text, from: seconds, to: seconds, rate: amount, achieved: amount, measures: ref('measures') },
  held: said(truth, 'Of a search for the highest rate, which each of its tries is: whether the threshold held.'),
}
const limit: Shape<LoadResult['limit']> = { what: { enum: ['plan', 'broker', 'generator', 'window'] }, why: text }
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { const: null }] })
const searched: Shape<SearchedRate> = {
  ...{ rate: amount, tries: count },
  held: said(count, 'In how many of them the threshold held.'),
  limit: said(object(limit), 'What made it fail, where it did.'),
}
const search: Shape<SearchResult> = {
  threshold: text,
  step: said(seconds, 'How long each rate was held.'),
  rates: list(optionally(searched, 'limit')),
  held: orNull(said(amount, 'The highest rate that held, in messages a second.')),
  failed: orNull(said(amount, 'The lowest that did not.')),
  limit: said(object(limit), 'What made that one fail.'),
}
const generator: Shape<LoadResult['generator']> = {
  ...{ workers: count, cpuSeconds: amount, messagesPerCpuSecond: amount, memory: count, node: text, cpus: count },
}
const result: Shape<LoadResult> = {
  mqinspect: said(text, 'The version that made it.'),
  run: said(text, 'Tells runs apart.'),
  started: said(text, 'ISO 8601.'),
  seconds: said(amount, 'Of the measured part.'),
  interrupted: truth,
  plan: list(text),
  counts: ref('counts'),
  measures: ref('measuresFully'),
  lag: ref('distribution'),
  groups: list(object(group)),
  stages: list(optionally(stage, 'held')),
  search: said(object(search), 'Of a search for the highest rate; its tries are the stages.'),
  intervals: list(ref('interval')),
  troubles: list(optionally(trouble, 'next')),
  blocked: list(optionally(blocked, 'to')),
  gone: said(list(object(gone)), 'Groups that had no connection in the end.'),
  proof: object(proof),
  thresholds: list(optionally(threshold, 'endedAt')),
  limit: object(limit),
  generator: object(generator),
  ok: said(truth, 'All is accounted for, every threshold held, and nobody was without a connection in the end.'),
}

/** The JSON Schema of the summary that `load` writes: a `LoadResult`. */
export function loadSchema(): Schema {
  const byMeasure = (name: string): Schema =>
    object({}, Object.fromEntries(MEASURES.map(measure => [measure, ref(name)])))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'What a run of mqinspect load came to',
    ...optionally(result, 'search'),
    $defs: {
      counts: object(counts),
      distribution: object(distribution),
      measured: object(measured),
      measuredFully: object(fully),
      measures: byMeasure('measured'),
      measuresFully: byMeasure('measuredFully'),
      interval: object(interval),
    },
  }
}

function optionally(shape: Readonly<Record<string, Schema>>, name: string): Schema {
  const { [name]: optional, ...required } = shape
  return object(required, { [name]: optional as Schema })
}
