import type { Alias, WiresharkNames } from '../core/index.ts'
import { listSections, performatives, saslBodies } from './tables.ts'

/** Wireshark calls fields as the specification does, but for these. */
const ODD: Readonly<Record<string, string>> = {
  idleTimeOut: 'idleTimeout',
  initialDeliveryCount: 'initDeliveryCount',
  absoluteExpiryTime: 'expiryTime',
}
const odd = (name: string): string => ODD[name] ?? name

const ofPerformatives = Object.values(performatives)
  .flatMap(({ fields }) => Object.keys(fields))
  .map(name => [`performative.arguments.${odd(name)}`, name] as const)

const ofMessages = Object.entries(listSections).flatMap(([section, { fields }]) =>
  Object.keys(fields).map(name => [`message.${odd(name)}`, `message.${section}.${name}`] as const),
)

/** Of identifiers that may be of several types, Wireshark has a field for each. */
const typed = ['messageId', 'correlationId'].flatMap(name =>
  ['uint', 'string', 'bytes', 'guid'].map(type => [`message.${name}.${type}`, `message.properties.${name}`] as const),
)

const bodies: Readonly<Record<string, { readonly code: number }>> = { ...performatives, ...saslBodies }
const code = (name: string): number | undefined => bodies[name]?.code

const fields: Readonly<Record<string, string | Alias>> = {
  ...Object.fromEntries(ofPerformatives),
  ...Object.fromEntries(ofMessages),
  ...Object.fromEntries(typed),
  channel: 'channel',
  performative: { field: 'type', code },
  'sasl.method': { field: 'type', code },
  'performative.arguments.role': { field: 'role', value: role => role === 'receiver' },
  'performative.arguments.source.string': 'source.address',
  'performative.arguments.target.string': 'target.address',
  'message.to.string': 'message.properties.to',
  'message.replyTo.string': 'message.properties.replyTo',
  'error.condition': 'error.condition',
  'error.description': 'error.description',
  'sasl.mechanisms_sym': 'saslServerMechanisms',
  'sasl.mechanism': 'mechanism',
  'sasl.initResponse': 'initialResponse',
  'sasl.challenge': 'challenge',
  'sasl.response': 'response',
  'sasl.saslCode': 'code',
  'sasl.addData': 'additionalData',
}

export const wireshark: WiresharkNames = { protocol: 'amqp', fields }
