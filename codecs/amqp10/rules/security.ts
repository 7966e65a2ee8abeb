import { isDefaultPassword, isLoopback, utf8 } from '../../core/index.ts'
import type { SaslInit } from '../frames.ts'
import { choices } from '../tables.ts'
import type { Amqp10Rule } from './rule.ts'

/** RFC 4616: authorization identity, NUL, user, NUL, password. */
function plain({ mechanism, initialResponse }: SaslInit): { user: string; password: string } | undefined {
  if (mechanism !== 'PLAIN' || initialResponse === undefined) return undefined
  const [, user, password] = utf8(initialResponse, 0, initialResponse.length).split('\0')
  return user === undefined || password === undefined ? undefined : { user, password }
}

const OK = 0

export const authRefused: Amqp10Rule = {
  id: 'amqp10/auth-refused',
  severity: 'error',
  title: 'The broker refuses these credentials',
  why: 'The client cannot connect, and most client libraries try again at once: the broker is kept busy with logins that fail.',
  fix: 'Compare user and mechanism with the broker’s: rabbitmqctl authenticate_user and list_permissions, auth_mechanisms in rabbitmq.conf; login.config and users.properties in Artemis and ActiveMQ. A RabbitMQ guest may only log in from the broker’s own host (loopback_users).',
  types: ['sasl-init', 'sasl-outcome'],
  until: 'sasl-outcome',
  watch: (_, report) => {
    let asked: { readonly who: string; readonly number: number } | undefined
    return {
      frame: (frame, _packet, number) => {
        if (frame.type === 'sasl-init') {
          const user = plain(frame)?.user
          asked = { who: user === undefined ? frame.mechanism : `user "${user}" (${frame.mechanism})`, number }
        } else if (frame.type === 'sasl-outcome' && frame.code !== OK) {
          const outcome = choices['sasl-code']?.[frame.code] ?? `code ${frame.code}`
          const frames = asked === undefined ? [number] : [asked.number, number]
          report(`${asked?.who ?? 'the client'} was refused: ${outcome}`, frames)
        }
      },
    }
  },
}

export const defaultCredentials: Amqp10Rule = {
  id: 'amqp10/default-credentials',
  severity: 'warning',
  title: 'A well-known default password is in use',
  why: 'Scanners try exactly these first. Whoever connects with them can do all that this user may: with RabbitMQ’s guest or ActiveMQ’s admin, everything.',
  fix: 'Delete the default user or give it a password of its own (rabbitmqctl delete_user guest, rabbitmqctl change_password, artemis user reset), and a user with few permissions to each application. On a developer’s own machine it does no harm.',
  types: ['sasl-init', 'sasl-outcome'],
  until: 'sasl-outcome',
  watch: ({ server }, report) => {
    let asked: { readonly user: string; readonly number: number } | undefined
    return {
      frame: (frame, _packet, number) => {
        if (frame.type === 'sasl-init') {
          const login = plain(frame)
          asked = isDefaultPassword(login?.user, login?.password) ? { user: login?.user ?? '', number } : undefined
        } else if (frame.type === 'sasl-outcome' && frame.code === OK && asked !== undefined) {
          const severity = isLoopback(server.host) ? 'note' : 'warning'
          report(`user "${asked.user}" was let in with a default password`, [asked.number, number], severity)
          asked = undefined
        }
      },
    }
  },
}

export const anonymous: Amqp10Rule = {
  id: 'amqp10/anonymous',
  severity: 'warning',
  title: 'Anybody on the network may connect',
  why: 'The broker let in a client that did not say who it is. So it will let in everybody who can reach its port, with the rights of its anonymous user.',
  fix: 'Take ANONYMOUS off the mechanisms: RabbitMQ 4: anonymous_login_user = none, auth_mechanisms without ANONYMOUS; Artemis: security-enabled true, saslMechanisms=PLAIN,EXTERNAL on the acceptor. Where it is meant, bind the listener to loopback.',
  types: ['sasl-init', 'sasl-outcome', 'open'],
  watch: ({ server, joined }, report) => {
    let mechanism: string | undefined
    let asked = 0
    let accepted = false
    return {
      frame: (frame, { side }, number) => {
        if (isLoopback(server.host) || joined !== 'start') return
        if (frame.type === 'sasl-init') [mechanism, asked] = [frame.mechanism, number]
        else if (frame.type === 'sasl-outcome') {
          accepted = frame.code === OK
          if (accepted && mechanism === 'ANONYMOUS') report('a client was let in as ANONYMOUS', [asked, number])
        } else if (side === 'server' && mechanism === undefined && !accepted) {
          accepted = true
          report('a client was let in without SASL', [number])
        }
      },
    }
  },
}
