import type { Message, Packet, Side } from '../../core/index.ts'
import { concat, Deferred, hex, toJson, utf8Length, validUtf8, writeUtf8 } from '../../core/index.ts'
import type { Body, Payload, Message as Sections } from '../body.ts'
import type { Composite, Transfer } from '../frames.ts'
import { Scalar, type Value } from '../value.ts'
import type { Assembly } from './assembly.ts'

/** The application message of one delivery. Its sections are taken apart when something in them is asked for. */
export abstract class TransferredMessage implements Message {
  abstract readonly side: Side
  abstract readonly whole: boolean
  abstract readonly frames: readonly number[]
  abstract readonly packets: readonly Packet[]
  abstract readonly started: number
  abstract readonly time: number
  /** Its first transfer, unless that was not seen. */
  protected abstract readonly transfer: Transfer | undefined
  protected abstract readonly settled: boolean
  /** Octets of all its sections, on the wire. */
  protected abstract readonly wireSize: number
  /** Sections; or octets that are none, or the tail of such. */
  readonly payload: Payload | Uint8Array
  /** Where its link leads. */
  readonly #address: string | undefined
  #content: Content | undefined

  constructor(address: string | undefined, payload: Payload | Uint8Array) {
    this.#address = address
    this.payload = payload
  }

  get direction(): Message['direction'] {
    return this.side === 'client' ? 'publish' : 'deliver'
  }

  get destination(): Readonly<Record<string, unknown>> {
    const { address } = this
    return address === undefined ? {} : { address }
  }

  /** A link without an address leaves it to each message (an anonymous terminus). */
  get address(): string | undefined {
    return this.#address ?? this.#sections.properties?.to
  }

  get properties(): Readonly<Record<string, unknown>> {
    const { transfer, settled } = this
    const { header, deliveryAnnotations, messageAnnotations, properties, applicationProperties, footer } =
      this.#sections
    const { deliveryId, deliveryTag, state } = transfer ?? {}
    return toJson({
      deliveryId,
      deliveryTag: deliveryTag === undefined ? undefined : hex(deliveryTag),
      settled,
      state,
      header,
      deliveryAnnotations,
      messageAnnotations,
      properties,
      applicationProperties,
      footer,
    }) as Readonly<Record<string, unknown>>
  }

  /** Of a body that is no data it is what `body` makes of it. */
  get contentType(): string | undefined {
    const said = this.#sections.properties?.contentType
    const { made } = this.#read
    return made === 'json' ? JSON_TYPE : (said ?? (made === 'text' ? TEXT_TYPE : undefined))
  }

  get contentEncoding(): string | undefined {
    return this.#sections.properties?.contentEncoding
  }

  get id(): string | undefined {
    return textOf(this.#sections.properties?.messageId)
  }

  get correlationId(): string | undefined {
    return textOf(this.#sections.properties?.correlationId)
  }

  get replyTo(): string | undefined {
    return this.#sections.properties?.replyTo
  }

  get repeated(): boolean {
    return this.deliveryCount > 0 || this.transfer?.resume === true
  }

  /** How often it failed to be delivered before, by its own account [3.2.1]. */
  get deliveryCount(): number {
    return this.#sections.header?.deliveryCount ?? 0
  }

  header(name: string): string | undefined {
    return textOf(this.#sections.applicationProperties?.get(name))
  }

  /** Data sections one after the other; a string or binary as its octets; any other value, and sequences, as JSON. */
  get body(): Uint8Array {
    return this.#read.body
  }

  get size(): number {
    return this.whole ? this.body.length : this.wireSize
  }

  get #sections(): Sections {
    const { payload } = this
    return payload instanceof Deferred ? payload.value : none
  }

  get #read(): Content {
    const { payload } = this
    this.#content ??= payload instanceof Deferred ? contentOf(payload.value.body) : { body: payload, made: undefined }
    return this.#content
  }
}

/** A message that came in one transfer. */
export class WholeMessage extends TransferredMessage {
  protected readonly transfer: Transfer
  readonly #packet: Packet
  readonly #number: number

  constructor(
    address: string | undefined,
    payload: Payload | Uint8Array,
    transfer: Transfer,
    packet: Packet,
    number: number,
  ) {
    super(address, payload)
    this.transfer = transfer
    this.#packet = packet
    this.#number = number
  }

  get side(): Side {
    return this.#packet.side
  }

  get whole(): boolean {
    return this.#missing === 0
  }

  get #missing(): number {
    const { length, start, end } = this.#packet
    return length - (end - start)
  }

  get frames(): readonly number[] {
    return [this.#number]
  }

  get packets(): readonly Packet[] {
    return [this.#packet]
  }

  get started(): number {
    return this.#packet.time
  }

  get time(): number {
    return this.#packet.time
  }

  protected get settled(): boolean {
    return this.transfer.settled === true
  }

  protected get wireSize(): number {
    const { payload } = this
    return this.#missing + (payload instanceof Deferred ? payload.end - payload.start : payload.length)
  }
}

/** A message that came in several transfers, or as far as they came. */
export class AssembledMessage extends TransferredMessage {
  protected readonly transfer: Transfer | undefined
  protected readonly settled: boolean
  protected readonly wireSize: number
  readonly side: Side
  readonly whole: boolean
  readonly frames: readonly number[]
  readonly packets: readonly Packet[]
  readonly started: number
  readonly time: number

  constructor(
    address: string | undefined,
    payload: Payload | Uint8Array,
    { first, settled, size, whole, frames, packet, started }: Assembly,
    side: Side,
    time: number,
  ) {
    super(address, payload)
    this.transfer = first
    this.settled = settled
    this.wireSize = size
    this.side = side
    this.whole = whole
    this.frames = frames
    this.packets = packet === undefined ? [] : [packet]
    this.started = started
    this.time = time
  }
}

interface Content {
  readonly body: Uint8Array
  /** What it is, where its octets are not the sender's own. */
  readonly made: 'json' | 'text' | undefined
}

const JSON_TYPE = 'application/json'
const TEXT_TYPE = 'text/plain'
const empty = new Uint8Array(0)
const none: Sections = {}
const nothing: Content = { body: empty, made: undefined }

function contentOf(body: Body | undefined): Content {
  if (body === undefined) return nothing
  const { kind, sections } = body
  if (kind === 'data') return { body: joined(sections), made: undefined }
  const only = sections.length === 1 ? sections[0] : undefined
  if (kind === 'amqpValue' && only instanceof Scalar) {
    if (only.value instanceof Uint8Array) return { body: only.value, made: undefined }
    if (typeof only.value === 'string' && only.type === 'string') return { body: bytesOf(only.value), made: 'text' }
  }
  return { body: bytesOf(JSON.stringify(toJson(body))), made: 'json' }
}

function joined(sections: readonly (Value | Composite)[]): Uint8Array {
  const parts = sections.map(part => (part instanceof Scalar && part.value instanceof Uint8Array ? part.value : empty))
  return parts.length === 1 ? (parts[0] as Uint8Array) : concat(parts)
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text))
  writeUtf8(bytes, 0, text)
  return bytes
}

/** A value in one word: an id may be a number, a UUID, octets or text [3.2.4]. */
function textOf(value: Value | undefined): string | undefined {
  if (value instanceof Scalar && value.value instanceof Uint8Array) return validUtf8(value.value) ?? hex(value.value)
  const plain = value === undefined ? null : toJson(value)
  if (plain === null) return undefined
  return typeof plain === 'string' ? plain : JSON.stringify(plain)
}
