import type { Budget, Packet } from '../../core/index.ts'
import type { Datagram } from '../frames.ts'
import type { Asked } from './asked.ts'
import type { Observation } from './observation.ts'

/** How long a message ID means the same message, in ns: 247 s [RFC 7252 §4.8.2]. */
export const EXCHANGE_LIFETIME = 247e9

/** After this its sender no longer waits for an acknowledgement, in ns: 93 s [RFC 7252 §4.8.2]. */
const MAX_TRANSMIT_WAIT = 93e9

/** What one remembered message ID is taken to cost, in bytes. */
const COST = 128

/** One message that a side sent, CON or NON. */
export interface Sent {
  readonly messageId: number
  readonly time: number
  readonly print: number
  /** The last ACK or RST that it was answered by. */
  reply: number | undefined
  /** The request that it is, or is a block of. */
  asked: Asked | undefined
  /** What it is a notification of. */
  observation: Observation | undefined
}

/** The messages of one side by their IDs, so that those sent again are told from new ones [RFC 7252 §4.5]. */
export class SentMessages {
  readonly #budget: Budget
  readonly #byId = new Map<number, Sent>()
  /** CONs that wait for an acknowledgement. */
  readonly #outstanding = new Map<number, number>()
  #held = 0

  constructor(budget: Budget) {
    this.#budget = budget
  }

  get outstanding(): number {
    return this.#outstanding.size
  }

  get(messageId: number): Sent | undefined {
    return this.#byId.get(messageId)
  }

  /** The message that `frame` repeats, bit for bit; undefined where it is new. */
  repeated({ messageId }: Datagram, packet: Packet): Sent | undefined {
    const before = this.#byId.get(messageId)
    return before?.print === printOf(packet) ? before : undefined
  }

  add(messageId: number, confirmable: boolean, packet: Packet): Sent {
    const { time } = packet
    this.#remove(messageId)
    if (this.#budget.used + COST > this.#budget.limit) this.#removeOldest()
    const print = printOf(packet)
    const sent: Sent = { messageId, time, print, reply: undefined, asked: undefined, observation: undefined }
    if (this.#budget.take(COST)) {
      this.#held++
      this.#byId.set(messageId, sent)
    }
    if (confirmable) this.#outstanding.set(messageId, time)
    return sent
  }

  /** Whether its sender waited for that. */
  acknowledge(messageId: number): boolean {
    return this.#outstanding.delete(messageId)
  }

  /** Forgets what is too old at `now`; tells whether fewer are outstanding, and of each message ID that means nothing more. */
  expire(now: number, onGone: (sent: Sent) => void): boolean {
    for (const sent of this.#byId.values()) {
      if (now - sent.time < EXCHANGE_LIFETIME) break
      this.#remove(sent.messageId)
      onGone(sent)
    }
    const before = this.#outstanding.size
    for (const [messageId, time] of this.#outstanding) {
      if (now - time < MAX_TRANSMIT_WAIT) break
      this.#outstanding.delete(messageId)
    }
    return this.#outstanding.size < before
  }

  /** Gives back the room of all. */
  release(): void {
    this.#budget.give(this.#held * COST)
    this.#held = 0
    this.#byId.clear()
    this.#outstanding.clear()
  }

  #removeOldest(): void {
    const oldest = this.#byId.keys().next()
    if (oldest.done !== true) this.#remove(oldest.value)
  }

  #remove(messageId: number): void {
    this.#outstanding.delete(messageId)
    if (!this.#byId.delete(messageId)) return
    this.#held--
    this.#budget.give(COST)
  }
}

/** FNV-1a of a packet's bytes: a retransmission is the same message, bit for bit [RFC 7252 §4.2]. */
export function printOf({ buffer, start, end }: Packet): number {
  let print = 0x811c9dc5
  for (let at = start; at < end; at++) print = Math.imul(print ^ (buffer[at] as number), 0x01000193)
  return print
}
