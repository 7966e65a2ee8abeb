import type { DriveOption, DriveOptions, DriveSettings } from '../../core/index.ts'
import type { Connect } from '../frames.ts'
import type { Version } from '../tables.ts'

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
  noLocal: { kind: 'boolean', about: 'not to be sent what the same connection publishes (MQTT 5)', default: false },
  willTopic: { kind: 'text', about: 'topic of a will' },
  willPayload: { kind: 'text', about: 'payload of the will', default: '' },
  willQos: { kind: 'uint', about: 'quality of service of the will', default: 0, most: 2 },
}

/** The version that the options ask for. */
export const levelOf = ({ version }: Pick<DriveOptions, 'version'>): Version =>
  version === undefined ? 5 : (LEVELS[version] ?? 5)

export const qosOf = (settings: DriveSettings): 0 | 1 | 2 => Number(settings.qos ?? 0) as 0 | 1 | 2

/** What the client opens with [3.1]. */
export function connectOf(options: DriveOptions): Connect {
  const { clientId, user, password, keepAlive, credit, settings } = options
  const version = levelOf(options)
  const { cleanStart, sessionExpiry, willTopic } = settings
  const properties = {
    ...(sessionExpiry === undefined ? {} : { sessionExpiryInterval: Number(sessionExpiry) }),
    ...(credit === 0 ? {} : { receiveMaximum: Math.min(credit, 65_535) }),
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
