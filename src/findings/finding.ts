import type { Severity } from '../../codecs/core/index.ts'
import type { Flow } from '../flow.ts'
import type { TrackedObserver } from '../tracking/index.ts'

/** What all rules have, those of one protocol and those of all traffic. */
export interface RuleText {
  /** Stable, so that scripts can rely on it: `amqp091/heartbeat-disabled`, `connection-churn`. */
  readonly id: string
  readonly severity: Severity
  /** What is wrong, in a few words. */
  readonly title: string
  /** Why it matters. */
  readonly why: string
  /** What to do. */
  readonly fix: string
}

/** A diagnosis: what was found, where it shows, why it matters, what to do. */
export interface Finding {
  readonly rule: RuleText
  readonly severity: Severity
  /** What was found, in a sentence. */
  readonly message: string
  readonly flow: Flow
  /** The numbers of the frames that show it. */
  readonly frames: readonly number[]
  /** When it was found: nanoseconds since the source's origin. */
  readonly time: number
}

/** Who wants to know what is wrong. */
export interface FindingObserver extends TrackedObserver {
  finding?(finding: Finding): void
}

/** A rule over all connections together, whatever their protocol. */
export interface TrafficRule extends RuleText {
  watch(report: TrafficReport): TrafficWatcher
}

export interface TrafficWatcher extends TrackedObserver {
  /** Nothing more comes. */
  finish?(time: number): void
}

/** Tells of a case on `flow`, shown by these frames. What is found again and again is told once, or when it grew. */
export type TrafficReport = (flow: Flow, message: string, frames: readonly number[], severity?: Severity) => void

const ORDER: Readonly<Record<Severity, number>> = { note: 0, warning: 1, error: 2 }

/** Whether `one` is at least as bad as `other`. */
export const asBadAs = (one: Severity, other: Severity): boolean => ORDER[one] >= ORDER[other]
