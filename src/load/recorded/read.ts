import type { DriveSettings, Message } from '../../../codecs/core/index.ts'
import { codecs } from '../../../codecs/index.ts'
import { again } from '../../again.ts'
import { EXIT, Failure } from '../../failure.ts'
import { MessageRow, messageFields } from '../../fields/index.ts'
import { compile, type Filter } from '../../filter/index.ts'
import type { Flow } from '../../flow.ts'
import { Clock } from '../../output/index.ts'
import { loadPayloads } from '../../payload/index.ts'
import { Tracking } from '../../tracking/index.ts'
import { Reservoir } from './reservoir.ts'

/** A message of a recording, as it is published again. */
export interface RecordedMessage {
  /** The codec's id. */
  readonly protocol: string
  readonly destination: string
  /** What a client of the same protocol must have set for it to go there. */
  readonly settings: DriveSettings
  readonly body: Uint8Array
  readonly contentType: string | undefined
}

/** What a recording has for a load. */
export interface Recorded {
  /** All, or so many as stand for all, in their order. */
  readonly messages: readonly RecordedMessage[]
  /** How many there were. */
  readonly count: number
  /** And how many that nobody can publish again: to what was there for a while. */
  readonly gone: number
  /** When each was published, as far as is kept: seconds since the first. */
  readonly times: Float64Array
  /** Until the next would have been published, at the end: what a loop takes. */
  readonly seconds: number
}

/** More messages than these, or bytes of their bodies, are sampled. */
const LIMITS = { count: 10_000, bytes: 32 << 20 }
/** Of more messages, the rhythm is that of the first ones. */
const MOST_TIMES = 1 << 20

/**
 * The messages of a recording, or of any other capture: those that clients published; or, where there are none, those
 * that were delivered. What did not come whole, or was sent again, is left out.
 */
export async function readRecorded(path: string, filter: string | undefined, signal: AbortSignal): Promise<Recorded> {
  const wanted = filter === undefined ? undefined : compile(filter, messageFields(codecs, false))
  const payloads = await loadPayloads()
  const [published, delivered] = [new Collected(), new Collected()]
  let clock = new Clock(0n)
  let number = 0
  const isWanted = (flow: Flow, message: Message, by: Filter<MessageRow>): boolean =>
    by.matches(new MessageRow(number, flow, message, time => clock.iso(time), payloads))
  const tracking = new Tracking({
    start: origin => {
      clock = new Clock(origin)
    },
    message: (flow, message) => {
      number++
      if (!message.whole || message.repeated === true) return
      if (wanted !== undefined && !isWanted(flow, message, wanted)) return
      ;(message.direction === 'publish' ? published : delivered).add(flow, message)
    },
  })
  await again({ path, decodeAs: [] }, tracking, signal)
  tracking.finish()
  const found = published.count > 0 ? published : delivered
  if (found.count > 0) return found.recorded
  throw new Failure(`--from ${path}: there are no messages in it${filter === undefined ? '' : ' that match'}`, {
    exit: EXIT.input,
    next: 'mqinspect decode --view messages shows those that there are.',
  })
}

class Collected {
  readonly #reservoir = new Reservoir<RecordedMessage>(LIMITS)
  readonly #times: number[] = []
  #last = 0
  #gone = 0

  get count(): number {
    return this.#reservoir.seen
  }

  add({ codec }: Flow, message: Message): void {
    const { body, destination, contentType, address } = message
    if (codec === undefined) return
    const plain = address === undefined ? undefined : { destination: address, settings: {} }
    const target = codec.drive?.target === undefined ? plain : codec.drive.target(destination)
    if (target === undefined) {
      this.#gone++
      return
    }
    this.#last = Math.max(this.#last, message.time)
    if (this.#times.length < MOST_TIMES) this.#times.push(this.#last)
    // A view would hold all that was read with it.
    this.#reservoir.add(body.length, () => ({ protocol: codec.id, ...target, body: body.slice(), contentType }))
  }

  get recorded(): Recorded {
    const times = this.#times
    const [first = 0] = times
    const span = ((times.at(-1) ?? 0) - first) / 1e9
    const gap = times.length > 1 ? span / (times.length - 1) : 1
    return {
      messages: this.#reservoir.items,
      count: this.count,
      gone: this.#gone,
      times: Float64Array.from(times, time => (time - first) / 1e9),
      // All at one moment is a burst, which comes again after a while.
      seconds: Math.max(span + gap, LEAST_SECONDS),
    }
  }
}

const LEAST_SECONDS = 0.001
