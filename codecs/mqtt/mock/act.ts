import { type Act, fnv, Recent } from '../../core/index.ts'
import type { Acknowledgement, Connect, MqttFrame, Publish, Subscribe, Unsubscribe } from '../frames.ts'
import { isMasked } from '../play/connect.ts'

/** A SUBSCRIBE is as many acts as it has subscriptions: another client may ask for them one by one. */
export interface MqttAct extends Act {
  readonly frame: MqttFrame
  /** Which of the frame's subscriptions or topic filters. */
  readonly at: number
}

/** There are no more packet identifiers [2.2.1]. */
export const IDENTIFIERS = 65_536

/** What the frames of one client do. */
export class Doing {
  /** Topics of what it was sent, by packet identifier. */
  readonly #delivered = new Recent<number, string>(IDENTIFIERS * 2)

  deliver(packetId: number, topic: string): void {
    this.#delivered.set(packetId, topic)
  }

  delivered(packetId: number): string | undefined {
    return this.#delivered.get(packetId)
  }

  did(frame: MqttFrame): MqttAct[] {
    switch (frame.type) {
      case 'connect':
        return [connecting(frame)]
      case 'publish':
        return [publishing(frame)]
      case 'subscribe':
        return subscribing(frame)
      case 'unsubscribe':
        return unsubscribing(frame)
      case 'puback':
      case 'pubrec':
        return this.#acknowledging(frame)
      case 'disconnect':
        return [{ frame, at: 0, type: 'disconnect', signature: `disconnect ${frame.reasonCode ?? 0}`, detail: '' }]
      case 'auth':
        return [{ frame, at: 0, type: 'auth', signature: `auth ${frame.reasonCode ?? 0}`, detail: '' }]
      default:
        return []
    }
  }

  #acknowledging(frame: Acknowledgement): MqttAct[] {
    const { type, packetId, reasonCode = 0 } = frame
    const address = this.#delivered.get(packetId)
    if (address === undefined) return []
    this.#delivered.delete(packetId)
    return [{ frame, at: 0, type, address, signature: `${type} ${reasonCode} ${address}`, detail: address }]
  }
}

function connecting(frame: Connect): MqttAct {
  const { clientId, username, password, protocolVersion, cleanStart, willTopic } = frame
  return {
    frame,
    at: 0,
    type: 'connect',
    address: clientId,
    signature: 'connect',
    detail: '',
    likeness: {
      ...(clientId === '' ? {} : { clientId }),
      ...(username === undefined ? {} : { user: username }),
      ...(password === undefined || isMasked(password) ? {} : { password: String(fnv(password)) }),
      version: String(protocolVersion),
      ...(willTopic === undefined ? {} : { will: willTopic }),
      cleanStart: String(cleanStart),
    },
  }
}

function publishing(frame: Publish): MqttAct {
  const { topic, qos, retain, payload } = frame
  const signature = `publish ${qos}${retain ? ' retain' : ''} ${topic}`
  return {
    frame,
    at: 0,
    type: 'publish',
    address: topic,
    signature,
    detail: `${topic} ${payload.length} ${fnv(payload)}`,
  }
}

const subscribing = (frame: Subscribe): MqttAct[] =>
  frame.subscriptions.map(({ topicFilter, qos }, at) => ({
    frame,
    at,
    type: 'subscribe',
    address: topicFilter,
    signature: `subscribe ${topicFilter}`,
    detail: `${topicFilter} ${qos}`,
  }))

const unsubscribing = (frame: Unsubscribe): MqttAct[] =>
  frame.topicFilters.map((topicFilter, at) => ({
    frame,
    at,
    type: 'unsubscribe',
    address: topicFilter,
    signature: `unsubscribe ${topicFilter}`,
    detail: topicFilter,
  }))
