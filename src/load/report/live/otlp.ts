import type { Counts, Measure } from '../../result.ts'
import type { Peer, Peers } from './peers.ts'
import { BOUNDS, type Buckets, type Totals } from './totals.ts'

/** OTLP's metrics in JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): 64-bit integers are strings. */

export interface OtlpContext {
  readonly run: string
  readonly version: string
  readonly peers: Peers
  /** Milliseconds since 1970: when counting began, and now. */
  readonly started: number
  readonly now: number
}

/** opentelemetry.proto.metrics.v1.AggregationTemporality: all since the start, not since the last report. */
const CUMULATIVE = 2

/**
 * `messaging.system` (OpenTelemetry semantic conventions, messaging): RabbitMQ's own protocol is its clients' system; for
 * the others there is no value of the conventions', and the protocol's name stands.
 */
const SYSTEMS: Readonly<Record<string, string>> = { amqp091: 'rabbitmq', amqp10: 'amqp' }

type Attributes = Readonly<Record<string, string | number | undefined>>

/** One request's body for `/v1/metrics`. */
export function otlpMetrics(totals: Totals, context: OtlpContext): object {
  const { run, version, peers } = context
  const metrics = [...semantic(totals, context), ...own(totals, context)]
  const resource = { 'service.name': 'mqinspect', 'service.version': version, 'service.instance.id': run }
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributesOf({ ...resource, 'mqinspect.load.protocol': peers.all.protocol }) },
        scopeMetrics: [{ scope: { name: 'mqinspect.load', version }, metrics }],
      },
    ],
  }
}

/** Under the names of the semantic conventions. */
function semantic(totals: Totals, context: OtlpContext): object[] {
  const { published, consumed } = context.peers
  const send = {
    ...peerAttributes(published),
    'messaging.operation.name': 'publish',
    'messaging.operation.type': 'send',
  }
  const receive = {
    ...peerAttributes(consumed),
    'messaging.operation.name': 'consume',
    'messaging.operation.type': 'receive',
  }
  const settle = {
    ...peerAttributes(consumed),
    'messaging.operation.name': 'ack',
    'messaging.operation.type': 'settle',
  }
  const failed = FAILURES.filter(([key]) => totals.count(key) > 0).map(([key, type]) =>
    number(context, totals.count(key), { ...send, 'error.type': type }),
  )
  const durations = (
    [
      ['publish-confirm', send],
      ['deliver-ack', settle],
    ] as const
  ).flatMap(([measure, attributes]) => timed(totals.service, measure, attributes, context))
  return [
    histogram('messaging.client.operation.duration', 'Duration of messaging operations.', durations),
    sum('messaging.client.sent.messages', 'Messages sent.', '{message}', [
      number(context, succeeded(totals), send),
      ...failed,
    ]),
    sum('messaging.client.consumed.messages', 'Messages delivered.', '{message}', [
      number(context, totals.count('delivered'), receive),
    ]),
  ]
}

/** What became of messages that were not sent well, as `error.type`. */
const FAILURES: readonly (readonly [keyof Counts, string])[] = [
  ['refused', 'refused'],
  ['unconfirmed', 'timeout'],
]

/** Where there are answers, those that were good: all that was sent is then one of these, or a failure. */
function succeeded(totals: Totals): number {
  const answered = ['confirmed', ...FAILURES.map(([key]) => key)] as (keyof Counts)[]
  return answered.some(key => totals.count(key) > 0) ? totals.count('confirmed') : totals.count('sent')
}

/** What the conventions have no name for. */
function own(totals: Totals, context: OtlpContext): object[] {
  const outcomes = [...totals.counts]
    .filter(([key]) => !NO_MESSAGES.has(key))
    .map(([key, count]) => number(context, count, { 'mqinspect.load.outcome': key }))
  const latencies = [...totals.latency.keys()].flatMap(measure =>
    timed(totals.latency, measure, { 'mqinspect.load.measure': measure }, context),
  )
  const level = (name: string, description: string, unit: string, value: number): object => ({
    ...{ name: `mqinspect.load.${name}`, description, unit },
    gauge: { dataPoints: [{ ...times(context), asDouble: value }] },
  })
  return [
    histogram('mqinspect.load.latency', 'From the moment that a message was due.', latencies),
    sum('mqinspect.load.messages', 'Messages, by what became of them.', '{message}', outcomes),
    level('expected_rate', 'Messages a second that are due.', '{message}/s', totals.expectedRate),
    level('lag.p99', 'How late messages are sent.', 's', totals.lag.p99 / 1e6),
    level('clients', 'Clients that are ready.', '{client}', totals.clients),
    level('in_flight', 'Messages under way.', '{message}', totals.inFlight),
    level('generator.busy', "Share of the time that the generator's event loop had work.", '1', totals.busy),
  ]
}

const NO_MESSAGES: ReadonlySet<keyof Counts> = new Set([
  ...([
    'bytesSent',
    'bytesReceived',
    'connected',
    'connectFailures',
    'disconnected',
    'reconnected',
    'failovers',
  ] as const),
])

const peerAttributes = ({ protocol, host, port }: Peer): Attributes => ({
  'messaging.system': SYSTEMS[protocol] ?? protocol,
  'server.address': host,
  'server.port': port,
})

const histogram = (name: string, description: string, dataPoints: readonly object[]): object => ({
  ...{ name, description, unit: 's' },
  histogram: { aggregationTemporality: CUMULATIVE, dataPoints },
})

const sum = (name: string, description: string, unit: string, dataPoints: readonly object[]): object => ({
  ...{ name, description, unit },
  sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints },
})

const number = (context: OtlpContext, count: number, attributes: Attributes): object => ({
  ...times(context),
  attributes: attributesOf(attributes),
  asInt: String(count),
})

function timed(
  all: ReadonlyMap<Measure, Buckets>,
  measure: Measure,
  attributes: Attributes,
  context: OtlpContext,
): object[] {
  const found = all.get(measure)
  if (found === undefined) return []
  return [
    {
      ...times(context),
      attributes: attributesOf(attributes),
      count: String(found.count),
      sum: found.sum / 1e6,
      bucketCounts: found.counts.map(String),
      explicitBounds: BOUNDS.map(bound => bound / 1e6),
    },
  ]
}

const times = ({ started, now }: OtlpContext): object => ({
  startTimeUnixNano: nanoseconds(started),
  timeUnixNano: nanoseconds(now),
})

const nanoseconds = (milliseconds: number): string => `${BigInt(Math.round(milliseconds)) * 1_000_000n}`

const attributesOf = (attributes: Attributes): object[] =>
  Object.entries(attributes).flatMap(([key, value]) => {
    if (value === undefined || value === '') return []
    return [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }]
  })
