import {
  type AnyCarrier,
  type AnyCodec,
  type CarrierStatus,
  type Codec,
  type Conversation,
  concat,
  converse,
  type Joined,
  type Packet,
  type Side,
} from '../codecs/core/index.ts'
import { Carriage } from './carriage.ts'
import { type DetectOptions, detect, type Heads, isCalled } from './detect.ts'
import type { FlowInfo } from './flow.ts'

/**
 * One connection's way from bytes to packets: held until its protocol is told, taken out of what carries it, then cut.
 * The same for live traffic, captures and recordings.
 *
 *     session.push(…)
 *     for (let packet = session.next(); packet !== undefined; packet = session.next()) …
 */
export class Session {
  readonly #flow: FlowInfo
  readonly #options: DetectOptions
  readonly #carriers: readonly CarrierStatus[]
  readonly transport: Codec['transport']
  #joined: Joined
  #inner: Conversation | Carriage | undefined
  #undecided = true
  /** What the protocol handed the connection over to, and which sides of it. */
  #successor: Session | undefined
  #handed: readonly Side[] = []
  /** What came before the protocol was told, and while that is being worked off. */
  #held: Held[] = []
  #heads = NO_HEADS

  constructor(flow: FlowInfo, options: DetectOptions, joined = flow.joined, carriers = flow.unwrapped ?? NONE) {
    this.#flow = flow
    this.#options = options
    this.#joined = joined
    this.#carriers = carriers
    const { subprotocol } = carriers.at(-1) ?? {}
    const whole = options.codecs.some(codec => codec.transport === 'message' && isCalled(codec, subprotocol))
    this.transport = carriers.length === 0 ? flow.transport : whole ? 'message' : 'stream'
  }

  /** Undefined while undecided, and for good where the bytes are none of ours. */
  get codec(): AnyCodec | undefined {
    return this.#successor?.codec ?? this.#inner?.codec
  }

  /** Whether more bytes are awaited to tell the protocol by. */
  get undecided(): boolean {
    return this.#undecided
  }

  /** What is here of the frame that `side` is sending, where the protocol is known and nothing carries it. */
  partial(side: Side): Packet | undefined {
    if (this.#handed.includes(side)) return this.#successor?.partial(side)
    return this.#inner instanceof Carriage ? undefined : this.#inner?.partial(side)
  }

  /** What is found to carry the protocol, from the outside in. */
  get carriers(): readonly CarrierStatus[] {
    return this.#successor?.carriers ?? (this.#inner instanceof Carriage ? this.#inner.carriers : [])
  }

  push(side: Side, bytes: Uint8Array, time: number, record: number, missing: number): void {
    if (this.#direct()) this.#taker(side)?.push(side, bytes, time, record, missing)
    else if (this.#undecided) {
      const copy = bytes.slice()
      const head = this.transport === 'stream' ? this.#heads[side] : empty
      if (head.length < HEAD) this.#heads = { ...this.#heads, [side]: concat([head, copy.subarray(0, HEAD)]) }
      this.#hold({ type: 'data', side, bytes: copy, time, record, missing })
    }
  }

  gap(side: Side, length: number, time: number, record: number): void {
    if (this.#direct()) this.#taker(side)?.gap(side, length, time, record)
    else if (this.#undecided) {
      // What follows a hole is no beginning of anything.
      if (this.#heads[side].length === 0) this.#joined = 'middle'
      this.#hold({ type: 'gap', side, length, time, record })
    }
  }

  end(side: Side): void {
    if (this.#direct()) this.#taker(side)?.end(side)
    else if (this.#undecided) this.#hold({ type: 'end', side })
  }

  /** Nothing more comes: what is undecided is decided. Drain once more after. */
  close(): void {
    if (this.#undecided) this.#try(true)
    if (this.#inner instanceof Carriage) this.#inner.close()
    this.#successor?.close()
  }

  /** The next packet, in the order in which last bytes arrived; undefined until more is pushed. */
  next(): Packet | undefined {
    const inner = this.#inner
    if (inner === undefined) return undefined
    for (;;) {
      const packet = inner.next()
      if (packet !== undefined) {
        if (packet.kind === 'frame' && inner.codec?.handsOver?.(packet) === true) this.#handOver(packet)
        return packet
      }
      const later = this.#successor?.next()
      if (later !== undefined) return later
      const held = this.#held.shift()
      if (held === undefined) return undefined
      const taker = this.#taker(held.side)
      if (held.type === 'data') taker?.push(held.side, held.bytes, held.time, held.record, held.missing)
      else if (held.type === 'gap') taker?.gap(held.side, held.length, held.time, held.record)
      else taker?.end(held.side)
    }
  }

  /** Who takes what this side sends. */
  #taker(side: Side): Conversation | Carriage | Session | undefined {
    return this.#handed.includes(side) ? this.#successor : this.#inner
  }

  #handOver({ side, time, record }: Packet): void {
    if (this.#inner === undefined || this.#inner instanceof Carriage) return
    const rest = this.#inner.surrender(side)
    this.#handed = [...this.#handed, side]
    this.#successor ??= new Session(this.#flow, this.#options, 'start', this.#carriers)
    if (rest.length > 0) this.#successor.push(side, rest, time, record, 0)
  }

  #direct(): boolean {
    return this.#inner !== undefined && this.#held.length === 0
  }

  #hold(event: Held): void {
    this.#held.push(event)
    this.#try(false)
  }

  #try(final: boolean): void {
    const { transport } = this
    const stream = { flow: this.#flow, transport, joined: this.#joined, heads: this.#heads, carriers: this.#carriers }
    const found = detect(stream, this.#options, final)
    if (found === 'more') return
    this.#undecided = false
    this.#heads = NO_HEADS
    if (found === undefined) this.#held = []
    else if (isCarrier(found)) {
      const { services } = this.#options
      if (services === undefined) throw new TypeError('carriers come with their services')
      const outer = converse(found.codec, { joined: this.#joined })
      const inside = (status: CarrierStatus, joined: Joined) =>
        new Session(this.#flow, this.#options, joined, [...this.#carriers, status])
      this.#inner = new Carriage(outer, found.open(services), this.#joined, inside)
    } else this.#inner = converse(found, { joined: this.#joined })
  }
}

const isCarrier = (found: AnyCarrier | AnyCodec): found is AnyCarrier => 'open' in found

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

const NONE: readonly CarrierStatus[] = []
/** How much of each side detection gets to see. */
const HEAD = 4096
const empty: Uint8Array = new Uint8Array(0)
const NO_HEADS: Heads = { client: empty, server: empty }
