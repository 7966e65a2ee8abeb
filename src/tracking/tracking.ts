import {
  type AnyCodec,
  Budget,
  counted,
  type Exchange,
  type Frame,
  FrameReader,
  GIVEN_UP,
  type LevelChange,
  type Message,
  type Packet,
  type Room,
  type TopologyChange,
  type Tracked,
  type Tracker,
} from '../../codecs/core/index.ts'
import type { Flow } from '../flow.ts'
import type { Observer } from '../inspector.ts'

/** Who wants to know what the frames mean. What a packet brought about is told before the packet itself. */
export interface TrackedObserver extends Observer {
  /** With the frame, read as far as its values are asked for; undefined for what is none. */
  packet?(flow: Flow, packet: Packet, number: number, frame?: Frame): void
  message?(flow: Flow, message: Message): void
  began?(flow: Flow, exchange: Exchange): void
  /** Answered, or given up. */
  ended?(flow: Flow, exchange: Exchange): void
  /** Still without an answer when its flow, or the input, came to an end at `time`. Before `closed`. */
  unanswered?(flow: Flow, exchange: Exchange, time: number): void
  topology?(flow: Flow, change: TopologyChange): void
  level?(flow: Flow, change: LevelChange): void
}

export interface TrackingOptions {
  /** Open exchanges of all connections together; beyond, the oldest of a connection are given up. */
  readonly exchanges?: number
  /** Bytes of messages that are not whole yet, of all connections together; beyond, bodies are not kept. */
  readonly bytes?: number
}

const EXCHANGES = 250_000
const BYTES = 64 << 20

/** Follows the messages and exchanges of all flows, for an observer that sees the packets too. */
export class Tracking implements Observer {
  readonly #inner: TrackedObserver
  readonly #room: Room
  readonly #tracks = new Map<Flow, Track>()
  #now = 0

  constructor(inner: TrackedObserver, { exchanges = EXCHANGES, bytes = BYTES }: TrackingOptions = {}) {
    this.#inner = inner
    this.#room = { exchanges: new Budget(exchanges), bytes: new Budget(bytes) }
  }

  /** Exchanges that were given up for want of room. */
  givenUp = 0

  /** Bodies that were not kept whole for want of room. */
  get cutBodies(): number {
    return this.#room.bytes.refused
  }

  /** What could not be followed, each a sentence. */
  get omissions(): string[] {
    const { givenUp, cutBodies } = this
    return [
      ...(givenUp === 0 ? [] : [`${counted(givenUp, 'exchange')} given up while open, as too many were`]),
      ...(cutBodies === 0
        ? []
        : [`bodies of ${counted(cutBodies, 'message')} not kept whole, as too many were under way`]),
    ]
  }

  start(origin: bigint): void {
    this.#inner.start?.(origin)
  }

  opened(flow: Flow): void {
    this.#inner.opened?.(flow)
  }

  packet(flow: Flow, packet: Packet, number: number): void {
    if (packet.time > this.#now) this.#now = packet.time
    const { codec } = flow
    let frame: Frame | undefined
    if (codec !== undefined && packet.kind === 'frame') frame = reader.read(codec, packet).frame
    if (codec?.track !== undefined) {
      let track = this.#tracks.get(flow)
      if (track?.codec !== codec) {
        if (track !== undefined) this.#finish(flow, track)
        track = this.#begin(flow, codec)
      }
      if (frame === undefined) track.tracker.exchanges.lost(packet.side, packet.time)
      track.tracker.take(packet, frame, number)
    }
    this.#inner.packet?.(flow, packet, number, frame)
  }

  closed(flow: Flow): void {
    const track = this.#tracks.get(flow)
    if (track !== undefined) this.#finish(flow, track)
    this.#inner.closed?.(flow)
  }

  drain(): Promise<void> | undefined {
    return this.#inner.drain?.()
  }

  /** The input is over: of flows that did not close, what is open is told too. */
  finish(): void {
    for (const [flow, track] of this.#tracks) this.#finish(flow, track)
  }

  #begin(flow: Flow, codec: AnyCodec): Track {
    const out = new FlowOut(flow, this.#inner, () => this.givenUp++)
    const tracker = (codec.track as NonNullable<AnyCodec['track']>)({ joined: flow.joined, out, room: this.#room })
    const track = { codec, tracker }
    this.#tracks.set(flow, track)
    return track
  }

  #finish(flow: Flow, { tracker }: Track): void {
    this.#tracks.delete(flow)
    const time = Math.max(this.#now, flow.ended)
    tracker.end(time)
    for (const exchange of tracker.exchanges.open()) this.#inner.unanswered?.(flow, exchange, time)
    tracker.exchanges.release()
  }
}

interface Track {
  readonly codec: AnyCodec
  readonly tracker: Tracker
}

/** Adds to what a tracker tells whose it is. */
class FlowOut implements Tracked {
  readonly #flow: Flow
  readonly #inner: TrackedObserver
  readonly #onGivenUp: () => void

  constructor(flow: Flow, inner: TrackedObserver, onGivenUp: () => void) {
    this.#flow = flow
    this.#inner = inner
    this.#onGivenUp = onGivenUp
  }

  message(message: Message): void {
    this.#inner.message?.(this.#flow, message)
  }

  began(exchange: Exchange): void {
    this.#inner.began?.(this.#flow, exchange)
  }

  ended(exchange: Exchange): void {
    if (exchange.outcome === GIVEN_UP) this.#onGivenUp()
    this.#inner.ended?.(this.#flow, exchange)
  }

  topology(change: TopologyChange): void {
    this.#inner.topology?.(this.#flow, change)
  }

  level(subject: string, name: string, value: number, packet: Packet, frame: number): void {
    if (this.#inner.level === undefined) return
    this.#inner.level(this.#flow, { subject, name, value, frame, time: packet.time })
  }
}

const reader = new FrameReader()
