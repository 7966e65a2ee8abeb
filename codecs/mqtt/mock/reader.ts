import type { Packet, ScriptReader, Spoken } from '../../core/index.ts'
import type { MqttFrame, Publish } from '../frames.ts'
import type { MqttContext } from '../header.ts'
import { matches } from '../topic-filter.ts'
import { Doing, type MqttAct } from './act.ts'

type Words = Spoken<MqttAct, MqttContext>

/** A recorded connection. */
export class MqttReader implements ScriptReader<MqttFrame, MqttAct, MqttContext> {
  readonly #doing = new Doing(topic => topic)
  /** By packet identifier, what waits for an answer. */
  readonly #asked = new Map<number, readonly MqttAct[]>()
  readonly #subscriptions = new Map<string, MqttAct>()
  #connect: MqttAct | undefined
  #last: MqttAct | undefined

  did(frame: MqttFrame): readonly MqttAct[] {
    const acts = this.#doing.did(frame).map(withoutBody)
    for (const act of acts) this.#note(act)
    if (frame.type === 'publish' || frame.type === 'subscribe' || frame.type === 'unsubscribe') {
      if (frame.packetId !== undefined) this.#asked.set(frame.packetId, acts)
    }
    return acts
  }

  said(frame: MqttFrame, packet: Packet<MqttContext>): readonly Words[] {
    const packets = [packet]
    switch (frame.type) {
      case 'connack':
        return [{ packets, to: this.#connect, kind: 'answer' }]
      case 'puback':
      case 'pubrec':
      case 'suback':
      case 'unsuback': {
        const acts = this.#asked.get(frame.packetId) ?? []
        this.#asked.delete(frame.packetId)
        return acts.map((to, part) => ({ packets, to, kind: 'answer', part }))
      }
      case 'publish':
        return this.#delivery(frame, packet)
      case 'auth':
        return [{ packets, to: this.#last, kind: 'answer' }]
      case 'disconnect':
        return [{ packets, to: this.#last, kind: 'event' }]
      default:
        // The second half of QoS 2, and PINGRESP.
        return []
    }
  }

  #note(act: MqttAct): void {
    this.#last = act
    if (act.type === 'connect') this.#connect = act
    else if (act.type === 'subscribe') this.#subscriptions.set(act.address ?? '', act)
    else if (act.type === 'unsubscribe') this.#subscriptions.delete(act.address ?? '')
  }

  /** Of a subscription of this connection, or of the session that it goes on with [4.1]. */
  #delivery({ topic, qos, packetId = 0, dup }: Publish, packet: Packet<MqttContext>): Words[] {
    if (qos > 0) {
      // Sent once more on the same connection.
      if (dup && this.#doing.delivered(packetId) === topic) return []
      this.#doing.deliver(packetId, topic)
    }
    let to = this.#connect
    for (const [filter, act] of this.#subscriptions) if (matches(filter, topic)) to = act
    return [{ packets: [packet], to, kind: 'event' }]
  }
}

/** What was published is in its detail; the bytes are not kept. */
function withoutBody(act: MqttAct): MqttAct {
  if (act.frame.type !== 'publish') return act
  const { type, dup, qos, retain, topic, packetId, properties } = act.frame
  return { ...act, frame: { type, dup, qos, retain, topic, packetId, properties, payload: NOTHING } }
}

const NOTHING = new Uint8Array(0)
