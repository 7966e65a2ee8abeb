import type { AnyCodec, CarrierStatus, Facts, Packet, Side } from '../codecs/core/index.ts'
import { FrameReader } from '../codecs/core/index.ts'
import type { DetectOptions } from './detect.ts'
import type { BySide, Ending, Flow, FlowInfo, FlowSink, Sink } from './flow.ts'
import { Session } from './session.ts'

/** Who wants to know. Called in order, synchronously; packets are views that hold their chunk. */
export interface Observer {
  start?(origin: bigint): void
  opened?(flow: Flow): void
  /**
   * A frame, a malformed run or a gap. Its moment of completion orders it among all flows; `number`, from 1, is its place
   * in that order.
   */
  packet?(flow: Flow, packet: Packet, number: number): void
  closed?(flow: Flow): void
  drain?(): Promise<void> | undefined
}

export interface InspectorOptions extends DetectOptions {
  /** TLS secrets that the source carries itself. */
  readonly onSecrets?: (type: number, bytes: Uint8Array) => void
}

/** Turns what a source delivers into packets of flows, for one observer. */
export class Inspector implements Sink {
  readonly #options: InspectorOptions
  readonly #observer: Observer
  readonly #open = new Set<LiveFlow>()
  readonly #count: Count = { packets: 0 }

  constructor(options: InspectorOptions, observer: Observer) {
    this.#options = options
    this.#observer = observer
  }

  start(origin: bigint): void {
    this.#observer.start?.(origin)
  }

  open(info: FlowInfo): FlowSink {
    const flow = new LiveFlow(info, this.#options, this.#observer, this.#count, () => this.#open.delete(flow))
    this.#open.add(flow)
    this.#observer.opened?.(flow)
    return flow
  }

  secrets(type: number, bytes: Uint8Array): void {
    this.#options.onSecrets?.(type, bytes)
  }

  number(next: number): void {
    this.#count.packets = next - 1
  }

  drain(): Promise<void> | undefined {
    return this.#observer.drain?.()
  }

  /** Flows still open. */
  get flows(): Iterable<Flow> {
    return this.#open
  }
}

/** What remains of a session. */
type Outcome = Pick<Session, 'codec' | 'carriers' | 'undecided'>

/** Of all flows together. */
interface Count {
  packets: number
}

class LiveFlow implements Flow, FlowSink {
  readonly id: number
  readonly transport: FlowInfo['transport']
  readonly client: FlowInfo['client']
  readonly server: FlowInfo['server']
  readonly started: number
  readonly joined: FlowInfo['joined']
  readonly route?: string
  readonly frames: BySide<number> = { client: 0, server: 0 }
  readonly bytes: BySide<number> = { client: 0, server: 0 }
  readonly facts: BySide<Facts> = { client: {}, server: {} }
  malformed = 0
  lost = 0
  ended: number
  ending: Ending | undefined

  readonly unwrapped: readonly CarrierStatus[]
  /** In its place, once the flow is over, what it found out: flows may be kept, and there may be very many. */
  #session: Session | Outcome
  readonly #observer: Observer
  readonly #count: Count
  readonly #forget: () => void
  readonly #over: BySide<boolean> = { client: false, server: false }

  constructor(info: FlowInfo, options: DetectOptions, observer: Observer, count: Count, forget: () => void) {
    this.id = info.id
    this.transport = info.transport
    this.client = info.client
    this.server = info.server
    this.started = info.started
    this.joined = info.joined
    if (info.route !== undefined) this.route = info.route
    this.unwrapped = info.unwrapped ?? []
    this.ended = info.started
    this.#session = new Session(info, options)
    this.#observer = observer
    this.#count = count
    this.#forget = forget
  }

  get codec(): AnyCodec | undefined {
    return this.#session.codec
  }

  get undecided(): boolean {
    return this.#session.undecided
  }

  partial(side: Side): Packet | undefined {
    return this.#live?.partial(side)
  }

  get carriers(): readonly CarrierStatus[] {
    const { carriers } = this.#session
    return this.unwrapped.length === 0 ? carriers : [...this.unwrapped, ...carriers]
  }

  data(side: Side, bytes: Uint8Array, time: number, record: number, missing: number): void {
    this.ended = time
    this.bytes[side] += bytes.length + missing
    this.#live?.push(side, bytes, time, record, missing)
    this.#drain()
  }

  gap(side: Side, length: number, time: number, record: number): void {
    this.ended = time
    this.lost += length
    this.#live?.gap(side, length, time, record)
    this.#drain()
  }

  end(side: Side, time: number, ending: Ending): void {
    if (this.#over[side]) return
    this.#over[side] = true
    this.ended = Math.max(time, this.ended)
    if (this.ending !== 'reset') this.ending = ending
    this.#live?.end(side)
    this.#drain()
  }

  close(time: number): void {
    this.end('client', time, 'lost')
    this.end('server', time, 'lost')
    this.#live?.close()
    this.#drain()
    const { codec, carriers } = this.#session
    this.#session = { codec, carriers, undecided: false }
    this.#forget()
    this.#observer.closed?.(this)
  }

  get #live(): Session | undefined {
    return this.#session instanceof Session ? this.#session : undefined
  }

  #drain(): void {
    const session = this.#live
    for (let packet = session?.next(); packet !== undefined; packet = session?.next()) {
      if (packet.kind === 'frame') {
        this.frames[packet.side]++
        this.#learn(packet)
      } else if (packet.kind === 'malformed') this.malformed++
      this.#observer.packet?.(this, packet, ++this.#count.packets)
    }
  }

  /** What a few frames tell about the whole connection. */
  #learn(packet: Packet): void {
    const codec = this.#session.codec as AnyCodec
    if (codec.facts === undefined || codec.frames[codec.type(packet)]?.facts !== true) return
    const facts = codec.facts(reader.read(codec, packet).frame)
    if (facts !== undefined) this.facts[packet.side] = { ...this.facts[packet.side], ...facts }
  }
}

const reader = new FrameReader()
