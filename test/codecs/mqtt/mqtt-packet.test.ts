import fc from 'fast-check'
import mqttPacket, { type Packet as TheirPacket } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import type { MqttFrame, Properties } from '../../../codecs/mqtt/index.ts'
import { frames, type Version } from './arbitraries.ts'
import { plain, read, senderOf, write } from './support.ts'

/** mqtt-packet as an oracle: what we write it reads, what it writes we read, and both say the same. */

type Loose = Record<string, unknown>

function parse(bytes: Uint8Array, version: Version): TheirPacket {
  const parser = mqttPacket.parser({ protocolVersion: version })
  const packets: TheirPacket[] = []
  parser.on('packet', packet => packets.push(packet))
  parser.on('error', error => {
    throw error
  })
  parser.parse(Buffer.from(bytes))
  expect(packets).toHaveLength(1)
  return packets[0] as TheirPacket
}

/** Where the two name or type a thing differently, in one form; what is only a default left out. */
const renamed: Readonly<Record<string, string>> = {
  maximumQoS: 'maximumQos',
  subscriptionIdentifier: 'subscriptionIdentifiers',
}

function normalProperties(properties: Loose | undefined): Loose {
  const normal: Loose = {}
  for (const [name, value] of Object.entries(properties ?? {})) {
    const one = renamed[name] ?? name
    if (one === 'userProperties') normal[one] = normalUser(value)
    else if (one === 'subscriptionIdentifiers') normal[one] = [value].flat()
    else normal[one] = typeof value === 'boolean' ? Number(value) : normalValue(value)
  }
  return normal
}

/** Values by name: mqtt-packet does not keep the order between names. */
function normalUser(value: unknown): Map<string, string[]> {
  const pairs = Array.isArray(value)
    ? (value as { name: string; value: string }[]).map(pair => [pair.name, pair.value] as const)
    : Object.entries(value as Record<string, string | string[]>).flatMap(([name, values]) =>
        [values].flat().map(one => [name, one] as const),
      )
  const grouped = new Map<string, string[]>()
  for (const [name, one] of pairs) grouped.set(name, [...(grouped.get(name) ?? []), one])
  return new Map([...grouped].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const normalValue = (value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value

function normalOurs(frame: MqttFrame): Loose {
  const fields = plain(frame)
  delete fields.remainingLength
  delete fields.reasonName
  delete fields.aliased
  const normal: Loose = { type: frame.type }
  for (const [name, value] of Object.entries(fields)) {
    normal[name] = /roperties$/.test(name) ? normalProperties(value as Loose) : normalValue(value)
  }
  return normal
}

/** Their packet under our names. */
function ours(theirs: TheirPacket, version: Version): Loose {
  const packet = theirs as unknown as Loose
  const properties = normalProperties(packet.properties as Loose)
  const v5 = version === 5
  const id = { packetId: packet.messageId }
  const withProperties = v5 ? { properties } : {}
  const type = packet.cmd as string
  switch (type) {
    case 'connect': {
      const will = packet.will as Loose | undefined
      return defined({
        type,
        protocolName: packet.protocolId,
        protocolVersion: packet.protocolVersion,
        bridge: packet.bridgeMode === true ? true : undefined,
        cleanStart: packet.clean,
        keepAlive: packet.keepalive,
        ...withProperties,
        clientId: packet.clientId,
        willTopic: will?.topic,
        willPayload: normalValue(will?.payload),
        willQos: will?.qos,
        willRetain: will?.retain,
        willProperties: v5 && will !== undefined ? normalProperties(will.properties as Loose) : undefined,
        username: packet.username,
        password: normalValue(packet.password),
      })
    }
    case 'connack':
      return {
        type,
        sessionPresent: packet.sessionPresent,
        reasonCode: v5 ? packet.reasonCode : packet.returnCode,
        ...withProperties,
      }
    case 'publish':
      return defined({
        type,
        dup: packet.dup,
        qos: packet.qos,
        retain: packet.retain,
        topic: packet.topic,
        packetId: packet.qos === 0 ? undefined : packet.messageId,
        ...withProperties,
        payload: normalValue(packet.payload),
      })
    case 'subscribe':
      return {
        type,
        ...id,
        ...withProperties,
        subscriptions: (packet.subscriptions as Loose[]).map(one =>
          defined({
            topicFilter: one.topic,
            qos: one.qos,
            noLocal: v5 ? one.nl : undefined,
            retainAsPublished: v5 ? one.rap : undefined,
            retainHandling: v5 ? one.rh : undefined,
          }),
        ),
      }
    case 'suback':
      return { type, ...id, ...withProperties, reasonCodes: packet.granted }
    case 'unsubscribe':
      return { type, ...id, ...withProperties, topicFilters: packet.unsubscriptions }
    case 'unsuback':
      return { type, ...id, ...withProperties, ...(v5 ? { reasonCodes: packet.granted } : {}) }
    case 'pingreq':
    case 'pingresp':
      return { type }
    case 'disconnect':
    case 'auth':
      return { type, ...(v5 ? { reasonCode: packet.reasonCode, properties } : {}) }
    default:
      return { type, ...id, ...(v5 ? { reasonCode: packet.reasonCode, properties } : {}) }
  }
}

const defined = (fields: Loose): Loose =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/** What is left out means success and no properties. */
function spelledOut(normal: Loose, version: Version): Loose {
  const type = normal.type as string
  const short = ['puback', 'pubrec', 'pubrel', 'pubcomp', 'disconnect', 'auth'].includes(type)
  return short && version === 5 ? { reasonCode: 0, properties: {}, ...normal } : normal
}

/** What mqtt-packet reads, but writes wrong or not at all: in MQTT 5, a lone password, and a bridge's level. */
const isBeyondThem = (frame: MqttFrame): boolean =>
  frame.type === 'connect' &&
  frame.protocolVersion === 5 &&
  (frame.bridge === true || (frame.password !== undefined && frame.username === undefined))

/** Of a user property whose name comes again, mqtt-packet forgets the values that are empty. */
const isForgotten = ({ userProperties = [] }: Properties): boolean =>
  userProperties.some(
    ({ name, value }, at) => value === '' && userProperties.some((other, i) => i !== at && other.name === name),
  )

const isLost = (frame: MqttFrame): boolean =>
  ('properties' in frame && isForgotten(frame.properties ?? {})) ||
  (frame.type === 'connect' && isForgotten(frame.willProperties ?? {}))

describe.each([3, 4, 5] as Version[])('level %i', version => {
  test.each(Object.entries(frames(version)))('%s', (type, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, frame => {
        fc.pre(!isLost(frame))
        const theirs = parse(write(frame, version), version)
        const expected = spelledOut(normalOurs(frame), version)
        expect(ours(theirs, version)).toEqual(expected)
        if (isBeyondThem(frame)) return
        const generated = mqttPacket.generate(theirs, { protocolVersion: version })
        const { frame: back, diagnostics } = read(new Uint8Array(generated), version, senderOf(type))
        expect(diagnostics).toEqual([])
        expect(spelledOut(normalOurs(back), version)).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })
})
