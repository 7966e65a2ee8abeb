import type { Message, Packet, Side } from '../../core/index.ts'
import { Body, type Budget, base64, Reader, toJson } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import { addressOf } from '../destination.ts'
import type { AmqpFrame, ContentBody, ContentHeader, MethodOf } from '../frames.ts'
import { read } from '../read.ts'
import type { Text } from '../strings.ts'
import { FRAME_OVERHEAD } from '../tables.ts'
import type { Consumer } from './deliveries.ts'

/** The methods that content follows [4.2.6]. */
export type Carrying = MethodOf<'basic.publish' | 'basic.deliver' | 'basic.get-ok' | 'basic.return'>

/** What a message that is not whole takes beside its bytes, roughly. */
const UPKEEP = 512
/** A frame's number, in bytes. */
const NUMBER = 8

/** A method, a header and the bodies that follow, on one channel [4.2.6]. */
export class ContentMessage implements Message {
  readonly side: Side
  readonly channel: number
  readonly started: number
  time: number
  /** Undefined where its frame was not seen: joined in the middle. */
  method: Carrying | undefined
  content: ContentHeader | undefined
  /** Who got it, of one that the broker delivers. */
  to: Consumer | undefined
  body: Uint8Array = empty
  whole = false
  /** Number of the method's frame, or of the first that was seen. */
  readonly first: number
  #methodPacket: Packet<Context> | undefined
  headerPacket: Packet<Context> | undefined
  #headerNumber = 0
  #bodyNumber = 0
  /** Of more than one body frame the numbers after the first. */
  #more: number[] | undefined
  #received = 0
  #parts: Body | undefined
  /** Bytes of the budget that this message holds, without those of its body. */
  #held = 0

  constructor(channel: number, packet: Packet<Context>, number: number, method?: Carrying) {
    this.side = packet.side
    this.channel = channel
    this.started = packet.time
    this.time = packet.time
    this.first = number
    this.method = method
    if (method !== undefined) this.#methodPacket = packet
  }

  /** Takes the header. True: nothing more comes [4.2.6.2]. */
  head(header: ContentHeader, packet: Packet<Context>, number: number): boolean {
    this.content = header
    this.headerPacket = packet
    this.#headerNumber = number
    this.time = packet.time
    this.whole = header.bodySize === 0
    return this.whole
  }

  /** Takes a piece of the body. True: it was the last. */
  add({ body }: ContentBody, packet: Packet<Context>, number: number, budget: Budget): boolean {
    this.time = packet.time
    if (this.#bodyNumber === 0) this.#bodyNumber = number
    else if (budget.take(NUMBER)) {
      this.#more ??= []
      this.#more.push(number)
      this.#held += NUMBER
    }
    const length = packet.length - FRAME_OVERHEAD
    this.#received += length
    const { size } = this
    const last = this.#received >= size
    if (last && this.#parts === undefined) this.body = body
    else {
      this.#parts ??= new Body(budget)
      this.#parts.add(body, length, last)
    }
    this.whole = this.#received === size
    return last
  }

  /** No frame of it will follow: what it held of the budget is given back. */
  finish(budget: Budget): void {
    if (this.#held > 0) budget.give(this.#held)
    this.#held = 0
    if (this.#parts !== undefined) this.body = this.#parts.finish()
    this.#parts = undefined
  }

  /** Lets go of the chunks that its frames came in. False where there is no room for a copy. */
  keep(budget: Budget): boolean {
    const method = this.#methodPacket
    const header = this.headerPacket
    const size = UPKEEP + lengthOf(method) + lengthOf(header)
    if (!budget.take(size)) return false
    this.#held += size
    this.#methodPacket = method?.kept()
    if (this.#methodPacket !== method) this.method = reread(this.#methodPacket) as Carrying
    this.headerPacket = header?.kept()
    if (this.headerPacket !== header) this.content = reread(this.headerPacket) as ContentHeader
    return true
  }

  get direction(): Message['direction'] {
    return this.side === 'client' ? 'publish' : 'deliver'
  }

  /** The queue that it was delivered from, where that can be told. */
  get queue(): string | undefined {
    return this.to?.queue
  }

  get destination(): Readonly<Record<string, unknown>> {
    const { method, queue } = this
    if (method === undefined) return {}
    const at = { exchange: toJson(method.exchange), routingKey: toJson(method.routingKey) }
    return queue === undefined ? at : { ...at, queue }
  }

  get address(): string | undefined {
    return this.method && addressOf(this.method)
  }

  get properties(): Readonly<Record<string, unknown>> {
    return { ...besides(this.method), ...(toJson(this.content?.properties ?? {}) as object) }
  }

  get contentType(): string | undefined {
    return textOf(this.content?.properties.contentType)
  }

  get contentEncoding(): string | undefined {
    return textOf(this.content?.properties.contentEncoding)
  }

  get id(): string | undefined {
    return textOf(this.content?.properties.messageId)
  }

  get correlationId(): string | undefined {
    return textOf(this.content?.properties.correlationId)
  }

  get replyTo(): string | undefined {
    return textOf(this.content?.properties.replyTo)
  }

  get repeated(): boolean | undefined {
    return this.method !== undefined && 'redelivered' in this.method ? this.method.redelivered : undefined
  }

  header(name: string): string | undefined {
    const value = this.content?.properties.headers?.get(name)
    if (value === undefined || typeof value === 'string') return value
    const json = toJson(value)
    return typeof json === 'string' ? json : JSON.stringify(json)
  }

  get size(): number {
    return this.content === undefined ? 0 : Number(this.content.bodySize)
  }

  get frames(): readonly number[] {
    const first = this.#methodPacket === undefined ? [] : [this.first]
    return [...first, this.#headerNumber, this.#bodyNumber, ...(this.#more ?? [])].filter(number => number > 0)
  }

  get packets(): readonly Packet<Context>[] {
    return [this.#methodPacket, this.headerPacket].filter(packet => packet !== undefined)
  }
}

/** What a method says of its message beside the destination. */
function besides(method: Carrying | undefined): Record<string, unknown> {
  if (method === undefined) return {}
  const json: Record<string, unknown> = {}
  const { type, channel, exchange, routingKey, ...rest } = method
  for (const [name, value] of Object.entries(rest)) json[name] = toJson(value, name === 'deliveryTag' ? 'long' : 'any')
  return json
}

/** What is not UTF-8 as JSON has it, so that it does not look like others of its kind. */
const textOf = (text: Text | undefined): string | undefined => (text instanceof Uint8Array ? base64(text) : text)

const lengthOf = (packet: Packet | undefined): number => (packet === undefined ? 0 : packet.end - packet.start)

/** A frame again, over the copy of its packet. */
function reread(packet: Packet<Context> | undefined): AmqpFrame | undefined {
  return packet === undefined ? undefined : read(reader.open(packet), packet.context)
}

const reader = new Reader()
const empty = new Uint8Array(0)
