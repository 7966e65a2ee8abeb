import type { FrameShape } from '../../core/index.ts'

export interface Header {
  readonly name: string
  readonly value: string
}

/** RFC 9112 §2.1. */
export interface HttpRequest {
  readonly type: 'http-request'
  readonly startLine: string
  readonly headers: readonly Header[]
  readonly body: Uint8Array
}

export interface HttpResponse {
  readonly type: 'http-response'
  readonly startLine: string
  readonly headers: readonly Header[]
  readonly body: Uint8Array
}

export type HttpMessage = HttpRequest | HttpResponse

interface WebSocketFrame<Type extends string> {
  readonly type: Type
  readonly fin: boolean
  /** Set by permessage-deflate on the first frame of a compressed message (RFC 7692 §6). */
  readonly rsv1: boolean
  readonly rsv2: boolean
  readonly rsv3: boolean
  /** Present where the payload was masked on the wire: always from clients (RFC 6455 §5.1). */
  readonly maskingKey: Uint8Array | undefined
  /** Unmasked. */
  readonly payload: Uint8Array
}

export type DataFrame = WebSocketFrame<'continuation' | 'text' | 'binary'>
/** RFC 6455 §5.5.2 and §5.5.3. */
export type PingPong = WebSocketFrame<'ping' | 'pong'>
/** RFC 6455 §5.5.1. */
export interface Close extends WebSocketFrame<'close'> {
  readonly code: number | undefined
  readonly codeName: string | undefined
  readonly reason: string | undefined
}

export type Frame = HttpRequest | HttpResponse | DataFrame | PingPong | Close

/** Credentials may be in the URL and in headers; where, the field tree tells. */
const http = {
  startLine: { kind: 'text', secret: true },
  headers: { kind: 'list', secret: true },
  body: { kind: 'bytes' },
} as const

const frame = {
  fin: { kind: 'boolean' },
  rsv1: { kind: 'boolean' },
  rsv2: { kind: 'boolean' },
  rsv3: { kind: 'boolean' },
  maskingKey: { kind: 'hex', optional: true },
  payload: { kind: 'bytes' },
} as const

export const shapes: Readonly<Record<Frame['type'], FrameShape>> = {
  'http-request': { section: 'RFC 9112 §3', fields: http },
  'http-response': { section: 'RFC 9112 §4', fields: http },
  continuation: { section: 'RFC 6455 §5.4', fields: frame },
  text: { section: 'RFC 6455 §5.6', fields: frame },
  binary: { section: 'RFC 6455 §5.6', fields: frame },
  close: {
    section: 'RFC 6455 §5.5.1',
    fields: {
      ...frame,
      code: { kind: 'uint', optional: true },
      codeName: { kind: 'text', optional: true },
      reason: { kind: 'text', optional: true },
    },
  },
  ping: { section: 'RFC 6455 §5.5.2', fields: frame },
  pong: { section: 'RFC 6455 §5.5.3', fields: frame },
}
