import type { ExchangeTally } from '../output/index.ts'

/** A connection, as what its ends told each other to begin with. */
export interface ConnectionSeen {
  readonly flow: number
  readonly protocol: string
  /** By the type of the frame that told it. */
  readonly terms: Record<string, unknown>
}

export interface TopologySeen {
  readonly protocol: string
  readonly kind: string
  readonly name: string
  readonly parent: string | undefined
  readonly details: unknown
}

/** One message, told from others by what it holds. */
export interface MessageSeen {
  /** Its number in the run. */
  readonly message: number
  readonly id: string | undefined
  /** Of all that is compared. */
  readonly hash: string
  /** What is compared, as JSON; undefined where there was no room to keep it. */
  readonly json: string | undefined
}

/** Messages one way to one destination. */
export interface MessagesSeen {
  readonly protocol: string
  readonly direction: string
  readonly address: string
  /** As they came. */
  readonly seen: MessageSeen[]
}

export interface ExchangesSeen {
  readonly protocol: string
  readonly kind: string
  readonly address: string
  /** How many ended so: `ok`, `failed 312 NO_ROUTE`, `unanswered`. */
  readonly outcomes: Map<string, number>
  readonly latency: ExchangeTally
}

export interface FindingsSeen {
  readonly rule: string
  readonly severity: string
  readonly title: string
  count: number
}
