import type { Packet, Side } from '../../codecs/core/index.ts'
import type { BySide, Ending, Flow, FlowSink } from '../flow.ts'
import { knownOf, placeOf, type RecordedOptions, type RecordedSink } from './policy.ts'
import type { Scribe } from './target.ts'

/** A flow of which nothing is overwritten: each chunk is written as it came. */
export class PlainFlow implements RecordedSink {
  inner: FlowSink | undefined
  readonly #options: RecordedOptions
  readonly #offsets: BySide<number> = { client: 0, server: 0 }
  #flow: Flow | undefined
  #scribe: Scribe | undefined
  /** What is to be written once it is known what protocol it is: by then little has come. */
  #waiting: ((scribe: Scribe) => void)[] = []

  constructor(options: RecordedOptions) {
    this.#options = options
  }

  opened(flow: Flow): void {
    this.#flow = flow
  }

  packet(): void {}

  comment(packet: Packet | undefined, text: string): void {
    const place = placeOf(this.#flow, packet)
    this.#write(scribe => scribe.comment(...place, text))
  }

  remark(side: Side, text: string): void {
    this.#write(scribe => scribe.comment(side, undefined, text))
  }

  data(side: Side, bytes: Uint8Array, time: number, record: number, missing: number): void {
    try {
      this.inner?.data(side, bytes, time, record, missing)
    } finally {
      const offset = this.#offsets[side]
      this.#offsets[side] += bytes.length + missing
      // Until it is written the chunk may be another's.
      const kept = this.#ready ? bytes : bytes.slice()
      this.#write(scribe => scribe.data(side, time, kept, offset, []))
      if (missing > 0) this.#write(scribe => scribe.gap(side, time, missing))
    }
  }

  gap(side: Side, length: number, time: number, record: number): void {
    this.inner?.gap(side, length, time, record)
    this.#offsets[side] += length
    this.#write(scribe => scribe.gap(side, time, length))
  }

  end(side: Side, time: number, ending: Ending): void {
    try {
      this.inner?.end(side, time, ending)
    } finally {
      this.#write(scribe => scribe.end(side, time, ending))
    }
  }

  close(time: number): void {
    try {
      this.inner?.close(time)
    } finally {
      this.#begin().close(time, knownOf(this.#flow))
      this.#options.closed()
    }
  }

  get #ready(): boolean {
    return this.#scribe !== undefined || this.#flow?.undecided === false
  }

  #write(what: (scribe: Scribe) => void): void {
    if (this.#ready) what(this.#begin())
    else this.#waiting.push(what)
  }

  #begin(): Scribe {
    if (this.#scribe !== undefined) return this.#scribe
    const scribe = this.#options.begin(knownOf(this.#flow))
    this.#scribe = scribe
    for (const what of this.#waiting.splice(0)) what(scribe)
    return scribe
  }
}
