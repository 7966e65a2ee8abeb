import type { Frame } from './codec.ts'
import type { Packet } from './packet.ts'
import type { Side } from './side.ts'

/** What is put in place of what the recording has. */
export interface PlayOptions {
  /** Whose frames are played again: `client` in a replay, `server` in a mock. The other side is the live peer's. */
  readonly side: Side
  /** Without them the recorded ones are sent, unless they were masked: the player then says `impossible`. */
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly virtualHost?: string | undefined
  /** The live address (queue, exchange, topic, path) for a recorded one; the same where nothing is put in its place. */
  address(recorded: string): string
  /** From 0. From 1 on, client ids and queue names are made fresh, so that copies do not get in each other's way. */
  readonly copy: number
}

/** What comes of a recorded frame of our side. */
export type Said<F extends Frame = Frame> =
  /** As recorded: the packet's own bytes go out. */
  | { readonly action: 'same' }
  | { readonly action: 'send'; readonly frames: readonly F[] }
  /** Not before the peer did `cause` (`queue.declare-ok on channel 1`); said again after each frame that is heard. */
  | { readonly action: 'wait'; readonly cause: string }
  /** Not sent: a recorded heartbeat, an acknowledgement of what was not delivered this time. */
  | { readonly action: 'skip'; readonly reason: string }
  /** The connection cannot be played, and what to do: the recorded password was masked. */
  | { readonly action: 'impossible'; readonly message: string }

/**
 * One connection, played again: renumbers what the peer chose, keeps causes before effects. No I/O and no clock: the
 * engine walks the recording in its order, calls `recall` for frames of the peer's side and `say` for ours, and `hear`
 * for what arrives live. Holds no packet but as `packet.kept()`, and no more than a bounded number of identifiers.
 */
export interface Player<F extends Frame = Frame, C = unknown> {
  /**
   * The recording has this frame of the peer's side here. Undefined where the walk may go on at once, or the cause to
   * wait for: as in `Said`, asked again after each frame that is heard, and given up after the engine's timeout by
   * `abandon`.
   */
  recall(packet: Packet<C>, frame: F): string | undefined
  /** The recording has this frame of our side here. Asked again, it answers anew: only `sent` changes the state. */
  say(packet: Packet<C>, frame: F): Said<F>
  /** What `say` answered with `same` or `send` went out. */
  sent(packet: Packet<C>, frame: F): void
  /** The frame that `recall` or `say` waits with is waited for no longer. The run goes on without its cause. */
  abandon(packet: Packet<C>, frame: F): void
  /** A live frame of the peer's side. Answers with what must go out at once, recorded or not; mostly nothing. */
  hear(packet: Packet<C>, frame: F): readonly F[]
  /** `now` in milliseconds of a clock that never goes back. Keep-alives that are due are ours, not the recording's. */
  tick(now: number): Tick<F>
  /** Nothing recorded is outstanding: the connection may be closed. */
  readonly finished: boolean
}

export interface Tick<F extends Frame = Frame> {
  readonly frames: readonly F[]
  /** When to be called again, on the same clock; undefined where nothing will be due. */
  readonly next: number | undefined
}
