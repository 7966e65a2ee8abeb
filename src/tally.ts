import type { Packet } from '../codecs/core/index.ts'
import type { Flow } from './flow.ts'
import type { Observer } from './inspector.ts'
import { formatBytes } from './output/index.ts'

/** Counts what passes on its way to `inner`. */
export class Tally implements Observer {
  readonly #inner: Observer
  readonly #over: (flow: Flow) => void
  #flows = 0
  #frames = 0
  #bytes = 0

  /** `over` is told of each connection that has ended. */
  constructor(inner: Observer, over: (flow: Flow) => void = () => {}) {
    this.#inner = inner
    this.#over = over
  }

  /** Frames so far. */
  get frames(): number {
    return this.#frames
  }

  get flows(): number {
    return this.#flows
  }

  start(origin: bigint): void {
    this.#inner.start?.(origin)
  }

  opened(flow: Flow): void {
    this.#flows++
    this.#inner.opened?.(flow)
  }

  packet(flow: Flow, packet: Packet, number: number): void {
    if (packet.kind === 'frame') this.#frames++
    this.#inner.packet?.(flow, packet, number)
  }

  closed(flow: Flow): void {
    this.#bytes += flow.bytes.client + flow.bytes.server
    this.#inner.closed?.(flow)
    this.#over(flow)
  }

  drain(): Promise<void> | undefined {
    return this.#inner.drain?.()
  }

  toString(): string {
    const flows = `${this.#flows} ${this.#flows === 1 ? 'connection' : 'connections'}`
    return `${flows}, ${this.#frames} ${this.#frames === 1 ? 'frame' : 'frames'}, ${formatBytes(this.#bytes)}`
  }
}
