import { elapsed, validUtf8 } from '../../core/index.ts'
import { nameOf } from '../destination.ts'
import { Table } from '../field-table.ts'
import type { MethodOf } from '../frames.ts'
import { type AmqpRule, SECOND } from './rule.ts'

/** RabbitMQ 4.1 takes no less. */
const SMALLEST = 8192

export const frameMaxSmall: AmqpRule = {
  id: 'amqp091/frame-max-small',
  severity: 'warning',
  title: 'The client settled on frames of less than 8 KiB',
  why: 'RabbitMQ 4.1 and later refuse a frame_max below 8192: the client does not connect any more after the upgrade. Before that, small frames cost throughput with every larger message.',
  fix: 'Leave frame_max at the broker’s offer (131072), or set at least 8192: frameMax in amqplib’s URL, frame_max in pika, setRequestedFrameMax in Java. amqplib before 0.10.7 asks for 4096 by default: update it.',
  types: ['connection.tune-ok'],
  until: 'connection.tune-ok',
  watch: (_, report) => ({
    frame: (frame, _packet, number) => {
      if (frame.type !== 'connection.tune-ok' || frame.frameMax === 0 || frame.frameMax >= SMALLEST) return
      report(`frame_max ${frame.frameMax} was settled on`, [number])
    },
  }),
}

export const connectionBlocked: AmqpRule = {
  id: 'amqp091/connection-blocked',
  severity: 'error',
  title: 'The broker blocks its publishers',
  why: 'A memory or disk alarm is on: the broker reads nothing more from connections that publish, on any node of the cluster. Publishers stand still, on that connection acknowledgements too.',
  fix: 'Free memory or disk: rabbitmq-diagnostics alarms, then the queues that grew (rabbitmqctl list_queues name messages memory). Raise vm_memory_high_watermark or disk_free_limit only if the machine has room. Publish and consume on separate connections, and let publishers handle blocked.',
  types: ['connection.blocked', 'connection.unblocked'],
  watch: (_, report) => {
    let blocked: { readonly time: number; readonly number: number; readonly reason: string } | undefined
    const tell = (until: number, frames: readonly number[], still: string): void => {
      if (blocked === undefined) return
      report(`blocked for ${elapsed(until - blocked.time)}${still}: ${blocked.reason}`, [blocked.number, ...frames])
      blocked = undefined
    }
    return {
      frame: (frame, { time }, number) => {
        if (frame.type === 'connection.unblocked') tell(time, [number], '')
        else if (frame.type === 'connection.blocked') blocked ??= { time, number, reason: nameOf(frame.reason) }
      },
      end: time => tell(time, [], ' and still so at the end'),
    }
  },
}

export const defaultCredentials: AmqpRule = {
  id: 'amqp091/default-credentials',
  severity: 'warning',
  title: 'The client logs in as guest with the password guest',
  why: 'Every RabbitMQ begins with this user, as administrator, and everyone knows the password. It may log in from localhost only, unless somebody lifted that (loopback_users = none).',
  fix: 'Make a user for each application with the permissions that it needs (rabbitmqctl add_user, set_permissions), and delete guest. On a developer’s own machine it does no harm.',
  types: ['connection.start-ok'],
  until: 'connection.start-ok',
  watch: ({ server }, report) => ({
    frame: (frame, _packet, number) => {
      if (frame.type !== 'connection.start-ok' || !isGuest(frame)) return
      const here = server.host === '::1' || server.host.startsWith('127.') || server.host.startsWith('/')
      report(`guest logs in at ${server.host} with its default password`, [number], here ? 'note' : 'warning')
    },
  }),
}

/** Authorization identity, user and password with a NUL between [RFC 4616]; or a table that lacks its length. */
function isGuest({ mechanism, response }: MethodOf<'connection.start-ok'>): boolean {
  if (mechanism === 'PLAIN') return validUtf8(response)?.split('\0').slice(1).join('\0') === 'guest\0guest'
  if (mechanism !== 'AMQPLAIN') return false
  const table = new Table(undefined, response, 0, response.length)
  return table.get('LOGIN') === 'guest' && table.get('PASSWORD') === 'guest'
}

/** RabbitMQ waits 3 s before it hangs up on a login that it refuses, so that guessing takes time. */
const PATIENCE = 2 * SECOND

export const authRefused: AmqpRule = {
  id: 'amqp091/auth-refused',
  severity: 'error',
  title: 'The broker refused the login',
  why: 'User, password or mechanism are wrong, or guest comes from another machine. Clients that reconnect at once hammer the broker with it. Brokers tell clients that announce authentication_failure_close; on others they just hang up.',
  fix: 'See the broker’s log for the reason. Check the secret that the client was given, rabbitmqctl authenticate_user, and for guest loopback_users. Let reconnects wait longer each time.',
  types: ['connection.start-ok', 'connection.tune'],
  exchanges: ['connection.start-ok'],
  until: 'connection.tune',
  watch: (_, report) => {
    let login: { readonly number: number; readonly time: number } | undefined
    return {
      frame: (frame, { time }, number) => {
        login = frame.type === 'connection.start-ok' ? { number, time } : undefined
      },
      ended: ({ ok, outcome = '', request, reply, address }) => {
        login = undefined
        if (ok === false) report(`login by ${address} was refused: ${outcome}`, [request, reply])
      },
      end: time => {
        if (login === undefined || time - login.time < PATIENCE) return
        const silence = elapsed(time - login.time)
        report(`no answer came to the login within ${silence}: it was refused, as a rule`, [login.number], 'warning')
      },
    }
  },
}
