import {
  type AnyCodec,
  counted,
  FrameReader,
  type Packet,
  type PlayOptions,
  type Side,
} from '../../codecs/core/index.ts'
import { EXIT, Failure, usage } from '../failure.ts'
import type { Flow, FlowInfo, Sink } from '../flow.ts'
import { type Address, advice, type Dial, formatAddress, reason } from '../net/index.ts'
import { Played } from './connection.ts'
import type { Pace } from './pace.ts'
import { spokenAt, unmeant, whyNot } from './playable.ts'
import type { Step } from './recorded.ts'
import { Waiting } from './waiting.ts'

export interface EngineOptions {
  readonly to: Address
  readonly dial: Dial
  readonly pace: Pace
  /** Milliseconds that each thing is waited for. */
  readonly timeout: number
  readonly copies: number
  /** For one copy. */
  readonly player: (copy: number) => PlayOptions
  /** What looks at the live connections of a protocol. */
  readonly sink: (codec: AnyCodec) => Sink
  readonly signal: AbortSignal
  readonly tell: (what: string) => void
}

/** Milliseconds that a peer may take to end its side, where it ended first then: many leave that to the client. */
const LINGER = 1000
const OURS: Side = 'client'

/**
 * Does again what was recorded, in its order over all connections: what a peer did then comes before what we did after
 * it. One thing at a time, so that a run never depends on chance, and holds no more of the recording than its source.
 */
export class Engine {
  /** Connections that were made, and frames that were sent. */
  connections = 0
  frames = 0
  /** Connections of the recording that could not be played. */
  unplayed = 0
  /** How many of them, by the reason. */
  readonly leftOut = new Map<string, number>()
  readonly #options: EngineOptions
  readonly #began = performance.now()
  /** By flow of the recording, one a copy; none where it cannot be played. */
  readonly #played = new Map<number, readonly Played[]>()
  readonly #live = new Map<number, Played>()
  readonly #waiting: Waiting
  #dialled = 0

