import { codeTable } from '../core/index.ts'

/**
 * Everything in AMQP 0-9-1 that is data: the methods with their arguments in the order of the wire, the properties of a
 * message, the reply codes. Reading, writing, types, shapes and summaries all follow from it.
 */

/**
 * How an argument stands on the wire [4.2.5]. Of long strings, `longtext` is text by its definition and `secret` a
 * credential. Consecutive bits share an octet, the first in its lowest bit [4.2.5.2].
 */
export type ArgumentType =
  | 'octet'
  | 'short'
  | 'long'
  | 'longlong'
  | 'bit'
  | 'shortstr'
  | 'longstr'
  | 'longtext'
  | 'secret'
  | 'table'

/**
 * Class id, method id, arguments. An argument marked `?` is reserved in 0-9-1 and had a meaning before, so old clients
 * fill it in: it is in the frame only where it is not zero or empty. It keeps the name that it had.
 */
export type MethodRow = readonly [number, number, { readonly [name: string]: ArgumentType }]

export const methods = {
  'connection.start': [
    10,
    10,
    {
      versionMajor: 'octet',
      versionMinor: 'octet',
      serverProperties: 'table',
      mechanisms: 'longtext',
      locales: 'longtext',
    },
  ],
  'connection.start-ok': [
    10,
    11,
    { clientProperties: 'table', mechanism: 'shortstr', response: 'secret', locale: 'shortstr' },
  ],
  'connection.secure': [10, 20, { challenge: 'longstr' }],
  'connection.secure-ok': [10, 21, { response: 'secret' }],
  'connection.tune': [10, 30, { channelMax: 'short', frameMax: 'long', heartbeat: 'short' }],
  'connection.tune-ok': [10, 31, { channelMax: 'short', frameMax: 'long', heartbeat: 'short' }],
  'connection.open': [10, 40, { virtualHost: 'shortstr', 'capabilities?': 'shortstr', 'insist?': 'bit' }],
  'connection.open-ok': [10, 41, { 'knownHosts?': 'shortstr' }],
  'connection.close': [10, 50, { replyCode: 'short', replyText: 'shortstr', classId: 'short', methodId: 'short' }],
  'connection.close-ok': [10, 51, {}],
  'connection.blocked': [10, 60, { reason: 'shortstr' }],
  'connection.unblocked': [10, 61, {}],
  'connection.update-secret': [10, 70, { newSecret: 'secret', reason: 'shortstr' }],
  'connection.update-secret-ok': [10, 71, {}],

  'channel.open': [20, 10, { 'outOfBand?': 'shortstr' }],
  'channel.open-ok': [20, 11, { 'channelId?': 'longstr' }],
  'channel.flow': [20, 20, { active: 'bit' }],
  'channel.flow-ok': [20, 21, { active: 'bit' }],
  'channel.close': [20, 40, { replyCode: 'short', replyText: 'shortstr', classId: 'short', methodId: 'short' }],
  'channel.close-ok': [20, 41, {}],

  'access.request': [
    30,
    10,
    { realm: 'shortstr', exclusive: 'bit', passive: 'bit', active: 'bit', write: 'bit', read: 'bit' },
  ],
  'access.request-ok': [30, 11, { ticket: 'short' }],

  'exchange.declare': [
    40,
    10,
    {
      'ticket?': 'short',
      exchange: 'shortstr',
      // The specification's name for it is `type`, which is what tells frames apart here.
      exchangeType: 'shortstr',
      passive: 'bit',
      durable: 'bit',
      autoDelete: 'bit',
      internal: 'bit',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'exchange.declare-ok': [40, 11, {}],
  'exchange.delete': [40, 20, { 'ticket?': 'short', exchange: 'shortstr', ifUnused: 'bit', noWait: 'bit' }],
  'exchange.delete-ok': [40, 21, {}],
  'exchange.bind': [
    40,
    30,
    {
      'ticket?': 'short',
      destination: 'shortstr',
      source: 'shortstr',
      routingKey: 'shortstr',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'exchange.bind-ok': [40, 31, {}],
  'exchange.unbind': [
    40,
    40,
    {
      'ticket?': 'short',
      destination: 'shortstr',
      source: 'shortstr',
      routingKey: 'shortstr',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'exchange.unbind-ok': [40, 51, {}],

  'queue.declare': [
    50,
    10,
    {
      'ticket?': 'short',
      queue: 'shortstr',
      passive: 'bit',
      durable: 'bit',
      exclusive: 'bit',
      autoDelete: 'bit',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'queue.declare-ok': [50, 11, { queue: 'shortstr', messageCount: 'long', consumerCount: 'long' }],
  'queue.bind': [
    50,
    20,
    {
      'ticket?': 'short',
      queue: 'shortstr',
      exchange: 'shortstr',
      routingKey: 'shortstr',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'queue.bind-ok': [50, 21, {}],
  'queue.purge': [50, 30, { 'ticket?': 'short', queue: 'shortstr', noWait: 'bit' }],
  'queue.purge-ok': [50, 31, { messageCount: 'long' }],
  'queue.delete': [50, 40, { 'ticket?': 'short', queue: 'shortstr', ifUnused: 'bit', ifEmpty: 'bit', noWait: 'bit' }],
  'queue.delete-ok': [50, 41, { messageCount: 'long' }],
  'queue.unbind': [
    50,
    50,
    { 'ticket?': 'short', queue: 'shortstr', exchange: 'shortstr', routingKey: 'shortstr', arguments: 'table' },
  ],
  'queue.unbind-ok': [50, 51, {}],

  'basic.qos': [60, 10, { prefetchSize: 'long', prefetchCount: 'short', global: 'bit' }],
  'basic.qos-ok': [60, 11, {}],
  'basic.consume': [
    60,
    20,
    {
      'ticket?': 'short',
      queue: 'shortstr',
      consumerTag: 'shortstr',
      noLocal: 'bit',
      noAck: 'bit',
      exclusive: 'bit',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'basic.consume-ok': [60, 21, { consumerTag: 'shortstr' }],
  // From the client as 0-9-1 has it; from the server it is RabbitMQ's consumer cancel notification.
  'basic.cancel': [60, 30, { consumerTag: 'shortstr', noWait: 'bit' }],
  'basic.cancel-ok': [60, 31, { consumerTag: 'shortstr' }],
  'basic.publish': [
    60,
    40,
    { 'ticket?': 'short', exchange: 'shortstr', routingKey: 'shortstr', mandatory: 'bit', immediate: 'bit' },
  ],
  'basic.return': [60, 50, { replyCode: 'short', replyText: 'shortstr', exchange: 'shortstr', routingKey: 'shortstr' }],
  'basic.deliver': [
    60,
    60,
    {
      consumerTag: 'shortstr',
      deliveryTag: 'longlong',
      redelivered: 'bit',
      exchange: 'shortstr',
      routingKey: 'shortstr',
    },
  ],
  'basic.get': [60, 70, { 'ticket?': 'short', queue: 'shortstr', noAck: 'bit' }],
  'basic.get-ok': [
    60,
    71,
    {
      deliveryTag: 'longlong',
      redelivered: 'bit',
      exchange: 'shortstr',
      routingKey: 'shortstr',
      messageCount: 'long',
    },
  ],
  'basic.get-empty': [60, 72, { 'clusterId?': 'shortstr' }],
  'basic.ack': [60, 80, { deliveryTag: 'longlong', multiple: 'bit' }],
  'basic.reject': [60, 90, { deliveryTag: 'longlong', requeue: 'bit' }],
  'basic.recover-async': [60, 100, { requeue: 'bit' }],
  'basic.recover': [60, 110, { requeue: 'bit' }],
  'basic.recover-ok': [60, 111, {}],
  'basic.nack': [60, 120, { deliveryTag: 'longlong', multiple: 'bit', requeue: 'bit' }],

  'confirm.select': [85, 10, { noWait: 'bit' }],
  'confirm.select-ok': [85, 11, {}],

  'tx.select': [90, 10, {}],
  'tx.select-ok': [90, 11, {}],
  'tx.commit': [90, 20, {}],
  'tx.commit-ok': [90, 21, {}],
  'tx.rollback': [90, 30, {}],
  'tx.rollback-ok': [90, 31, {}],
} as const satisfies Record<string, MethodRow>

export type MethodType = keyof typeof methods

/** What a message says of itself, in the order of the wire; the first one's flag is the highest bit [4.2.6.1]. */
export const properties = {
  contentType: 'shortstr',
  contentEncoding: 'shortstr',
  headers: 'table',
  deliveryMode: 'octet',
  priority: 'octet',
  correlationId: 'shortstr',
  replyTo: 'shortstr',
  expiration: 'shortstr',
  messageId: 'shortstr',
  timestamp: 'longlong',
  type: 'shortstr',
  userId: 'shortstr',
  appId: 'shortstr',
  clusterId: 'shortstr',
} as const satisfies Record<string, ArgumentType>

/** First octet of a frame [4.2.3]. */
export const METHOD = 1
export const HEADER = 2
export const BODY = 3
export const HEARTBEAT = 8
/** A protocol header begins "AMQP". No frame has a type of 0x41. */
export const AMQP: readonly number[] = [0x41, 0x4d, 0x51, 0x50]

/** The only class that carries content. */
export const BASIC = 60
/** The only class that lives on channel 0. */
export const CONNECTION = 10

export const FRAME_END = 0xce
/** Type, channel and size before the payload, the end octet after it. */
export const FRAME_OVERHEAD = 8
/** What every peer must accept, whatever was negotiated. */
export const FRAME_MIN_SIZE = 4096

export const replyCodes = codeTable({
  200: 'reply-success',
  311: 'content-too-large',
  312: 'no-route',
  313: 'no-consumers',
  320: 'connection-forced',
  402: 'invalid-path',
  403: 'access-refused',
  404: 'not-found',
  405: 'resource-locked',
  406: 'precondition-failed',
  501: 'frame-error',
  502: 'syntax-error',
  503: 'command-invalid',
  504: 'channel-error',
  505: 'unexpected-frame',
  506: 'resource-error',
  530: 'not-allowed',
  540: 'not-implemented',
  541: 'internal-error',
})
