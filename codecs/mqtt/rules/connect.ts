import { counted, utf8 } from '../../core/index.ts'
import type { Connack, Connect } from '../frames.ts'
import type { MqttRule } from './rule.ts'

/** Reason codes of MQTT 5 and return codes before it that say: not you. */
const NOT_YOU = new Set([4, 5, 0x86, 0x87, 0x8a, 0x8c])

const reasonOf = ({ reasonCode, reasonName, properties }: Connack): string => {
  const text = `${reasonName ?? 'reason'} (${reasonCode})`
  return properties?.reasonString === undefined ? text : `${text}: ${properties.reasonString}`
}

const who = (connect: Connect | undefined): string => {
  if (connect === undefined) return 'the client'
  const { clientId, username } = connect
  const name = clientId === '' ? 'a client without identifier' : `client "${clientId}"`
  return username === undefined ? `${name}, without a user name,` : `${name}, user "${username}",`
}

/** Tells of refusals for which `concerns` holds. */
const refusals =
  (concerns: (reasonCode: number) => boolean): MqttRule['watch'] =>
  (_, report) => {
    let asked: { readonly connect: Connect; readonly number: number } | undefined
    return {
      frame: (frame, _packet, number) => {
        if (frame.type === 'connect') asked = { connect: frame, number }
        else if (frame.type === 'connack' && frame.reasonCode !== 0 && concerns(frame.reasonCode)) {
          const frames = asked === undefined ? [number] : [asked.number, number]
          report(`${who(asked?.connect)} was refused: ${reasonOf(frame)}`, frames)
        }
      },
    }
  }

export const authRefused: MqttRule = {
  id: 'mqtt/auth-refused',
  severity: 'error',
  title: 'The broker refuses these credentials',
  why: 'The client cannot connect, and most clients try again at once: the broker is kept busy with logins that fail.',
  fix: 'Compare user, password and client identifier with the broker’s (mosquitto: password_file, acl_file, allow_anonymous; EMQX and HiveMQ: the authentication chain and its log). Have the client wait longer after each refusal (paho: reconnect_delay_set, MQTT.js: reconnectOnConnackError false).',
  types: ['connect', 'connack'],
  until: 'connack',
  watch: refusals(code => NOT_YOU.has(code)),
}

export const connectionRefused: MqttRule = {
  id: 'mqtt/connection-refused',
  severity: 'error',
  title: 'The broker refuses the connection',
  why: 'The client gets nothing through until the cause is gone, and goes on trying.',
  fix: 'Go by the reason: protocol version (set the client to 3.1.1 or 5), identifier (mosquitto: clientid_prefixes, allow_zero_length_clientid), server unavailable or busy (mosquitto: max_connections; EMQX: listener max_connections), or the server that the answer names.',
  types: ['connect', 'connack'],
  until: 'connack',
  watch: refusals(code => !NOT_YOU.has(code)),
}

/** User and password as brokers and tutorials come with them. */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  admin: ['public', 'admin', 'password', 'hivemq', 'changeme', '123456'],
  guest: ['guest'],
  test: ['test'],
  user: ['user', 'password', 'pass'],
  root: ['root'],
  mqtt: ['mqtt'],
  mosquitto: ['mosquitto'],
  username: ['password'],
}

export const defaultCredentials: MqttRule = {
  id: 'mqtt/default-credentials',
  severity: 'warning',
  title: 'A well-known default password is in use',
  why: 'Scanners try exactly these first. Whoever connects with them reads and writes all topics that this user may.',
  fix: 'Give the user a password of its own (mosquitto_passwd, emqx ctl admins passwd, rabbitmqctl change_password), or use client certificates, and disable the default user.',
  types: ['connect', 'connack'],
  until: 'connack',
  watch: (_, report) => {
    let asked: { readonly user: string; readonly number: number } | undefined
    return {
      frame: (frame, _packet, number) => {
        if (frame.type === 'connect') {
          const { username = '', password } = frame
          const text = password === undefined ? undefined : utf8(password, 0, password.length)
          const known = text !== undefined && DEFAULTS[username.toLowerCase()]?.includes(text) === true
          asked = known ? { user: username, number } : undefined
        } else if (frame.type === 'connack' && frame.reasonCode === 0 && asked !== undefined) {
          report(`user "${asked.user}" was let in with a default password`, [asked.number, number])
          asked = undefined
        }
      },
    }
  },
}

