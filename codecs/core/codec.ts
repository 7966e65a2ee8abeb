import type { Comparison } from './comparison.ts'
import type { Drive } from './drive.ts'
import type { Mocking } from './mock.ts'
import type { Packet } from './packet.ts'
import type { Player, PlayOptions } from './play.ts'
import type { Reader } from './reader.ts'
import type { AnyRule } from './rule.ts'
import type { Side } from './side.ts'
import type { Tracker, TrackOptions } from './track.ts'
import type { Writer } from './writer.ts'

/** The smallest self-delimiting unit on the wire. Each protocol has its own union, discriminated on `type`. */
export interface Frame {
  readonly type: string
}

/**
 * What a value is, for everyone who must know without knowing the protocol: the JSON writer (a `long` may pass 2^53 and
 * is a string there; `hex` is bytes shown as hex), the JSON Schema, filters, documentation.
 */
export type FieldKind =
  | 'uint'
  | 'int'
  | 'long'
  | 'float'
  | 'boolean'
  | 'text'
  | 'bytes'
  | 'hex'
  | 'time'
  | 'list'
  | 'object'
  | 'any'

export type TimeUnit = 'ns' | 'us' | 'ms' | 's'

export interface FieldShape {
  readonly kind: FieldKind
  /** May be absent from the frame. */
  readonly optional?: boolean
  /** A credential: `***` unless secrets are asked for. */
  readonly secret?: boolean
  /** What the application sent: a message's payload. */
  readonly body?: boolean
  /** What a number counts, where it is time. */
  readonly unit?: TimeUnit
  /** Where the field tree has it, where that is not under its own name: paths from the packet, with dots. */
  readonly at?: readonly string[]
  /** Members of an `object`, as far as there is something to say of them. */
  readonly fields?: Readonly<Record<string, FieldShape>>
}

export interface FrameShape {
  /** Where the specification defines this frame. */
  readonly section: string
  /** The frame's fields in the order of the wire, named as in the TypeScript interface, the JSON and the tree. */
  readonly fields: Readonly<Record<string, FieldShape>>
  /** `facts` has something to say about frames of this type. */
  readonly facts?: boolean
}

/** A field that another tool calls by another name. */
export interface Alias {
  /** Our path to it, without the protocol; `type` is the frame's. */
  readonly field: string
  /** Frames of other types do not have it. */
  readonly type?: string
  /** What the other tool has for a value, where it is not the same. */
  readonly value?: (value: unknown) => unknown
  /** The number that the other tool has for what is a name here. */
  readonly code?: (name: string) => number | undefined
}

/** How Wireshark calls a protocol and its fields, so that filters made there can be used here. */
export interface WiresharkNames {
  readonly protocol: string
  /** By Wireshark's name without the protocol's; a text is short for `{ field }`. */
  readonly fields: Readonly<Record<string, string | Alias>>
}

/** How an address is written: `mqtts://host` is TLS to port 8883. */
export interface Scheme {
  readonly scheme: string
  readonly transport: 'tcp' | 'tls' | 'udp' | 'dtls'
  readonly port: number
  /** False where the scheme is shared by protocols that only the bytes tell apart. */
  readonly certain: boolean
}

/** What a frame tells about the connection it is on. */
export interface Facts {
  /** The software at this packet's side: `RabbitMQ 3.10.8`. */
  readonly product?: string
  readonly protocolVersion?: string
  readonly clientId?: string
  readonly user?: string
  readonly virtualHost?: string
}

/**
 * Where `delimit` left off in a frame that is not yet whole; zeroed when a frame begins. Only a scanned protocol (one
 * that ends a frame with a delimiter) needs it: `at`, relative to the frame's start, is where its search goes on, so
 * that a frame that arrives in a thousand chunks is still searched once; `mark` is its own to use.
 *
 * Of a frame beyond the size cap, bytes between the kept head and `at` may be dropped: `at` is then moved to match.
 */
export interface Scan {
  at: number
  mark: number
}

/**
 * What the frames of one connection must know of each other to be cut and read: the version that CONNECT chose, the
 * frame size that both agreed on. One object a connection, shared by both directions, fed in the order of arrival.
 */
