import type { Exchange, Message, Packet, Side } from '../../codecs/core/index.ts'
import type { BySide, Ending, Flow, FlowInfo, FlowSink, Sink } from '../flow.ts'
import { Inspector, type InspectorOptions } from '../inspector.ts'
import { Tracking } from '../tracking/index.ts'

/** The next thing in the recording. */
export type Step =
  | {
      readonly type: 'packet'
      readonly flow: Flow
      readonly packet: Packet
      /** A message that a client publishes begins or ends with it: what a rate counts. */
      readonly publishes: boolean
    }
  | { readonly type: 'end'; readonly flow: number; readonly side: Side; readonly ending: Ending; readonly time: number }

export interface RecordedOptions {
  readonly inspection: InspectorOptions
  /** Whether a connection can be played. */
  readonly playable: (flow: Flow) => boolean
  /** What the recording has, in its order; nothing more is read before it is settled. */
  readonly play: (steps: readonly Step[]) => Promise<void>
  readonly message: (flow: Flow, message: Message) => void
  /** Answered, or not, and never will be. */
  readonly ended: (flow: Flow, exchange: Exchange) => void
}

/** A recording as it is read: what was done, block by block, and what that meant. */
export class Recorded implements Sink {
  readonly #inspector: Inspector
  readonly #tracking: Tracking
  readonly #play: RecordedOptions['play']
  #steps: Step[] = []
  #publishes = false

  constructor({ inspection, playable, play, message, ended }: RecordedOptions) {
    this.#play = play
    const over = (flow: Flow, exchange: Exchange): void => {
      if (playable(flow)) ended(flow, exchange)
    }
    this.#tracking = new Tracking({
      message: (flow, sent) => {
        if (!playable(flow)) return
        this.#publishes = sent.direction === 'publish'
        message(flow, sent)
      },
      ended: over,
      unanswered: over,
      packet: (flow, packet) => {
        place(this.#steps, { type: 'packet', flow, packet, publishes: this.#publishes })
        this.#publishes = false
      },
    })
    this.#inspector = new Inspector(inspection, this.#tracking)
  }

  start(origin: bigint): void {
    this.#inspector.start(origin)
  }

  secrets(type: number, bytes: Uint8Array): void {
    this.#inspector.secrets(type, bytes)
  }

  open(info: FlowInfo): FlowSink {
    const inner = this.#inspector.open(info)
    const over: BySide<boolean> = { client: false, server: false }
    const end = (side: Side, time: number, ending: Ending): void => {
      if (over[side]) return
      over[side] = true
      this.#steps.push({ type: 'end', flow: info.id, side, ending, time })
    }
    return {
      data: (side, bytes, time, record, missing) => inner.data(side, bytes, time, record, missing),
      gap: (side, length, time, record) => inner.gap(side, length, time, record),
      end: (side, time, ending) => {
        inner.end(side, time, ending)
        end(side, time, ending)
      },
      close: time => {
        inner.close(time)
        end('client', time, 'lost')
      },
    }
  }

  drain(): Promise<void> | undefined {
    const steps = this.#steps
    if (steps.length === 0) return undefined
    this.#steps = []
    return this.#play(steps)
  }

  /** The same of a connection that was cut into packets before. */
  begin(flow: Flow): void {
    this.#tracking.opened(flow)
  }

  packet(flow: Flow, packet: Packet, number: number): void {
    this.#tracking.packet(flow, packet, number)
  }

  /** How the connection ended, where it did. */
  ended({ id: flow, ending, ended: time }: Flow): void {
    if (ending === undefined) return
    for (const side of ['client', 'server'] as const) this.#steps.push({ type: 'end', flow, side, ending, time })
  }

  /** The recording is read to its end. */
  finish(): void {
    this.#tracking.finish()
  }
}

/**
 * Puts a packet where it was sent. It is told of only once it is known what it is: of a connection that makes no sense, or
 * of bytes that fit no frame, that may be after all that came of them.
 */
function place(steps: Step[], step: Step & { readonly type: 'packet' }): void {
  const { flow, packet } = step
  let at = steps.length
  while (at > 0 && isLater(steps[at - 1] as Step, flow, packet)) at--
  steps.splice(at, 0, step)
}

/** Whether a step comes after a packet of this time; those of the packet's own side stay before it. */
function isLater(step: Step, { id }: Flow, { side, time }: Packet): boolean {
  if (step.type === 'end') return step.time > time && !(step.flow === id && step.side === side)
  return step.packet.time > time && !(step.flow.id === id && step.packet.side === side)
}
