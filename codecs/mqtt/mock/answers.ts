import type { MqttFrame, Subscribe, Unsubscribe } from '../frames.ts'

/** A SUBSCRIBE or UNSUBSCRIBE that is being answered: its topic filters one by one. */
interface Asked {
  readonly codes: (number | undefined)[]
  left: number
}

/** That are waiting to be whole. */
const MOST = 1000
/** Refused, before MQTT 5 [3.1.1, 3.9.3]. */
const FAILURE = 0x80

/** Answers to what asks for several things at once: one packet, when all of it is answered [3.8.4, 3.10.4]. */
export class Answers {
  readonly #asked = new Map<number, Asked>()

  /** The reason code for one of a frame's topic filters. Answers with the packet once it is the last. */
  answer(frame: Subscribe | Unsubscribe, at: number, code: number, version: number): MqttFrame[] {
    const { packetId } = frame
    const count = frame.type === 'subscribe' ? frame.subscriptions.length : frame.topicFilters.length
    const asked = this.#asked.get(packetId) ?? { codes: Array(count).fill(undefined), left: count }
    this.#asked.set(packetId, asked)
    // What the recording leaves without an answer is never whole.
    if (this.#asked.size > MOST) this.#asked.delete(this.#asked.keys().next().value as number)
    if (asked.codes[at] !== undefined) return []
    asked.codes[at] = version < 5 && code >= FAILURE ? FAILURE : code
    if (--asked.left > 0) return []
    this.#asked.delete(packetId)
    const reasonCodes = asked.codes as number[]
    return [{ type: frame.type === 'subscribe' ? 'suback' : 'unsuback', packetId, reasonCodes }]
  }
}
