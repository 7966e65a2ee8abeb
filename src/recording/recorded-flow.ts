import type { AnyCarrier, Packet, Side } from '../../codecs/core/index.ts'
import type { BySide, Ending, Flow, FlowSink } from '../flow.ts'
import { CarriedSearch } from './carried.ts'
import { Lane, type LaneOutput } from './lane.ts'
import { LateScribe } from './late-scribe.ts'
import { knownOf, type Policy, policyFor, type RecordedOptions, type RecordedSink } from './policy.ts'
import { hidden, type Redactor } from './redact.ts'

/** A frame that may hold something secret is awaited up to this length; of what is longer the rest is overwritten. */
const MOST_WAITING = 16 << 20
/** From here on it is asked of a frame that is not whole whether it may hold anything secret at all. */
const PATIENCE = 64 << 10
/** A score of certainty. */
const CERTAIN = 0.9

/** One connection on its way to the recording: what is shown of it goes on to `inner` at once. */
export class RecordedFlow implements RecordedSink {
  inner: FlowSink | undefined
  readonly #options: RecordedOptions
  readonly #redactor: Redactor
  readonly #lanes: BySide<Lane> = { client: new Lane(), server: new Lane() }
  readonly #outputs: BySide<LaneOutput>
  #flow: Flow | undefined
  #policy: Policy | undefined
  #carried: CarriedSearch | undefined
  readonly #scribe: LateScribe
  /** What waits to be told how it is carried, in the order in which it came: the sides take turns. */
  #arrivals: { readonly side: Side; readonly length: number; readonly time: number }[] = []
  /** Whose bytes were learnt of last: they are to be written before the other side's. */
  #turn: Side = 'client'
  #time = 0
  #over = false

  constructor(options: RecordedOptions) {
    this.#options = options
    this.#scribe = new LateScribe(options.begin)
    this.#redactor = options.redactor
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
    this.#lanes[side].know(kind === 'gap' ? offset : offset + length, this.#redactor.secretsOf(codec, packet))
  }

  comment(packet: Packet | undefined, text: string): void {
    this.#scribe.comment(this.#flow, packet, text)
  }

  data(side: Side, bytes: Uint8Array, time: number, record: number, missing: number): void {
    this.#time = time
    this.#turn = side
    this.#lanes[side].push(bytes)
    if (this.#policy === undefined) this.#arrivals.push({ side, length: bytes.length, time })
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
      this.#over = true
      const policy = this.#decidePolicy()
      if (policy === 'carried') this.#pass()
      for (const side of sides) {
        this.#carried?.end(side)
        this.#lanes[side].knowAll(policy !== 'open' && this.#redactor.active)
        this.#write(side)
      }
      this.#scribe.for(this.#flow).close(time, knownOf(this.#flow))
      this.#options.closed()
    }
  }

  /** After what came was looked at: writes what may be written, and keeps the rest. */
  #settle(side: Side): void {
    const lane = this.#lanes[side]
    const policy = this.#decidePolicy()
    if (policy === 'open' || policy === 'closed') {
      for (const each of sides) this.#lanes[each].knowAll(policy === 'closed')
    } else if (policy === 'carried') this.#pass()
    this.#write(this.#turn)
    this.#write(side)
    if (lane.waiting > PATIENCE) this.#decide(side, lane)
    for (const each of sides) this.#write(each)
    lane.hold()
  }

  /** Much of one frame waits: its type holds nothing secret, or it is too long to be awaited. */
  #decide(side: Side, lane: Lane): void {
    const codec = this.#flow?.codec
    const partial = this.#flow?.partial(side)
    // Where it begins after what waits, other bytes wait too: some that fit no frame.
    const whole = partial !== undefined && partial.offset <= lane.offset
    if (codec !== undefined && whole && this.#redactor.isHarmless(codec, partial)) lane.knowAll(false)
    else if (lane.waiting > MOST_WAITING) {
      if (codec === undefined || !whole) lane.knowAll(true)
      else {
        // Of what is here it can be told; the rest is let pass unseen.
        const upTo = lane.offset + lane.waiting
        const end = partial.offset + partial.end - partial.start
        lane.know(upTo, [...this.#redactor.secretsOf(codec, partial), ...(end < upTo ? [hidden(end, upTo)] : [])])
      }
    }
  }

  #decidePolicy(): Policy | undefined {
    const flow = this.#flow
    if (this.#policy !== undefined || flow?.undecided !== false) return this.#policy
    const carrier = this.#carrierOf()
    const policy = policyFor(flow, this.#redactor, carrier !== undefined)
    // What is carried may take longer to be told than what carries it.
    const more = flow.codec === undefined && !this.#over && sides.every(side => this.#lanes[side].waiting <= PATIENCE)
    if (policy === 'carried' && more) return undefined
    this.#policy = policy === 'carried' && flow.codec === undefined ? 'closed' : policy
    if (this.#policy !== 'carried') this.#arrivals = []
    if (this.#policy === 'closed') this.#options.overwritten(flow)
    else if (this.#policy === 'carried' && carrier !== undefined) {
      this.#carried = new CarriedSearch(carrier, flow.codec, flow.joined, this.#redactor, this.#outputs)
    }
    return this.#policy
  }

  /** What carries the protocol, where that can be written anew: told by what waits, which is the flow's beginning. */
  #carrierOf(): AnyCarrier | undefined {
    return this.#options.carriers.find(
      carrier =>
        carrier.refill !== undefined &&
        sides.some(side => {
          const head = this.#lanes[side].head
          return head.length > 0 && carrier.codec.detect(head, side) >= CERTAIN
        }),
    )
  }

  /** Has what waits searched. */
  #pass(): void {
    const now = this.#time
    const waiting = { client: this.#lanes.client.take(), server: this.#lanes.server.take() }
    for (const { side, length, time } of this.#arrivals.splice(0)) {
      this.#time = time
      this.#carried?.push(side, waiting[side].subarray(0, length))
      waiting[side] = waiting[side].subarray(length)
    }
    this.#time = now
    for (const side of sides) {
      if (waiting[side].length > 0) this.#carried?.push(side, waiting[side])
      if (this.#lanes[side].ending !== undefined) this.#carried?.end(side)
    }
  }

  /** Writes what is known of this side, and how it ended once all of it is written. */
  #write(side: Side): void {
    const lane = this.#lanes[side]
    lane.write(this.#outputs[side])
    if (lane.ending === undefined || lane.waiting > 0) return
    this.#scribe.for(this.#flow).end(side, this.#time, lane.ending)
    lane.ending = undefined
  }

  #skip(side: Side, length: number): void {
    if (this.#carried !== undefined) {
      this.#carried.gap(side, length)
      return
    }
    const lane = this.#lanes[side]
    // What waits before a hole will not become whole.
    lane.knowAll(this.#redactor.active)
    this.#write(side)
    lane.gap(length, this.#outputs[side])
  }

  #output(side: Side): LaneOutput {
    return {
      data: (bytes, offset, secrets) => this.#scribe.for(this.#flow).data(side, this.#time, bytes, offset, secrets),
      gap: length => this.#scribe.for(this.#flow).gap(side, this.#time, length),
      lost: length => {
        this.#options.lost(length)
        this.#scribe.for(this.#flow).gap(side, this.#time, length)
      },
    }
  }
}

const sides: readonly Side[] = ['client', 'server']
