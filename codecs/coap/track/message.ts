import type { Message, Packet, Side } from '../../core/index.ts'
import type { CoapFrame } from '../frames.ts'
import { type Head, propertiesOf, type Target } from './head.ts'

/** What of a message its blocks, or its one frame, bring. */
export type Content = Pick<Message, 'body' | 'size' | 'whole' | 'frames' | 'packets' | 'started' | 'time'>

/** The content of a message that is one frame. */
export function contentOf({ payload }: CoapFrame, packet: Packet, number: number): Content {
  const body = payload ?? nothing
  const missing = packet.length - (packet.end - packet.start)
  const { time } = packet
  return {
    body,
    size: body.length + missing,
    whole: missing === 0,
    frames: [number],
    packets: [packet],
    started: time,
    time,
  }
}

const nothing = new Uint8Array(0)

/** A representation that a request or a response carries: `publish` towards the resource, `deliver` from it. */
export class CoapMessage implements Message {
  readonly direction: Message['direction']
  readonly body: Uint8Array
  readonly size: number
  readonly whole: boolean
  readonly frames: readonly number[]
  readonly packets: readonly Packet[]
  readonly started: number
  readonly time: number
  readonly #head: Head
  readonly #target: Target | undefined
  /** Beside what the options say. */
  readonly #more: Readonly<Record<string, unknown>> | undefined

  /** `target` is undefined for a response whose request was not seen. */
  constructor(
    direction: Message['direction'],
    head: Head,
    target: Target | undefined,
    content: Content,
    more?: Readonly<Record<string, unknown>>,
  ) {
    this.direction = direction
    this.#head = head
    this.#target = target
    this.#more = more
    this.body = content.body
    this.size = content.size
    this.whole = content.whole
    this.frames = content.frames
    this.packets = content.packets
    this.started = content.started
    this.time = content.time
  }

  get side(): Side {
    return this.#head.side
  }

  get destination(): Readonly<Record<string, unknown>> {
    return this.#target?.destination ?? {}
  }

  get address(): string | undefined {
    return this.#target?.address
  }

  get properties(): Readonly<Record<string, unknown>> {
    return { ...propertiesOf(this.#head), ...this.#more }
  }

  get contentType(): string | undefined {
    return this.#head.fields.contentFormatName?.split(ENCODING)[0]
  }

  /** A few Content-Formats name one: `application/cbor; encoding=deflate`. */
  get contentEncoding(): string | undefined {
    return this.#head.fields.contentFormatName?.split(ENCODING)[1]
  }

  /** The token: it ties a response, and every notification, to its request. Clients use the same ones all the time. */
  get correlationId(): string | undefined {
    return this.#head.token === '' ? undefined : this.#head.token
  }

  /** An option that has no name is not text either; those that have one are in `properties`. */
  header(): undefined {
    return undefined
  }
}

const ENCODING = '; encoding='
