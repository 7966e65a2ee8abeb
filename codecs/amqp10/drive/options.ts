import { type DriveOption, type DriveSettings, type Outgoing, SCRAM } from '../../core/index.ts'
import { Body, type Message } from '../body.ts'
import type { Properties } from '../frames.ts'
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
  messageId: { kind: 'text', about: 'identifier of messages', eachMessage: true },
  correlationId: { kind: 'text', about: 'correlation id of messages', eachMessage: true },
  subject: { kind: 'text', about: 'subject of messages', eachMessage: true },
  replyTo: {
    kind: 'text',
    about: 'where answers to messages are to go; of --request, it is a node of its own',
    eachMessage: true,
  },
  userId: { kind: 'text', about: 'user id of messages', eachMessage: true },
  groupId: { kind: 'text', about: 'group of messages, which one consumer gets (ActiveMQ, Artemis)', eachMessage: true },
  contentEncoding: { kind: 'text', about: 'content encoding of messages', eachMessage: true },
  creationTime: {
    kind: 'uint',
    about: 'creation time of messages, in milliseconds since 1970',
    most: Number.MAX_SAFE_INTEGER,
    eachMessage: true,
  },
  selector: {
    kind: 'text',
    about: 'only messages that it selects are delivered (ActiveMQ, Artemis)',
  },
  streamOffset: {
    kind: 'text',
    about: 'where in a stream to begin: first, last, next, a number, a time, 1h (RabbitMQ 4)',
  },
  release: {
    kind: 'text',
    about: 'how --requeue gives deliveries back; modified counts as a failed delivery (not RabbitMQ 3)',
    default: 'released',
    choices: ['released', 'modified'],
  },
  replies: {
    kind: 'text',
    about: 'what the addresses of answers begin with, where the broker makes none itself: /queue/replies- (RabbitMQ 3)',
  },
  mechanism: {
    kind: 'text',
    about: 'how to log in; without it, PLAIN for a user and ANONYMOUS for none',
    choices: ['PLAIN', ...Object.keys(SCRAM), 'OAUTHBEARER', 'XOAUTH2', 'EXTERNAL', 'ANONYMOUS', 'none'],
  },
  incomingWindow: {
    kind: 'uint',
    about: 'transfers of a session that may come before the broker hears from the client again',
    most: 0x7fff_ffff,
  },
  maxFrameSize: { kind: 'uint', about: 'largest frame that is taken, in bytes', default: 1 << 20, most: 16 << 20 },
}

/** A message as the settings have it; `to` where the link does not say it. */
export function messageOf(
  { body, contentType, replyTo, headers = {} }: Outgoing,
  to: string | undefined,
  settings: DriveSettings,
): Message {
  const { durable, priority, ttl } = settings
  const header = {
    ...(durable === true ? { durable } : {}),
    ...(priority === undefined ? {} : { priority: Number(priority) }),
    ...(ttl === undefined ? {} : { ttl: Number(ttl) }),
  }
  const properties = {
    ...propertiesOf(settings),
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

const TEXTS = ['subject', 'replyTo', 'groupId', 'contentEncoding'] as const
const IDENTIFIERS = ['messageId', 'correlationId'] as const

/** Properties that settings say, beside what is the same in all protocols. */
function propertiesOf(settings: DriveSettings): Properties {
  const { userId, creationTime } = settings
  const said = <T>(names: readonly string[], encode: (text: string) => T) =>
    Object.fromEntries(
      names.filter(name => settings[name] !== undefined).map(name => [name, encode(String(settings[name]))]),
    )
  return {
    ...said(TEXTS, text => text),
    ...said(IDENTIFIERS, text => Scalar.of('string', text)),
    ...(userId === undefined ? {} : { userId: new TextEncoder().encode(String(userId)) }),
    ...(creationTime === undefined ? {} : { creationTime: Scalar.of('timestamp', Number(creationTime)) }),
  }
}

const isEmpty = (object: object): boolean => Object.keys(object).length === 0
