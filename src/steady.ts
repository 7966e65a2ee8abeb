import type { Side } from '../codecs/core/index.ts'
import type { FlowInfo, FlowSink, Sink } from './flow.ts'

/** Room for many chunks of small frames: what is kept of one holds on to all of it. */
const BLOCK = 256 << 10

/**
 * Hands on bytes that stay as they are, for whoever keeps views of them. Live sources read into the same buffer over
 * and over; here each chunk is copied once, behind the one before.
 */
export function steady(inner: Sink): Sink {
  let block = new Uint8Array(BLOCK)
  let used = 0
  const copied = (bytes: Uint8Array): Uint8Array => {
    if (bytes.length > BLOCK) return bytes.slice()
    if (used + bytes.length > BLOCK) {
      block = new Uint8Array(BLOCK)
      used = 0
    }
    const copy = block.subarray(used, (used += bytes.length))
    copy.set(bytes)
    return copy
  }
  return {
    start: origin => inner.start(origin),
    open: info => new SteadyFlow(inner, info, copied),
    secrets: (type, bytes) => inner.secrets?.(type, bytes),
    drain: () => inner.drain?.(),
  }
}

class SteadyFlow implements FlowSink {
  readonly #inner: FlowSink
  readonly #copied: (bytes: Uint8Array) => Uint8Array

  constructor(sink: Sink, info: FlowInfo, copied: (bytes: Uint8Array) => Uint8Array) {
    this.#inner = sink.open(info)
    this.#copied = copied
  }

  data(side: Side, bytes: Uint8Array, time: number, record: number, missing: number): void {
    this.#inner.data(side, this.#copied(bytes), time, record, missing)
  }

  gap(side: Side, length: number, time: number, record: number): void {
    this.#inner.gap(side, length, time, record)
  }

  end(side: Side, time: number, ending: Parameters<FlowSink['end']>[2]): void {
    this.#inner.end(side, time, ending)
  }

  close(time: number): void {
    this.#inner.close(time)
  }
}
