import type { Packet } from '../../codecs/core/index.ts'
import { Diagnosis, trafficRules } from '../findings/index.ts'
import type { Flow } from '../flow.ts'
import type { Observer } from '../inspector.ts'
import { Tracking } from '../tracking/index.ts'
import type { Rows } from './rows.ts'

/** Shows traffic: rows, and before them whoever works out what they need. */
export class Viewer implements Observer {
  readonly #rows: Rows
  readonly #diagnosis: Diagnosis | undefined
  readonly #tracking: Tracking | undefined
  readonly #first: Observer

  constructor(rows: Rows) {
    this.#rows = rows
    this.#diagnosis = rows.needs === 'findings' ? new Diagnosis(rows, trafficRules) : undefined
    this.#tracking = rows.needs === 'frames' ? undefined : new Tracking(this.#diagnosis ?? rows)
    this.#first = this.#tracking ?? rows
  }

  /** Frames, malformed runs and gaps so far. */
  get frames(): number {
    return this.#rows.frames
  }

  /** Whether what is shown next may need bytes that came before: messages are put together. */
  get keeps(): boolean {
    return this.#tracking !== undefined
  }

  start(origin: bigint): void {
    this.#first.start?.(origin)
  }

  opened(flow: Flow): void {
    this.#first.opened?.(flow)
  }

  packet(flow: Flow, packet: Packet, number: number): void {
    this.#first.packet?.(flow, packet, number)
  }

  closed(flow: Flow): void {
    this.#first.closed?.(flow)
  }

  drain(): Promise<void> | undefined {
    return this.#first.drain?.()
  }

  /** Writes what remains to be written. */
  finish(): void {
    this.#tracking?.finish()
    this.#diagnosis?.finish()
    this.#rows.finish()
  }

  /** What could not be followed or shown, each a sentence. */
  get omissions(): string[] {
    return [...(this.#tracking?.omissions ?? []), ...(this.#diagnosis?.omissions ?? [])]
  }
}
