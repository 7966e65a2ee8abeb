import { expect, test } from 'vitest'
import { type MqttFrame, mqtt } from '../../../codecs/mqtt/index.ts'
import { readingOf } from '../../mock/reading.ts'
import type { Said } from '../../tracking/story.ts'

const connect: MqttFrame = {
  type: 'connect',
  protocolName: 'MQTT',
  protocolVersion: 4,
  cleanStart: true,
  keepAlive: 60,
  clientId: 'c',
}
const publish = (topic: string, packetId?: number, qos = 1): MqttFrame => ({
  type: 'publish',
  dup: false,
  qos: packetId === undefined ? 0 : qos,
  retain: false,
  topic,
  packetId,
  payload: new Uint8Array(1),
})
const subscribe = (packetId: number, ...filters: readonly string[]): MqttFrame => ({
  type: 'subscribe',
  packetId,
  subscriptions: filters.map(topicFilter => ({ topicFilter, qos: 1 })),
})
const opened: readonly Said<MqttFrame>[] = [
  { client: connect },
  { server: { type: 'connack', sessionPresent: false, reasonCode: 0 } },
]
const read = (...steps: readonly Said<MqttFrame>[]) => readingOf(mqtt, { version: 4 }, [...opened, ...steps])

test('CONNACK answers CONNECT; PINGREQ is nothing that anybody did', () => {
  const { acts, words } = read({ client: { type: 'pingreq' } }, { server: { type: 'pingresp' } })
  expect(acts).toEqual(['connect c'])
  expect(words).toEqual(['connack answers connect c'])
})

test('PUBACK and PUBREC answer by packet identifier; what follows PUBREC is the mock’s own [4.3.3]', () => {
  const { acts, words } = read(
    { client: publish('a', 1) },
    { client: publish('b', 2, 2) },
    { server: { type: 'pubrec', packetId: 2 } },
    { server: { type: 'puback', packetId: 1 } },
    { client: { type: 'pubrel', packetId: 2 } },
    { server: { type: 'pubcomp', packetId: 2 } },
  )
  expect(acts).toEqual(['connect c', 'publish a', 'publish b'])
  expect(words.slice(1)).toEqual(['pubrec answers publish b', 'puback answers publish a'])
})

test('each filter of a SUBSCRIBE is an act, and a part of its SUBACK answers it [3.8.4]', () => {
  const { acts, words } = read(
    { client: subscribe(1, 'a', 'b') },
    { server: { type: 'suback', packetId: 1, reasonCodes: [0, 1] } },
  )
  expect(acts.slice(1)).toEqual(['subscribe a', 'subscribe b'])
  expect(words.slice(1)).toEqual(['suback answers subscribe a', 'suback answers subscribe b (part 1)'])
})

test('a message comes after the subscription that it is for; without one, after the session is gone on with', () => {
  const { words } = read(
    { client: subscribe(1, 'a/+') },
    { client: subscribe(2, '#') },
    { server: publish('a/b') },
    { server: publish('$SYS/load') },
    { client: { type: 'unsubscribe', packetId: 3, topicFilters: ['#'] } },
    { server: publish('a/b') },
    { server: publish('c') },
  )
  expect(words.slice(1)).toEqual([
    'publish after subscribe #',
    'publish after connect c',
    'publish after subscribe a/+',
    'publish after connect c',
  ])
})

test('an acknowledgement is of the topic that was delivered, at whatever QoS', () => {
  const { signatures } = read(
    { server: publish('a', 7) },
    { server: publish('b', 8, 2) },
    { client: { type: 'puback', packetId: 7 } },
    { client: { type: 'pubrec', packetId: 8 } },
    { client: { type: 'puback', packetId: 9 } },
  )
  expect(signatures.slice(1)).toEqual(['acknowledge 0 a', 'acknowledge 0 b'])
})

test('packet identifiers, payloads and keep-alive are no part of what is meant', () => {
  const [one] = read({ client: publish('a', 1) }).signatures.slice(1)
  const [other] = read({ client: { ...publish('a', 9), payload: new Uint8Array(9) } as MqttFrame }).signatures.slice(1)
  expect(one).toBe(other)
  expect(read({ client: publish('a', 1, 2) }).signatures[1]).not.toBe(one)
})
