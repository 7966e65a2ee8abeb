import type { Frame } from './codec.ts'
import type { Packet } from './packet.ts'
import type { Renumbering } from './renumbering.ts'

/** Something that a client did, in a recording or live: most often one frame, or those of one message. */
export interface Act {
  /** What it is counted under: `subscribe`, `basic.publish`. */
  readonly type: string
  /** What it is about, for people: a topic, a queue. */
  readonly address?: string | undefined
  /** What any client does that means the same: no tags, identifiers of frames, times. Made-up names may be in it. */
  readonly signature: string
  /** Tells apart what has one signature, content and options: of several, what is the same in this too comes first. */
  readonly detail: string
  /** Of what opens a connection: who it is, the most telling first. Tells which recorded connection a live one is like. */
  readonly likeness?: Readonly<Record<string, string>> | undefined
  /** A farewell, which the actor answers by itself: where the recording lacks it, it is neither told nor refused. */
  readonly farewell?: boolean | undefined
}

/** Something that the broker said in the recording, and will say again. */
export interface Spoken<A extends Act = Act, C = unknown> {
  /** Those of one message together. */
  readonly packets: readonly Packet<C>[]
  /** What it was said for; undefined where the broker speaks without having been spoken to. */
  readonly to: A | undefined
  /** `answer`: to that. `event`: that made it possible, as a subscription does a delivery. */
  readonly kind: 'answer' | 'event'
  /** What else must have been done before it: what was given back, before it comes again. @default nothing */
  readonly also?: readonly A[]
  /** Of an answer to several things at once: which one's. @default 0 */
  readonly part?: number
  /** An answer that only the first who asks is to have: a message that was got. @default false */
  readonly once?: boolean
}

/** Reads one recorded connection in its order: what the client did, and what the broker said for it. */
export interface ScriptReader<F extends Frame = Frame, A extends Act = Act, C = unknown> {
  /** A frame of the client's: what is done with it, where it completes something. */
  did(frame: F, packet: Packet<C>): readonly A[]
  /** A frame of the broker's: what is said with it. Nothing where the mock sees to it by itself: keep-alives. */
  said(frame: F, packet: Packet<C>): readonly Spoken<A, C>[]
}

export interface MockOptions {
  /** What the recording's names and numbers are for this client. */
  readonly names: Renumbering
  /**
   * 0 for the first client that is played this recorded connection; for each other another number, and names that brokers
   * make up are fresh. To be asked when it is needed: which connection it is may be told late.
   */
  readonly take: number
}

/** A frame of a live client's. */
export interface Heard<F extends Frame = Frame, A extends Act = Act> {
  /** What it did, once that is whole. */
  readonly acts: readonly A[]
  /** What is answered at once, whatever the recording has: keep-alives, the second half of a handshake. */
  readonly send?: readonly F[]
  /** Nothing comes after it: the connection is ended once it is answered. */
  readonly end?: boolean
}

/** What is said again: the frames of a `Spoken`. */
export interface Line<F extends Frame = Frame> {
  readonly frames: readonly F[]
  readonly part: number
}

/**
 * The broker's part, to one live client. No I/O and no clock: the stage decides when what is said. Holds a bounded
 * number of identifiers.
 */
export interface Actor<F extends Frame = Frame, A extends Act = Act, C = unknown> {
  hear(frame: F, packet: Packet<C>): Heard<F, A>
  /** Keep-alives that the mock sends by itself: every how many milliseconds; undefined for never. */
  readonly keepAlive?: number | undefined
  /** What to send when one is due. */
  alive?(): readonly F[]
  /** `now` is what the recording has as `then`: what either calls things is the same. */
  recognise(then: A, now: A): void
  /**
   * The line in this client's numbers and names; `now` is what it is said for, `echo` a message of now that the line
   * passes on: what it holds is put in. `later`: the client takes no more until it has acknowledged some. `never`: it
   * makes no sense any more, as the client left what it was for.
   */
  say(line: Line<F>, now: A | undefined, echo: A | undefined): readonly F[] | 'later' | 'never'
  /** What a broker would answer, where the recording has nothing: undefined where nobody can tell. */
  improvise(now: A): readonly F[] | undefined
  /** As the protocol refuses. `end`: the connection ends with it. */
  refuse(now: A): { readonly frames: readonly F[]; readonly end: boolean }
}

/** How the broker's side of a recording is played to live clients. */
export interface Mocking<F extends Frame = Frame, A extends Act = Act, C = unknown> {
  reader(): ScriptReader<F, A, C>
  actor(options: MockOptions): Actor<F, A, C>
}
