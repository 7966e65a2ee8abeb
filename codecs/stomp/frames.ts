import { Headers } from './headers.ts'
import { type StandardField, standard } from './tables.ts'

interface Common {
  /** All of them, in order: also those below, which are the first of their name. */
  readonly headers: Headers
  /** Those whose name was there before. */
  readonly repeatedHeaders?: readonly { readonly name: string; readonly value: string }[] | undefined
  /** The command's line ends in CR LF. */
  readonly crlf?: true | undefined
}

type Fields<Name extends StandardField> = {
  readonly [Field in Name]?: (Field extends 'contentLength' ? number : string) | undefined
}

interface WithoutBody {
  /** There must be none, and so it is only there if there is one. */
  readonly body?: Uint8Array | undefined
}
interface WithBody extends Fields<'contentType' | 'contentLength'> {
  readonly body: Uint8Array
}

/** Connecting: CONNECT or STOMP Frame. */
export interface Connect
  extends Common,
    WithoutBody,
    Fields<'acceptVersion' | 'host' | 'login' | 'passcode' | 'heartBeat'> {
  readonly type: 'CONNECT' | 'STOMP'
}

/** Connecting: CONNECTED Frame. */
export interface Connected extends Common, WithoutBody, Fields<'version' | 'session' | 'server' | 'heartBeat'> {
  readonly type: 'CONNECTED'
}

/** Client Frames: SEND. */
export interface Send extends Common, WithBody, Fields<'destination' | 'transaction' | 'receipt'> {
  readonly type: 'SEND'
}

/** Client Frames: SUBSCRIBE. */
export interface Subscribe extends Common, WithoutBody, Fields<'destination' | 'id' | 'ack' | 'receipt'> {
  readonly type: 'SUBSCRIBE'
}

/** Client Frames: UNSUBSCRIBE. */
export interface Unsubscribe extends Common, WithoutBody, Fields<'id' | 'destination' | 'receipt'> {
  readonly type: 'UNSUBSCRIBE'
}

/** Client Frames: ACK, NACK. By `id` in 1.2, by `messageId` and `subscription` in 1.1, by `messageId` in 1.0. */
export interface Acknowledge
  extends Common,
    WithoutBody,
    Fields<'id' | 'messageId' | 'subscription' | 'transaction' | 'receipt'> {
  readonly type: 'ACK' | 'NACK'
}

/** Client Frames: BEGIN, COMMIT, ABORT. */
export interface Transaction extends Common, WithoutBody, Fields<'transaction' | 'receipt'> {
  readonly type: 'BEGIN' | 'COMMIT' | 'ABORT'
}

/** Client Frames: DISCONNECT. */
export interface Disconnect extends Common, WithoutBody, Fields<'receipt'> {
  readonly type: 'DISCONNECT'
}

/** Server Frames: MESSAGE. */
export interface Message extends Common, WithBody, Fields<'destination' | 'messageId' | 'subscription' | 'ack'> {
  readonly type: 'MESSAGE'
}

/** Server Frames: RECEIPT. */
export interface Receipt extends Common, WithoutBody, Fields<'receiptId'> {
  readonly type: 'RECEIPT'
}

/** Server Frames: ERROR. */
export interface ErrorFrame extends Common, WithBody, Fields<'message' | 'receiptId' | 'version'> {
  readonly type: 'ERROR'
}

/** Heart-beating: an end of line between frames. */
export interface Heartbeat {
  readonly type: 'heartbeat'
  /** CR LF rather than LF. */
  readonly crlf?: true | undefined
}

/** A frame whose command no version has. */
export interface UnknownCommand extends Common, WithoutBody {
  readonly type: string
}

/** What the specifications define, with what they define of it. */
export type KnownFrame =
  | Connect
  | Connected
  | Send
  | Subscribe
  | Unsubscribe
  | Acknowledge
  | Transaction
  | Disconnect
  | Message
  | Receipt
  | ErrorFrame
  | Heartbeat

export type StompFrame = KnownFrame | UnknownCommand

/** A frame of any command. Its fields are what its headers say: to change one, change the headers, or say it beside them. */
export interface CommandFrame extends Common, WithoutBody, Fields<StandardField> {
  readonly type: string
}

/** Behind the fields there are only the headers, which are not looked at until a field is. */
class FromHeaders {
  readonly type: string
  readonly headers: Headers
  readonly body: Uint8Array | undefined
  readonly crlf: true | undefined

  constructor(type: string, headers: Headers, body: Uint8Array | undefined, crlf: true | undefined) {
    this.type = type
    this.headers = headers
    this.body = body
    this.crlf = crlf
  }

  get repeatedHeaders(): readonly { readonly name: string; readonly value: string }[] | undefined {
    return this.headers.repeated
  }

  get contentLength(): number | undefined {
    const text = this.headers.get('content-length')?.trim()
    return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
  }
}

for (const [field, { header }] of Object.entries(standard)) {
  if (field === 'contentLength') continue
  Object.defineProperty(FromHeaders.prototype, field, {
    get(this: FromHeaders) {
      return this.headers.get(header)
    },
  })
}

export const isFromHeaders = (frame: StompFrame): boolean => frame instanceof FromHeaders

/** A frame of a command, headers and body. */
export function stompFrame(
  type: string,
  headers: Headers = Headers.empty,
  body?: Uint8Array,
  crlf?: true,
): CommandFrame {
  return new FromHeaders(type, headers, body, crlf)
}
