import type { AnyCodec, Packet, Side } from '../../codecs/core/index.ts'
import type { BySide, Ending, Flow, FlowSink } from '../flow.ts'
import { Lane, type LaneOutput } from './lane.ts'
import { type Policy, policyFor, type RecordedOptions, type RecordedSink } from './policy.ts'
import { isHarmless, secretsOf } from './redact.ts'
import type { Script } from './script.ts'

/** Frames that may hold credentials are awaited up to this length; what is longer is no such frame, and overwritten. */
const MAX_SECRET = 1 << 20
/** From here on it is asked of a frame that is not whole whether it may hold credentials at all. */
const PATIENCE = 64 << 10

/** One connection on its way to the recording: what is shown of it goes on to `inner` at once. */
export class RecordedFlow implements RecordedSink {
  inner: FlowSink | undefined
  readonly #begin: (codec: AnyCodec | undefined) => Script
  readonly #keepSecrets: boolean
  readonly #closed: () => void
  readonly #lanes: BySide<Lane> = { client: new Lane(), server: new Lane() }
  readonly #outputs: BySide<LaneOutput>
  readonly #overwritten: (flow: Flow) => void
  #flow: Flow | undefined
  #policy: Policy | undefined
  #begun: Script | undefined
  /** Whose bytes were learnt of last: they are to be written before the other side's. */
  #turn: Side = 'client'
  #time = 0

  constructor({ begin, keepSecrets, overwritten, closed }: RecordedOptions<Script>) {
    this.#begin = begin
    this.#keepSecrets = keepSecrets
    this.#overwritten = overwritten
    this.#closed = closed
    this.#outputs = { client: this.#output('client'), server: this.#output('server') }
  }

  opened(flow: Flow): void {
    this.#flow = flow
  }

  /** What bytes that came are. Packets of what a carrier carries are numbered otherwise, and tell nothing. */
  packet(packet: Packet): void {
    const codec = this.#flow?.codec
    if (codec === undefined || this.#decidePolicy() !== 'searched') return
    const { side, kind, offset, length } = packet
    if (side !== this.#turn) this.#write(this.#turn)
    this.#turn = side
    this.#lanes[side].know(kind === 'gap' ? offset : offset + length, secretsOf(codec, packet))
  }

  data(side: Side, bytes: Uint8Array, time: number, record: number, missing: number): void {
    this.#time = time
    this.#turn = side
    this.#lanes[side].push(bytes)
    try {
      this.inner?.data(side, bytes, time, record, missing)
    } finally {
      this.#settle(side)
    }
    if (missing > 0) this.#skip(side, missing)
  }

  gap(side: Side, length: number, time: number, record: number): void {
    this.#time = time
    this.#turn = side
    this.inner?.gap(side, length, time, record)
    this.#settle(side)
    this.#skip(side, length)
  }

  end(side: Side, time: number, ending: Ending): void {
    this.#time = time
    this.#turn = side
    try {
      this.inner?.end(side, time, ending)
    } finally {
      this.#lanes[side].ending ??= ending
      this.#settle(side)
    }
  }

  close(time: number): void {
    this.#time = time
    try {
      this.inner?.close(time)
    } finally {
      const open = this.#decidePolicy() === 'open'
      for (const side of sides) {
        this.#lanes[side].knowAll(!open)
        this.#write(side)
      }
      this.#script()
      this.#closed()
    }
  }

  /** After what came was looked at: writes what may be written, and keeps the rest. */
  #settle(side: Side): void {
    const lane = this.#lanes[side]
    const policy = this.#decidePolicy()
    if (policy === 'open' || policy === 'closed') {
      for (const each of sides) this.#lanes[each].knowAll(policy === 'closed')
    }
    this.#write(this.#turn)
    this.#write(side)
    if (lane.waiting > PATIENCE) this.#decide(side, lane)
    for (const each of sides) this.#write(each)
    lane.hold()
  }

  /** Much of one frame waits: either its type holds no credentials, or it is given up for secret at some point. */
  #decide(side: Side, lane: Lane): void {
    const codec = this.#flow?.codec
    const partial = this.#flow?.partial(side)
    // Where it begins after what waits, other bytes wait too: some that fit no frame.
    const whole = partial !== undefined && partial.offset <= lane.offset
    const harmless = codec !== undefined && whole && isHarmless(codec, partial)
    if (harmless || lane.waiting > MAX_SECRET) lane.knowAll(!harmless)
  }

  #decidePolicy(): Policy | undefined {
    if (this.#policy === undefined && this.#flow?.undecided === false) {
      this.#policy = this.#keepSecrets ? 'open' : policyFor(this.#flow)
      if (this.#policy === 'closed') this.#overwritten(this.#flow)
    }
    return this.#policy
  }

  /** Writes what is known of this side, and how it ended once all of it is written. */
  #write(side: Side): void {
    const lane = this.#lanes[side]
    lane.write(this.#outputs[side])
    if (lane.ending === undefined || lane.waiting > 0) return
    if (lane.ending === 'fin') this.#script().fin(side, this.#time)
    else if (lane.ending === 'reset') this.#script().reset(side, this.#time)
    lane.ending = undefined
  }

  #skip(side: Side, length: number): void {
    const lane = this.#lanes[side]
    // What waits before a hole will not become whole.
    lane.knowAll(true)
    this.#write(side)
    lane.gap(length, this.#outputs[side])
  }

  #output(side: Side): LaneOutput {
    return {
      data: (bytes, offset, secrets) => this.#script().data(side, this.#time, bytes, offset, secrets),
      gap: length => this.#script().gap(side, length),
    }
  }

  #script(): Script {
    this.#begun ??= this.#begin(this.#flow?.codec)
    return this.#begun
  }
}

const sides: readonly Side[] = ['client', 'server']
