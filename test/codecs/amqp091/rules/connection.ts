import { client, opening, publish, type Step, server } from '../talk.ts'
import { type Cases, SECONDS, text, wait } from './case.ts'

const login = (mechanism: string, response: Uint8Array): Step[] => [
  server('connection.start', { mechanisms: text('PLAIN AMQPLAIN') }),
  client('connection.start-ok', { mechanism, response }),
]
const tuned = (heartbeat: number, frameMax = 131_072): Step[] => [
  server('connection.tune', { heartbeat: 60, frameMax: 131_072 }),
  client('connection.tune-ok', { heartbeat, frameMax }),
]
const beat = (side: 'client' | 'server'): Step => ({ [side]: { type: 'heartbeat', channel: 0 } }) as unknown as Step

const plain = (user: string, password: string): Uint8Array => text(`\0${user}\0${password}`)
/** AMQPLAIN's response is a table without its length. */
const amqplain = Uint8Array.of(
  ...[5, ...text('LOGIN'), 0x53, 0, 0, 0, 5, ...text('guest')],
  ...[8, ...text('PASSWORD'), 0x53, 0, 0, 0, 5, ...text('guest')],
)
const refused = server('connection.close', { replyCode: 403, replyText: 'ACCESS_REFUSED - Login was refused' })

