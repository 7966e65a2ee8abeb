import {
  AUTH,
  CONNACK,
  CONNECT,
  DISCONNECT,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
} from './tables.ts'

export interface UserProperty {
  readonly name: string
  readonly value: string
}

/**
 * The properties of an MQTT 5 packet [2.2.2], in the order of the wire. Of a property that may stand only once and
 * stands twice, this holds the first.
 */
export interface Properties {
  readonly payloadFormatIndicator?: number
  readonly messageExpiryInterval?: number
  readonly contentType?: string
  readonly responseTopic?: string
  readonly correlationData?: Uint8Array
  readonly subscriptionIdentifiers?: readonly number[]
  readonly sessionExpiryInterval?: number
  readonly assignedClientIdentifier?: string
  readonly serverKeepAlive?: number
  readonly authenticationMethod?: string
  readonly authenticationData?: Uint8Array
  readonly requestProblemInformation?: number
  readonly willDelayInterval?: number
  readonly requestResponseInformation?: number
  readonly responseInformation?: string
  readonly serverReference?: string
  readonly reasonString?: string
  readonly receiveMaximum?: number
  readonly topicAliasMaximum?: number
  readonly topicAlias?: number
  readonly maximumQos?: number
  readonly retainAvailable?: number
  /** All of them, names repeated as they are. */
  readonly userProperties?: readonly UserProperty[]
  readonly maximumPacketSize?: number
  readonly wildcardSubscriptionAvailable?: number
  readonly subscriptionIdentifiersAvailable?: number
  readonly sharedSubscriptionAvailable?: number
}

export const BYTE = 1
export const TWO_BYTE = 2
export const FOUR_BYTE = 3
export const VARINT = 4
export const STRING = 5
export const BINARY = 6
export const PAIR = 7

/** Where a property may stand: the packet's type, or 0 for a will. */
export const WILL = 0
export type Place = number
const at = (...places: Place[]): number => places.reduce((mask, place) => mask | (1 << place), 0)
const ANYWHERE = 0xffff

export interface PropertyRow {
  readonly id: number
  readonly name: keyof Properties
  readonly type: number
  readonly places: number
  /** The values that mean something, of a number. */
  readonly least?: number
  readonly most?: number
  readonly rule?: string
}

const row = (
  id: number,
  name: keyof Properties,
  type: number,
  places: number,
  more: Partial<PropertyRow> = {},
): PropertyRow => ({
  id,
  name,
  type,
  places,
  ...more,
})
const flag = (rule: string) => ({ most: 1, rule: `MQTT 5.0 §${rule}` })
const nonZero = (rule: string) => ({ least: 1, rule })

/** All properties [table 2.4], with what the sections of the packets say of their values. */
const ROWS: readonly PropertyRow[] = [
  row(0x01, 'payloadFormatIndicator', BYTE, at(PUBLISH, WILL), flag('3.3.2.3.2')),
  row(0x02, 'messageExpiryInterval', FOUR_BYTE, at(PUBLISH, WILL)),
  row(0x03, 'contentType', STRING, at(PUBLISH, WILL)),
  row(0x08, 'responseTopic', STRING, at(PUBLISH, WILL)),
  row(0x09, 'correlationData', BINARY, at(PUBLISH, WILL)),
  row(0x0b, 'subscriptionIdentifiers', VARINT, at(PUBLISH, SUBSCRIBE), nonZero('MQTT 5.0 §3.8.2.1.2')),
  row(0x11, 'sessionExpiryInterval', FOUR_BYTE, at(CONNECT, CONNACK, DISCONNECT)),
  row(0x12, 'assignedClientIdentifier', STRING, at(CONNACK)),
  row(0x13, 'serverKeepAlive', TWO_BYTE, at(CONNACK)),
  row(0x15, 'authenticationMethod', STRING, at(CONNECT, CONNACK, AUTH)),
  row(0x16, 'authenticationData', BINARY, at(CONNECT, CONNACK, AUTH)),
  row(0x17, 'requestProblemInformation', BYTE, at(CONNECT), flag('3.1.2.11.7')),
  row(0x18, 'willDelayInterval', FOUR_BYTE, at(WILL)),
  row(0x19, 'requestResponseInformation', BYTE, at(CONNECT), flag('3.1.2.11.6')),
  row(0x1a, 'responseInformation', STRING, at(CONNACK)),
  row(0x1c, 'serverReference', STRING, at(CONNACK, DISCONNECT)),
  row(0x1f, 'reasonString', STRING, at(CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH)),
  row(0x21, 'receiveMaximum', TWO_BYTE, at(CONNECT, CONNACK), nonZero('MQTT 5.0 §3.1.2.11.3')),
  row(0x22, 'topicAliasMaximum', TWO_BYTE, at(CONNECT, CONNACK)),
  row(0x23, 'topicAlias', TWO_BYTE, at(PUBLISH), nonZero('MQTT-3.3.2-8')),
  row(0x24, 'maximumQos', BYTE, at(CONNACK), flag('3.2.2.3.4')),
  row(0x25, 'retainAvailable', BYTE, at(CONNACK), flag('3.2.2.3.5')),
  row(0x26, 'userProperties', PAIR, ANYWHERE),
  row(0x27, 'maximumPacketSize', FOUR_BYTE, at(CONNECT, CONNACK), nonZero('MQTT 5.0 §3.1.2.11.4')),
  row(0x28, 'wildcardSubscriptionAvailable', BYTE, at(CONNACK), flag('3.2.2.3.11')),
  row(0x29, 'subscriptionIdentifiersAvailable', BYTE, at(CONNACK), flag('3.2.2.3.12')),
  row(0x2a, 'sharedSubscriptionAvailable', BYTE, at(CONNACK), flag('3.2.2.3.13')),
]
const byId: readonly (PropertyRow | undefined)[] = Array.from({ length: 0x2b }, (_, id) =>
  ROWS.find(row => row.id === id),
)
const byName = new Map<string, PropertyRow>(ROWS.map(row => [row.name, row]))

export const propertyById = (id: number): PropertyRow | undefined => byId[id]
export const propertyByName = (name: string): PropertyRow | undefined => byName.get(name)

export const RESPONSE_TOPIC = 0x08
export const SUBSCRIPTION_IDENTIFIER = 0x0b
export const SESSION_EXPIRY_INTERVAL = 0x11
export const AUTHENTICATION_DATA = 0x16
export const TOPIC_ALIAS = 0x23
