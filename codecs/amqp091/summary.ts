import { Table } from './field-table.ts'
import type { AmqpFrame, Method, ProtocolHeader } from './frames.ts'
import { type Argument, planById, plans } from './plan.ts'
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
  let line = frame.channel === 0 ? '' : `ch=${frame.channel}`
  const values = frame as unknown as Readonly<Record<string, unknown>>
  const shown = shownOf.get(frame.type) ?? []
  for (let at = 0; at < shown.length; at++) {
    const { name, show } = shown[at] as Shown
    const value = values[name]
    if (value !== undefined) line += show(value)
  }
  // Of the method that a close is about, two numbers would tell little.
  if ((frame.type === 'connection.close' || frame.type === 'channel.close') && frame.classId !== 0) {
    const about = planById(frame.classId, frame.methodId)
    line += ` about=${about?.type ?? `${frame.classId}.${frame.methodId}`}`
  }
  return frame.channel === 0 ? line.slice(1) : line
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

/** How a value stands in the line, with the space before it; empty where it says nothing. */
type Show = (value: unknown) => string

interface Shown {
  readonly name: string
  readonly show: Show
}

/** Of each method's arguments those that are shown, and how: worked out once. */
const shownOf: ReadonlyMap<string, readonly Shown[]> = new Map(
  plans.map(({ type, arguments: all }) => [
    type,
    all.flatMap(argument => {
      const show = elsewhere.has(argument.name) ? undefined : showing(argument)
      return show === undefined ? [] : [{ name: argument.name, show }]
    }),
  ]),
)

function showing({ name, type, reserved }: Argument): Show | undefined {
  const word = ` ${short[name] ?? name}`
  const label = `${word}=`
  switch (type) {
    case 'bit':
      return value => (value === true ? word : '')
    case 'shortstr':
    case 'longtext': {
      const hidden = reserved || name !== 'exchange'
      return value => (value === '' && hidden ? '' : label + quote(value as Text))
    }
    case 'longstr':
    case 'secret':
      return undefined
    case 'table':
      return name === 'arguments' ? value => (value === Table.empty ? '' : label + keys(value as Table)) : undefined
    default:
      return name === 'prefetchSize' ? value => (value === 0 ? '' : `${label}${value}`) : value => `${label}${value}`
  }
}

const keys = (table: Table): string => `{${table.entries.map(({ key }) => quote(key)).join(',')}}`

/** As it is where it is plain, else in quotes with everything escaped that could move a terminal's cursor. */
export function quote(text: Text): string {
  if (typeof text !== 'string') return `<${text.length} bytes>`
  if (isPlain(text)) return text
  if (text === '') return '""'
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu,
    character => `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  )
}

const plain = Uint8Array.from({ length: 128 }, (_, code) => Number(/[\w.\-:/#*+@$%~]/.test(String.fromCharCode(code))))

/** Names are short: looking at each character takes less than asking an expression. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x7f || plain[code] === 0) return false
  }
  return text !== ''
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
