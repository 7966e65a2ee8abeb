import type { Made } from '../../codecs/core/index.ts'
import type { Stage } from './arrivals.ts'
import type { GroupPlan, Plan, Share } from './plan.ts'
import type { PortableStream } from './publisher.ts'
import type { PortableReceipts } from './receipts.ts'
import type { Place } from './result.ts'
import type { Span } from './stalls.ts'
import type { PortableTally } from './tally.ts'

/**
 * What a run's coordinator and its agents say to each other, in this order. Nothing but values: an agent is a thread
 * today, and could be another machine.
 *
 *     coordinator                    agent
 *       connect consumers  ─────►
 *                          ◄─────  connected
 *       connect publishers ─────►
 *                          ◄─────  connected
 *       start              ─────►
 *                          ◄─────  interval (again and again, until the result)
 *                          ◄─────  served (where consumers have an end)
 *      [extend, stop       ─────►]
 *      [give-up, at any time ───►]
 *                          ◄─────  published
 *       drain              ─────►
 *                          ◄─────  progress (again and again)
 *       finish             ─────►
 *                          ◄─────  result
 *
 * From the first connection on, an agent says `made` of what its clients make.
 */
export type ToAgent =
  | { readonly type: 'connect'; readonly which: Role }
  /** Of the clock that all threads share, in milliseconds. */
  | { readonly type: 'start'; readonly at: number }
  /** Another stage of open arrivals, after those that there are. */
  | { readonly type: 'extend'; readonly stage: Stage }
  /** A group's password is another now; also before the start, and any number of times. */
  | { readonly type: 'renew'; readonly group: string; readonly password: string }
  /** Who is not connected yet will not be. */
  | { readonly type: 'give-up' }
  | { readonly type: 'stop' }
  | { readonly type: 'drain' }
  | { readonly type: 'finish' }

export type FromAgent =
  | {
      readonly type: 'connected'
      readonly which: Role
      /** Clients that are, or were. */
      readonly ready: number
      /** Whether there was anybody where they connect to. */
      readonly reached: boolean
      readonly troubles: readonly Told[]
    }
  | AgentInterval
  /** All its consumers have all that they are to have. */
  | { readonly type: 'served' }
  /** Nothing more is published since `at`, and nothing is under way. */
  | {
      readonly type: 'published'
      readonly at: number
      readonly streams: readonly PortableStream[]
      readonly subscriptions: readonly SubscriptionName[]
    }
  /**
   * Messages that came so far to each group, each once for every subscription: Infinity where it takes no more; answers
   * to requests; and messages that wait to be worked on.
   */
  | {
      readonly type: 'progress'
      readonly came: Readonly<Record<string, number>>
      readonly replies: number
      readonly waiting: number
      readonly out: readonly Out[]
    }
  | {
      readonly type: 'result'
      readonly streams: readonly PortableStream[]
      readonly subscriptions: readonly PortableSubscription[]
      /** By the group's name. */
      readonly places: Readonly<Record<string, readonly Place[]>>
      /** Before they left. */
      readonly out: readonly Out[]
    }
  | ({ readonly type: 'made' } & MadeBy)
  | { readonly type: 'failed'; readonly message: string }

/** What a client made that outlives it; `client` is its number, from 0. */
export interface MadeBy {
  readonly group: string
  readonly client: number
  readonly made: Made
}

/** Who connects: consumers do first, so that nothing is published that they should have had. */
export type Role = 'consumers' | 'publishers'

export const roleOf = ({ publish }: Pick<GroupPlan, 'publish'>): Role =>
  publish === undefined ? 'consumers' : 'publishers'

/** Those that begin later are not waited for. */
export const isFromTheStart = ({ consume }: Pick<GroupPlan, 'consume'>): boolean => (consume?.after ?? 0) === 0

export interface Told {
  readonly reason: string
  /** What to do about it, where that is known. */
  readonly next?: string | undefined
  readonly count: number
  /** Milliseconds of the shared clock. */
  readonly first: number
}

/** Clients of a group, of one agent, that should have a connection and have none. */
export interface Out {
  readonly group: string
  readonly clients: number
  /** When the last of them lost it, or did not get it: milliseconds of the shared clock; -Infinity of none. */
  readonly since: number
  readonly why: string
  /** None of the group's will try again. */
  readonly over: boolean
}

export interface AgentInterval {
  readonly type: 'interval'
  /** From 0; -1 is what was before the start. */
  readonly number: number
  readonly from: number
  readonly to: number
  /** By the group's name. */
  readonly tallies: Readonly<Record<string, PortableTally>>
  readonly clients: number
  readonly inFlight: number
  /** Share of the time that the event loop was busy, 0 to 1. */
  readonly busy: number
  /** Share of the time in which something was due and nobody had room, 0 to 1. */
  readonly held: number
  /** When publishers were held up; what goes on comes again. */
  readonly blocked: readonly Span[]
  readonly out: readonly Out[]
  readonly troubles: readonly Told[]
  /** Whether it is all: the next would be of a later run. */
  readonly last: boolean
}

export interface PortableSubscription {
  readonly group: string
  readonly client: number | undefined
  readonly source: string
  readonly receipts: readonly (readonly [stream: number, PortableReceipts])[]
  /** Deliveries without a stamp. */
  readonly unmarked: number
  /** Whether its consumers took all that they were to take: the rest is for others. */
  readonly sated: boolean
}
export type SubscriptionName = Omit<PortableSubscription, 'receipts' | 'unmarked' | 'sated'>

export interface AgentOptions {
  readonly plan: Plan
  readonly share: Share
}
