import type { AnyCodec, Made, OutboxMemory, ScramCrypto } from '../../codecs/core/index.ts'
import type { Dial } from '../net/index.ts'
import type { Client } from './client.ts'
import type { Consumer } from './consumer.ts'
import type { Identity } from './identity.ts'
import type { GroupPlan } from './plan.ts'
import type { Publisher } from './publisher.ts'
import type { StampReader } from './stamp.ts'
import type { Tally } from './tally.ts'
import type { Whereabouts } from './whereabouts.ts'

export interface TroubleMore {
  /** What to do about it, where that is known. */
  readonly next?: string | undefined
  /** How often it happened. @default 1 */
  readonly count?: number
}

/** What all clients of one group have in common. */
export interface ClientContext {
  readonly plan: GroupPlan
  /** The password as it is now. */
  readonly login: { readonly password: string | undefined }
  readonly codec: AnyCodec
  readonly dial: Dial
  readonly tally: Tally
  readonly whereabouts: Whereabouts
  readonly stamps: StampReader
  readonly memory: OutboxMemory
  readonly scram: ScramCrypto
  /** Milliseconds that a connection may take to be ready. */
  readonly timeout: number
  readonly now: () => number
  readonly signal: AbortSignal
  /** There is something to be written by it. */
  readonly wrote: (client: Client) => void
  /** It became ready, has room again, or is lost. */
  readonly changed: (client: Client) => void
  readonly trouble: (why: string, more?: TroubleMore) => void
  readonly made: (client: number, made: Made) => void
  readonly blocked: (client: Client, why: string | undefined) => void
}

export interface ClientOptions extends Identity {
  readonly destinations: readonly string[]
  readonly sources: readonly string[]
  readonly publisher: Publisher | undefined
  readonly consumer: Consumer | undefined
}
