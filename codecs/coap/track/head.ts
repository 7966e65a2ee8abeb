import { hex, type Packet, type Side } from '../../core/index.ts'
import type { CoapFrame, Datagram, Message } from '../frames.ts'
import type { OptionFields } from '../options.ts'
import { codeName, type MessageType } from '../tables.ts'

/** What is kept of a request or a response: no view of its bytes. */
export interface Head {
  readonly side: Side
  readonly code: string
  /** In datagrams. */
  readonly type: MessageType | undefined
  readonly messageId: number | undefined
  readonly token: string
  readonly fields: OptionFields
}

export function headOf(frame: Datagram | Message, { side }: Packet): Head {
  const { code, options } = frame
  const token = tokenOf(frame)
  return 'messageId' in frame
    ? { side, code, type: frame.type, messageId: frame.messageId, token, fields: options.fields }
    : { side, code, type: undefined, messageId: undefined, token, fields: options.fields }
}

/** Bytes of a token that tell it from others: extended ones [RFC 8974] have up to 65,804. */
const MOST_TOKEN = 64

/** The token in hexadecimal; of a long one the beginning, and how long it is. */
export const tokenOf = ({ token }: CoapFrame): string =>
  token.length <= MOST_TOKEN ? hex(token) : `${hex(token, 0, MOST_TOKEN)}…${token.length}`

/** `4.04 Not Found`. */
export function codeText(code: string): string {
  const name = codeName(code)
  return name === undefined ? code : `${code} ${name}`
}

/** 2 success, 4 and 5 errors. */
export const classOf = (code: string): number => code.charCodeAt(0) - 0x30

/** Where a request goes. */
export interface Target {
  /** The options that say so, as JSON. */
  readonly destination: Readonly<Record<string, unknown>>
  /** `/sensors/temp`, or the URI that a proxy is asked for. */
  readonly address: string
}

const TARGET = ['uriHost', 'uriPort', 'uriPath', 'uriQuery', 'proxyUri', 'proxyScheme'] as const

export function targetOf({ fields }: Head): Target {
  const destination: Record<string, unknown> = {}
  for (const name of TARGET) if (fields[name] !== undefined) destination[name] = fields[name]
  return { destination, address: fields.proxyUri ?? `/${fields.uriPath ?? ''}` }
}

/**
 * What the requests for the blocks of one body have in common, their tokens aside [RFC 7959 §2.4]: method, URI, and the
 * Request-Tag that tells concurrent bodies apart [RFC 9175 §3.3].
 */
export const identityOf = ({ code, fields }: Head): string =>
  [code, ...TARGET.map(name => fields[name] ?? ''), ...(fields.requestTag ?? [])].join('\n')

/** All that a message's options say, but where it goes. */
export function propertiesOf(head: Head): Readonly<Record<string, unknown>> {
  const { type, code, messageId, fields } = head
  const properties: Record<string, unknown> = type === undefined ? { code } : { type, messageId, code }
  properties.codeName = codeName(code)
  for (const [name, value] of Object.entries(fields)) {
    if (!(TARGET as readonly string[]).includes(name)) properties[name] = value
  }
  return properties
}
