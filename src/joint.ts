import type { Side } from '../codecs/core/index.ts'
import type { Ending, FlowInfo, FlowSink, Sink } from './flow.ts'

/** A sink to which connections can be added that its source knows nothing of: they happen now. */
export class Joint implements Sink {
  readonly #inner: Sink
  #origin = 0n
  #last = 0

  constructor(inner: Sink) {
    this.#inner = inner
  }

  start(origin: bigint): void {
    this.#origin = origin
    this.#inner.start(origin)
  }

  open(info: FlowInfo): FlowSink {
    this.#last = Math.max(this.#last, info.id)
    return this.#inner.open(info)
  }

  secrets(type: number, bytes: Uint8Array): void {
    this.#inner.secrets?.(type, bytes)
  }

  number(next: number): void {
    this.#inner.number?.(next)
  }

  drain(): Promise<void> | undefined {
    return this.#inner.drain?.()
  }

  /** One more, with the next number: not before the source has told of all of its own. */
  add(info: Omit<FlowInfo, 'id' | 'joined' | 'started'>) {
    const flow = this.open({ ...info, id: this.#last + 1, joined: 'start', started: this.#now() })
    return {
      data: (side: Side, bytes: Uint8Array): void => flow.data(side, bytes, this.#now(), 0, 0),
      end: (side: Side, ending: Ending): void => flow.end(side, this.#now(), ending),
      close: (): void => flow.close(this.#now()),
    }
  }

  #now(): number {
    return Number(BigInt(Date.now()) * 1_000_000n - this.#origin)
  }
}
