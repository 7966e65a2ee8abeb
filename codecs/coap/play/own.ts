import { Expected, hex, type Packet, Recent } from '../../core/index.ts'
import type { Datagram } from '../frames.ts'
import { Messages } from './messages.ts'

/** A CON or NON of ours. */
interface Sent {
  readonly kind: 'ping' | 'request' | 'response'
  /** Its ID in the recording. */
  readonly recorded: number
  readonly token: Uint8Array
  /** Met by whatever ends its retransmission. */
  readonly received: Expected
}

/**
 * What we send. Message IDs are what they were, unless this run has used one already: it may take less time than the
 * recording did, and to the peer the same ID would be the same message.
 */
export class OwnMessages {
  readonly #recorded = new Messages<Sent>()
  readonly #live = new Map<number, Sent>()
  /** By token. */
  readonly #requests = new Recent<string, Sent>(65_536)
  #next = 0

  repeated({ messageId }: Datagram, packet: Packet): boolean {
    return this.#recorded.repeated(messageId, packet)
  }

  /** By the ID of the recording, or of now. */
  recorded(messageId: number): Sent | undefined {
    return this.#recorded.get(messageId)
  }

  live(messageId: number): Sent | undefined {
    return this.#live.get(messageId)
  }

  /** Sends a recorded message: its ID of now, and what says that it arrived. */
  send({ messageId: recorded, token }: Datagram, packet: Packet, kind: Sent['kind']) {
    const messageId = this.#live.has(recorded) ? this.#free() : recorded
    const received = new Expected(`an acknowledgement of ${messageId}`, true)
    const sent: Sent = { kind, recorded, token, received }
    this.#recorded.add(recorded, packet, sent)
    this.#live.set(messageId, sent)
    if (kind === 'request') this.#requests.set(hex(token), sent)
    return { messageId, received }
  }

  /** A response of this token came: it stands for the acknowledgement of its request [RFC 7252 §5.2.2]. */
  answered(token: Uint8Array): void {
    this.#requests.get(hex(token))?.received.meet()
  }

  #free(): number {
    // Whoever has used all of them begins anew, as a client does.
    if (this.#live.size > 0xffff) this.#live.clear()
    while (this.#live.has(this.#next)) this.#next = (this.#next + 1) & 0xffff
    return this.#next
  }
}
