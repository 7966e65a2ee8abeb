import { decodeContent } from './content.ts'
import { optionFields, signalFields } from './option-table.ts'
import { type OptionFields, Options, type SignalFields } from './options.ts'
import { codeName, type MessageType, REQUEST, type SignalType } from './tables.ts'

/** A message in a datagram [RFC 7252 §3]. */
export type DatagramFrame = Datagram

/** A message over a reliable transport [RFC 8323 §3.2]. */
export type ReliableFrame = Message | Signal

export type CoapFrame = DatagramFrame | ReliableFrame

/** What makes a message; the rest of a frame is found out from it. */
export interface Content {
  /** Class and detail: `0.01`, `2.05`. */
  readonly code: string
  readonly token?: Uint8Array
  readonly options?: Options
  /** Undefined where no payload marker stands: an empty payload after one is malformed. */
  readonly payload?: Uint8Array | undefined
}

const none: Uint8Array = new Uint8Array(0)

/** Where token and payload of a message that was read are. Most readers of a frame want neither. */
export interface Place {
  readonly bytes: Uint8Array
  readonly token: number
  readonly tokenEnd: number
  /** Negative where no payload marker stands. */
  readonly payload: number
  readonly payloadEnd: number
}

class Head {
  readonly code: string
  readonly options: Options
  readonly #place: Place | undefined
  #token: Uint8Array | undefined
  #payload: Uint8Array | undefined

  constructor(content: Content, place?: Place) {
    this.code = content.code
    this.options = content.options ?? Options.none
    this.#place = place
    this.#token = content.token
    this.#payload = content.payload
  }

  get token(): Uint8Array {
    const place = this.#place
    this.#token ??= place === undefined ? none : place.bytes.subarray(place.token, place.tokenEnd)
    return this.#token
  }

  get payload(): Uint8Array | undefined {
    const place = this.#place
    if (place !== undefined && place.payload >= 0) {
      this.#payload ??= place.bytes.subarray(place.payload, place.payloadEnd)
    }
    return this.#payload
  }

  /** `GET`, `Content`. Undefined where the code is not assigned. */
  get codeName(): string | undefined {
    return codeName(this.code)
  }
}

/** A class whose instances show what their options say under the fields' own names. */
function showing<Fields extends object>(names: readonly string[]): Showing<Fields> {
  class Shown extends Head {}
  for (const name of names) {
    const get = function (this: Head): unknown {
      return this.options.fields[name as keyof Options['fields']]
    }
    Object.defineProperty(Shown.prototype, name, { get, configurable: true })
  }
  return Shown as unknown as Showing<Fields>
}

type Showing<Fields> = new (content: Content, place?: Place) => Head & Fields

class Exchanged extends showing<OptionFields>(optionFields) {
  /** The payload, where its Content-Format is CBOR or link-format and it is whole and is that. */
  get decoded(): unknown {
    const { code, payload, options } = this
    const { contentFormat, block1, qBlock1, block2, qBlock2 } = options.fields
    if (contentFormat === undefined || payload === undefined) return undefined
    const block = isRequest(code) ? (block1 ?? qBlock1) : (block2 ?? qBlock2?.[0])
    const whole = block === undefined || (block.num === 0 && !block.more)
    return whole ? decodeContent(contentFormat, payload) : undefined
  }
}

export class Datagram extends Exchanged {
  readonly type: MessageType
  /** 1; whatever else was sent is kept. */
  readonly version: number
  readonly messageId: number

  constructor(
    content: Content & { readonly type: MessageType; readonly messageId: number; readonly version?: number },
    place?: Place,
  ) {
    super(content, place)
    this.type = content.type
    this.version = content.version ?? 1
    this.messageId = content.messageId
  }
}

/** A request, a response, or an Empty message, which keeps a connection alive. */
export class Message extends Exchanged {
  readonly type = 'message'
}

/** Between the two ends of a connection, about the connection [RFC 8323 §5]. */
export class Signal extends showing<SignalFields>(signalFields) {
  readonly type: SignalType

  constructor(content: Content & { readonly type: SignalType }, place?: Place) {
    super(content, place)
    this.type = content.type
  }
}

export const isRequest = (code: string): boolean => code.charCodeAt(0) - 0x30 === REQUEST && code !== '0.00'
