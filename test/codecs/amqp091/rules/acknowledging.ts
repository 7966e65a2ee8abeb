import type { MethodOf } from '../../../../codecs/amqp091/frames.ts'
import { Table } from '../../../../codecs/amqp091/index.ts'
import { ack, client, consuming, deliver, method, opening, type Step, sent, server } from '../talk.ts'
import { type Cases, MINUTES, SECONDS, times, wait } from './case.ts'

const qos = (prefetchCount: number, global = false): Step[] => [
  client('basic.qos', { prefetchCount, global }),
  server('basic.qos-ok'),
]
const consume = (queue: string, consumerTag: string, channel = 1, noAck = false): Step[] => [
  client('basic.consume', { channel, queue, consumerTag, noAck }),
  server('basic.consume-ok', { channel, consumerTag }),
]
const open = (channel: number): Step[] => [client('channel.open', { channel }), server('channel.open-ok', { channel })]
const acked = (...tags: number[]): Step[] => tags.map(tag => ({ client: ack(tag) }))
const unknown = (tag: number, channel = 1): Step =>
  server('channel.close', {
    channel,
    replyCode: 406,
    replyText: `PRECONDITION_FAILED - unknown delivery tag ${tag}`,
    classId: 60,
    methodId: 80,
  })
const timedOut = server('channel.close', {
  replyCode: 406,
  replyText: 'PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 5000 ms',
})
const quorum: readonly Step[] = [
  client('queue.declare', { queue: 'q', durable: true, arguments: Table.of({ 'x-queue-type': 'quorum' }) }),
  server('queue.declare-ok', { queue: 'q' }),
]
const again = (tag: number, given: Partial<MethodOf<'basic.deliver'>> = {}, id = 'm-1', body = 'hi'): Step[] => [
  ...sent(
    'basic.deliver',
    { deliveryTag: tag, consumerTag: 'c', redelivered: true, ...given },
    { messageId: id },
    body,
  ),
  { client: method('basic.nack', { deliveryTag: tag, requeue: true }) },
]
const beat: Step = { server: { type: 'heartbeat', channel: 0 } }

