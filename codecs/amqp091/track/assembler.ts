import type { Budget, Packet, Side, Tracked } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import type { ContentBody, ContentHeader } from '../frames.ts'
import { type Carrying, ContentMessage } from './message.ts'

/** What one side is sending. */
interface Sending {
  /**
   * Messages that are not whole, by channel; null where there was no room for what is being sent. Channels stay, as to
   * add and delete with each message costs a map more than to keep them.
   */
  readonly open: Map<number, ContentMessage | null | undefined>
  /** The chunk that its last packet came in, and those messages that are views of it. */
  chunk: Uint8Array | undefined
  readonly views: ContentMessage[]
}

/** Puts messages together, a channel and side each at a time [4.2.6]: frames of other channels may stand between. */
export class Assembler {
  readonly #out: Tracked
  readonly #bytes: Budget
  readonly #sides: Readonly<Record<Side, Sending>> = {
    client: { open: new Map(), chunk: undefined, views: [] },
    server: { open: new Map(), chunk: undefined, views: [] },
  }

  constructor(out: Tracked, bytes: Budget) {
    this.#out = out
    this.#bytes = bytes
  }

  /** What comes next is in `packet`: what began in another chunk must be a copy from here on. */
  arrive({ side, buffer }: Packet): void {
    const sending = this.#sides[side]
    if (sending.chunk === buffer) return
    sending.chunk = buffer
    if (sending.views.length === 0) return
    for (const message of sending.views) {
      if (sending.open.get(message.channel) !== message || message.keep(this.#bytes)) continue
      this.interrupt(side, message.channel)
      sending.open.set(message.channel, null)
    }
    sending.views.length = 0
  }

  begin(method: Carrying, packet: Packet<Context>, number: number): ContentMessage {
    const message = new ContentMessage(method.channel, packet, number, method)
    this.#open(message)
    return message
  }

  /** The message that is whole with this header. One whose method was not seen begins here. */
  header(frame: ContentHeader, packet: Packet<Context>, number: number): ContentMessage | undefined {
    const sending = this.#sides[packet.side]
    let message = sending.open.get(frame.channel)
    if (message === null) return undefined
    if (message === undefined || message.content !== undefined) {
      message = new ContentMessage(frame.channel, packet, number)
      this.#open(message)
    }
    return message.head(frame, packet, number) ? this.#close(sending, message) : undefined
  }

  /** The message that is whole with this piece. One whose header was not seen is none of ours. */
  body(frame: ContentBody, packet: Packet<Context>, number: number): ContentMessage | undefined {
    const sending = this.#sides[packet.side]
    const message = sending.open.get(frame.channel)
    if (message === undefined || message === null) return undefined
    if (message.content === undefined) {
      this.interrupt(packet.side, frame.channel)
      return undefined
    }
    return message.add(frame, packet, number, this.#bytes) ? this.#close(sending, message) : undefined
  }

  /** The rest of what was being sent there will not come: it is told as far as it came. */
  interrupt(side: Side, channel: number): void {
    const sending = this.#sides[side]
    const message = sending.open.get(channel)
    if (message === undefined) return
    if (message === null) sending.open.set(channel, undefined)
    else this.#out.message(this.#close(sending, message))
  }

  interruptAll(side: Side): void {
    for (const channel of this.#sides[side].open.keys()) this.interrupt(side, channel)
  }

  #open(message: ContentMessage): void {
    const { side, channel } = message
    this.interrupt(side, channel)
    const sending = this.#sides[side]
    sending.open.set(channel, message)
    sending.views.push(message)
  }

  #close(sending: Sending, message: ContentMessage): ContentMessage {
    sending.open.set(message.channel, undefined)
    // Nearly always the last: nothing else began since.
    if (sending.views.at(-1) === message) sending.views.pop()
    message.finish(this.#bytes)
    return message
  }
}
