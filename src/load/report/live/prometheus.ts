import type { Counts } from '../../result.ts'
import { BOUNDS, type Buckets, type Totals } from './totals.ts'

export interface PrometheusLabels {
  readonly run: string
  readonly version: string
  readonly protocol: string
}

const COUNTERS: Readonly<Record<keyof Counts, readonly [name: string, help: string]>> = {
  due: ['messages_due_total', 'Messages due by the plan.'],
  sent: ['messages_sent_total', 'Messages sent.'],
  late: ['messages_late_total', 'Messages sent more than 10 ms after they were due.'],
  dropped: ['messages_dropped_total', 'Messages due and not sent at all.'],
  confirmed: ['messages_confirmed_total', 'Messages that the peer answered for.'],
  refused: ['messages_refused_total', 'Messages that the peer refused.'],
  unroutable: ['messages_unroutable_total', 'Messages that the peer took for nobody.'],
  returned: ['messages_returned_total', 'Messages that came back.'],
  unconfirmed: ['messages_unconfirmed_total', 'Messages that no answer came for.'],
  answeredLate: ['messages_answered_late_total', 'Messages whose answer came too late.'],
  delivered: ['messages_delivered_total', 'Messages delivered, each once for every subscription.'],
  duplicates: ['messages_duplicates_total', 'Deliveries of what was delivered before.'],
  reordered: ['messages_reordered_total', 'Deliveries after one that was sent later.'],
  redelivered: ['messages_redelivered_total', 'Deliveries that the peer called repeated.'],
  lost: ['messages_lost_total', 'Messages expected and not delivered.'],
  foreign: ['messages_foreign_total', 'Deliveries that are not of this run.'],
  empty: ['polls_empty_total', 'Times that a consumer asked for a message, and there was none.'],
  acked: ['messages_acked_total', 'Deliveries acknowledged.'],
  replies: ['messages_replies_total', 'Replies that came.'],
  bytesSent: ['sent_bytes_total', 'Bytes sent.'],
  bytesReceived: ['received_bytes_total', 'Bytes received.'],
  connected: ['connections_total', 'Connections that became ready.'],
  connectFailures: ['connect_failures_total', 'Connections that could not be made.'],
  disconnected: ['disconnections_total', 'Connections that ended before their time.'],
  reconnected: ['reconnections_total', 'Connections made again.'],
  failovers: ['failovers_total', 'Connections to another upstream than before.'],
}

/** Prometheus' text format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function exposition(totals: Totals, { run, version, protocol }: PrometheusLabels): string {
  const common = `protocol="${quoted(protocol)}"`
  const lines: string[] = []
  const metric = (name: string, type: string, help: string, samples: readonly string[]): void => {
    lines.push(`# HELP ${PREFIX}${name} ${help}`, `# TYPE ${PREFIX}${name} ${type}`, ...samples)
  }
  const one = (name: string, type: string, help: string, value: number): void =>
    metric(name, type, help, [`${PREFIX}${name}{${common}} ${value}`])
  metric('info', 'gauge', 'The run.', [`${PREFIX}info{${common},run="${quoted(run)}",version="${quoted(version)}"} 1`])
  for (const [key, [name, help]] of Object.entries(COUNTERS) as [keyof Counts, readonly [string, string]][]) {
    one(name, 'counter', help, totals.count(key))
  }
  metric('latency_seconds', 'histogram', 'From when a message was due (for connections, acks: from their start).', [
    ...[...totals.latency].flatMap(([measure, buckets]) =>
      histogram('latency_seconds', `${common},measure="${measure}"`, buckets),
    ),
  ])
  metric('service_seconds', 'histogram', 'From when a message was sent.', [
    ...[...totals.service].flatMap(([measure, buckets]) =>
      histogram('service_seconds', `${common},measure="${measure}"`, buckets),
    ),
  ])
  one('expected_rate', 'gauge', 'Messages a second that are due.', totals.expectedRate)
  one(
    'lag_p99_seconds',
    'gauge',
    'How late messages are sent, 99th percentile of the last interval.',
    totals.lag.p99 / 1e6,
  )
  one('lag_max_seconds', 'gauge', 'How late messages are sent, at most, in the last interval.', totals.lag.max / 1e6)
  one('clients', 'gauge', 'Clients that are ready.', totals.clients)
  one('in_flight', 'gauge', 'Messages under way.', totals.inFlight)
  one('elapsed_seconds', 'gauge', 'Since the start.', totals.elapsed)
  one('generator_cpu_seconds_total', 'counter', 'Processor time of the generator.', totals.cpuSeconds)
  one('generator_busy_ratio', 'gauge', 'Share of the last interval that its event loop had work.', totals.busy)
  one('generator_memory_bytes', 'gauge', 'Its memory.', totals.memory)
  return `${lines.join('\n')}\n`
}

const PREFIX = 'mqinspect_load_'

function histogram(name: string, labels: string, { counts, count, sum }: Buckets): string[] {
  let below = 0
  const buckets = BOUNDS.map((bound, at) => {
    below += counts[at] as number
    return `${PREFIX}${name}_bucket{${labels},le="${bound / 1e6}"} ${below}`
  })
  return [
    ...buckets,
    `${PREFIX}${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${PREFIX}${name}_sum{${labels}} ${sum / 1e6}`,
    `${PREFIX}${name}_count{${labels}} ${count}`,
  ]
}

/** Of a label's value, what the format has a meaning for. */
const quoted = (text: string): string =>
  text.replace(/[\\"\n]/g, character => (character === '\n' ? '\\n' : `\\${character}`))
