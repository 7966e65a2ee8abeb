import type { Joined } from '../../../../codecs/core/index.ts'
import type {
  Acknowledgement,
  Connack,
  Connect,
  Disconnect,
  MqttFrame,
  Properties,
  Publish,
} from '../../../../codecs/mqtt/index.ts'
import type { Said } from '../../../tracking/story.ts'
import { CONNECT } from '../support.ts'

/** MQTT packets in few words, for conversations. */

export type Step = Said<MqttFrame>

/** Conversations that show what a rule is about, with what it says of them; and some like them that do not. */
export interface Case {
  readonly shows: Readonly<Record<string, readonly [steps: readonly Step[], ...found: string[]]>>
  readonly not: Readonly<Record<string, readonly Step[]>>
  readonly joined?: Joined
}

/** By the rule's name, without `mqtt/`. */
export type Cases = Readonly<Record<string, Case>>

const utf8 = new TextEncoder()

export const connect = (more: Partial<Connect> = {}): Step => ({
  client: { ...CONNECT, ...more },
})

export const connack = (properties: Properties = {}, more: Partial<Connack> = {}): Step => ({
  server: { type: 'connack', sessionPresent: false, reasonCode: 0, properties, ...more },
})

export const opening: readonly Step[] = [connect(), connack()]

const message = (topic: string, more: Partial<Publish>): Publish => ({
  type: 'publish',
  dup: false,
  qos: more.packetId === undefined ? 0 : 1,
  retain: false,
  topic,
  properties: {},
  payload: utf8.encode('21.5'),
  ...more,
})
export const publish = (topic: string, more: Partial<Publish> = {}): Step => ({ client: message(topic, more) })
export const deliver = (topic: string, more: Partial<Publish> = {}): Step => ({ server: message(topic, more) })

export const ack = (type: Acknowledgement['type'], packetId: number, reasonCode?: number): Acknowledgement => ({
  type,
  packetId,
  reasonCode,
})

export const subscribe = (packetId: number, ...filters: [topicFilter: string, qos: number][]): Step => ({
  client: {
    type: 'subscribe',
    packetId,
    properties: {},
    subscriptions: filters.map(([topicFilter, qos]) => ({ topicFilter, qos })),
  },
})
export const suback = (packetId: number, ...reasonCodes: number[]): Step => ({
  server: { type: 'suback', packetId, properties: {}, reasonCodes },
})
export const unsubscribe = (packetId: number, ...topicFilters: string[]): Step => ({
  client: { type: 'unsubscribe', packetId, properties: {}, topicFilters },
})
export const unsuback = (packetId: number, ...reasonCodes: number[]): Step => ({
  server: { type: 'unsuback', packetId, properties: {}, reasonCodes },
})
export const disconnect = (reasonCode?: number, properties?: Properties): Disconnect => ({
  type: 'disconnect',
  reasonCode,
  properties,
})
export const ping: readonly Step[] = [{ client: { type: 'pingreq' } }, { server: { type: 'pingresp' } }]

export const seconds = (count: number): Step => ({ ms: count * 1000 })

export const times = (count: number, steps: (at: number) => readonly Step[]): Step[] =>
  Array.from({ length: count }, (_, at) => steps(at)).flat()

export const secret = (text: string): Uint8Array => utf8.encode(text)
