import {
  type AnyCodec,
  type Carried,
  type CarrierStatus,
  type Conversation,
  concat,
  type Joined,
  type Packet,
  type Side,
  type Unwrapper,
} from '../codecs/core/index.ts'
import type { BySide } from './flow.ts'
import type { Session } from './session.ts'

/** More than any message of a protocol that has whole messages, in bytes. */
const MOST_MESSAGE = 1 << 20

/** A carrier's conversation, and the session of what it carries. */
export class Carriage {
  readonly #outer: Conversation
  readonly #unwrapper: Unwrapper
  readonly #joined: Joined
  readonly #inside: (status: CarrierStatus, joined: Joined) => Session
  /** Made when the first carried bytes come: by then the carrier knows what it calls them. */
  #inner: Session | undefined
  /** Carried bytes that wait for the inner session to be drained. */
  readonly #queue: ((inner: Session) => void)[] = []
  readonly #out: Carried
  /** Sides that ended, and whether all did: passed on once the carrier's last packets have been taken. */
  readonly #ended: Side[] = []
  #closed = false
  /** Of the message that each side is sending, where messages are delivered whole. */
  readonly #parts: BySide<Uint8Array[]> = { client: [], server: [] }

  constructor(
    outer: Conversation,
    unwrapper: Unwrapper,
    joined: Joined,
    inside: (status: CarrierStatus, joined: Joined) => Session,
  ) {
    this.#outer = outer
    this.#unwrapper = unwrapper
    this.#joined = joined
    this.#inside = inside
    this.#out = {
      data: (side, bytes, time, record, last) => {
        this.#queue.push(inner => this.#deliver(inner, side, bytes, time, record, last))
      },
      gap: (side, length, time, record) => this.#queue.push(inner => inner.gap(side, length, time, record)),
    }
  }

  get codec(): AnyCodec | undefined {
    return this.#inner?.codec
  }

  get carriers(): readonly CarrierStatus[] {
    return [this.#unwrapper.status, ...(this.#inner?.carriers ?? [])]
  }

  push(side: Side, bytes: Uint8Array, time: number, record: number, missing: number): void {
    this.#outer.push(side, bytes, time, record, missing)
  }

  gap(side: Side, length: number, time: number, record: number): void {
    this.#outer.gap(side, length, time, record)
  }

  end(side: Side): void {
    this.#outer.end(side)
    this.#ended.push(side)
  }

  close(): void {
    this.#closed = true
  }

  /** A stream takes its bytes as they come, a protocol of messages takes each whole. */
  #deliver(inner: Session, side: Side, bytes: Uint8Array, time: number, record: number, last: boolean): void {
    const parts = this.#parts[side]
    if (inner.transport !== 'message') inner.push(side, bytes, time, record, 0)
    else {
      const held = parts.reduce((sum, part) => sum + part.length, 0)
      if (held + bytes.length <= MOST_MESSAGE) parts.push(bytes)
      if (!last) return
      inner.push(side, concat(parts), time, record, 0)
      parts.length = 0
    }
  }

  /** The next packet of what is carried; of the carrier itself only what is malformed. */
  next(): Packet | undefined {
    for (;;) {
      const packet = this.#inner?.next()
      if (packet !== undefined) return packet
      const carried = this.#queue.shift()
      if (carried !== undefined) {
        this.#inner ??= this.#inside(this.#unwrapper.status, this.#joined)
        carried(this.#inner)
        continue
      }
      const outer = this.#outer.next()
      if (outer !== undefined) {
        this.#unwrapper.take(outer, this.#out)
        if (outer.kind === 'malformed') return outer
        continue
      }
      const side = this.#ended.shift()
      if (side !== undefined) this.#inner?.end(side)
      else if (this.#closed) {
        this.#closed = false
        this.#inner?.close()
      } else return undefined
    }
  }
}
