import {
  type AnyCodec,
  type Conversation,
  converse,
  type Joined,
  type Packet,
  type Side,
} from '../codecs/core/index.ts'
import { type DetectOptions, decodeAs, detect, type Heads } from './detect.ts'
import type { FlowInfo } from './flow.ts'

/**
 * One connection's way from bytes to packets: held until its protocol is told, then cut. The same for live traffic,
 * captures and recordings.
 *
 *     session.push(…)
 *     for (let packet = session.next(); packet !== undefined; packet = session.next()) …
 */
export class Session {
  readonly #flow: FlowInfo
  readonly #options: DetectOptions
  #joined: Joined
  #conversation: Conversation | undefined
  #undecided = true
  /** What came before the protocol was told, and while that is being worked off. */
  #held: Held[] = []
  #heads: Heads = { client: empty, server: empty }

  constructor(flow: FlowInfo, options: DetectOptions) {
    this.#flow = flow
    this.#options = options
    this.#joined = flow.joined
    const codec = decodeAs(flow, options)
    if (codec !== undefined) this.#decide(codec)
  }

  /** Undefined while undecided, and for good where the bytes are none of ours. */
  get codec(): AnyCodec | undefined {
    return this.#conversation?.codec
  }

  push(side: Side, bytes: Uint8Array, time: number, record: number, missing: number): void {
    if (this.#direct()) this.#conversation?.push(side, bytes, time, record, missing)
    else if (this.#undecided) {
      const copy = bytes.slice()
      const head = this.#heads[side]
      if (head.length < HEAD) this.#heads = { ...this.#heads, [side]: joined(head, copy.subarray(0, HEAD)) }
      this.#hold({ type: 'data', side, bytes: copy, time, record, missing })
    }
  }

  gap(side: Side, length: number, time: number, record: number): void {
    if (this.#direct()) this.#conversation?.gap(side, length, time, record)
    else if (this.#undecided) {
      // What follows a hole is no beginning of anything.
      if (this.#heads[side].length === 0) this.#joined = 'middle'
      this.#hold({ type: 'gap', side, length, time, record })
    }
  }

  end(side: Side): void {
    if (this.#direct()) this.#conversation?.end(side)
    else if (this.#undecided) this.#hold({ type: 'end', side })
  }

  /** Nothing more comes: what is undecided is decided. Drain once more after. */
  close(): void {
    if (this.#undecided) this.#try(true)
  }

  /** The next packet, in the order in which last bytes arrived; undefined until more is pushed. */
  next(): Packet | undefined {
    const conversation = this.#conversation
    if (conversation === undefined) return undefined
    for (;;) {
      const packet = conversation.next()
      if (packet !== undefined) return packet
      const held = this.#held.shift()
      if (held === undefined) return undefined
      if (held.type === 'data') conversation.push(held.side, held.bytes, held.time, held.record, held.missing)
      else if (held.type === 'gap') conversation.gap(held.side, held.length, held.time, held.record)
      else conversation.end(held.side)
    }
  }

  #direct(): boolean {
    return this.#conversation !== undefined && this.#held.length === 0
  }

  #hold(event: Held): void {
    this.#held.push(event)
    this.#try(false)
  }

  #try(final: boolean): void {
    const codec = detect(this.#heads, this.#flow, this.#joined, this.#options, final)
    if (codec !== 'more') this.#decide(codec)
  }

  #decide(codec: AnyCodec | undefined): void {
    this.#undecided = false
    if (codec !== undefined) this.#conversation = converse(codec, { joined: this.#joined })
    else this.#held = []
  }
}

type Held =
  | {
      readonly type: 'data'
      readonly side: Side
      readonly bytes: Uint8Array
      readonly time: number
      readonly record: number
      readonly missing: number
    }
  | {
      readonly type: 'gap'
      readonly side: Side
      readonly length: number
      readonly time: number
      readonly record: number
    }
  | { readonly type: 'end'; readonly side: Side }

/** How much of each side detection gets to see. */
const HEAD = 4096
const empty: Uint8Array = new Uint8Array(0)

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
