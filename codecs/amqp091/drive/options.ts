import { bindingKey, type DriveOption, type DriveSettings } from '../../core/index.ts'
import { Table } from '../field-table.ts'
import type { AmqpFrame } from '../frames.ts'
import type { Properties } from '../properties.ts'

/** Delivery modes [basic.properties]. */
const TRANSIENT = 1
const PERSISTENT = 2

export const options: Readonly<Record<string, DriveOption>> = {
  exchange: { kind: 'text', about: 'exchange to publish to; without it, destinations are queues', default: '' },
  exchangeType: {
    kind: 'text',
    about: 'its type, where it is declared',
    default: 'direct',
    choices: ['direct', 'topic', 'fanout', 'headers'],
  },
  queue: {
    kind: 'text',
    about: 'queue that is bound to the exchange, for all consumers; without it, one of its own each',
  },
  queueType: { kind: 'text', about: 'type of queues that are declared', choices: ['classic', 'quorum', 'stream'] },
  arguments: { kind: 'text', about: 'more arguments of queues: x-max-length=1000,x-overflow=reject-publish' },
  declare: { kind: 'boolean', about: 'declare exchanges and queues; otherwise they must be there', default: true },
  durable: { kind: 'boolean', about: 'what is declared outlives the broker', default: true },
  autoDelete: { kind: 'boolean', about: 'what is declared goes with its last user', default: false },
  exclusive: { kind: 'boolean', about: 'queues are of the connection that declares them alone', default: false },
  channels: {
    kind: 'uint',
    about: 'channels of each client to publish on in turn, and to consume on, each with a consumer',
    default: 1,
    most: 1000,
  },
  confirms: { kind: 'boolean', about: 'ask for a confirm of each message', default: true },
  persistent: { kind: 'boolean', about: 'messages outlive the broker', default: false, eachMessage: true },
  mandatory: { kind: 'boolean', about: 'messages that no queue gets come back', default: false, eachMessage: true },
  priority: { kind: 'uint', about: 'priority of messages', most: 255, eachMessage: true },
  expiration: {
    kind: 'uint',
    about: 'milliseconds that a message may wait for delivery',
    most: 0xffff_ffff,
    eachMessage: true,
  },
  mechanism: { kind: 'text', about: 'how to log in', default: 'PLAIN', choices: ['PLAIN', 'EXTERNAL', 'ANONYMOUS'] },
}

/** The exchange that messages go to; empty is the default one. */
export const exchangeOf = ({ exchange }: DriveSettings): string => String(exchange ?? '')

/** What each message says of itself. */
export const propertiesOf = ({ persistent, priority, expiration }: DriveSettings): Properties => ({
  deliveryMode: persistent === true ? PERSISTENT : TRANSIENT,
  ...(priority === undefined ? {} : { priority: Number(priority) }),
  ...(expiration === undefined ? {} : { expiration: String(expiration) }),
})

/** Whether consumers of a source have one queue. */
export const sharesQueue = (settings: DriveSettings): boolean =>
  exchangeOf(settings) === '' || settings.queue !== undefined

/** Whether a message published with this routing key comes to what is bound with that binding key. */
export function isRouted(routingKey: string, key: string, settings: DriveSettings): boolean {
  if (exchangeOf(settings) === '') return routingKey === key
  switch (settings.exchangeType) {
    case 'fanout':
    case 'headers':
      return true
    case 'topic':
      return bindingKey(key)(routingKey)
    default:
      return routingKey === key
  }
}

/** Declares what messages with this routing key, or from this source, need. */
export function declarations(channel: number, key: string, settings: DriveSettings): AmqpFrame[] {
  if (settings.declare === false) return []
  const exchange = exchangeOf(settings)
  if (exchange === '') return [queueDeclare(channel, key, settings)]
  return isPredeclared(exchange) ? [] : [exchangeDeclare(channel, exchange, settings)]
}

/** The queue for what is bound to the exchange with `key`: all consumers', or one of its own, which `own` is the name of. */
export function boundQueue(channel: number, key: string, own: string, settings: DriveSettings): AmqpFrame[] {
  const queue = String(settings.queue ?? own)
  const its =
    settings.queue === undefined ? { ...settings, exclusive: true, autoDelete: true, durable: false } : settings
  return [
    queueDeclare(channel, queue, its),
    {
      type: 'queue.bind',
      channel,
      queue,
      exchange: exchangeOf(settings),
      routingKey: key,
      noWait: false,
      arguments: Table.empty,
    },
  ]
}

function queueDeclare(channel: number, queue: string, settings: DriveSettings): AmqpFrame {
  const { durable, exclusive, autoDelete, queueType } = settings
  return {
    type: 'queue.declare',
    channel,
    queue,
    passive: false,
    durable: durable !== false,
    exclusive: exclusive === true,
    autoDelete: autoDelete === true,
    noWait: false,
    arguments: Table.of({
      ...(queueType === undefined ? {} : { 'x-queue-type': String(queueType) }),
      ...argumentsOf(String(settings.arguments ?? '')),
    }),
  }
}

function exchangeDeclare(channel: number, exchange: string, settings: DriveSettings): AmqpFrame {
  return {
    type: 'exchange.declare',
    channel,
    exchange,
    exchangeType: String(settings.exchangeType ?? 'direct'),
    passive: false,
    durable: settings.durable !== false,
    autoDelete: settings.autoDelete === true,
    internal: false,
    noWait: false,
    arguments: Table.empty,
  }
}

/** Those that every broker has, and lets nobody declare otherwise [3.1.3]. */
const isPredeclared = (exchange: string): boolean => exchange.startsWith('amq.')

/** `x-max-length=1000,x-overflow=reject-publish`. */
function argumentsOf(text: string): Record<string, string | number | boolean> {
  const values: Record<string, string | number | boolean> = {}
  for (const part of text.split(',').filter(one => one.trim() !== '')) {
    const [name = '', value = ''] = part.split('=').map(side => side.trim())
    values[name] = /^-?\d+$/.test(value) ? Number(value) : value === 'true' ? true : value === 'false' ? false : value
  }
  return values
}
