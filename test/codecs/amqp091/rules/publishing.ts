import { Table } from '../../../../codecs/amqp091/index.ts'
import { client, confirming, consuming, deliver, opening, publish, type Step, sent, server } from '../talk.ts'
import { type Cases, times } from './case.ts'

const PERSISTENT = { deliveryMode: 2 }
const declared = (given: Parameters<typeof client<'queue.declare'>>[1]): Step[] => [
  client('queue.declare', { queue: 'q', ...given }),
  server('queue.declare-ok', { queue: 'q' }),
]
const missing: readonly Step[] = [
  ...opening,
  client('queue.declare', { queue: 'q', passive: true }),
  server('channel.close', { replyCode: 404, replyText: "NOT_FOUND - no queue 'q'", classId: 50, methodId: 10 }),
  client('channel.close-ok'),
  ...opening,
]

export const publishing: Cases = {
  'unconfirmed-persistent': {
    shows: {
      'a publisher that takes them for safe, once': [
        [...opening, ...publish('q', {}, PERSISTENT), ...publish('q', {}, PERSISTENT)],
        'warning: a persistent message was published to q on ch=1 without confirms or a transaction [3]',
      ],
    },
    not: {
      'a publisher with confirms': [...confirming, ...publish('q', {}, PERSISTENT)],
      'a transaction': [...opening, client('tx.select'), server('tx.select-ok'), ...publish('q', {}, PERSISTENT)],
      'messages that may go': [...opening, ...publish('q'), ...publish('q', {}, { deliveryMode: 1 })],
      'a channel of which the beginning was not seen': publish('q', {}, PERSISTENT),
      'messages that are delivered': [...consuming(), ...deliver(1, {}, PERSISTENT)],
    },
  },
  'transient-to-durable': {
    shows: {
      'the default delivery mode': [
        [...declared({ durable: true }), ...publish('q'), ...publish('q')],
        'note: a transient message was published to q, which is durable [3]',
      ],
      'delivery mode 1': [
        [...declared({ durable: true }), ...publish('q', {}, { deliveryMode: 1 })],
        'note: a transient message was published to q, which is durable [3]',
      ],
    },
    not: {
      'persistent messages': [...declared({ durable: true }), ...publish('q', {}, PERSISTENT)],
      'a transient queue': [...declared({ exclusive: true }), ...publish('q')],
      'a queue that goes with its connection': [...declared({ durable: true, exclusive: true }), ...publish('q')],
      'a quorum queue, which stores everything': [
        ...declared({ durable: true, arguments: Table.of({ 'x-queue-type': 'quorum' }) }),
        ...publish('q'),
      ],
      'an exchange, which may lead anywhere': [...declared({ durable: true }), ...publish('q', { exchange: 'e' })],
      'a queue that was deleted': [
        ...declared({ durable: true }),
        client('queue.delete', { queue: 'q' }),
        server('queue.delete-ok'),
        ...publish('q'),
      ],
    },
  },
  'unroutable-unnoticed': {
    shows: {
      'a queue that the broker did not find': [
        [...missing, ...publish('q'), ...publish('q')],
        'error: a message was published to q, which was not there, without mandatory [4 8]',
      ],
      'a queue that was deleted': [
        [client('queue.delete', { queue: 'q' }), server('queue.delete-ok'), ...publish('q')],
        'error: a message was published to q, which was not there, without mandatory [2 3]',
      ],
    },
    not: {
      'a mandatory message': [...missing, ...publish('q', { mandatory: true })],
      'a queue that was declared meanwhile': [...missing, ...declared({}), ...publish('q')],
      'a queue that was found meanwhile': [...missing, ...declared({ passive: true }), ...publish('q')],
      'another queue': [...missing, ...publish('r')],
      'an exchange': [...missing, ...publish('q', { exchange: 'e' })],
    },
  },
  'message-returned': {
    shows: {
      'messages that come back, once for each address': [
        times(4, at =>
          sent('basic.return', { replyCode: 312, replyText: 'NO_ROUTE', exchange: 'e', routingKey: `k${at % 2}` }),
        ),
        'warning: a message to e/k0 was returned: 312 NO_ROUTE [1]',
        'warning: a message to e/k1 was returned: 312 NO_ROUTE [4]',
      ],
    },
    not: { 'messages that are delivered': [...consuming(), ...deliver(1)] },
  },
}
