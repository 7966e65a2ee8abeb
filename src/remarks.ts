import type { Packet } from '../codecs/core/index.ts'
import { Diagnosis, type Finding, type FindingObserver, trafficRules } from './findings/index.ts'
import type { Flow } from './flow.ts'
import type { Observer } from './inspector.ts'
import { Tracking } from './tracking/index.ts'

/** Where a flow's packets are written: see Recorder. */
interface Commented {
  comment(flow: Pick<Flow, 'id'>, packet: Packet | undefined, text: string): void
}

export interface RemarksOptions {
  /** Name the rule only, not what was found: that may quote what is overwritten. */
  readonly discreet: boolean
}

/**
 * Works out what is wrong with the traffic on its way to `inner`, and has it stand as a comment at the packet that
 * showed it.
 */
export class Remarks implements Observer {
  readonly #inner: Observer
  readonly #tracking: Tracking
  readonly #diagnosis: Diagnosis

  constructor(recorder: Commented, inner: Observer, { discreet }: RemarksOptions) {
    this.#inner = inner
    const found = new Map<number, Finding[]>()
    const tell = (flow: Flow, packet: Packet | undefined): void => {
      for (const finding of found.get(flow.id) ?? []) recorder.comment(flow, packet, describe(finding, discreet))
      found.delete(flow.id)
    }
    const observer: FindingObserver = {
      // Told before the packet that showed it.
      finding: finding => void found.set(finding.flow.id, [...(found.get(finding.flow.id) ?? []), finding]),
      packet: (flow, packet) => {
        if (found.size > 0) tell(flow, packet)
      },
      closed: flow => tell(flow, undefined),
    }
    this.#diagnosis = new Diagnosis(observer, trafficRules)
    this.#tracking = new Tracking(this.#diagnosis)
  }

  start(origin: bigint): void {
    this.#tracking.start(origin)
    this.#inner.start?.(origin)
  }

  opened(flow: Flow): void {
    this.#tracking.opened(flow)
    this.#inner.opened?.(flow)
  }

  packet(flow: Flow, packet: Packet, number: number): void {
    this.#tracking.packet(flow, packet, number)
    this.#inner.packet?.(flow, packet, number)
  }

  closed(flow: Flow): void {
    this.#tracking.closed(flow)
    this.#inner.closed?.(flow)
  }

  drain(): Promise<void> | undefined {
    return this.#inner.drain?.()
  }
}

function describe({ rule, severity, message, frames }: Finding, discreet: boolean): string {
  const where = frames.length === 0 ? '' : `, ${frames.length === 1 ? 'frame' : 'frames'} ${frames.join(', ')}`
  return `${severity}: ${discreet ? rule.title : message} (${rule.id}${where})\n${rule.fix}`
}
