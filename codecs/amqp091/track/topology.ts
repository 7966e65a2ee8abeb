import { type TopologyChange, toJson } from '../../core/index.ts'
import { nameOf } from '../destination.ts'
import type { Table } from '../field-table.ts'
import type { AmqpFrame, MethodOf } from '../frames.ts'
import type { Channel } from './channel.ts'
import { consumer } from './deliveries.ts'

/** What the broker has more or less of once a method is carried out. */
export type Change = Omit<TopologyChange, 'frame' | 'time'>

/**
 * What a method changes, worked out now and done once it is answered. `answer` is the method itself where none comes.
 * Nothing here holds on to the frame. Undefined for methods that change nothing.
 */
export type Result = (answer: AmqpFrame) => Change | undefined

export function resultOf(frame: AmqpFrame, channel: Channel): Result | undefined {
  switch (frame.type) {
    case 'exchange.declare':
      return always(exchangeDeclared(frame))
    case 'exchange.delete':
      return always({ action: 'remove', kind: 'exchange', name: nameOf(frame.exchange) })
    case 'exchange.bind':
    case 'exchange.unbind':
      return always(binding(frame, nameOf(frame.destination), frame.source, 'exchange'))
    case 'queue.declare':
      return queueDeclared(frame, channel)
    case 'queue.delete': {
      const queue = nameOf(frame.queue)
      return () => ({ action: 'remove', kind: 'queue', name: queue || (channel.queue ?? '') })
    }
    case 'queue.purge': {
      const queue = nameOf(frame.queue)
      return () => ({ action: 'use', kind: 'queue', name: queue || (channel.queue ?? '') })
    }
    case 'queue.bind':
    case 'queue.unbind': {
      const queue = nameOf(frame.queue)
      const make = (name: string): Change => binding(frame, name, frame.exchange, 'queue')
      if (queue !== '') return always(make(queue))
      const { name, ...rest } = make('')
      return () => ({ ...rest, name: name + (channel.queue ?? '') })
    }
    case 'basic.consume':
      return consuming(frame, channel)
    case 'basic.get': {
      const { noAck } = frame
      const queue = nameOf(frame.queue)
      return () => {
        channel.getting = consumer(queue || channel.queue, !noAck)
        return undefined
      }
    }
    case 'basic.cancel': {
      const name = nameOf(frame.consumerTag)
      return () => {
        const parent = channel.consumers.get(name)?.queue
        channel.consumers.delete(name)
        return { action: 'remove', kind: 'consumer', name, parent }
      }
    }
    case 'basic.qos': {
      const { prefetchCount, global } = frame
      return () => {
        if (!global) channel.prefetch = prefetchCount
        return undefined
      }
    }
    default:
      return undefined
  }
}

const always =
  (change: Change): Result =>
  () =>
    change

function exchangeDeclared(frame: MethodOf<'exchange.declare'>): Change {
  const name = nameOf(frame.exchange)
  if (frame.passive) return { action: 'use', kind: 'exchange', name }
  const { durable, autoDelete, internal } = frame
  const details = { type: nameOf(frame.exchangeType), durable, autoDelete, internal, ...argumentsOf(frame.arguments) }
  return { action: 'add', kind: 'exchange', name, details }
}

/** The answer names the queue, where the client left that to the broker [1.7.2.1]. */
function queueDeclared(frame: MethodOf<'queue.declare'>, channel: Channel): Result {
  const { passive, durable, exclusive, autoDelete } = frame
  const asked = nameOf(frame.queue)
  const details = passive ? undefined : { durable, exclusive, autoDelete, ...argumentsOf(frame.arguments) }
  return answer => {
    const name = answer.type === 'queue.declare-ok' ? nameOf(answer.queue) : asked
    channel.queue = name
    return passive ? { action: 'use', kind: 'queue', name } : { action: 'add', kind: 'queue', name, details }
  }
}

/** Bindings have no names of their own: two of a source and a destination differ in their keys and arguments. */
function binding(
  { type, routingKey, arguments: table }: MethodOf<'exchange.bind' | 'exchange.unbind' | 'queue.bind' | 'queue.unbind'>,
  destination: string,
  source: MethodOf<'queue.bind'>['exchange'],
  to: 'queue' | 'exchange',
): Change {
  return {
    action: type.endsWith('.bind') ? 'add' : 'remove',
    kind: 'binding',
    name: `${nameOf(routingKey)} → ${destination}`,
    parent: nameOf(source),
    details: { to, routingKey: toJson(routingKey), ...argumentsOf(table) },
  }
}

/** The answer names the consumer, where the client left that to the broker [1.8.3.3]. */
function consuming(frame: MethodOf<'basic.consume'>, channel: Channel): Result {
  const { noAck, exclusive, noLocal } = frame
  const queue = nameOf(frame.queue)
  const asked = nameOf(frame.consumerTag)
  const own = { noAck, exclusive, noLocal, ...argumentsOf(frame.arguments) }
  return answer => {
    const name = answer.type === 'basic.consume-ok' ? nameOf(answer.consumerTag) : asked
    const parent = queue || channel.queue
    channel.add(name, consumer(parent, !noAck))
    const { prefetch, number } = channel
    const details = prefetch === undefined ? { channel: number, ...own } : { channel: number, prefetch, ...own }
    return { action: 'add', kind: 'consumer', name, parent, details }
  }
}

/** Arguments as JSON. Long ones, which nobody means, are not held while an answer is awaited. */
function argumentsOf(table: Table): { arguments?: unknown } {
  const size = table.wire?.length ?? table.entries.length
  if (size === 0) return {}
  return { arguments: size > LONG ? `${size} bytes` : toJson(table) }
}

const LONG = 1024
