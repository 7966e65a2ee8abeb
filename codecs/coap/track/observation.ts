import type { Blocks } from './blocks.ts'
import type { Target } from './head.ts'

/** A resource that a client is told of until further notice [RFC 7641]. */
export interface Observation {
  readonly token: string
  readonly target: Target
  /** What follow-up requests for a notification's blocks have in common with the registration. */
  readonly identity: string
  /** The newest notification. */
  sequence: number
  time: number
  /** A notification's body, of which the client is to fetch the rest. */
  download: Blocks | undefined
}

/** Sequence numbers have 24 bits: half of them are ahead of any number, half behind. */
const HALF = 1 << 23

/** Then the number tells nothing any more, in ns: 128 s. */
const MOST_APART = 128e9

/** Whether a notification is newer than the newest so far, or came late [RFC 7641 §3.4]. */
export function isFresh({ sequence, time }: Pick<Observation, 'sequence' | 'time'>, next: number, at: number): boolean {
  if (at > time + MOST_APART) return true
  return sequence < next ? next - sequence < HALF : sequence - next > HALF
}
