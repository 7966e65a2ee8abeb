import {
  Datagram,
  type DatagramFrame,
  Message,
  type MessageType,
  Options,
  type PlainOption,
  type ReliableFrame,
  Signal,
  type SignalType,
} from '../../../codecs/coap/index.ts'

/** CoAP messages in few words, for conversations. */

const text = new TextEncoder()

const METHODS = { GET: '0.01', POST: '0.02', PUT: '0.03', DELETE: '0.04', FETCH: '0.05' } as const

export interface Rest {
  /** In hexadecimal. */
  readonly token?: string
  readonly options?: readonly PlainOption[]
  readonly payload?: string | Uint8Array
}

const contentOf = (code: string, { token = '', options = [], payload }: Rest) => ({
  code,
  token: Uint8Array.from(Buffer.from(token, 'hex')),
  options: Options.of(options, code),
  payload: typeof payload === 'string' ? text.encode(payload) : payload,
})

const path = (uri: string): PlainOption[] =>
  uri
    .split('/')
    .filter(part => part !== '')
    .map(part => ['Uri-Path', part])

const asking = (method: keyof typeof METHODS, uri: string, rest: Rest): ReturnType<typeof contentOf> =>
  contentOf(METHODS[method], { ...rest, options: [...path(uri), ...(rest.options ?? [])] })

/** `request('CON', 7, 'GET', '/temp', { token: '01' })`. */
export const request = (
  type: MessageType,
  messageId: number,
  method: keyof typeof METHODS,
  uri: string,
  rest: Rest = {},
): DatagramFrame => new Datagram({ ...asking(method, uri, rest), type, messageId })

export const response = (type: MessageType, messageId: number, code: string, rest: Rest = {}): DatagramFrame =>
  new Datagram({ ...contentOf(code, rest), type, messageId })

/** An Empty message: an acknowledgement, a reset, a ping. */
export const empty = (type: MessageType, messageId: number): DatagramFrame =>
  new Datagram({ type, messageId, code: '0.00' })

/** Over TCP and WebSocket. */
export const reliableRequest = (method: keyof typeof METHODS, uri: string, rest: Rest = {}): ReliableFrame =>
  new Message(asking(method, uri, rest))

export const reliableResponse = (code: string, rest: Rest = {}): ReliableFrame => new Message(contentOf(code, rest))

const SIGNALS: Readonly<Record<SignalType, string>> = {
  csm: '7.01',
  ping: '7.02',
  pong: '7.03',
  release: '7.04',
  abort: '7.05',
}

export const signal = (type: SignalType, rest: Rest = {}): ReliableFrame =>
  new Signal({ ...contentOf(SIGNALS[type], rest), type })