export const acknowledging: Cases = {
  'prefetch-unlimited': {
    shows: {
      'a consumer without basic.qos': [
        consuming(),
        'warning: consumer c of q was made on ch=1 without basic.qos before it [4]',
      ],
      'a prefetch of 0': [
        [...opening, ...qos(0), ...consume('q', 'c')],
        'warning: consumer c of q was made on ch=1 with a prefetch of 0 [6]',
      ],
      'a quorum queue, which makes it 2000': [
        [...quorum, ...consuming()],
        'warning: consumer c of q was made on ch=1 without basic.qos before it, which on a quorum queue means 2000 [6]',
      ],
      'a prefetch that comes too late': [
        [...consuming(), ...qos(10)],
        'warning: consumer c of q was made on ch=1 without basic.qos before it [4]',
      ],
    },
    not: {
      'a prefetch': [...opening, ...qos(10), ...consume('q', 'c')],
      'a prefetch for all of the channel': [...opening, ...qos(10, true), ...consume('q', 'c')],
      'a consumer that need not acknowledge': consuming(true),
    },
  },
  'global-qos': {
    shows: {
      'one prefetch for all, once': [
        [...opening, ...qos(10, true), ...qos(20, true)],
        'warning: basic.qos with global and a prefetch of 10 on ch=1 [3]',
      ],
    },
    not: { 'a prefetch for each': [...opening, ...qos(10)] },
  },
  'delivery-unacknowledged': {
    shows: {
      'one that waits for more than half an hour': [
        [...consuming(), ...deliver(1), ...deliver(2), wait(31 * MINUTES), beat, ...acked(1, 2)],
        'error: delivery 1 of q on ch=1 (frame 5) was not acknowledged for 31 min; consumer_timeout is 30 min [5]',
        'error: delivery 2 of q on ch=1 (frame 8) was not acknowledged for 31 min; consumer_timeout is 30 min [8]',
      ],
      'one for which the broker closed the channel': [
        [...consuming(), ...deliver(1), wait(SECONDS), ...deliver(2), ...acked(2), wait(5 * SECONDS), timedOut],
        'error: delivery 1 of q on ch=1 (frame 5) was not acknowledged for 6 s: 406 PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 5000 ms [5 12]',
      ],
      'one that was not seen, for which the broker closed the channel': [
        [timedOut],
        'error: a delivery was not acknowledged in time: 406 PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 5000 ms [1]',
      ],
      'those that wait at the end, with the oldest': [
        [...consuming(), ...deliver(1), ...deliver(2), ...deliver(3), ...acked(2), wait(2 * MINUTES)],
        'warning: 2 deliveries were unacknowledged at the end, the oldest, 1 of q on ch=1 (frame 5), for 120 s [5]',
      ],
    },
    not: {
      'work that takes a while': [...consuming(), ...deliver(1), wait(20 * MINUTES), ...acked(1), wait(20 * MINUTES)],
      'a consumer that need not acknowledge': [...consuming(true), ...deliver(1), wait(60 * MINUTES)],
      'what is under way at the end': [...consuming(), ...deliver(1), wait(30 * SECONDS)],
      'what the end of the channel settles': [
        ...consuming(),
        ...deliver(1),
        client('channel.close', { replyCode: 200 }),
        server('channel.close-ok'),
        wait(60 * MINUTES),
      ],
      'acknowledgements that were not captured': [
        ...consuming(),
        ...deliver(1),
        wait(SECONDS),
        { lost: 30, by: 'client' },
        wait(60 * MINUTES),
      ],
    },
  },
  'unacked-growth': {
    shows: {
      'a thousand, then ten times as many': [
        [...consuming(), ...times(2, at => deliver(at + 1)), ...acked(1, 2), ...times(10_000, at => deliver(at + 3))],
        'warning: 1,000 deliveries on ch=1 wait for an acknowledgement, 2 were answered [3012]',
        'warning: 10,000 deliveries on ch=1 wait for an acknowledgement, 2 were answered [30012]',
      ],
    },
    not: {
      'what is acknowledged': [...consuming(), ...times(3000, at => [...deliver(at + 1), ...acked(at + 1)])],
      'as many as the client asked for': [
        ...opening,
        ...qos(2000),
        ...consume('q', 'c'),
        ...times(2000, at => deliver(at + 1)),
      ],
      'as many as it asked for on all of the channel': [
        ...opening,
        ...qos(2000, true),
        ...consume('q', 'c'),
        ...times(2000, at => deliver(at + 1)),
      ],
    },
  },
  'unknown-delivery-tag': {
    shows: {
      'a delivery that is acknowledged twice': [
        [...consuming(), ...deliver(1), ...acked(1, 1), unknown(1)],
        'error: delivery 1 on ch=1 was answered more than once [5 8 9]',
      ],
      'the same where the broker says nothing of it, once': [
        [...consuming(), ...deliver(1), ...acked(1, 1, 1)],
        'error: delivery 1 on ch=1 was answered more than once [5 8 9]',
      ],
      'the same on each life of a channel': [
        [
          ...[...consuming(), ...deliver(1), ...acked(1, 1), unknown(1), client('channel.close-ok')],
          ...[...consuming(), ...deliver(1), ...acked(1, 1), unknown(1)],
        ],
        'error: delivery 1 on ch=1 was answered more than once [5 8 9]',
        'error: delivery 1 on ch=1 was answered more than once [16 19 20]',
      ],
      'a delivery that is rejected, then acknowledged with others': [
        [
          ...[...consuming(), ...deliver(1), ...deliver(2), client('basic.reject', { deliveryTag: 2 })],
          ...[{ client: ack(2, true) }, ...acked(2), unknown(2)],
        ],
        'error: delivery 2 on ch=1 was answered more than once [8 11 12]',
      ],
      'a tag of before the channel was opened anew': [
        [
          ...[...consuming(), ...deliver(1), client('channel.close', { replyCode: 200 }), server('channel.close-ok')],
          ...[...opening, ...acked(1), unknown(1)],
        ],
        'error: delivery 1 on ch=1 was answered, where none of that tag waited for it [12 13]',
      ],
      'a consumer that need not acknowledge': [
        [...consuming(true), ...deliver(1), ...acked(1), unknown(1)],
        'error: delivery 1 on ch=1 was answered, where none of that tag waited for it [8 9]',
      ],
      'an acknowledgement that was not seen': [
        [unknown(7)],
        'error: delivery 7 on ch=1 was answered, as the broker says, where none of that tag waited for it [1]',
      ],
    },
    not: {
      'each acknowledged once': [...consuming(), ...deliver(1), ...deliver(2), ...acked(2, 1)],
      'a channel that is closed for another reason': [
        ...consuming(),
        ...deliver(1),
        ...acked(1),
        server('channel.close', { replyCode: 404, replyText: 'NOT_FOUND' }),
      ],
      'all that there is, again and again': [...consuming(), ...deliver(1), { client: ack(0, true) }, ...acked(0, 0)],
      'what a rollback takes back': [
        ...[...opening, client('tx.select'), server('tx.select-ok'), ...consume('q', 'c'), ...deliver(1), ...acked(1)],
        ...[client('tx.rollback'), server('tx.rollback-ok'), ...acked(1), client('tx.commit'), server('tx.commit-ok')],
      ],
      'a tag that counts anew with its channel': [
        ...[...consuming(), ...deliver(1), ...acked(1), client('channel.close', { replyCode: 200 })],
        ...[server('channel.close-ok'), ...consuming(), ...deliver(1), ...acked(1)],
      ],
      'the wrong channel, which is another matter': [
        ...[...consuming(), ...open(2), ...deliver(1)],
        ...[client('basic.ack', { channel: 2, deliveryTag: 1 }), unknown(1, 2)],
      ],
    },
  },
  'ack-wrong-channel': {
    shows: {
      'a delivery of one channel that is acknowledged on another': [
        [...consuming(), ...open(2), ...deliver(1), client('basic.ack', { channel: 2, deliveryTag: 1 }), unknown(1, 2)],
        'error: delivery 1 came on ch=1 and was answered on ch=2 [7 10]',
      ],
      'the same where the broker says nothing of it, once': [
        [
          ...[...consuming(), ...open(2), ...deliver(1), ...deliver(2)],
          ...[1, 2].map(deliveryTag => client('basic.ack', { channel: 2, deliveryTag })),
        ],
        'error: delivery 1 came on ch=1 and was answered on ch=2 [7 13]',
      ],
      'the broker’s word for it, where it is not known what came on the other channel': [
        [
          ...[...consuming(), ...open(2), ...deliver(1), { lost: 30, by: 'server' } as const],
          ...[client('basic.ack', { channel: 2, deliveryTag: 1 }), unknown(1, 2)],
        ],
        'error: delivery 1 came on ch=1 and was answered on ch=2 [7 11 12]',
      ],
    },
    not: {
      'a channel of which something may be missing': [
        ...[...consuming(), ...open(2), ...deliver(1), { lost: 30, by: 'server' } as const],
        client('basic.ack', { channel: 2, deliveryTag: 1 }),
      ],
      'a channel that was open before': [
        ...[...consuming(), ...deliver(1), client('basic.ack', { channel: 2, deliveryTag: 1 })],
      ],
      'an answer to what need not be answered': [
        ...[...consuming(), ...open(2), ...consume('r', 'd', 2, true), ...deliver(1)],
        client('basic.ack', { channel: 2, deliveryTag: 1 }),
      ],
      'each its own': [
        ...[...consuming(), ...open(2), ...consume('r', 'd', 2), ...deliver(1)],
        ...[...deliver(1, { channel: 2, consumerTag: 'd' }), client('basic.ack', { channel: 2, deliveryTag: 1 })],
      ],
      'a tag that no channel knows': [...consuming(), ...open(2), ...deliver(1), ...acked(1), unknown(9, 2)],
      'a tag that is answered on its own as well': [
        ...[...consuming(), ...open(2), ...deliver(1), ...acked(1)],
        ...[client('basic.ack', { channel: 2, deliveryTag: 1 }), unknown(1, 2)],
      ],
    },
  },
  'multiple-ack-across-queues': {
    shows: {
      'one acknowledgement of two queues, once': [
        [
          ...[...consuming(), ...consume('r', 'd'), ...deliver(1), ...deliver(2, { consumerTag: 'd' })],
          ...[{ client: ack(2, true) }, ...deliver(3), ...deliver(4, { consumerTag: 'd' }), { client: ack(4, true) }],
        ],
        'note: one basic.ack on ch=1 covered deliveries of q and r [7 10 13]',
      ],
    },
    not: {
      'one acknowledgement of one queue': [...consuming(), ...deliver(1), ...deliver(2), { client: ack(2, true) }],
      'one for each': [
        ...[...consuming(), ...consume('r', 'd'), ...deliver(1), ...deliver(2, { consumerTag: 'd' })],
        ...acked(1, 2),
      ],
    },
  },
  'requeue-loop': {
    shows: {
      'a poison message, then when it is ten times worse': [
        [...consuming(), ...deliver(1), ...times(60, at => again(at + 2))],
        'error: message m-1 of q was delivered again 5 times [8 12 16 20 24]',
        'error: message m-1 of q was delivered again 50 times [188 192 196 200 204]',
      ],
      'one without an identifier, by its body': [
        [...consuming(), ...times(5, at => again(at + 1, {}, '', 'the very same'))],
        'error: a message of q was delivered again 5 times [5 9 13 17 21]',
      ],
      'what a quorum queue has counted': [
        [
          ...consuming(),
          ...sent(
            'basic.deliver',
            { deliveryTag: 1, consumerTag: 'c', redelivered: true },
            { messageId: 'm-1', headers: Table.of({ 'x-delivery-count': 19 }) },
          ),
        ],
        'error: message m-1 of q was delivered again 19 times [5]',
      ],
    },
    not: {
      'four times': [...consuming(), ...times(4, at => again(at + 1))],
      'messages that differ': [...consuming(), ...times(40, at => again(at + 1, {}, `m-${at}`))],
      'two messages of one identifier, in turn': [
        ...consuming(),
        ...times(8, at => again(at + 1, {}, 'm-1', `body ${at % 2}`)),
      ],
      'bodies that differ': [...consuming(), ...times(40, at => again(at + 1, {}, '', `body ${at}`))],
      'the same again that is not redelivered': [
        ...consuming(),
        ...times(40, at => deliver(at + 1, {}, { messageId: 'm' })),
      ],
    },
  },
}