/** MQTT 3.1 takes no longer identifiers [3.1, 3.1]. */
const LONGEST_31 = 23

export const clientIdentifier: MqttRule = {
  id: 'mqtt/client-identifier',
  severity: 'warning',
  title: 'The client identifier does not do what it is for',
  why: 'The identifier is what a session, its subscriptions and its queued messages hang on. A broker may refuse one that breaks the rules, or give the client another session at every connection.',
  fix: 'Set an identifier that is unique and stays the same (a device’s serial number), of at most 23 characters where MQTT 3.1 is spoken; or do without a session: clean start, session expiry 0.',
  types: ['connect'],
  until: 'connect',
  watch: (_, report) => ({
    frame: (frame, _packet, number) => {
      if (frame.type !== 'connect') return
      const { clientId, protocolVersion, cleanStart, properties } = frame
      const expiry = properties?.sessionExpiryInterval ?? 0
      const { length } = clientId
      if (protocolVersion === 3 && (length === 0 || length > LONGEST_31)) {
        report(`an identifier of ${counted(length, 'character')} where MQTT 3.1 takes 1 to ${LONGEST_31}`, [number])
      } else if (length === 0 && protocolVersion === 4 && !cleanStart) {
        report('no identifier, but a session is to be kept: the broker must refuse that', [number])
      } else if (length === 0 && expiry > 0) {
        const message = `no identifier, but the session is to be kept for ${counted(expiry, 'second')}`
        report(`${message}: the client finds it again only by the identifier that the broker assigns`, [number], 'note')
      }
    },
  }),
}

export const cleanStartLosesSession: MqttRule = {
  id: 'mqtt/clean-start-loses-session',
  severity: 'note',
  title: 'A client that connects with clean start has its session kept',
  why: 'While the client is away the broker queues its messages of QoS 1 and 2. If the client comes back with clean start again the broker discards them: they are lost although both sides did all they could.',
  fix: 'Use clean start for the first connection at most (paho: clean_start=MQTT_CLEAN_START_FIRST_ONLY, MQTT.js: clean: false) where messages matter; where they do not, set the session expiry to 0, which spares the broker’s memory.',
  types: ['connect', 'subscribe'],
  watch: (_, report) => {
    let kept: { readonly expiry: number; readonly number: number } | undefined
    return {
      frame: (frame, _packet, number) => {
        if (frame.type === 'connect') {
          const expiry = frame.properties?.sessionExpiryInterval ?? 0
          kept = frame.cleanStart && frame.clientId !== '' && expiry > 0 ? { expiry, number } : undefined
        } else if (frame.type === 'subscribe' && kept !== undefined) {
          const reliable = frame.subscriptions.find(({ qos }) => qos > 0)
          if (reliable === undefined) return
          const time = kept.expiry === 0xffffffff ? 'for ever' : `for ${counted(kept.expiry, 'second')}`
          const what = `QoS ${reliable.qos} subscription to ${reliable.topicFilter}`
          report(`clean start, with a session kept ${time} and a ${what}`, [kept.number, number])
          kept = undefined
        }
      },
    }
  },
}

export const oldProtocol: MqttRule = {
  id: 'mqtt/old-protocol',
  severity: 'note',
  title: 'MQTT 3.1 is spoken',
  why: 'It is the version before the standard: identifiers are short, a refused SUBSCRIBE cannot be told, and newer brokers (RabbitMQ 4, many cloud services) no longer speak it.',
  fix: 'Set the client to MQTT 3.1.1 or 5 (paho: protocol=MQTTv311, mosquitto bridge: bridge_protocol_version mqttv311).',
  types: ['connect'],
  until: 'connect',
  watch: (_, report) => ({
    frame: (frame, _packet, number) => {
      if (frame.type !== 'connect' || frame.protocolVersion !== 3) return
      report(`protocol name ${frame.protocolName}, version 3`, [number])
    },
  }),
}
