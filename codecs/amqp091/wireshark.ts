import type { Alias, WiresharkNames } from '../core/index.ts'
import { planOf, plans } from './plan.ts'
import { BODY, HEADER, HEARTBEAT, METHOD, properties } from './tables.ts'

const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

/** Wireshark calls arguments as the specification does, but for these. */
const ODD: Readonly<Record<string, string>> = { noWait: 'nowait', exchangeType: 'type' }

const methodArguments = plans
  .flatMap(plan => plan.arguments)
  .map(({ name }) => [`method.arguments.${ODD[name] ?? snake(name)}`, name] as const)

const messageProperties = Object.keys(properties).map(
  name => [`method.properties.${snake(name)}`, `properties.${name}`] as const,
)

const frameTypes: Readonly<Record<string, number>> = { header: HEADER, body: BODY, heartbeat: HEARTBEAT }

const fields: Readonly<Record<string, string | Alias>> = {
  ...Object.fromEntries(methodArguments),
  ...Object.fromEntries(messageProperties),
  type: { field: 'type', code: name => frameTypes[name] ?? (planOf.has(name) ? METHOD : undefined) },
  channel: 'channel',
  'method.class': { field: 'type', code: name => planOf.get(name)?.classId },
  'method.method': { field: 'type', code: name => planOf.get(name)?.methodId },
  'header.class': 'classId',
  'header.weight': 'weight',
  'header.body-size': 'bodySize',
  payload: 'body',
  'init.id': 'protocolId',
  'init.version_major': 'major',
  'init.version_minor': 'minor',
  'init.version_revision': 'revision',
}

export const wireshark: WiresharkNames = { protocol: 'amqp', fields }
