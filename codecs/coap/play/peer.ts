import type { Expected, Packet, Said } from '../../core/index.ts'
import { Datagram, type DatagramFrame } from '../frames.ts'
import type { Spoken } from './exchanges.ts'
import { Messages } from './messages.ts'

/** How many CONs that the recording does not have stay unacknowledged, as they may only have come early. */
const MOST_EARLY = 16

/** CONs and NONs of the peer: their IDs are its own choice, and what the recording acknowledges are those of now. */
export class PeerMessages {
  readonly #recorded = new Messages<{ readonly expected: Expected | undefined }>()
  readonly #live = new Messages<Spoken>()
  /** By recorded ID. */
  readonly #now = new Map<number, Spoken>()
  /** The recording has no acknowledgement for them, so far. */
  #early: Spoken[] = []
  /** CON now, and not then. */
  #owed: Spoken[] = []

  /** Whether the recording has had it. */
  recalled({ messageId }: Datagram, packet: Packet): boolean {
    return this.#recorded.repeated(messageId, packet)
  }

  recall({ messageId }: Datagram, packet: Packet, expected: Expected | undefined): void {
    this.#now.delete(messageId)
    this.#recorded.add(messageId, packet, { expected })
  }

  /** What came before, if this is the same once more. */
  heard({ messageId }: Datagram, packet: Packet): Spoken | undefined {
    return this.#live.repeated(messageId, packet) ? this.#live.get(messageId) : undefined
  }

  hear(now: Spoken, packet: Packet): void {
    this.#live.add(now.messageId, packet, now)
    if (now.type === 'CON') this.#early.push(now)
  }

  /** Which one stands for a recorded one. */
  pair(then: Spoken, now: Spoken): void {
    this.#now.set(then.messageId, now)
    if (now.type === 'CON' && then.type !== 'CON') this.#owed.push(now)
    now.known = true
  }

  /** What to send for a recorded ACK or RST that is Empty. */
  acknowledge({ type, messageId }: Datagram): Said<DatagramFrame> {
    const recorded = this.#recorded.get(messageId)
    // That of a ping went out when the ping came.
    if (recorded?.expected === undefined) return { action: 'skip' }
    if (recorded.expected.open) return { action: 'wait', for: recorded.expected }
    const now = this.#now.get(messageId)
    if (now === undefined) return { action: 'skip', reason: `nothing came for ${type} ${messageId}` }
    if (now.acknowledged || (type === 'ACK' && now.type !== 'CON')) return { action: 'skip' }
    now.acknowledged = true
    if (now.messageId === messageId) return { action: 'same' }
    return { action: 'send', frames: [empty(type, now.messageId)] }
  }

  /** Acknowledgements that the recording does not have; of what may only be early, all but the last few. */
  due(all: boolean): Datagram[] {
    const most = all ? 0 : MOST_EARLY
    if (this.#early.length <= most && this.#owed.length === 0) return []
    this.#early = this.#early.filter(({ known }) => !known)
    const due = [...this.#owed, ...this.#early.splice(0, Math.max(0, this.#early.length - most))]
    this.#owed = []
    return due.filter(({ acknowledged }) => !acknowledged).map(acknowledgementOf)
  }
}

/** Acknowledged from now on. */
export function acknowledgementOf(now: Spoken): Datagram {
  now.acknowledged = true
  return empty('ACK', now.messageId)
}

export const empty = (type: Datagram['type'], messageId: number): Datagram =>
  new Datagram({ type, code: '0.00', messageId })
