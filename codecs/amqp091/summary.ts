import { Table } from './field-table.ts'
import type { AmqpFrame, Method, ProtocolHeader } from './frames.ts'
import { type Argument, planById, planOf } from './plan.ts'
import type { Text } from './strings.ts'

/** One line for lists: what is set, in the order of the wire. Defaults, and what is secret or long, are left out. */
export function summary(frame: AmqpFrame): string {
  switch (frame.type) {
    case 'protocol-header':
      return versionOf(frame)
    case 'header':
      return `ch=${frame.channel} size=${frame.bodySize}`
    case 'body':
      return `ch=${frame.channel} ${frame.body.length} bytes`
    case 'heartbeat':
      return frame.channel === 0 ? '' : `ch=${frame.channel}`
    case 'method':
      return `ch=${frame.channel} ${frame.classId}.${frame.methodId}`
    default:
      return method(frame)
  }
}

function method(frame: Method): string {
  const parts = frame.channel === 0 ? [] : [`ch=${frame.channel}`]
  const values = frame as unknown as Readonly<Record<string, unknown>>
  for (const argument of planOf.get(frame.type)?.arguments ?? []) {
    const part = show(argument, values[argument.name])
    if (part !== undefined) parts.push(part)
  }
  // Of the method that a close is about, two numbers would tell little.
  if ('classId' in frame && frame.classId !== 0) {
    const about = planById(frame.classId, frame.methodId)
    parts.push(`about=${about?.type ?? `${frame.classId}.${frame.methodId}`}`)
  }
  return parts.join(' ')
}

const short: Readonly<Record<string, string>> = {
  routingKey: 'key',
  deliveryTag: 'tag',
  consumerTag: 'consumer',
  exchangeType: 'type',
  virtualHost: 'vhost',
  replyCode: 'code',
  replyText: 'text',
  messageCount: 'messages',
  consumerCount: 'consumers',
  prefetchCount: 'prefetch',
}
const elsewhere = new Set(['classId', 'methodId', 'versionMajor', 'versionMinor'])

function show({ name, type, reserved }: Argument, value: unknown): string | undefined {
  if (value === undefined || elsewhere.has(name)) return undefined
  const label = short[name] ?? name
  switch (type) {
    case 'bit':
      return value === true ? label : undefined
    case 'shortstr':
    case 'longtext':
      return value === '' && (reserved || name !== 'exchange') ? undefined : `${label}=${quote(value as Text)}`
    case 'longstr':
    case 'secret':
      return undefined
    case 'table':
      return name === 'arguments' && value !== Table.empty ? `${label}=${keys(value as Table)}` : undefined
    default:
      return name === 'prefetchSize' && value === 0 ? undefined : `${label}=${value}`
  }
}

const keys = (table: Table): string => `{${table.entries.map(({ key }) => quote(key)).join(',')}}`

/** As it is where it is plain, else in quotes with everything escaped that could move a terminal's cursor. */
export function quote(text: Text): string {
  if (typeof text !== 'string') return `<${text.length} bytes>`
  if (/^[\w.\-:/#*+@$%~]+$/.test(text)) return text
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu,
    character => `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  )
}

/**
 * `0-9-1`. Before it `1 1` stood in front of the version, which 0-8 wrote as `8 0`, 0-9 as `0 9` and some clients' 0-9-1
 * as `9 1`.
 */
export function versionOf({ protocolId, major, minor, revision }: ProtocolHeader): string {
  if (protocolId !== 1 || major !== 1) return `${protocolId === 0 ? '' : `${protocolId}:`}${major}-${minor}-${revision}`
  if (minor === 0) return `0-${revision}`
  return revision === 0 ? `0-${minor}` : `0-${minor}-${revision}`
}
