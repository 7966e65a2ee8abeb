import { type Act, fnv, Recent } from '../../core/index.ts'
import type { Acknowledgement, Connect, Disconnect, MqttFrame, Publish, Subscribe, Unsubscribe } from '../frames.ts'
import { isMasked } from '../play/connect.ts'

/** A SUBSCRIBE is as many acts as it has subscriptions: another client may ask for them one by one. */
export interface MqttAct extends Act {
  readonly frame: MqttFrame
  /** Which of the frame's subscriptions or topic filters. */
  readonly at: number
}

/** There are no more packet identifiers [2.2.1]. */
export const IDENTIFIERS = 65_536

/** A topic as the recording has it, for one of now. */
export type Recorded = (topic: string) => string

/** What the frames of one client do. */
export class Doing {
  readonly #recorded: Recorded
  /** Topics of what it was sent, by packet identifier. */
  readonly #delivered = new Recent<number, string>(IDENTIFIERS * 2)

  constructor(recorded: Recorded) {
    this.#recorded = recorded
  }

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
        return [publishing(frame, this.#recorded)]
      case 'subscribe':
        return subscribing(frame, this.#recorded)
      case 'unsubscribe':
        return unsubscribing(frame, this.#recorded)
      case 'puback':
      case 'pubrec':
        return this.#acknowledging(frame)
      case 'disconnect':
        return [leaving(frame)]
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
    const topic = this.#recorded(address)
    // The same at QoS 1 and 2: a client may have asked for less than then.
    return [{ frame, at: 0, type, address, signature: `acknowledge ${reasonCode} ${topic}`, detail: topic }]
  }
}

const leaving = (frame: Disconnect): MqttAct => ({
  frame,
  at: 0,
  type: 'disconnect',
  signature: `disconnect ${frame.reasonCode ?? 0}`,
  detail: '',
  farewell: true,
})

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

function publishing(frame: Publish, recorded: Recorded): MqttAct {
  const { topic: address, qos, retain, payload } = frame
  const topic = recorded(address)
  const signature = `publish ${qos}${retain ? ' retain' : ''} ${topic}`
  return {
    frame,
    at: 0,
    type: 'publish',
    address,
    signature,
    detail: `${topic} ${payload.length} ${fnv(payload)}`,
  }
}

const subscribing = (frame: Subscribe, recorded: Recorded): MqttAct[] =>
  frame.subscriptions.map(({ topicFilter: address, qos }, at) => {
    const filter = recorded(address)
    return { frame, at, type: 'subscribe', address, signature: `subscribe ${filter}`, detail: `${filter} ${qos}` }
  })

const unsubscribing = (frame: Unsubscribe, recorded: Recorded): MqttAct[] =>
  frame.topicFilters.map((address, at) => {
    const filter = recorded(address)
    return { frame, at, type: 'unsubscribe', address, signature: `unsubscribe ${filter}`, detail: filter }
  })
