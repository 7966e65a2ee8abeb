import type { Packet, Side } from '../../codecs/core/index.ts'
import type { Ending, Flow, FlowSink } from '../flow.ts'
import { LateScribe } from './late-scribe.ts'
import { knownOf, type Policy, policyFor, type RecordedOptions, type RecordedSink } from './policy.ts'
import { hidden, type Secret } from './redact.ts'

/** Datagrams that wait until their protocol is told. Beyond, they are overwritten, and wait no more. */
const MOST_WAITING = 256

interface Waiting {
  readonly side: Side
  readonly bytes: Uint8Array
  readonly time: number
  /** Of its first byte, in the stream of all that its side sent. */
  readonly offset: number
  /** What in it is secret, once that is known. */
  secrets: readonly Secret[] | undefined
}

/** Datagrams on their way to the recording, each by itself: it is known what one holds, or it is not. */
export class RecordedDatagrams implements RecordedSink {
  inner: FlowSink | undefined
  readonly #options: RecordedOptions
  readonly #offsets: Record<Side, number> = { client: 0, server: 0 }
  #queue: Waiting[] = []
  #flow: Flow | undefined
  #policy: Policy | undefined
  readonly #scribe: LateScribe

  constructor(options: RecordedOptions) {
    this.#options = options
    this.#scribe = new LateScribe(options.begin)
  }

  opened(flow: Flow): void {
    this.#flow = flow
  }

  packet(packet: Packet): void {
    const codec = this.#flow?.codec
    if (codec === undefined || this.#decide() !== 'searched') return
    const waiting = this.#queue.find(
      ({ side, offset, secrets }) => side === packet.side && offset === packet.offset && secrets === undefined,
    )
    if (waiting !== undefined) waiting.secrets = this.#options.redactor.secretsOf(codec, packet)
  }

  comment(packet: Packet | undefined, text: string): void {
    this.#scribe.comment(this.#flow, packet, text)
  }

  data(side: Side, bytes: Uint8Array, time: number, record: number, missing: number): void {
    const offset = this.#offsets[side]
    this.#offsets[side] += bytes.length + missing
    this.#queue.push({ side, bytes: bytes.slice(), time, offset, secrets: undefined })
    try {
      this.inner?.data(side, bytes, time, record, missing)
    } finally {
      this.#write(this.#queue.length > MOST_WAITING)
    }
  }

  gap(side: Side, length: number, time: number, record: number): void {
    this.inner?.gap(side, length, time, record)
  }

  end(side: Side, time: number, ending: Ending): void {
    this.inner?.end(side, time, ending)
  }

  close(time: number): void {
    try {
      this.inner?.close(time)
    } finally {
      this.#write(true)
      this.#scribe.for(this.#flow).close(time, knownOf(this.#flow))
      this.#options.closed()
    }
  }

  /** Writes from the front what is known; with `all` also what is not, as a secret where it may be one. */
  #write(all: boolean): void {
    const policy = this.#decide()
    let written = 0
    for (const { side, bytes, time, offset, secrets } of this.#queue) {
      const whole = hidden(offset, offset + bytes.length)
      const secret = policy === 'open' ? [] : policy === 'closed' ? [whole] : (secrets ?? (all ? [whole] : undefined))
      if (secret === undefined) break
      this.#scribe.for(this.#flow).data(side, time, bytes, offset, secret)
      written++
    }
    this.#queue.splice(0, written)
  }

  #decide(): Policy | undefined {
    if (this.#policy === undefined && this.#flow?.undecided === false) {
      this.#policy = policyFor(this.#flow, this.#options.redactor, false)
      if (this.#policy === 'closed') this.#options.overwritten(this.#flow)
    }
    return this.#policy
  }
}
