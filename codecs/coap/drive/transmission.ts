import type { DriveOptions } from '../../core/index.ts'
import type { Requests } from './requests.ts'

/** What stands between 1 and ACK_RANDOM_FACTOR (1.5): nothing here is random [RFC 7252 §4.2]. */
const FACTOR = 1.25

/** States of a slot: nothing is waited for by time, its acknowledgement is, its response is. */
const FREE = 0
const UNACKNOWLEDGED = 1
const UNANSWERED = 2

/** Something of our own that must get there, beside messages. */
interface Special {
  readonly messageId: number
  readonly token: string
  readonly bytes: Uint8Array
  due: number | undefined
  tries: number
  acknowledged: boolean
}

/**
 * Sends again what was not acknowledged, with the time doubled each time, and gives up what was not answered [RFC 7252
 * §4.2]. There is no clock: what is sent counts from the next time that somebody tells the time.
 */
export class Transmission {
  readonly #options: DriveOptions
  readonly #requests: Requests
  readonly #timeout: number
  readonly #most: number
  /** By slot. */
  readonly #state: Uint8Array
  readonly #tries: Uint8Array
  readonly #due: Float64Array
  readonly #at: Uint32Array
  readonly #length: Uint32Array
  /** The bytes of what may have to be sent again, each slot's own for as long as they suffice. */
  readonly #kept: (Uint8Array | undefined)[] = []
  /** Numbers from here on are in the outbox, and not kept yet; from here on have no time yet. */
  #unkept = 0
  #undated = 0
  readonly #specials = new Map<number, Special>()
  #undatedSpecials = false
  #now = 0
  /** Nothing is due sooner. */
  #next = Number.POSITIVE_INFINITY

  constructor(options: DriveOptions, requests: Requests) {
    const { capacity } = requests.inFlight
    const { ackTimeout, maxRetransmit } = options.settings
    this.#options = options
    this.#requests = requests
    this.#timeout = Math.max(1, Number(ackTimeout ?? 2000)) * FACTOR
    this.#most = Number(maxRetransmit ?? 4)
    this.#state = new Uint8Array(capacity)
    this.#tries = new Uint8Array(capacity)
    this.#due = new Float64Array(capacity)
    this.#at = new Uint32Array(capacity)
    this.#length = new Uint32Array(capacity)
    options.outbox.taking = () => this.#keep()
  }

  /** A message is in the outbox at `at`, and under way in `slot`. */
  sent(slot: number, at: number, length: number, confirmable: boolean): void {
    this.#state[slot] = confirmable ? UNACKNOWLEDGED : UNANSWERED
    this.#tries[slot] = 0
    this.#at[slot] = at
    this.#length[slot] = length
  }

  /** The message in `slot` got there: it is waited for its response. */
  acknowledged(slot: number): void {
    if (this.#state[slot] !== UNACKNOWLEDGED) return
    this.#state[slot] = UNANSWERED
    this.#due[slot] = this.#now + this.#patience
  }

  answered(slot: number): void {
    this.#state[slot] = FREE
  }

  /** A request of our own is in the outbox: it is sent again until it is answered. */
  special(messageId: number, token: string, bytes: Uint8Array): void {
    this.#specials.set(messageId, { messageId, token, bytes, due: undefined, tries: 0, acknowledged: false })
    this.#undatedSpecials = true
  }

  /** It got there: its response is waited for. */
  specialAcknowledged(messageId: number): void {
    const special = this.#specials.get(messageId)
    if (special === undefined) return
    special.acknowledged = true
    special.due = this.#now + this.#patience
  }

  /** It was not understood: whether there is one. */
  specialReset(messageId: number): boolean {
    return this.#specials.delete(messageId)
  }

  /** It is answered, which one way or the other acknowledges it. */
  specialAnswered(token: string): void {
    for (const { messageId, token: other } of this.#specials.values()) {
      if (token === other) this.#specials.delete(messageId)
    }
  }

  tick(now: number): number | undefined {
    this.#now = now
    this.#date(now)
    if (now >= this.#next) this.#work(now)
    return this.#next === Number.POSITIVE_INFINITY ? undefined : this.#next
  }

  /** As long as a message may be sent again, and once more be waited for: about MAX_TRANSMIT_WAIT [RFC 7252 §4.8.2]. */
  get #patience(): number {
    return this.#timeout * (2 ** (this.#most + 1) - 1)
  }

  /** What is taken from the outbox is not seen again, and only now it is stamped. */
  #keep(): void {
    const { inFlight } = this.#requests
    const { bytes } = this.#options.outbox
    for (let number = Math.max(this.#unkept, inFlight.first); number < inFlight.next; number++) {
      const slot = inFlight.slotOf(number)
      if (slot < 0 || this.#state[slot] !== UNACKNOWLEDGED) continue
      const length = this.#length[slot] as number
      let kept = this.#kept[slot]
      if (kept === undefined || kept.length < length) this.#kept[slot] = kept = new Uint8Array(length)
      const at = this.#at[slot] as number
      kept.set(bytes.subarray(at, at + length))
    }
    this.#unkept = inFlight.next
  }

  #date(now: number): void {
    const { inFlight } = this.#requests
    for (let number = Math.max(this.#undated, inFlight.first); number < inFlight.next; number++) {
      const slot = inFlight.slotOf(number)
      if (slot >= 0) this.#dueAt(slot, now + (this.#state[slot] === UNANSWERED ? this.#patience : this.#timeout))
    }
    this.#undated = inFlight.next
    if (!this.#undatedSpecials) return
    this.#undatedSpecials = false
    for (const special of this.#specials.values()) {
      special.due ??= now + this.#timeout
      this.#next = Math.min(this.#next, special.due)
    }
  }

  #dueAt(slot: number, due: number): void {
    this.#due[slot] = due
    if (due < this.#next) this.#next = due
  }

  /** Something may be due. */
  #work(now: number): void {
    const { inFlight } = this.#requests
    this.#next = Number.POSITIVE_INFINITY
    const { first, next } = inFlight
    for (let number = first; number < next; number++) {
      const slot = inFlight.slotOf(number)
      if (slot < 0) continue
      const due = this.#due[slot] as number
      if (due > now) this.#next = Math.min(this.#next, due)
      else if (this.#state[slot] === UNACKNOWLEDGED && (this.#tries[slot] as number) < this.#most) {
        const tries = (this.#tries[slot] as number) + 1
        this.#tries[slot] = tries
        this.#put((this.#kept[slot] as Uint8Array).subarray(0, this.#length[slot]))
        this.#dueAt(slot, now + this.#timeout * 2 ** tries)
      } else {
        this.#state[slot] = FREE
        this.#requests.answered(slot, false)
      }
    }
    for (const special of this.#specials.values()) {
      if ((special.due ?? 0) <= now && !this.#again(special, now)) return
      this.#next = Math.min(this.#next, special.due ?? now)
    }
  }

  /** False where it was sent often enough. */
  #again(special: Special, now: number): boolean {
    if (special.acknowledged || special.tries === this.#most) {
      this.#specials.clear()
      this.#options.listener.failed('no answer')
      return false
    }
    special.tries++
    special.due = now + this.#timeout * 2 ** special.tries
    this.#put(special.bytes)
    return true
  }

  #put(bytes: Uint8Array): void {
    const { outbox } = this.#options
    outbox.put(bytes)
    outbox.end()
  }
}
