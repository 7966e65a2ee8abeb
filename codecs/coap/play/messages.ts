import type { Packet } from '../../core/index.ts'
import { EXCHANGE_LIFETIME, printOf } from '../track/sent.ts'

/** The messages of one side by their IDs, so that those sent again are told from new ones [RFC 7252 §4.5]. */
export class Messages<T> {
  /** There are no more than 65,536 IDs. */
  readonly #byId = new Map<number, { readonly print: number; readonly time: number; readonly what: T }>()

  get(messageId: number): T | undefined {
    return this.#byId.get(messageId)?.what
  }

  /** Whether `packet` is the last message of this ID once more. */
  repeated(messageId: number, packet: Packet): boolean {
    const before = this.#byId.get(messageId)
    if (before === undefined || packet.time - before.time >= EXCHANGE_LIFETIME) return false
    return before.print === printOf(packet)
  }

  add(messageId: number, packet: Packet, what: T): void {
    this.#byId.set(messageId, { print: printOf(packet), time: packet.time, what })
  }
}