export interface Dialogue<C> {
  /**
   * The context of the frame that begins at `bytes[start]`. Undefined where the other side must be heard first (a
   * response that only its request explains); `must` says that it will not be: answer with the best guess.
   */
  context(side: Side, bytes: Uint8Array, start: number, end: number, must: boolean): C | undefined
  /** Takes note of a frame that was cut. Cheap for all but the few frames that change the context. */
  follow(packet: Packet<C>): void
}

/** How a connection that began without TLS goes over to it: the client asks, the server agrees, TLS begins. */
export interface StartTls {
  readonly ask: Uint8Array
  readonly agree: Uint8Array
}

/** How a connection is joined: from its first byte, or somewhere in the middle of it. */
export type Joined = 'start' | 'middle'

/** A protocol. Pure and synchronous: no I/O, no clock, no dependencies, no state but the dialogue's. */
export interface Codec<F extends Frame = Frame, C = unknown> {
  /** `amqp091`: what `-d` and the JSON call it. */
  readonly id: string
  /** `AMQP 0-9-1`: what people call it. */
  readonly name: string
  /** The specification, with a link. */
  readonly spec: string
  /** `message`: only in a carrier that delivers whole messages. */
  readonly transport: 'stream' | 'datagram' | 'message'
  readonly ports: readonly number[]
  readonly schemes: readonly Scheme[]
  /** What WebSocket subprotocols and ALPN call it. */
  readonly subprotocols?: readonly string[]
  /** Its frames are text: in a WebSocket each is a text message, where it is UTF-8. */
  readonly textual?: boolean
  readonly frames: Readonly<Record<F['type'], FrameShape>>
  /** The shape of all other types, where a type is a word of the sender's own choice (STOMP's command). */
  readonly unlisted?: FrameShape
  readonly wireshark?: WiresharkNames

  /** 0 no … 1 certain: does a connection whose `side` opens with `head` speak this? Less than 0.5 is a mere maybe. */
  detect(head: Uint8Array, side: Side): number

  dialogue(joined: Joined): Dialogue<C>

  /**
   * Length of the frame at `bytes[start]`, all of it there or not; negated, how many bytes at least are missing to
   * tell; 0 where no frame can begin here. Looks at nothing from `end` on.
   */
  delimit(bytes: Uint8Array, start: number, end: number, context: C, scan: Scan): number

  /**
   * The first position ≥ `start` where a frame plausibly begins. Or `~position`: none before `position`, which is not
   * decided without more bytes; with `final` there will be none, so `~end` then means none at all. Absent: a
   * connection that lost its place stays lost.
   */
  resync?(bytes: Uint8Array, start: number, end: number, context: C, final: boolean): number

  /** The frame's type without reading it. */
  type(packet: Packet<C>): F['type']
  /** Whether what its side sends after this frame is another protocol's, to be told by its bytes (AMQP's TLS header). */
  handsOver?(packet: Packet<C>): boolean
  /** Where its first bytes can ask for TLS on a port without (AMQP's TLS header). */
  readonly startTls?: StartTls
  read(reader: Reader, context: C, side: Side): F
  write(writer: Writer, frame: F, context: C): void

  /** One line for lists, without the type and without secrets. */
  summary(frame: F): string
  /** Topic, queue, routing key, path: where the application sent it. */
  destination?(frame: F): string | undefined
  /** The types of frame that have a destination, so that no other is read to look for one; absent where any may. */
  readonly destined?: ReadonlySet<F['type']>
  facts?(frame: F): Facts | undefined

  /** Follows one connection's messages and exchanges. Frames may be read no further than their values are asked for. */
  track?(options: TrackOptions): Tracker<F, C>
  /** Plays the client's side of a recorded connection again, to a live broker. */
  play?(options: PlayOptions): Player<F, C>
  /** Plays the broker's side of a recording to live clients. */
  // biome-ignore lint/suspicious/noExplicitAny: acts are a protocol's own; an actor only ever meets its own reader's
  readonly mock?: Mocking<F, any, C>
  /** Makes clients of one's own. */
  readonly drive?: Drive<C>
  /** What can be wrong with how this protocol is used. */
  readonly rules?: readonly AnyRule[]
  /** How two runs are compared; absent where nothing of it passes. */
  readonly comparison?: Comparison
}

/** A codec whose frame and context types only it knows: what the registry lists and `src` works with. */
// biome-ignore lint/suspicious/noExplicitAny: a packet only ever meets the codec that cut it
export type AnyCodec = Codec<any, any>
