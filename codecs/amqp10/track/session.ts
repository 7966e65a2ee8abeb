import type { Exchanges, Packet, Pending, Side, Tracked } from '../../core/index.ts'
import type { Begin, Flow } from '../frames.ts'
import type { Link } from './link.ts'

/** One side of a session [2.5]. */
export interface End {
  readonly side: Side
  /** The session's. */
  readonly scope: string
  readonly subject: string
  readonly handles: Map<number, Link>
  /** What it sent and is not settled, by delivery-id. */
  readonly unsettled: Pending<number>
  /** The transfer-id of its next transfer, a serial number; undefined while it is not known. */
  nextOutgoingId: number | undefined
  firstOutgoingId: number
  /** How many more transfers it takes. */
  incomingWindow: number | undefined
  outgoingWindow: number | undefined
}

export class Session {
  /** What tells it from others: the channel of the side that began it. */
  readonly scope: string
  readonly ends: Readonly<Record<Side, End>>
  /** Those that both sides may still attach to, by direction and name [2.6.1]. */
  readonly links = new Map<string, Link>()
  readonly attaches: Pending<Link>
  readonly detaches: Pending<Link>
  /** One side has ended it. */
  ending = false
  readonly #out: Tracked

  constructor(opener: Side, channel: number, out: Tracked, exchanges: Exchanges) {
    this.#out = out
    this.scope = opener === 'client' ? `ch=${channel}` : `server ch=${channel}`
    this.ends = { client: this.#end('client', exchanges), server: this.#end('server', exchanges) }
    this.attaches = exchanges.group()
    this.detaches = exchanges.group()
  }

  #end(side: Side, exchanges: Exchanges): End {
    return {
      side,
      scope: this.scope,
      subject: `${this.scope} ${side}`,
      handles: new Map(),
      unsettled: exchanges.group(),
      nextOutgoingId: undefined,
      firstOutgoingId: 0,
      incomingWindow: undefined,
      outgoingWindow: undefined,
    }
  }

  /** All that waits in it ends without an answer. */
  close(time: number, outcome: string): void {
    this.ends.client.unsettled.close(time, outcome)
    this.ends.server.unsettled.close(time, outcome)
    this.attaches.close(time, outcome)
    this.detaches.close(time, outcome)
  }

  begun(end: End, { nextOutgoingId, incomingWindow, outgoingWindow }: Begin, packet: Packet, number: number): void {
    end.nextOutgoingId = nextOutgoingId
    end.firstOutgoingId = nextOutgoingId
    this.#incoming(end, incomingWindow, packet, number)
    this.#outgoing(end, outgoingWindow, packet, number)
  }

  /** Session flow [2.5.6]: what `end` says it takes, less what is on its way to it. */
  flow(end: End, peer: End, frame: Flow, packet: Packet, number: number): void {
    const { nextIncomingId = peer.firstOutgoingId, incomingWindow, nextOutgoingId, outgoingWindow } = frame
    const { nextOutgoingId: sent = nextIncomingId } = peer
    end.nextOutgoingId = nextOutgoingId
    this.#incoming(end, incomingWindow - ((sent - nextIncomingId) | 0), packet, number)
    this.#outgoing(end, outgoingWindow, packet, number)
  }

  /** A transfer from `end` to `peer`. */
  transfer(end: End, peer: End, packet: Packet, number: number): void {
    if (end.nextOutgoingId !== undefined) end.nextOutgoingId = (end.nextOutgoingId + 1) >>> 0
    if (peer.incomingWindow !== undefined) this.#incoming(peer, peer.incomingWindow - 1, packet, number)
  }

  #incoming(end: End, window: number, packet: Packet, number: number): void {
    if (window === end.incomingWindow) return
    end.incomingWindow = window
    this.#out.level(end.subject, 'incoming window', window, packet, number)
  }

  #outgoing(end: End, window: number, packet: Packet, number: number): void {
    if (window === end.outgoingWindow) return
    end.outgoingWindow = window
    this.#out.level(end.subject, 'outgoing window', window, packet, number)
  }
}
