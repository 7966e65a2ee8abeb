import { type DriverListener, openDelivery, type Packet, Reader, u32At, utf8 } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import type { ContentHeader } from '../frames.ts'
import { read } from '../read.ts'
import { sourceOf } from './opening.ts'

/** Of the front of a body that comes in several frames, how much is kept until its end. */
const FRONT = 4096
/** Whether a header has a reply-to, by its property flags [4.2.6.1]. */
const REPLY_TO = 0x0200

export type ContentListener = Pick<DriverListener, 'returned' | 'delivered'>

/** Messages that come, put together from method, header and body as far as is of interest: the front, and the size. */
export class Content {
  readonly #listener: ContentListener
  #front = NOTHING
  #kind: 'delivery' | 'return' = 'delivery'
  #size = 0
  #came = 0
  #ended = false
  readonly #delivery = openDelivery()

  constructor(listener: ContentListener) {
    this.#listener = listener
  }

  /** `at`: where the arguments of basic.deliver begin: consumer-tag, delivery-tag, redelivered. */
  deliver(bytes: Uint8Array, at: number): void {
    const tagAt = at + 1 + (bytes[at] as number)
    this.#kind = 'delivery'
    this.#delivery.source = sourceOf(bytes, at + 1, tagAt)
    this.#delivery.id = u32At(bytes, tagAt) * 2 ** 32 + u32At(bytes, tagAt + 4)
    this.#delivery.redelivered = ((bytes[tagAt + 8] as number) & 1) === 1
  }

  /** `at`: where the arguments of basic.get-ok begin: delivery-tag, redelivered. */
  got(bytes: Uint8Array, at: number, source: number): void {
    this.#kind = 'delivery'
    this.#delivery.source = source
    this.#delivery.id = u32At(bytes, at) * 2 ** 32 + u32At(bytes, at + 4)
    this.#delivery.redelivered = ((bytes[at + 8] as number) & 1) === 1
  }

  /** Nothing more that is delivered is ours. */
  end(): void {
    this.#ended = true
  }

  returned(): void {
    this.#kind = 'return'
  }

  header(packet: Packet<Context>): void {
    const { buffer, start } = packet
    this.#size = u32At(buffer, start + 11) * 2 ** 32 + u32At(buffer, start + 15)
    this.#came = 0
    const flags = ((buffer[start + 19] as number) << 8) | (buffer[start + 20] as number)
    this.#delivery.replyTo = (flags & REPLY_TO) === 0 ? undefined : replyToOf(packet)
    if (this.#size === 0) this.#done(buffer, start, start)
  }

  /** What is more than the header said is nobody's. */
  body(bytes: Uint8Array, start: number, frameEnd: number): void {
    const before = this.#came
    const end = Math.min(frameEnd, start + this.#size - before)
    if (end <= start) return
    this.#came += end - start
    if (this.#came >= this.#size && before === 0) this.#done(bytes, start, end)
    else {
      if (this.#front === NOTHING) this.#front = new Uint8Array(FRONT)
      if (before < FRONT) this.#front.set(bytes.subarray(start, Math.min(end, start + FRONT - before)), before)
      if (this.#came >= this.#size) this.#done(this.#front, 0, Math.min(FRONT, this.#size))
    }
  }

  #done(bytes: Uint8Array, start: number, end: number): void {
    if (this.#kind === 'return') {
      this.#listener.returned(bytes, start, end)
      return
    }
    if (this.#ended) return
    const delivery = this.#delivery
    delivery.bytes = bytes
    delivery.start = start
    delivery.end = end
    delivery.size = this.#size
    this.#listener.delivered(delivery)
  }
}

const NOTHING = new Uint8Array(0)

const reader = new Reader()

function replyToOf(packet: Packet<Context>): string | undefined {
  const { replyTo } = (read(reader.open(packet), packet.context) as ContentHeader).properties
  return replyTo === undefined || typeof replyTo === 'string' ? replyTo : utf8(replyTo, 0, replyTo.length)
}
