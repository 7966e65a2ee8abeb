import type { Side } from '../../codecs/core/index.ts'
import type { Ending, FlowInfo, FlowSink, Sink } from '../flow.ts'

/**
 * What looks at a relayed connection without being able to hurt it: whatever throws behind it is told once, and looks
 * no more.
 */
export class Tap {
  readonly #now: () => number
  readonly #failed: (error: Error) => void
  #flow: FlowSink | undefined

  constructor(sink: Sink, info: FlowInfo, now: () => number, failed: (error: Error) => void) {
    this.#now = now
    this.#failed = failed
    this.#guard(() => {
      this.#flow = sink.open(info)
    })
  }

  data(side: Side, bytes: Uint8Array): void {
    const flow = this.#flow
    if (flow === undefined) return
    // Not through #guard: this is what happens for every chunk.
    try {
      flow.data(side, bytes, this.#now(), 0, 0)
    } catch (error) {
      this.#fail(error)
    }
  }

  end(side: Side, ending: Ending): void {
    this.#guard(() => this.#flow?.end(side, this.#now(), ending))
  }

  close(): void {
    this.#guard(() => this.#flow?.close(this.#now()))
    this.#flow = undefined
  }

  #guard(look: () => void): void {
    try {
      look()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(thrown: unknown): void {
    const flow = this.#flow
    this.#flow = undefined
    this.#failed(thrown instanceof Error ? thrown : new Error(String(thrown)))
    // Its end is still worth knowing, where even that works.
    try {
      flow?.close(this.#now())
    } catch {
      // Told already.
    }
  }
}
