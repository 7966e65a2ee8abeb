import type { Frame, Joined } from './codec.ts'
import type { Exchange, Exchanges } from './exchange.ts'
import type { Message } from './message.ts'
import type { Packet } from './packet.ts'

/**
 * What the frames of one connection mean together: messages assembled over frames, requests tied to their answers.
 * Fed in the order of arrival, both sides; what it finds goes to its `Tracked`.
 */
export interface Tracker<F extends Frame = Frame, C = unknown> {
  /**
   * The next packet of the connection. `frame` is undefined where there is none (`malformed`, `gap`); `number` is the
   * frame's in the whole input, from 1. A tracker that holds on to a packet holds on to `packet.kept()`.
   */
  take(packet: Packet<C>, frame: F | undefined, number: number): void
  /** Nothing more comes: messages that are not whole are told as far as they came. What is open stays open. */
  end(time: number): void
  /** Requests without an answer so far. */
  readonly exchanges: Exchanges
}

/** Whom a tracker tells. Everything it is given was true when the packet that is being taken arrived. */
export interface Tracked {
  message(message: Message): void
  /** A request was made. */
  began(exchange: Exchange): void
  /** It was answered, or can no longer be: its channel or connection closed, or it was given up for want of room. */
  ended(exchange: Exchange): void
  topology(change: TopologyChange): void
  /**
   * `name` of `subject` changed to `value`: `credit` of `link 0 orders`, `unacknowledged` of `ch=1`, `in flight` of
   * `client`. `number` is the frame that changed it.
   */
  level(subject: string, name: string, value: number, packet: Packet, number: number): void
}

/** A quantity of a connection that changed: a link's credit, a channel's unacknowledged deliveries. */
export interface LevelChange {
  readonly subject: string
  readonly name: string
  readonly value: number
  readonly frame: number
  readonly time: number
}

/** What exists at the broker, as far as the traffic tells. */
export interface TopologyChange {
  /** `use`: it is there, but was not made or ended here. */
  readonly action: 'add' | 'remove' | 'use'
  /** `exchange`, `queue`, `binding`, `consumer`, `subscription`, `topic`, `link`, `session`, `channel`, `resource` … */
  readonly kind: string
  /** Empty is a name too: AMQP's default exchange. */
  readonly name: string
  /** What it hangs on: a binding's source, a consumer's queue, a link's session. */
  readonly parent?: string | undefined
  /** As JSON: durable, arguments, qos. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly frame: number
  readonly time: number
}

export interface TrackOptions {
  readonly joined: Joined
  readonly out: Tracked
  /** Shared by all connections. */
  readonly room: Room
}

/** How much all trackers together may hold. */
export interface Room {
  /** Open exchanges. */
  readonly exchanges: Budget
  /** Bytes of messages that are not whole yet. */
  readonly bytes: Budget
}

/** An amount that many share. */
export class Budget {
  readonly limit: number
  #used = 0
  #refused = 0

  constructor(limit: number) {
    this.limit = limit
  }

  get used(): number {
    return this.#used
  }

  /** How often there was no room. */
  get refused(): number {
    return this.#refused
  }

  /** Takes `amount`, all of it or nothing. */
  take(amount = 1): boolean {
    if (this.#used + amount > this.limit) {
      this.#refused++
      return false
    }
    this.#used += amount
    return true
  }

  give(amount = 1): void {
    this.#used -= amount
  }
}
