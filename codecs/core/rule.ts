import type { Frame, Joined } from './codec.ts'
import type { Severity } from './diagnostic.ts'
import type { Exchange } from './exchange.ts'
import type { Message } from './message.ts'
import type { Packet } from './packet.ts'
import type { Side } from './side.ts'
import type { LevelChange, TopologyChange } from './track.ts'

/** What can be wrong with how a connection is used, and how it shows. */
export interface Rule<F extends Frame = Frame, C = unknown> {
  /** `amqp091/heartbeat-disabled`: stable, so that scripts can rely on it. */
  readonly id: string
  readonly severity: Severity
  /** What is wrong, in a few words. */
  readonly title: string
  /** Why it matters. */
  readonly why: string
  /** What to do. */
  readonly fix: string
  /** The types of frames that `frame` is to see; absent, it sees all. */
  readonly types?: readonly F['type'][]
  /** The kinds of exchanges that `began` and `ended` are to see; absent, they see all. */
  readonly exchanges?: readonly string[]
  /** The kinds of things whose changes `topology` is to see; absent, it sees all. */
  readonly things?: readonly string[]
  /**
   * With a frame of this type, all that its watcher knows has served its purpose: it is let go of, and another is made
   * when something else comes that it looks at. For what is settled when a connection begins.
   */
  readonly until?: F['type']
  /**
   * Watches one connection, from the first on that its watcher looks at. What a watcher looks at, and so which functions
   * it has, is the same for all connections.
   */
  watch(flow: Watched, report: Report): Watcher<F, C>
}

/** What a rule may know of the connection it watches. */
export interface Watched {
  readonly joined: Joined
  /** Whether TLS carries it. */
  readonly encrypted: boolean
  readonly server: { readonly host: string; readonly port: number }
  /** How it ended; `lost` where nobody saw it end, undefined before. */
  readonly ending: 'fin' | 'reset' | 'lost' | undefined
  /** The time of each side's last packet, nanoseconds since the source's origin; `started` where it sent none. */
  readonly last: Readonly<Record<Side, number>>
  readonly started: number
}

/**
 * Tells of a case: what was found, in a sentence, with the numbers of the frames that show it. A rule that finds the
 * same again and again tells of it once, or when it has become worse.
 */
export type Report = (message: string, frames: readonly number[], severity?: Severity) => void

/** Everything is called in the order of arrival, what the frame brought about before the frame itself. */
export interface Watcher<F extends Frame = Frame, C = unknown> {
  frame?(frame: F, packet: Packet<C>, number: number): void
  /** A packet without a frame: bytes that fit none, or that were not captured. */
  unread?(packet: Packet<C>, number: number): void
  message?(message: Message): void
  began?(exchange: Exchange): void
  ended?(exchange: Exchange): void
  topology?(change: TopologyChange): void
  level?(change: LevelChange): void
  /** The connection is over, or the input is: at `time`. `open` are its exchanges that were not answered. */
  end?(time: number, open: Iterable<Exchange>): void
}

/** Whether something that is found again and again is to be told: at `first`, then whenever it is ten times worse. */
export class Worsening {
  #next: number

  constructor(first = 1) {
    this.#next = first
  }

  isTold(value: number): boolean {
    if (value < this.#next) return false
    while (this.#next <= value) this.#next *= 10
    return true
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a rule only ever meets the frames of the codec that lists it
export type AnyRule = Rule<any, any>
