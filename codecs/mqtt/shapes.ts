import type { FieldShape, FrameShape } from '../core/index.ts'
import type { PacketType } from './tables.ts'

/** What the packets hold, for all who must know without knowing MQTT. */

const uint: FieldShape = { kind: 'uint' }
const seconds: FieldShape = { kind: 'uint', unit: 's' }
const boolean: FieldShape = { kind: 'boolean' }
const text: FieldShape = { kind: 'text' }
const bytes: FieldShape = { kind: 'bytes' }
const body: FieldShape = { kind: 'bytes', body: true }
const list: FieldShape = { kind: 'list' }
const optional = (shape: FieldShape): FieldShape => ({ ...shape, optional: true })

const properties: FieldShape = {
  kind: 'object',
  optional: true,
  fields: {
    messageExpiryInterval: seconds,
    correlationData: bytes,
    sessionExpiryInterval: seconds,
    serverKeepAlive: seconds,
    authenticationData: { kind: 'bytes', secret: true },
    willDelayInterval: seconds,
  },
}
const fixedHeader = { flags: optional(uint), remainingLength: uint }
const packetId = uint
const reason = { reasonCode: optional(uint), reasonName: optional(text), properties }

const acknowledgement = (section: string): FrameShape => ({ section, fields: { ...fixedHeader, packetId, ...reason } })

/** Sections as MQTT 3.1.1 and 5.0 number them alike. */
export const SHAPES: Readonly<Record<PacketType, FrameShape>> = {
  connect: {
    section: '3.1',
    fields: {
      ...fixedHeader,
      protocolName: text,
      protocolVersion: uint,
      bridge: optional(boolean),
      cleanStart: boolean,
      keepAlive: seconds,
      properties,
      clientId: text,
      willQos: optional(uint),
      willRetain: optional(boolean),
      willProperties: properties,
      willTopic: optional(text),
      willPayload: optional(body),
      username: optional(text),
      password: { kind: 'bytes', optional: true, secret: true },
    },
    facts: true,
  },
  connack: {
    section: '3.2',
    fields: { ...fixedHeader, sessionPresent: boolean, reasonCode: uint, reasonName: optional(text), properties },
    facts: true,
  },
  publish: {
    section: '3.3',
    fields: {
      dup: boolean,
      qos: uint,
      retain: boolean,
      remainingLength: uint,
      topic: text,
      aliased: optional(boolean),
      packetId: optional(uint),
      properties,
      payload: body,
    },
  },
  puback: acknowledgement('3.4'),
  pubrec: acknowledgement('3.5'),
  pubrel: acknowledgement('3.6'),
  pubcomp: acknowledgement('3.7'),
  subscribe: { section: '3.8', fields: { ...fixedHeader, packetId, properties, subscriptions: list } },
  suback: { section: '3.9', fields: { ...fixedHeader, packetId, properties, reasonCodes: list } },
  unsubscribe: { section: '3.10', fields: { ...fixedHeader, packetId, properties, topicFilters: list } },
  unsuback: { section: '3.11', fields: { ...fixedHeader, packetId, properties, reasonCodes: optional(list) } },
  pingreq: { section: '3.12', fields: fixedHeader },
  pingresp: { section: '3.13', fields: fixedHeader },
  disconnect: { section: '3.14', fields: { ...fixedHeader, ...reason } },
  auth: { section: '3.15', fields: { ...fixedHeader, ...reason } },
}