  constructor(options: EngineOptions) {
    this.#options = options
    this.#waiting = new Waiting({
      hurried: options.pace.hurried,
      signal: options.signal,
      live: () => this.#live.values(),
      // Where the peer is slow, it is waited for before anything else is sent.
      proceed: (played, packet) => void this.#send(played, packet),
    })
  }

  /** A packet of a live flow. */
  heard(flow: Flow, packet: Packet): void {
    if (packet.side !== OURS) this.#live.get(flow.id)?.hear(packet)
  }

  /** Which connection of the recording a live one stands for, and which copy of it. */
  played(flow: Flow): Played | undefined {
    return this.#live.get(flow.id)
  }

  /** Whether a connection of the recording can be played here. */
  plays(flow: Flow): boolean {
    const { to } = this.#options
    return unmeant(to, flow) === undefined && whyNot(flow, to) === undefined
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (this.#options.signal.aborted) return
      const waiting = step.type === 'end' ? this.#end(step) : this.#packet(step)
      if (waiting !== undefined) await waiting
    }
  }

  /** Waits for what is outstanding, and ends what is open. */
  async finish(): Promise<void> {
    await this.#waiting.all()
    for (const [flow, copies] of this.#played) this.#forget(flow, copies)
  }

  /** Ends at once, whatever is outstanding. */
  destroy(): void {
    for (const played of this.#live.values()) played.destroy()
  }

  /** The next run of the same recording begins. */
  async again(): Promise<void> {
    await this.finish()
    this.#options.pace.restart()
  }

  #packet(step: Step & { readonly type: 'packet' }): Promise<void> | undefined {
    const copies = this.#played.get(step.flow.id)
    return copies === undefined ? this.#open(step) : this.#each(step, copies, 0)
  }

  #each(step: Step & { type: 'packet' }, copies: readonly Played[], from: number): Promise<void> | undefined {
    const { packet } = step
    for (let at = from; at < copies.length; at++) {
      const played = copies[at] as Played
      if (packet.side !== OURS) this.#recall(played, packet)
      else {
        const waiting = this.#say(played, step, at === 0)
        if (waiting !== undefined) return waiting.then(() => this.#each(step, copies, at + 1))
      }
    }
    return undefined
  }

  #recall(played: Played, packet: Packet): void {
    if (packet.kind !== 'frame' || played.gone) return
    const expected = played.player.recall(reader.read(played.recorded, packet).frame, packet)
    if (expected?.open !== true) return
    const { pace } = this.#options
    this.#waiting.expect(expected, played, pace.hurried ? 0 : pace.due(packet.time, false))
  }

  /** Undefined where it was done at once. */
  #say(played: Played, step: Step & { type: 'packet' }, paced: boolean): Promise<void> | undefined {
    const { packet, publishes } = step
    const { pace } = this.#options
    const due = paced ? pace.due(packet.time, publishes) : 0
    if (due <= performance.now() && !this.#waiting.mustWait) return this.#send(played, packet)
    return this.#sayLater(played, packet, due)
  }

  async #sayLater(played: Played, packet: Packet, due: number): Promise<void> {
    await this.#waiting.room()
    await this.#waiting.until(due)
    await this.#send(played, packet)
  }

  #send(played: Played, packet: Packet): Promise<void> | undefined {
    if (this.#options.signal.aborted) return undefined
    if (packet.kind === 'gap' || packet.length > packet.end - packet.start) {
      this.#options.tell(`flow ${played.flow}: ${packet.length} bytes are not in the capture; it ends here`)
      played.end(false)
      return undefined
    }
    if (packet.kind === 'malformed') return this.#sent(played, played.sendBytes(packet.bytes))
    const { frame } = reader.read(played.recorded, packet)
    const said = played.player.say(frame, packet)
    switch (said.action) {
      case 'skip':
        played.skip(said.reason)
        return undefined
      case 'impossible':
        throw usage(`flow ${played.flow}: ${said.message}`, said.next)
      case 'wait': {
        if (said.apart === true && this.#waiting.putOff(played, packet, said.for)) return undefined
        const outstanding = played.expected.find(({ expected }) => expected === said.for)
        return this.#waiting
          .arrived(outstanding ?? { expected: said.for, played, since: performance.now() })
          .then(() => this.#send(played, packet))
      }
      default: {
        const { action, insist } = said
        const same = action === 'same' && played.codec === played.recorded
        const write = (): boolean => {
          const units = same
            ? [packet.bytes]
            : played.written(action === 'same' ? [frame] : said.frames, packet.context)
          if (insist !== undefined) played.insist(same ? [packet.bytes.slice()] : units, insist)
          return played.sendEach(units)
        }
        const first =
          said.orderly === true ? this.#waiting.all() : said.alone === true ? this.#waiting.of(played) : undefined
        if (first === undefined) return this.#sent(played, write())
        return first.then(() => this.#sent(played, write()))
      }
    }
  }

  #sent(played: Played, ready: boolean): Promise<void> | undefined {
    this.frames++
    return ready ? undefined : played.drained()
  }

  #end(step: Step & { readonly type: 'end' }): Promise<void> | undefined {
    const copies = this.#played.get(step.flow)
    return copies === undefined ? undefined : this.#ending(copies, step)
  }

  async #ending(copies: readonly Played[], { flow, side, ending, time }: Step & { type: 'end' }): Promise<void> {
    const { pace } = this.#options
    for (const played of copies) {
      await this.#waiting.of(played)
      const due = pace.hurried ? 0 : pace.due(time, false)
      if (side === OURS) {
        await this.#waiting.until(due)
        played.end(ending === 'reset')
      } else if (ending !== 'lost') {
        const last = Math.max(due, performance.now()) + Math.min(LINGER, played.patience)
        while (!played.gone && performance.now() < last && !this.#options.signal.aborted) {
          await this.#waiting.change(last - performance.now())
        }
      }
    }
    if (ending === 'lost' || copies.every(({ over, gone }) => over && gone)) this.#forget(flow, copies)
  }

  /** Nothing more will be done on them. */
  #forget(flow: number, copies: readonly Played[]): void {
    this.#played.delete(flow)
    for (const played of copies) {
      played.destroy()
      this.#live.delete(played.id)
      for (const trouble of troubleOf(played)) this.#options.tell(`flow ${flow}: ${trouble}`)
    }
  }

  async #open(step: Step & { readonly type: 'packet' }): Promise<void> {
    const { flow } = step
    const { to, copies, pace } = this.#options
    const other = unmeant(to, flow)
    const cannot = other ?? whyNot(flow, to)
    if (cannot !== undefined) {
      if (other === undefined) this.unplayed++
      this.#played.set(flow.id, [])
      this.leftOut.set(cannot, (this.leftOut.get(cannot) ?? 0) + 1)
      return
    }
    await this.#waiting.strict()
    if (!pace.hurried) await this.#waiting.until(pace.due(flow.started, false))
    const played: Played[] = []
    for (let copy = 0; copy < copies; copy++) {
      const one = await this.#dial(flow, copy)
      if (one !== undefined) played.push(one)
    }
    if (played.length < copies) this.unplayed++
    this.#played.set(flow.id, played)
    await this.#each(step, played, 0)
  }

  async #dial(flow: Flow, copy: number): Promise<Played | undefined> {
    const { to, dial, timeout, signal, sink, player, tell } = this.#options
    const codec = spokenAt(to, flow)
    if (codec?.play === undefined || signal.aborted) return undefined
    try {
      const connection = await dial(to, { timeout, signal, codec })
      const id = ++this.#dialled
      const played = new Played({
        id,
        flow: flow.id,
        copy,
        recorded: flow.codec as AnyCodec,
        codec,
        player: codec.play(player(copy)),
        connection,
        patience: timeout,
        now: this.#now,
        changed: () => this.#waiting.changed(played),
      })
      const info: FlowInfo = {
        id,
        transport: codec.transport === 'datagram' ? 'datagram' : 'stream',
        client: connection.local,
        server: connection.peer,
        started: this.#now(),
        joined: 'start',
        unwrapped: connection.carriers,
      }
      this.#live.set(id, played)
      this.connections++
      played.begin(sink(codec).open(info))
      return played
    } catch (error) {
      const message = `cannot connect to ${formatAddress(to)}: ${reason(error)}`
      if (this.connections === 0) {
        throw new Failure(message, {
          exit: EXIT.connection,
          cause: error,
          next: advice(error) ?? 'See whether the broker listens there.',
        })
      }
      tell(`flow ${flow.id} is left out: ${message}`)
      return undefined
    }
  }

  readonly #now = (): number => Math.round((performance.now() - this.#began) * 1e6)
}

/** In what a connection did not go as recorded. */
function troubleOf({ unsaid, missing, firstMissing, skipped, firstSkipped, player }: Played): string[] {
  const { unexpected } = player
  return [
    ...(missing > 0 ? [`${counted(missing, 'frame')} of the recording did not come, first ${firstMissing}`] : []),
    ...(unexpected > 0 ? [`${counted(unexpected, 'message')} came that the recording does not have`] : []),
    ...(skipped > 0 ? [`${counted(skipped, 'frame')} left out, first ${firstSkipped}`] : []),
    ...(unsaid > 0 ? [`the peer was gone before the last ${counted(unsaid, 'frame')} could be sent`] : []),
  ]
}

const reader = new FrameReader()