export const connection: Cases = {
  'auth-refused': {
    shows: {
      'a login that the broker refuses': [
        [...login('PLAIN', plain('ann', 'wrong')), refused, client('connection.close-ok')],
        'error: login by PLAIN was refused: 403 ACCESS_REFUSED - Login was refused [2 3]',
      ],
      'a broker that hangs up without a word': [
        [...login('PLAIN', plain('ann', 'wrong')), wait(3 * SECONDS)],
        'warning: no answer came to the login within 3 s: it was refused, as a rule [2]',
      ],
    },
    not: {
      'a login that is taken': [...login('PLAIN', plain('ann', 'right')), ...tuned(60), wait(5 * SECONDS)],
      'a connection that ends soon after': [...login('PLAIN', plain('ann', 'right')), wait(100)],
      'a refusal that comes later': [
        ...login('PLAIN', plain('ann', 'right')),
        ...tuned(60),
        client('connection.open', { virtualHost: 'none' }),
        server('connection.close', {
          replyCode: 530,
          replyText: 'NOT_ALLOWED - vhost none not found',
          classId: 10,
          methodId: 40,
        }),
      ],
    },
  },
  'default-credentials': {
    shows: {
      'guest by PLAIN': [
        login('PLAIN', plain('guest', 'guest')),
        'warning: guest logs in at 10.0.0.2 with its default password [2]',
      ],
      'guest by AMQPLAIN': [
        login('AMQPLAIN', amqplain),
        'warning: guest logs in at 10.0.0.2 with its default password [2]',
      ],
    },
    not: {
      'guest with a password of its own': login('PLAIN', plain('guest', 's3cret')),
      'another user': login('PLAIN', plain('ann', 'guest')),
      'a certificate': login('EXTERNAL', text('')),
      'what is no table': login('AMQPLAIN', text('guest guest')),
    },
  },
  'frame-max-small': {
    shows: { 'what old clients ask for': [tuned(60, 4096), 'warning: frame_max 4096 was settled on [2]'] },
    not: { 'the least that RabbitMQ 4.1 takes': tuned(60, 8192), 'no limit': tuned(60, 0) },
  },
  'heartbeat-disabled': {
    shows: {
      'a client that turns them off': [
        tuned(0),
        'warning: the client settled on a heartbeat of 0, where the broker offered 60 s [1 2]',
      ],
      'a client whose broker was not heard': [tuned(0).slice(1), 'warning: the client settled on a heartbeat of 0 [1]'],
    },
    not: { 'a client that keeps them': tuned(60), 'a client that wants them more often': tuned(10) },
  },
  'heartbeat-long': {
    shows: { 'ten minutes': [tuned(600), 'note: a heartbeat of 600 s was settled on [2]'] },
    not: { 'RabbitMQ’s default': tuned(60), 'none, which is another matter': tuned(0) },
  },
  'heartbeat-missed': {
    shows: {
      'a client that stops while the broker goes on': [
        [
          ...tuned(10),
          wait(9 * SECONDS),
          beat('server'),
          wait(9 * SECONDS),
          beat('server'),
          wait(9 * SECONDS),
          beat('server'),
        ],
        'error: nothing came from the client for 27 s, with a heartbeat of 10 s [2]',
      ],
      'a broker that stops, once for each silence': [
        [
          ...[...tuned(10), wait(15 * SECONDS), beat('client'), wait(15 * SECONDS), beat('client'), beat('server')],
          ...[wait(15 * SECONDS), beat('client'), wait(15 * SECONDS), beat('client')],
        ],
        'error: nothing came from the server for 30 s, with a heartbeat of 10 s [1]',
        'error: nothing came from the server for 30 s, with a heartbeat of 10 s [5]',
      ],
      'both, at the end': [
        [...tuned(10), wait(30 * SECONDS)],
        'error: nothing came from the client for 30 s, with a heartbeat of 10 s [2]',
        'error: nothing came from the server for 30 s, with a heartbeat of 10 s [1]',
      ],
    },
    not: {
      'sides that speak often enough': [
        ...tuned(10),
        ...[wait(15 * SECONDS), beat('client'), beat('server'), wait(15 * SECONDS), beat('server'), beat('client')],
      ],
      'anything that is sent instead': [
        ...tuned(10),
        ...[wait(15 * SECONDS), beat('server'), ...publish('q'), wait(15 * SECONDS), beat('server'), ...publish('q')],
      ],
      'silence without heartbeats': [...tuned(0), wait(600 * SECONDS), beat('server')],
      'silence once the connection is being closed': [
        ...tuned(10),
        client('connection.close', { replyCode: 200 }),
        wait(60 * SECONDS),
        server('connection.close-ok'),
      ],
    },
  },
  'connection-blocked': {
    shows: {
      'an alarm that goes again': [
        [server('connection.blocked', { reason: 'low on memory' }), wait(1500), server('connection.unblocked')],
        'error: blocked for 1.5 s: low on memory [1 2]',
      ],
      'an alarm that stays': [
        [
          server('connection.blocked', { reason: 'low on disk' }),
          server('connection.blocked', { reason: 'low on memory & low on disk' }),
          wait(20 * SECONDS),
        ],
        'error: blocked for 20 s and still so at the end: low on disk [1]',
      ],
    },
    not: { 'an end of what was not seen to begin': [server('connection.unblocked')] },
  },
  'closed-by-broker': {
    shows: {
      'a channel that is closed over a publish': [
        [
          ...opening,
          ...publish('q', { exchange: 'none' }),
          server('channel.close', {
            replyCode: 404,
            replyText: "NOT_FOUND - no exchange 'none'",
            classId: 60,
            methodId: 40,
          }),
        ],
        "error: ch=1 was closed over basic.publish: 404 NOT_FOUND - no exchange 'none' [6]",
      ],
      'a passive declare that finds nothing, as a note': [
        [
          ...opening,
          client('queue.declare', { queue: 'q', passive: true }),
          server('channel.close', { replyCode: 404, replyText: "NOT_FOUND - no queue 'q'", classId: 50, methodId: 10 }),
        ],
        "note: ch=1 was closed over queue.declare: 404 NOT_FOUND - no queue 'q' [4]",
      ],
      'a broker that shuts down': [
        [
          server('connection.close', {
            replyCode: 320,
            replyText: 'CONNECTION_FORCED - broker forced connection closure',
          }),
        ],
        'warning: the connection was closed: 320 CONNECTION_FORCED - broker forced connection closure [1]',
      ],
    },
    not: {
      'a client that closes': [
        ...opening,
        client('channel.close', { replyCode: 200 }),
        client('connection.close', { replyCode: 200 }),
      ],
      'an orderly end': [server('connection.close', { replyCode: 200, replyText: 'Goodbye' })],
      'a login that is refused, which has a rule of its own': [...login('PLAIN', plain('a', 'b')), refused],
      'a tag that is not known, which has a rule of its own': [
        ...opening,
        client('basic.ack', { deliveryTag: 9 }),
        server('channel.close', {
          replyCode: 406,
          replyText: 'PRECONDITION_FAILED - unknown delivery tag 9',
          classId: 60,
          methodId: 80,
        }),
      ],
    },
  },
}
