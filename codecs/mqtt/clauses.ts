import type { PacketType, Version } from './tables.ts'

/**
 * The clauses that a single packet can break, per version. MQTT 3.1.1 and 5.0 number their normative statements, each
 * in its own way; 3.1 does not, and is cited by section. Undefined: that version does not ask for it.
 */
type Clause = readonly [v31: string | undefined, v311: string | undefined, v5: string | undefined]

const CLAUSES = {
  utf8: ['MQTT 3.1 §2.5', 'MQTT-1.5.3-1', 'MQTT-1.5.4-1'],
  nul: [undefined, 'MQTT-1.5.3-2', 'MQTT-1.5.4-2'],
  control: [undefined, 'MQTT 3.1.1 §1.5.3', 'MQTT 5.0 §1.5.4'],
  minimalInteger: [undefined, undefined, 'MQTT-1.5.5-1'],
  direction: ['MQTT 3.1 §3', 'MQTT 3.1.1 §2.2.1', 'MQTT 5.0 §2.1.2'],
  packetId: ['MQTT 3.1 §2.4', 'MQTT-2.3.1-1', 'MQTT-2.2.1-3'],
  serverPacketId: ['MQTT 3.1 §2.4', 'MQTT-2.3.1-1', 'MQTT-2.2.1-4'],
  publishedId: ['MQTT 3.1 §2.4', 'MQTT-2.3.1-6', 'MQTT-2.2.1-5'],
  subscribedId: ['MQTT 3.1 §2.4', 'MQTT-2.3.1-7', 'MQTT-2.2.1-6'],
  property: [undefined, undefined, 'MQTT 5.0 §2.2.2.2'],

  protocolName: ['MQTT 3.1 §3.1', 'MQTT-3.1.2-1', 'MQTT-3.1.2-1'],
  protocolVersion: ['MQTT 3.1 §3.1', 'MQTT-3.1.2-2', 'MQTT-3.1.2-2'],
  connectReserved: [undefined, 'MQTT-3.1.2-3', 'MQTT-3.1.2-3'],
  willQosWithoutWill: [undefined, 'MQTT-3.1.2-13', 'MQTT-3.1.2-13'],
  willQos: ['MQTT 3.1 §3.1', 'MQTT-3.1.2-14', 'MQTT-3.1.2-14'],
  willRetainWithoutWill: [undefined, 'MQTT-3.1.2-15', 'MQTT-3.1.2-15'],
  passwordWithoutUsername: ['MQTT 3.1 §3.1', 'MQTT-3.1.2-22', undefined],
  emptyClientId: ['MQTT 3.1 §3.1', 'MQTT-3.1.3-7', undefined],
  clientIdLength: ['MQTT 3.1 §3.1', undefined, undefined],

  connackReserved: [undefined, 'MQTT 3.1.1 §3.2.2.1', 'MQTT-3.2.2-1'],
  sessionPresent: [undefined, 'MQTT-3.2.2-4', 'MQTT-3.2.2-6'],
  connackCode: ['MQTT 3.1 §3.2', 'MQTT-3.2.2-6', 'MQTT-3.2.2-8'],

  dupAtQos0: [undefined, 'MQTT-3.3.1-2', 'MQTT-3.3.1-2'],
  qos: ['MQTT 3.1 §2.1', 'MQTT-3.3.1-4', 'MQTT-3.3.1-4'],
  topicWildcard: ['MQTT 3.1 §3.3', 'MQTT-3.3.2-2', 'MQTT-3.3.2-2'],
  willTopicWildcard: ['MQTT 3.1 §3.1', 'MQTT-4.7.1-1', 'MQTT-4.7.0-1'],
  responseTopicWildcard: [undefined, undefined, 'MQTT-3.3.2-14'],
  topicAlias: [undefined, undefined, 'MQTT 5.0 §3.3.2.3.4'],
  payloadFormat: [undefined, undefined, 'MQTT 5.0 §3.3.2.3.2'],

  emptyTopic: ['MQTT 3.1 §A', 'MQTT-4.7.3-1', 'MQTT-4.7.3-1'],
  multiLevel: ['MQTT 3.1 §A', 'MQTT-4.7.1-2', 'MQTT-4.7.1-1'],
  singleLevel: ['MQTT 3.1 §A', 'MQTT-4.7.1-3', 'MQTT-4.7.1-2'],
  shareName: [undefined, undefined, 'MQTT-4.8.2-1'],
  shareFilter: [undefined, undefined, 'MQTT-4.8.2-2'],

  noSubscriptions: ['MQTT 3.1 §3.8', 'MQTT-3.8.3-3', 'MQTT-3.8.3-2'],
  requestedQos: ['MQTT 3.1 §3.8', 'MQTT-3.8.3-4', 'MQTT 5.0 §3.8.3.1'],
  subscribeReserved: [undefined, 'MQTT-3.8.3-4', 'MQTT-3.8.3-5'],
  retainHandling: [undefined, undefined, 'MQTT 5.0 §3.8.3.1'],
  sharedNoLocal: [undefined, undefined, 'MQTT-3.8.3-4'],
  noSubackCodes: ['MQTT 3.1 §3.9', 'MQTT-3.8.4-5', 'MQTT-3.8.4-6'],
  subackCode: ['MQTT 3.1 §3.9', 'MQTT-3.9.3-2', 'MQTT-3.9.3-2'],
  noUnsubscriptions: ['MQTT 3.1 §3.10', 'MQTT-3.10.3-2', 'MQTT-3.10.3-2'],
  noUnsubackCodes: [undefined, undefined, 'MQTT-3.11.3-1'],
  unsubackCode: [undefined, undefined, 'MQTT-3.11.3-2'],

  pubackCode: [undefined, undefined, 'MQTT-3.4.2-1'],
  pubrecCode: [undefined, undefined, 'MQTT-3.5.2-1'],
  pubrelCode: [undefined, undefined, 'MQTT-3.6.2-1'],
  pubcompCode: [undefined, undefined, 'MQTT-3.7.2-1'],
  disconnectCode: [undefined, undefined, 'MQTT-3.14.2-1'],
  authCode: [undefined, undefined, 'MQTT-3.15.2-1'],
  authType: ['MQTT 3.1 §2.1', 'MQTT 3.1.1 §2.2.1', undefined],
  authMethod: [undefined, undefined, 'MQTT 5.0 §3.15.2.2.2'],
} as const satisfies Record<string, Clause>
export type ClauseName = keyof typeof CLAUSES

/** Where `version` says so, or undefined if it does not. */
export const clause = (name: ClauseName, version: Version): string | undefined => CLAUSES[name][version - 3]

const FLAG_CLAUSES: Partial<Record<PacketType, readonly [v311: string, v5: string]>> = {
  pubrel: ['MQTT-3.6.1-1', 'MQTT-3.6.1-1'],
  subscribe: ['MQTT-3.8.1-1', 'MQTT-3.8.1-1'],
  unsubscribe: ['MQTT-3.10.1-1', 'MQTT-3.10.1-1'],
  disconnect: ['MQTT-3.14.1-1', 'MQTT-3.14.1-1'],
  auth: ['MQTT-2.2.2-2', 'MQTT-3.15.1-1'],
}

/** The clause that fixes the flags of a type's first byte; MQTT 3.1 leaves unused flags free. */
export function flagsClause(type: PacketType, version: Version): string | undefined {
  if (version === 3) return undefined
  return FLAG_CLAUSES[type]?.[version - 4] ?? (version === 4 ? 'MQTT-2.2.2-2' : 'MQTT-2.1.3-1')
}
