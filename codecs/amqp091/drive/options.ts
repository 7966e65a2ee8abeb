import { bindingKey, type DriveOption, type DriveOptions, type DriveSettings, SCRAM } from '../../core/index.ts'
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
  consumeArguments: { kind: 'text', about: 'arguments of consumers: x-stream-offset=first,x-priority=5' },
  poll: {
    kind: 'uint',
    about:
      'consumers ask for each message (basic.get), so many milliseconds after they asked for the last; 0: as soon as that is answered',
    most: 3_600_000,
  },
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
  transaction: {
    kind: 'uint',
    about: 'messages are published in transactions of so many (tx); the answer to a commit is theirs',
    most: 65_536,
  },
  persistent: { kind: 'boolean', about: 'messages outlive the broker', default: false, eachMessage: true },
  mandatory: { kind: 'boolean', about: 'messages that no queue gets come back', default: false, eachMessage: true },
  priority: { kind: 'uint', about: 'priority of messages', most: 255, eachMessage: true },
  expiration: {
    kind: 'uint',
    about: 'milliseconds that a message may wait for delivery',
    most: 0xffff_ffff,
    eachMessage: true,
  },
  type: { kind: 'text', about: 'type of messages', eachMessage: true },
  messageId: { kind: 'text', about: 'identifier of messages', eachMessage: true },
  correlationId: { kind: 'text', about: 'correlation id of messages', eachMessage: true },
  replyTo: {
    kind: 'text',
    about: 'where answers to messages are to go; of --request, it is a queue of its own',
    eachMessage: true,
  },
  timestamp: {
    kind: 'uint',
    about: 'timestamp of messages, in seconds since 1970',
    most: Number.MAX_SAFE_INTEGER,
    eachMessage: true,
  },
  contentEncoding: { kind: 'text', about: 'content encoding of messages', eachMessage: true },
  userId: {
    kind: 'text',
    about: 'user id of messages, which must be the user that logs in (RabbitMQ)',
    eachMessage: true,
  },
  appId: { kind: 'text', about: 'application id of messages', eachMessage: true },
  frameMax: { kind: 'uint', about: 'largest frame, in bytes, where the broker takes larger ones', most: 0xffff_ffff },
  mechanism: {
    kind: 'text',
    about: 'how to log in',
    default: 'PLAIN',
    choices: ['PLAIN', ...Object.keys(SCRAM), 'EXTERNAL', 'ANONYMOUS'],
  },
}

/** The exchange that messages go to; empty is the default one. */
export const exchangeOf = ({ exchange }: DriveSettings): string => String(exchange ?? '')

/** Properties that are said as they are. */
const TEXTS = [
  'expiration',
  'type',
  'messageId',
  'correlationId',
  'replyTo',
  'contentEncoding',
  'userId',
  'appId',
] as const
const NUMBERS = ['priority', 'timestamp'] as const

/** What each message says of itself. */
export const propertiesOf = (settings: DriveSettings): Properties => ({
  deliveryMode: settings.persistent === true ? PERSISTENT : TRANSIENT,
  ...Object.fromEntries(TEXTS.filter(name => settings[name] !== undefined).map(name => [name, String(settings[name])])),
  ...Object.fromEntries(
    NUMBERS.filter(name => settings[name] !== undefined).map(name => [name, Number(settings[name])]),
  ),
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

/**
 * The queue that is consumed for a source. One of its own is named by the server, for which an empty name stands until
 * another is declared on the channel [1.7.2.1], unless more than one request must know it.
 */
export function queueOf({ settings, clientId }: DriveOptions, source: string, at: number, several: boolean): string {
  if (exchangeOf(settings) === '') return source
  return String(settings.queue ?? (several || settings.poll !== undefined ? `${clientId}.${at}` : ''))
}

/** Messages that a consumer of a stream may have unacknowledged, where nobody says: RabbitMQ wants it to have a limit. */
const STREAM_PREFETCH = 100

/** 0 for no limit. */
export const prefetchOf = ({ credit, settings: { queueType } }: DriveOptions): number =>
  credit === 0 && queueType === 'stream' ? STREAM_PREFETCH : Math.min(credit, 65_535)

/** Of a stream, what comes from now on, unless something else is said. */
export const consumeArguments = ({ queueType, consumeArguments: text }: DriveSettings): Table =>
  Table.of({
    ...(queueType === 'stream' ? { 'x-stream-offset': 'next' } : {}),
    ...argumentsOf(String(text ?? '')),
  })

/** The queue for what is bound to the exchange with `key`: all consumers', or one of its own. */
export function boundQueue(channel: number, key: string, queue: string, settings: DriveSettings): AmqpFrame[] {
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

type Argument = string | number | boolean | Date

/** `x-max-length=1000,x-overflow=reject-publish`. */
function argumentsOf(text: string): Record<string, Argument> {
  const values: Record<string, Argument> = {}
  for (const part of text.split(',').filter(one => one.trim() !== '')) {
    const [name = '', value = ''] = part.split('=').map(side => side.trim())
    values[name] = argumentOf(value)
  }
  return values
}

/** A number, true or false, a time, or else a text. */
function argumentOf(value: string): Argument {
  if (/^-?\d+$/.test(value)) return Number(value)
  if (/^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))) return new Date(value)
  return value === 'true' ? true : value === 'false' ? false : value
}
