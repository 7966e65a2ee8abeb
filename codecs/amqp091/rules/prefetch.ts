import { SparseSet } from '../../core/index.ts'
import { type AmqpRule, MOST_NAMES } from './rule.ts'

export const prefetchUnlimited: AmqpRule = {
  id: 'amqp091/prefetch-unlimited',
  severity: 'warning',
  title: 'A consumer takes any number of messages at once',
  why: 'Without a prefetch the broker pushes the whole queue to the first consumer that comes: its memory fills, other consumers get nothing, and when it dies all of it is delivered again. Quorum queues stop at 2,000 for each consumer; classic queues do not stop.',
  fix: 'Call basic.qos with a prefetch of 10 to 300 before basic.consume: it holds for consumers that are made after it (pika prefetch_count, Spring prefetch, amqplib channel.prefetch). Or consume with no-ack where losing messages is no harm.',
  types: ['basic.qos', 'channel.open'],
  things: ['queue', 'consumer'],
  watch: (_, report) => {
    /** Channels with a limit for all their consumers together. */
    const limited = new SparseSet<number>()
    const told = new SparseSet<string>()
    /** Queues that were declared here as quorum queues. */
    const quorum = new SparseSet<string>()
    return {
      frame: frame => {
        if (frame.type === 'channel.open') limited.delete(frame.channel)
        if (frame.type !== 'basic.qos' || !frame.global) return
        if (frame.prefetchCount === 0) limited.delete(frame.channel)
        else limited.add(frame.channel)
      },
      topology: ({ action, kind, name, parent = '', details, frame }) => {
        if (action === 'add' && kind === 'queue' && isQuorum(details) && quorum.size < MOST_NAMES) quorum.add(name)
        if (action !== 'add' || kind !== 'consumer' || details?.noAck !== false) return
        const channel = Number(details.channel)
        if (limited.has(channel) || Number(details.prefetch ?? 0) !== 0) return
        if (told.has(parent) || told.size === MOST_NAMES) return
        told.add(parent)
        const how = details.prefetch === 0 ? 'with a prefetch of 0' : 'without basic.qos before it'
        const means = quorum.has(parent) ? `, which on a quorum queue means ${QUORUM_LIMIT}` : ''
        report(`consumer ${name} of ${parent} was made on ch=${channel} ${how}${means}`, [frame])
      },
    }
  },
}

/** What RabbitMQ's quorum queues take no limit for. */
const QUORUM_LIMIT = 2000

const isQuorum = (details: Readonly<Record<string, unknown>> = {}): boolean =>
  (details.arguments as Readonly<Record<string, unknown>> | undefined)?.['x-queue-type'] === 'quorum'

export const globalQos: AmqpRule = {
  id: 'amqp091/global-qos',
  severity: 'warning',
  title: 'One prefetch for all consumers of a channel (global)',
  why: 'RabbitMQ has deprecated it, quorum queues never took it, and RabbitMQ 4.3 refuses it by default: the client does not start after the upgrade.',
  fix: 'Set a prefetch for each consumer: basic.qos with global=false before basic.consume. Until then deprecated_features.permit.global_qos = true in rabbitmq.conf lets it pass where the broker still can.',
  types: ['basic.qos'],
  watch: (_, report) => {
    let told = false
    return {
      frame: (frame, _packet, number) => {
        if (told || frame.type !== 'basic.qos' || !frame.global) return
        told = true
        report(`basic.qos with global and a prefetch of ${frame.prefetchCount} on ch=${frame.channel}`, [number])
      },
    }
  },
}
