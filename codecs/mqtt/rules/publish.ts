import { counted, type Exchange, SparseMap, SparseSet } from '../../core/index.ts'
import { PUBLISHES } from './delivery.ts'
import type { MqttRule } from './rule.ts'

const NO_SUBSCRIBERS = 0x10

const WILDCARD = /[#+]/

export const wildcardInTopic: MqttRule = {
  id: 'mqtt/wildcard-in-topic',
  severity: 'error',
  title: 'A message is published to a topic with a wildcard',
  why: 'A topic name must not hold + or # [MQTT-3.3.2-2]: the broker closes the connection, and the message is lost. Some old brokers deliver it to a topic that nobody subscribes to.',
  fix: 'Publish to one topic. A topic that is built from names (of devices, users) must have + and # taken out of them; for the same message in many places, publish once to a topic that all of them subscribe to.',
  types: ['publish'],
  watch: (_, report) => {
    let told = false
    return {
      frame: (frame, { side }, number) => {
        if (told || frame.type !== 'publish' || !WILDCARD.test(frame.topic)) return
        told = true
        report(`the ${side} publishes to ${frame.topic}`, [number])
      },
    }
  },
}

/** Tells of each topic once, and of so many at most. */
const MOST_TOPICS = 10

export const publishRefused: MqttRule = {
  id: 'mqtt/publish-refused',
  severity: 'error',
  title: 'A message is refused',
  why: 'PUBACK or PUBREC came, but with a reason of failure: the message is lost, and a client that looks only at the packet takes it for delivered.',
  fix: 'Go by the reason: Not authorized is the broker’s access list for this topic (mosquitto: acl_file, topic write), Quota exceeded and Packet too large its limits, Topic Name invalid a topic it does not take. Have the application look at the reason code.',
  types: [],
  exchanges: PUBLISHES,
  watch: (_, report) => {
    const told = new SparseSet<string>()
    return {
      ended: ({ kind, address = '?', ok, outcome = 'refused', request, reply }: Exchange) => {
        if (ok !== false) return
        const key = `${kind} ${address} ${outcome}`
        if (told.has(key) || told.size >= MOST_TOPICS) return
        told.add(key)
        report(`a message to ${address} was refused: ${outcome}`, [request, reply])
      },
    }
  },
}

export const noSubscribers: MqttRule = {
  id: 'mqtt/no-subscribers',
  severity: 'note',
  title: 'Nobody subscribes to what is published',
  why: 'The broker took the message and had nobody to give it to: it is gone, unless it was retained.',
  fix: 'Compare the topic with the filters of those who should get it (case, a leading /, a prefix of the environment), and subscribe before publishing, with a session that outlives the connection.',
  types: ['publish', 'puback', 'pubrec'],
  watch: (_, report) => {
    const waiting = new SparseMap<number, { readonly topic: string; readonly number: number }>()
    const told = new SparseSet<string>()
    return {
      frame: (frame, { side }, number) => {
        if (frame.type === 'publish') {
          const { packetId, topic, retain } = frame
          if (side === 'client' && packetId !== undefined && !retain) waiting.set(packetId, { topic, number })
        } else if ((frame.type === 'puback' || frame.type === 'pubrec') && side === 'server') {
          const published = waiting.get(frame.packetId)
          waiting.delete(frame.packetId)
          if (frame.reasonCode !== NO_SUBSCRIBERS || published === undefined) return
          const { topic } = published
          if (told.has(topic) || told.size >= MOST_TOPICS) return
          told.add(topic)
          report(`no subscription matched ${topic === '' ? 'the topic' : topic}`, [published.number, number])
        }
      },
    }
  },
}

export const unsubscribeUnknown: MqttRule = {
  id: 'mqtt/unsubscribe-unknown',
  severity: 'note',
  title: 'A client unsubscribes from what it is not subscribed to',
  why: 'The filter must be the same, letter by letter, as in SUBSCRIBE: one that differs ends nothing, and messages go on coming. Or the session that had the subscription is gone.',
  fix: 'Unsubscribe with the very string that was subscribed to, including a $share/group/ prefix, and look at CONNACK’s session present flag before relying on old subscriptions.',
  types: ['unsubscribe', 'unsuback'],
  watch: (_, report) => {
    const waiting = new SparseMap<number, { readonly filters: readonly string[]; readonly number: number }>()
    let told = false
    return {
      frame: (frame, _packet, number) => {
        if (frame.type === 'unsubscribe') waiting.set(frame.packetId, { filters: frame.topicFilters, number })
        else if (frame.type === 'unsuback') {
          const asked = waiting.get(frame.packetId)
          waiting.delete(frame.packetId)
          if (asked === undefined || told) return
          const unknown = asked.filters.filter((_, at) => frame.reasonCodes?.[at] === NONE_EXISTED)
          if (unknown.length === 0) return
          told = true
          const more = unknown.length === 1 ? '' : ` and ${counted(unknown.length - 1, 'other')}`
          report(`no subscription to ${unknown[0]}${more} existed`, [asked.number, number])
        }
      },
    }
  },
}

const NONE_EXISTED = 0x11

const HIGHEST = 2

export const beyondCapabilities: MqttRule = {
  id: 'mqtt/beyond-capabilities',
  severity: 'error',
  title: 'A client uses what the broker said it cannot do',
  why: 'CONNACK tells which QoS the broker takes, and whether it retains messages. A PUBLISH beyond that is a protocol error: the broker closes the connection with 0x9B or 0x9A [MQTT-3.2.2-11, MQTT-3.2.2-14].',
  fix: 'Go by CONNACK’s Maximum QoS and Retain Available, or turn them on in the broker (mosquitto: max_qos, retain_available; EMQX: mqtt.max_qos_allowed, mqtt.retain_available).',
  types: ['connack', 'publish'],
  watch: (_, report) => {
    let [most, retains] = [HIGHEST, true]
    let told = false
    return {
      frame: (frame, { side }, number) => {
        if (frame.type === 'connack') {
          most = frame.properties?.maximumQos ?? HIGHEST
          retains = frame.properties?.retainAvailable !== 0
        } else if (frame.type === 'publish' && side === 'client' && !told) {
          // QoS 3 is no QoS: the packet is malformed, whatever the broker can do.
          if (frame.qos > HIGHEST) return
          const beyond = frame.qos > most ? `QoS ${frame.qos}` : frame.retain && !retains ? 'retain' : undefined
          if (beyond === undefined) return
          told = true
          const limit = frame.qos > most ? `takes at most QoS ${most}` : 'retains nothing'
          report(`a message to ${frame.topic} with ${beyond}, where the broker ${limit}`, [number])
        }
      },
    }
  },
}
