import type { AnyCodec, Dialogue, Joined } from './codec.ts'
import { DEFAULT_LIMITS, Decoder, type DecoderLimits } from './decoder.ts'
import type { Diagnostic } from './diagnostic.ts'
import { Packet } from './packet.ts'
import type { Side } from './side.ts'
import { plain } from './window.ts'

export interface ConversationOptions {
  readonly joined?: Joined
  readonly limits?: DecoderLimits
}

/** Both directions of one connection in one protocol. What went in comes out as packets, in the order of arrival. */
export interface Conversation {
  readonly codec: AnyCodec
  readonly buffered: number
  /** What is here of the frame that `side` is sending, to look at. */
  partial(side: Side): Packet | undefined
  /**
   * Bytes that `side` sent, at `time` (ns since the source's origin), from capture record `record` (0 if live), of
   * which the capture cut `missing` off the end.
   */
  push(side: Side, bytes: Uint8Array, time: number, record?: number, missing?: number): void
  gap(side: Side, length: number, time: number, record?: number): void
  end(side: Side): void
  /** What `side` sent and was not cut, for another to cut; nothing more of it is pushed here. */
  surrender(side: Side): Uint8Array
  /** Drained to undefined before anything more goes in. */
  next(): Packet | undefined
}

export function converse(codec: AnyCodec, options: ConversationOptions = {}): Conversation {
  return codec.transport === 'stream' ? new Streams(codec, options) : new Datagrams(codec, options)
}

class Streams implements Conversation {
  readonly codec: AnyCodec
  readonly #dialogue: Dialogue<unknown>
  readonly #joined: Joined
  readonly #limits: DecoderLimits
  // Made when the side is heard, and gone when it is surrendered: there may be very many conversations.
  #client: Decoder | undefined
  #server: Decoder | undefined
  /** The side that was pushed last is drained first: what it says may be what the other side waits for. */
  #first: Decoder | undefined
  /** What the capture cut off the chunk that was pushed last. */
  #cutOff: { readonly length: number; readonly time: number; readonly record: number } | undefined

  constructor(codec: AnyCodec, { joined = 'start', limits = DEFAULT_LIMITS }: ConversationOptions) {
    this.codec = codec
    this.#dialogue = codec.dialogue(joined)
    this.#joined = joined
    this.#limits = limits
  }

  get buffered(): number {
    return (this.#client?.buffered ?? 0) + (this.#server?.buffered ?? 0)
  }

  partial(side: Side): Packet | undefined {
    return this.#of(side).partial
  }

  push(side: Side, bytes: Uint8Array, time: number, record = 0, missing = 0): void {
    this.#turn(side).push(bytes, time, record)
    if (missing > 0) this.#cutOff = { length: missing, time, record }
  }

  gap(side: Side, length: number, time: number, record?: number): void {
    this.#turn(side).gap(length, time, record)
  }

  end(side: Side): void {
    this.#turn(side).end()
  }

  surrender(side: Side): Uint8Array {
    const decoder = this.#of(side)
    if (side === 'client') this.#client = undefined
    else this.#server = undefined
    if (this.#first === decoder) this.#first = undefined
    return decoder.surrender()
  }

  next(): Packet | undefined {
    const first = this.#first
    const packet = first?.next()
    if (packet !== undefined) return packet
    if (this.#cutOff !== undefined) {
      const { length, time, record } = this.#cutOff
      this.#cutOff = undefined
      first?.gap(length, time, record)
      return this.next()
    }
    return (first === this.#client ? this.#server : this.#client)?.next()
  }

  #turn(side: Side): Decoder {
    this.#first = this.#of(side)
    return this.#first
  }

  #of(side: Side): Decoder {
    if (side === 'client') {
      this.#client ??= this.#decoder(side)
      return this.#client
    }
    this.#server ??= this.#decoder(side)
    return this.#server
  }

  #decoder(side: Side): Decoder {
    return new Decoder(this.codec, side, this.#dialogue, this.#joined, this.#limits)
  }
}

/** Every datagram, or message of a carrier that has such, is one frame. */
class Datagrams implements Conversation {
  readonly codec: AnyCodec
  readonly buffered = 0
  readonly #dialogue: Dialogue<unknown>
  readonly #offsets: Record<Side, number> = { client: 0, server: 0 }
  #ready: Packet | undefined

  constructor(codec: AnyCodec, { joined = 'start' }: ConversationOptions) {
    this.codec = codec
    this.#dialogue = codec.dialogue(joined)
  }

  partial(): undefined {
    return undefined
  }

  push(side: Side, chunk: Uint8Array, time: number, record = 0, missing = 0): void {
    const bytes = plain(chunk)
    const end = bytes.length
    const offset = this.#offsets[side]
    const context = this.#dialogue.context(side, bytes, 0, end, true)
    const packet = new Packet('frame', side, offset, time, record, bytes, 0, end, end + missing, context, none)
    this.#offsets[side] = offset + end + missing
    this.#dialogue.follow(packet)
    this.#ready = packet
  }

  gap(): void {
    // A datagram that was not captured leaves no trace: nothing later depends on it.
  }

  surrender(): Uint8Array {
    return new Uint8Array(0)
  }

  end(): void {
    // A datagram is whole or it is not there: nothing is ever held.
  }

  next(): Packet | undefined {
    const packet = this.#ready
    this.#ready = undefined
    return packet
  }
}

const none: readonly Diagnostic[] = []
