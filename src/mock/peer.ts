import { type AnyCodec, type Frame, Writer } from '../../codecs/core/index.ts'
import type { FlowSink } from '../flow.ts'
import type { Connection } from '../net/index.ts'

/** Bytes that may wait for `flush`. */
const MOST_WAITING = 1 << 20

/** One live client's connection, as it is played to. What is sent is seen by the sink, too. */
export class Peer {
  /** Nothing more can be said. */
  over = false
  /** When either of both last said something, in milliseconds of `performance.now()`. */
  stirred = performance.now()
  readonly #connection: Connection
  readonly #sink: FlowSink
  readonly #now: () => number
  readonly #writer = new Writer()
  /** What waits for `flush`: of a stream all as one, else each frame by itself. */
  #units: Uint8Array[] = []
  #waiting = 0
  #ending: 'fin' | 'reset' | undefined
  #listening = true

  constructor(connection: Connection, sink: FlowSink, now: () => number) {
    this.#connection = connection
    this.#sink = sink
    this.#now = now
  }

  /** It does not take what it is sent as fast as that comes: `drain` will tell when it does. */
  get congested(): boolean {
    return this.#connection.stream.writableNeedDrain
  }

  /** Lets out what waits, where it is much. */
  relieve(): void {
    if (this.#waiting + this.#writer.position > MOST_WAITING) this.flush()
  }

  /** Whether it is heard: what it says meanwhile waits in its own socket. */
  listen(yes: boolean): void {
    if (yes === this.#listening) return
    this.#listening = yes
    const { stream } = this.#connection
    if (yes) stream.resume()
    else stream.pause()
  }

  /** Goes out with `flush`: not while something is being taken in. */
  send(codec: AnyCodec, frames: readonly Frame[], context: unknown): void {
    if (this.over) return
    for (const frame of frames) {
      codec.write(this.#writer, frame, context)
      if (codec.transport !== 'stream') this.#cut()
    }
  }

  flush(): void {
    const { stream } = this.#connection
    this.#cut()
    const units = this.#units
    if (units.length > 0) this.stirred = performance.now()
    this.#units = []
    this.#waiting = 0
    if (!stream.destroyed && stream.writable) {
      for (const bytes of units) {
        stream.write(bytes)
        this.#sink.data('server', bytes, this.#now(), 0, 0)
      }
    }
    const ending = this.#ending
    this.#ending = undefined
    if (ending === undefined) return
    this.#sink.end('server', this.#now(), ending)
    if (ending === 'reset') this.#connection.reset()
    else stream.end()
  }

  /** Once what was said has gone out. */
  end(reset: boolean): void {
    if (this.over) return
    this.over = true
    this.#ending = reset ? 'reset' : 'fin'
  }

  #cut(): void {
    if (this.#writer.position === 0) return
    const bytes = this.#writer.take()
    this.#waiting += bytes.length
    this.#units.push(bytes)
  }
}
