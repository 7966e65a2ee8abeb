import { client, deliver, opening, publish, type Step, sent, server } from '../talk.ts'
import { type Cases, MINUTES, SECONDS, times, wait } from './case.ts'

const closing: readonly Step[] = [client('channel.close', { replyCode: 200 }), server('channel.close-ok')]
const life = (...steps: Step[]): Step[] => [...opening, ...steps, ...closing]
/** A get of queue `q`: three frames and one, or one and one. */
const get = (found: boolean): Step[] => [
  client('basic.get', { queue: 'q', noAck: true }),
  ...(found ? sent('basic.get-ok', { deliveryTag: 1, routingKey: 'q' }) : [server('basic.get-empty')]),
]
const passive = (queue: string): Step[] => [
  ...opening,
  client('queue.declare', { queue, passive: true }),
  server('channel.close', { replyCode: 404, replyText: 'NOT_FOUND', classId: 50, methodId: 10 }),
  client('channel.close-ok'),
]
const gone: readonly Step[] = [
  ...opening,
  server('channel.close', { replyCode: 404, replyText: 'NOT_FOUND - no exchange', classId: 60, methodId: 40 }),
]

export const channels: Cases = {
  'channel-per-message': {
    shows: {
      'a publisher that opens one for each': [
        times(8, () => life(...publish('q'))),
        'warning: 5 channels in a row were opened for one message each [1 8 15 22 29]',
      ],
      'a consumer that does': [
        times(5, () => life(...get(true))),
        'warning: 5 channels in a row were opened for one message each [1 9 17 25 33]',
      ],
    },
    not: {
      'four in a row': times(4, () => life(...publish('q'))),
      'channels of several messages': times(9, () => life(...publish('q'), ...publish('q'))),
      'one message now and then': times(9, at => life(...(at % 3 === 0 ? publish('q') : []))),
      'one message on each of several that stay open': times(9, at => [
        client('channel.open', { channel: at + 1 }),
        ...publish('q', { channel: at + 1 }),
      ]),
    },
  },
  'channel-churn': {
    shows: {
      'twenty short lives within a minute': [
        times(30, () => [wait(SECONDS), ...life(client('queue.declare', { queue: 'q' }))]),
        'warning: 20 channels were closed within 19 s, each open for less than 10 s [76 81 86 91 96]',
      ],
    },
    not: {
      'nineteen of them': times(19, () => [wait(SECONDS), ...life()]),
      'some every minute': times(60, () => [wait(10 * SECONDS), ...life()]),
      'channels that live longer': times(30, at => [
        client('channel.open', { channel: at + 1 }),
        wait(11 * SECONDS),
        client('channel.close', { channel: at + 1, replyCode: 200 }),
      ]),
      'one message on each, which is another matter': times(30, () => life(...publish('q'))),
      'what the broker closes': times(30, () => [...gone, client('channel.close-ok')]),
    },
  },
  'publish-on-closed-channel': {
    shows: {
      'messages that nobody reads, until a new one is opened': [
        [...gone, ...publish('a'), ...publish('b'), client('channel.close-ok'), ...opening, ...publish('c')],
        'error: 2 messages came on ch=1 after it was closed: 404 NOT_FOUND - no exchange [3 4]',
      ],
      'messages that nobody reads, until the end': [
        [...gone, ...publish('a')],
        'error: 1 message came on ch=1 after it was closed: 404 NOT_FOUND - no exchange [3 4]',
      ],
      'messages after the client itself closed it': [
        [...life(), ...publish('a')],
        'error: 1 message came on ch=1 after it was closed: by the client itself [3 5]',
      ],
    },
    not: {
      'a channel that is opened anew': [...gone, client('channel.close-ok'), ...opening, ...publish('a')],
      'another channel': [...gone, ...publish('a', { channel: 2 })],
    },
  },
  'get-polling': {
    shows: {
      'a queue that is asked again and again': [
        times(30, at => [wait(500), ...get(at % 3 === 0)]),
        'warning: 20 gets of q within 9.5 s, 13 of them empty [5 7 13 15 21]',
      ],
    },
    not: {
      'a queue that is emptied': times(60, at => get(at < 55)),
      'a few': times(19, () => get(false)),
      'a consumer': times(30, at => deliver(at + 1)),
    },
  },
  'passive-declare-failing': {
    shows: {
      'a queue that never comes': [
        times(5, () => [...passive('q'), wait(MINUTES)]),
        'warning: a passive declare of queue q failed 3 times with 404 [4 9 14]',
      ],
    },
    not: {
      'two that fail': times(2, () => passive('q')),
      'different ones': times(5, at => passive(`q${at}`)),
      'a queue that is there': times(5, () => [
        client('queue.declare', { queue: 'q', passive: true }),
        server('queue.declare-ok', { queue: 'q' }),
      ]),
    },
  },
}
