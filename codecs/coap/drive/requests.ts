import { type DriveOptions, InFlight, type Plate } from '../../core/index.ts'
import { SUCCESS } from '../tables.ts'
import { wantsResponses } from './options.ts'
import { CREATED, resourceMade } from './removing.ts'

export interface CoapPlate extends Plate {
  /** Where the token stands. */
  readonly tokenAt: number
  readonly destination: string
  /** Bytes that somebody may stamp as the body, and that are not sent. */
  readonly unsent: number
}

/** Most that may be under way at once: a half of what message IDs can tell apart. */
const MOST_IN_FLIGHT = 0x4000

/** Messages as requests that are under way, each known by its number: in its token, and in its slot. */
export class Requests {
  readonly inFlight: InFlight
  readonly #options: DriveOptions
  readonly #answers: boolean
  /** By slot, where a message went: a response may say that it made what is there. */
  readonly #destinations: string[] | undefined
  #destination = ''
  #open = 0
  #unanswered = 0

  constructor(options: DriveOptions) {
    this.#options = options
    this.#answers = wantsResponses(options.settings)
    // What a POST makes is elsewhere.
    if (options.tellsMade && options.settings.method !== 'POST') this.#destinations = []
    this.inFlight = new InFlight(Math.min(options.inFlight, MOST_IN_FLIGHT))
  }

  get room(): number {
    if (!this.#answers) return Number.POSITIVE_INFINITY
    return Math.min(this.inFlight.room, this.#options.inFlight - this.#open)
  }

  /** The number of the next. */
  get next(): number {
    return this.#answers ? this.inFlight.next : this.#unanswered
  }

  /** Puts it in the outbox: where. It is not ended yet. */
  put({ bytes, bodyAt, tokenAt, unsent, destination }: CoapPlate): number {
    const { outbox } = this.#options
    this.#destination = destination
    const at = outbox.put(bytes)
    outbox.view.setUint32(at + tokenAt, this.next)
    outbox.bodyAt = at + bodyAt
    if (unsent > 0) outbox.length = outbox.room(unsent)
    return at
  }

  /** It is sent: its slot. */
  open(): number {
    if (!this.#answers) {
      this.#unanswered++
      return -1
    }
    this.#open++
    const slot = this.inFlight.open()
    if (this.#destinations !== undefined) this.#destinations[slot] = this.#destination
    return slot
  }

  /** The number that such a token stands for. */
  numberOf(token: number): number {
    const { first } = this.inFlight
    return first + ((token - (first >>> 0)) | 0)
  }

  /** A message that is under way has its response. */
  responded(slot: number, code: number): void {
    const destination = code === CREATED ? this.#destinations?.[slot] : undefined
    if (destination !== undefined) this.#options.listener.made(resourceMade(destination))
    this.answered(slot, code >> 5 === SUCCESS)
  }

  /** A message that is under way has its answer. */
  answered(slot: number, accepted: boolean): void {
    this.inFlight.close(slot)
    this.#open--
    this.#options.listener.answered(slot, accepted ? 'accepted' : 'refused')
  }
}
