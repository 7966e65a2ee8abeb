import { type Expected, hex, Pairs, type PlayOptions, Recent } from '../../core/index.ts'
import { type CoapFrame, isRequest } from '../frames.ts'
import type { OptionFields } from '../options.ts'
import { destination } from '../summary.ts'
import { codeName } from '../tables.ts'
import { learn } from './request.ts'

/** What the peer asked or answered, then or now. */
export interface Spoken {
  /** `message` over a reliable transport. */
  readonly type: CoapFrame['type']
  /** In datagrams. */
  readonly messageId: number
  readonly token: Uint8Array
  readonly fields: OptionFields
  /** By ACK or RST. */
  acknowledged: boolean
  /** The recording has one that it stands for. */
  known: boolean
}

export const spokenOf = (frame: CoapFrame): Spoken => ({
  type: frame.type,
  messageId: 'messageId' in frame ? frame.messageId : 0,
  token: frame.token,
  fields: frame.options.fields as OptionFields,
  acknowledged: false,
  known: false,
})

interface Asked {
  readonly name: string
  answered: boolean
}

/** Requests that can still be answered, of either side. */
const MOST = 65_536

/**
 * Requests and responses, which belong to each other by their tokens: ours are what they were, those of the peer are its
 * own choice.
 */
export class Exchanges {
  readonly #options: PlayOptions
  readonly #asked = new Recent<string, Asked>(MOST)
  /** By the recorded token, requests of the peer. */
  readonly #awaited = new Recent<string, Expected>(MOST)
  readonly #tokens = new Recent<string, Spoken>(MOST)
  readonly #pairs: Pairs<Spoken, Spoken>

  /** `paired` hears of what the peer said then, and says now. */
  constructor(options: PlayOptions, paired: (then: Spoken, now: Spoken) => void = () => {}) {
    this.#options = options
    this.#pairs = new Pairs((then, now) => {
      learn(options, then.fields, now.fields)
      this.#tokens.set(hex(then.token), now)
      paired(then, now)
    })
  }

  unexpected(): Iterable<Spoken> {
    return this.#pairs.unexpected()
  }

  /** A request of ours. */
  ask(frame: CoapFrame): void {
    this.#asked.set(hex(frame.token), { name: nameOf(frame), answered: false })
  }

  /** A request or response that the recording has of the peer. What comes after the first response may be late. */
  recall(frame: CoapFrame, then: Spoken): Expected | undefined {
    if (!isRequest(frame.code)) return this.answered(frame.token, then)
    const path = this.#options.address(destination(frame) ?? '/')
    const expected = this.#pairs.recall(`${frame.code} ${path}`, then, nameOf(frame), true)
    this.#awaited.set(hex(frame.token), expected)
    return expected
  }

  /** Whatever it was that answered our request of this token. */
  answered(token: Uint8Array, then: Spoken): Expected | undefined {
    const text = hex(token)
    const asked = this.#asked.get(text)
    const cause = `the answer to ${asked?.name ?? text}`
    const expected = this.#pairs.recall(text, then, cause, asked?.answered !== false)
    // A capture may have an answer before what it answers, which is no cause then.
    if (asked === undefined) return undefined
    asked.answered = true
    return expected
  }

  hear(frame: CoapFrame, now: Spoken): void {
    if (isRequest(frame.code)) this.#pairs.hear(`${frame.code} ${destination(frame) ?? '/'}`, now)
    else this.hearAnswer(frame.token, now)
  }

  hearAnswer(token: Uint8Array, now: Spoken): void {
    this.#pairs.hear(hex(token), now)
  }

  /** The request of the peer, live, that our recorded response of this token answers; or what brings it. */
  answering(token: Uint8Array): Spoken | Expected | undefined {
    const awaited = this.#awaited.get(hex(token))
    return awaited?.open === true ? awaited : this.#tokens.get(hex(token))
  }
}

const nameOf = (frame: CoapFrame): string => `${codeName(frame.code) ?? frame.code} ${destination(frame)}`
