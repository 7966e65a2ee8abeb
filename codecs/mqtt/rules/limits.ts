import { counted, other, type Side, SparseSet } from '../../core/index.ts'
import type { MqttFrame } from '../frames.ts'
import type { Properties } from '../properties.ts'
import type { MqttRule } from './rule.ts'

/** What each side takes, as far as it said [3.1.2.11, 3.2.2.3]: MQTT 5 alone. */
class Limits {
  readonly #of: Partial<Record<Side, Properties>> = {}

  learn(frame: MqttFrame): void {
    if (frame.type === 'connect') this.#of.client = frame.properties ?? {}
    else if (frame.type === 'connack') this.#of.server = frame.properties ?? {}
  }

  /** What `sender` must keep to; undefined where nobody saw what its peer said. */
  for(sender: Side): Properties | undefined {
    return this.#of[other(sender)]
  }
}

export const receiveMaximumExceeded: MqttRule = {
  id: 'mqtt/receive-maximum-exceeded',
  severity: 'error',
  title: 'More messages are in flight than the receiver takes',
  why: 'Beyond its Receive Maximum a receiver may close the connection with 0x93 [MQTT-3.3.4-9]; what was in flight is sent again, and the same happens again.',
  fix: 'Have the sender wait for PUBACK or PUBCOMP (paho: max_inflight_messages_set, MQTT.js: properties.receiveMaximum of the broker is kept to from 5.0 on); mosquitto: max_inflight_messages is what it offers and keeps to.',
  types: [],
  watch: (_, report) => {
    const most: Partial<Record<string, number>> = {}
    const told = new SparseSet<string>()
    return {
      level: ({ subject, name, value, frame }) => {
        if (name === 'receive maximum') most[subject] = value
        const limit = most[subject]
        if (name !== 'in flight' || limit === undefined || value <= limit || told.has(subject)) return
        told.add(subject)
        report(`the ${subject} has ${value} messages in flight where its peer takes ${limit}`, [frame])
      },
    }
  },
}

export const topicAliasInvalid: MqttRule = {
  id: 'mqtt/topic-alias-invalid',
  severity: 'error',
  title: 'A topic alias is used that the receiver does not have',
  why: 'The receiver does not know which topic is meant. It must close the connection, with 0x94 [MQTT-3.3.2-9].',
  fix: 'Use aliases up to the Topic Alias Maximum in the peer’s CONNECT or CONNACK (none: 0), and set each anew on every connection (MQTT.js: autoAssignTopicAlias; mosquitto: max_topic_alias).',
  types: ['connect', 'connack', 'publish'],
  watch: (flow, report) => {
    const limits = new Limits()
    const told = new SparseSet<string>()
    const tell = (what: string, message: string, number: number): void => {
      if (told.has(what)) return
      told.add(what)
      report(message, [number])
    }
    return {
      frame: (frame, { side, context }, number) => {
        limits.learn(frame)
        if (frame.type !== 'publish' || context.version !== 5) return
        const alias = frame.properties?.topicAlias
        const said = limits.for(side)
        if (alias === undefined) return
        const most = said?.topicAliasMaximum ?? 0
        if (said !== undefined && alias > most) {
          tell(`${side} most`, `the ${side} uses topic alias ${alias} where its peer takes ${most}`, number)
        } else if (frame.topic === '' && flow.joined === 'start') {
          tell(`${side} unknown`, `the ${side} uses topic alias ${alias}, which it did not set`, number)
        }
      },
    }
  },
}

export const packetTooLarge: MqttRule = {
  id: 'mqtt/packet-too-large',
  severity: 'error',
  title: 'A packet is larger than the receiver takes',
  why: 'The receiver closes the connection with 0x95 [MQTT-3.1.2-24], and a client that sends the message again is cut off again.',
  fix: 'Split or compress the payload, or raise what the receiver takes (mosquitto: max_packet_size, EMQX: mqtt.max_packet_size, client: maximumPacketSize in CONNECT).',
  types: ['connect', 'connack', 'publish'],
  watch: (_, report) => {
    const limits = new Limits()
    const told = new SparseSet<Side>()
    return {
      frame: (frame, { side, length }, number) => {
        const most = limits.for(side)?.maximumPacketSize
        limits.learn(frame)
        if (most === undefined || length <= most || told.has(side)) return
        told.add(side)
        report(`a ${frame.type} of ${counted(length, 'byte')} where the peer takes ${counted(most, 'byte')}`, [number])
      },
    }
  },
}
