import type { DriveOption, DriveSettings, Outgoing } from '../../core/index.ts'
import { Body, type Message } from '../body.ts'
import { AmqpMap, Scalar } from '../value.ts'

export const options: Readonly<Record<string, DriveOption>> = {
  settled: { kind: 'boolean', about: 'messages are sent settled: nobody answers', default: false },
  anonymous: {
    kind: 'boolean',
    about: 'one link for all destinations, which messages name themselves',
    default: false,
  },
  node: {
    kind: 'text',
    about: 'what addresses stand for where they do not say it (ActiveMQ, Artemis)',
    choices: ['queue', 'topic'],
  },
  durable: { kind: 'boolean', about: 'messages outlive the broker', default: false, eachMessage: true },
  priority: { kind: 'uint', about: 'priority of messages', most: 255, eachMessage: true },
  ttl: {
    kind: 'uint',
    about: 'milliseconds that a message may wait for delivery',
    most: 0xffff_ffff,
    eachMessage: true,
  },
  replies: {
    kind: 'text',
    about: 'what the addresses of answers begin with, where the broker makes none itself: /queue/replies- (RabbitMQ 3)',
  },
  mechanism: {
    kind: 'text',
    about: 'how to log in; without it, PLAIN for a user and ANONYMOUS for none',
    choices: ['PLAIN', 'EXTERNAL', 'ANONYMOUS', 'none'],
  },
  maxFrameSize: { kind: 'uint', about: 'largest frame that is taken, in bytes', default: 1 << 20, most: 16 << 20 },
}

/** A message as the settings have it; `to` where the link does not say it. */
export function messageOf(
  { body, contentType, replyTo, headers = {} }: Outgoing,
  to: string | undefined,
  { durable, priority, ttl }: DriveSettings,
): Message {
  const header = {
    ...(durable === true ? { durable } : {}),
    ...(priority === undefined ? {} : { priority: Number(priority) }),
    ...(ttl === undefined ? {} : { ttl: Number(ttl) }),
  }
  const properties = {
    ...(to === undefined ? {} : { to }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(contentType === undefined ? {} : { contentType }),
  }
  const application = Object.entries(headers).map(([name, value]) => [name, Scalar.of('string', value)] as const)
  return {
    ...(isEmpty(header) ? {} : { header }),
    ...(isEmpty(properties) ? {} : { properties }),
    ...(application.length === 0 ? {} : { applicationProperties: AmqpMap.of(Object.fromEntries(application)) }),
    body: Body.data(body),
  }
}

const isEmpty = (object: object): boolean => Object.keys(object).length === 0
