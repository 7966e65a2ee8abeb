import type { Frame } from './codec.ts'
import type { Packet } from './packet.ts'
import type { Expected } from './pairs.ts'
import type { Renumbering } from './renumbering.ts'
import type { ScramCrypto } from './scram.ts'

/** What is put in place of what the recording has. */
export interface PlayOptions {
  /** Without them the recorded ones are sent, unless they were masked: the player then says `impossible`. */
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly virtualHost?: string | undefined
  /** The live address (queue, exchange, topic, path) for a recorded one; the same where nothing is put in its place. */
  address(recorded: string): string
  /** From 0. From 1 on, client ids and queue names are made fresh, so that copies do not get in each other's way. */
  readonly copy: number
  /** Names that are known on other connections too: client ids and queues that a server made up. */
  readonly names: Renumbering
  /** For challenges, which are others each time; it tells at once. */
  readonly scram: ScramCrypto
}

/** How something goes out. */
interface Sending {
  /** Only once all that is expected, on any connection, came. */
  readonly orderly?: boolean
  /** Only once all that is expected on its own connection came. */
  readonly alone?: boolean
  /** It may get lost on the way. */
  readonly insist?: Insistence | undefined
}

/** Something is sent again, as long as nothing says that it arrived: `after` so many milliseconds, then twice as many… */
export interface Insistence {
  readonly until: Expected
  readonly after: number
  /** How often at most. */
  readonly times: number
}

/** What comes of a recorded frame of our side. */
export type Said<F extends Frame = Frame> =
  /** As recorded: the packet's own bytes go out. */
  | ({ readonly action: 'same' } & Sending)
  | ({ readonly action: 'send'; readonly frames: readonly F[] } & Sending)
  /** Not before this came, or was given up: to be asked again then. `apart`: what comes after need not wait with it. */
  | { readonly action: 'wait'; readonly for: Expected; readonly apart?: boolean }
  /** Not sent: an acknowledgement of what was not delivered this time; without a reason, it is no loss: a heartbeat. */
  | { readonly action: 'skip'; readonly reason?: string }
  /** The connection cannot be played, and what to do: the recorded password was masked. */
  | { readonly action: 'impossible'; readonly message: string; readonly next: string }

/**
 * One client's connection, played again: renumbers what the peer chose, keeps causes before effects. No I/O and no clock: the
 * engine walks the recording in its order, calls `recall` for frames of the peer's side and `say` for ours, and `hear`
 * for what arrives live. Holds a bounded number of identifiers, and no packets.
 */
export interface Player<F extends Frame = Frame, C = unknown> {
  /** The recording has this frame of the peer's side here: what to expect, where it is worth waiting for. */
  recall(frame: F, packet: Packet<C>): Expected | undefined
  /** The recording has this frame of our side here. What is answered, other than `wait`, is done. */
  say(frame: F, packet: Packet<C>): Said<F>
  /** A live frame of the peer's side. Answers with what must go out at once, recorded or not; mostly nothing. */
  hear(frame: F, packet: Packet<C>): readonly F[]
  /** Keep-alives are ours, not the recording's: every how many milliseconds one is due; undefined for never. */
  readonly keepAlive: number | undefined
  /** What to send when one is due. */
  alive(): readonly F[]
  /** Something is about to be waited for: what the peer needs before it can come, and did without then. */
  urge?(): readonly F[]
  /** Nothing more will be said: what is owed to the peer (acknowledgements of what was not recorded). */
  leave(): readonly F[]
  /** Something expected does not come for some time: what to send, where it may be that which the peer waits for. */
  unblock?(): readonly F[]
  /** What the peer sent and the recording has not, so far. */
  readonly unexpected: number
}
