import type { Packet } from './packet.ts'
import type { Side } from './side.ts'
import type { Budget } from './track.ts'

/** What an application published or got. `publish`: towards the broker. `deliver`: from it. */
export interface Message {
  readonly direction: 'publish' | 'deliver'
  /** Who sent it. */
  readonly side: Side
  /** Where it was sent, in the protocol's own terms, as JSON: `{ exchange, routingKey }`, `{ topic }`. */
  readonly destination: Readonly<Record<string, unknown>>
  /** The same in one line; undefined where nothing told it (joined in the middle). */
  readonly address: string | undefined
  /** What the protocol's frames say of it beside that, as JSON. */
  readonly properties: Readonly<Record<string, unknown>>
  readonly contentType?: string | undefined
  readonly contentEncoding?: string | undefined
  /** The identifier that its sender gave it. */
  readonly id?: string | undefined
  readonly correlationId?: string | undefined
  readonly replyTo?: string | undefined
  /** Delivered before, or sent before, by its own account. */
  readonly repeated?: boolean | undefined
  /** A header (user property, application property) that its sender set, as text. */
  header(name: string): string | undefined
  /** Assembled. Less than `size` where the rest was not kept or did not come. */
  readonly body: Uint8Array
  /** Bytes of the whole body, as announced or as they came. */
  readonly size: number
  /** Its last byte came. */
  readonly whole: boolean
  /** The numbers of its frames. */
  readonly frames: readonly number[]
  /** Those of its packets that say something of it: filters look into their frames. They may be views of a chunk. */
  readonly packets: readonly Packet[]
  /** When its first and its last frame arrived: nanoseconds since the source's origin. */
  readonly started: number
  readonly time: number
}

/** What every message has that is one frame in one packet. */
export abstract class OnePacketMessage<C> {
  protected readonly packet: Packet<C>
  readonly #number: number

  constructor(packet: Packet<C>, number: number) {
    this.packet = packet
    this.#number = number
  }

  get side(): Side {
    return this.packet.side
  }

  /** Bytes at its end that were not kept. */
  protected get missing(): number {
    const { length, start, end } = this.packet
    return length - (end - start)
  }

  get whole(): boolean {
    return this.missing === 0
  }

  get frames(): readonly number[] {
    return [this.#number]
  }

  get packets(): readonly Packet[] {
    return [this.packet]
  }

  get started(): number {
    return this.packet.time
  }

  get time(): number {
    return this.packet.time
  }
}

/** More of one body is counted, not kept, in bytes. */
export const MOST_KEPT = 16 << 20

/**
 * A body that comes in parts. What comes in one part is never copied; of several, each is copied, as a part is a view
 * that would hold its whole chunk.
 */
export class Body {
  readonly #budget: Budget
  readonly #parts: Uint8Array[] = []
  #kept = 0
  #size = 0
  #full = false

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** Bytes that came. */
  get size(): number {
    return this.#size
  }

  /** Takes a part of `length` bytes, of which `part` may be but the head. `last`: no other will follow. */
  add(part: Uint8Array, length = part.length, last = false): void {
    this.#size += length
    if (this.#full || part.length === 0) return
    if (last && this.#parts.length === 0) {
      this.#parts.push(part)
      return
    }
    if (this.#kept + part.length > MOST_KEPT || !this.#budget.take(part.length)) {
      this.#full = true
      return
    }
    this.#kept += part.length
    this.#parts.push(part.slice())
    if (part.length < length) this.#full = true
  }

  /** The bytes that were kept; what was held is given back. */
  finish(): Uint8Array {
    this.drop()
    const [only = empty, ...more] = this.#parts
    if (more.length === 0) return only
    const all = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of this.#parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }

  /** Gives back what was held, for a body that nobody will ask for. */
  drop(): void {
    this.#budget.give(this.#kept)
    this.#kept = 0
    this.#full = true
  }
}

const empty = new Uint8Array(0)
