import { type DriveOption, type DriveOptions, type DriveSettings, nameOf, SCRAM } from '../../core/index.ts'
import type { Connect, Subscription } from '../frames.ts'
import type { Properties } from '../properties.ts'
import type { Version } from '../tables.ts'
import type { Step } from './authentication.ts'

/** The versions that can be asked for, the usual one first. */
export const LEVELS: Readonly<Record<string, Version>> = { '5': 5, '3.1.1': 4, '3.1': 3 }

export const options: Readonly<Record<string, DriveOption>> = {
  qos: { kind: 'uint', about: 'quality of service of what is published, and asked for', default: 0, most: 2 },
  retain: {
    kind: 'boolean',
    about: 'the server keeps the last message of each topic',
    default: false,
    eachMessage: true,
  },
  cleanStart: { kind: 'boolean', about: 'begin with no session of before', default: true },
  sessionExpiry: { kind: 'uint', about: 'seconds that a session outlives its connection (MQTT 5)', most: 0xffff_ffff },
  messageExpiry: {
    kind: 'uint',
    about: 'seconds that a message may wait for delivery (MQTT 5)',
    most: 0xffff_ffff,
    eachMessage: true,
  },
  topicAlias: {
    kind: 'boolean',
    about: 'topics are said once, and then by numbers, as many as the server takes (MQTT 5)',
    default: false,
  },
  payloadFormat: {
    kind: 'uint',
    about: 'bodies are bytes (0) or said to be UTF-8 text (1) (MQTT 5)',
    most: 1,
    eachMessage: true,
  },
  responseTopic: {
    kind: 'text',
    about: 'where answers to messages are to go; of --request, it is a topic of its own (MQTT 5)',
    eachMessage: true,
  },
  correlationData: { kind: 'text', about: 'what answers are told by (MQTT 5)', eachMessage: true },
  retainHandling: {
    kind: 'uint',
    about: 'of retained messages, a subscription gets all (0), all if it is new (1), none (2) (MQTT 5)',
    most: 2,
  },
  retainAsPublished: {
    kind: 'boolean',
    about: 'messages come with the retain flag that they were published with (MQTT 5)',
    default: false,
  },
  noLocal: { kind: 'boolean', about: 'not to be sent what the same connection publishes (MQTT 5)', default: false },
  willTopic: { kind: 'text', about: 'topic of a will' },
  willPayload: { kind: 'text', about: 'payload of the will', default: '' },
  willQos: { kind: 'uint', about: 'quality of service of the will', default: 0, most: 2 },
  mechanism: {
    kind: 'text',
    about: 'how to log in, where no password is sent: the authentication method (MQTT 5)',
    choices: Object.keys(SCRAM),
  },
}

/** The version that the options ask for. */
export const levelOf = ({ version }: Pick<DriveOptions, 'version'>): Version =>
  version === undefined ? 5 : (LEVELS[version] ?? 5)

export const qosOf = (settings: DriveSettings): 0 | 1 | 2 => Number(settings.qos ?? 0) as 0 | 1 | 2

/** What each message says of itself, beside what is the same in all protocols. */
export function propertiesOf({
  messageExpiry,
  payloadFormat,
  correlationData,
  responseTopic,
}: DriveSettings): Properties {
  return {
    ...(payloadFormat === undefined ? {} : { payloadFormatIndicator: Number(payloadFormat) }),
    ...(messageExpiry === undefined ? {} : { messageExpiryInterval: Number(messageExpiry) }),
    ...(responseTopic === undefined ? {} : { responseTopic: String(responseTopic) }),
    ...(correlationData === undefined ? {} : { correlationData: new TextEncoder().encode(String(correlationData)) }),
  }
}

/** What a subscription says beside its filter [3.8.3.1]. */
export const subscriptionOf = (topicFilter: string, settings: DriveSettings): Subscription => ({
  topicFilter,
  qos: qosOf(settings),
  noLocal: settings.noLocal === true,
  retainAsPublished: settings.retainAsPublished === true,
  ...(settings.retainHandling === undefined ? {} : { retainHandling: Number(settings.retainHandling) }),
})

/**
 * What the client opens with [3.1]: with a method to log in by, which says who it is. One that is there to take its session
 * away begins a new one, of no time.
 */
export function connectOf(options: DriveOptions, authentication?: Step): Connect {
  const { clientId, keepAlive, credit, removes } = options
  const settings: DriveSettings = removes.length === 0 ? options.settings : {}
  const [user, password] = authentication === undefined ? [nameOf(options), options.password] : []
  const version = levelOf(options)
  const { cleanStart, sessionExpiry, willTopic } = settings
  const properties = {
    ...(sessionExpiry === undefined ? {} : { sessionExpiryInterval: Number(sessionExpiry) }),
    ...(credit === 0 ? {} : { receiveMaximum: Math.min(credit, 65_535) }),
    ...authentication,
  }
  return {
    type: 'connect',
    protocolName: version === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion: version,
    cleanStart: cleanStart !== false,
    keepAlive,
    ...(version === 5 ? { properties } : {}),
    clientId,
    ...(willTopic === undefined
      ? {}
      : {
          willTopic: String(willTopic),
          willPayload: new TextEncoder().encode(String(settings.willPayload ?? '')),
          willQos: Number(settings.willQos ?? 0),
          willRetain: false,
          ...(version === 5 ? { willProperties: {} } : {}),
        }),
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password: new TextEncoder().encode(password) }),
  }
}
