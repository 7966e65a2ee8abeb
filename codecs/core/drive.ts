import type { Outbox } from './outbox.ts'
import type { Packet } from './packet.ts'
import type { ScramCrypto } from './scram.ts'

/** Something that can be set of a protocol's clients, by name. */
export interface DriveOption {
  readonly kind: 'boolean' | 'uint' | 'text'
  readonly about: string
  /** What it is where nothing is said; absent: not sent at all. */
  readonly default?: boolean | number | string
  /** Of a `uint`. */
  readonly most?: number
  /** Of a `text`: the values that there are. */
  readonly choices?: readonly string[]
  /** Messages have it each for itself: see `Outgoing.settings`. */
  readonly eachMessage?: true
}

/** Settings, checked against the protocol's `options`. */
export type DriveSettings = Readonly<Record<string, boolean | number | string | undefined>>

/** Something that clients make at the peer and that outlives them: what it is, in a word, and its name. */
export interface Made {
  readonly kind: string
  readonly name: string
}

/** What one connection is to be. */
export interface DriveOptions {
  readonly clientId: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** The password is a bearer token [RFC 6750]. */
  readonly token?: boolean | undefined
  readonly virtualHost?: string | undefined
  /** As the client knows the server; some protocols send it. */
  readonly host: string
  /** One of the protocol's versions; without it, the first. */
  readonly version?: string | undefined
  /** Seconds of silence that either side may take for death; 0: none are agreed. */
  readonly keepAlive: number
  /** Whether it will publish: what confirms need is asked for then. */
  readonly publishes: boolean
  /** What it will publish to, as far as that is known: what is made by clients (queues, exchanges) is made. */
  readonly destinations: readonly string[]
  /** At most so many messages are under way, sent and not answered. */
  readonly inFlight: number
  /** What it consumes: queues, topic filters, addresses, paths. None: it consumes nothing. */
  readonly sources: readonly string[]
  /** Whether it wants answers to what it publishes: they are delivered with -1 as their source. */
  readonly requests: boolean
  /** Deliveries that may be unsettled at once, where the protocol has such a limit. 0: the protocol's own. */
  readonly credit: number
  /** Whether deliveries are settled by `settle`; otherwise they count as settled when they are sent. */
  readonly settles: boolean
  /** Whether it tells what it makes, which may take it a look first at what is there already. */
  readonly tellsMade: boolean
  /** What it takes away before it is ready. Then there is nothing else that it does. */
  readonly removes: readonly Made[]
  readonly settings: DriveSettings
  readonly scram: ScramCrypto
  readonly outbox: Outbox
  readonly listener: DriverListener
}

/** A message to be published, as a plate is made of it. */
export interface Outgoing {
  readonly destination: string
  /** The destination is what a delivery had as its `replyTo`. */
  readonly answers?: boolean | undefined
  readonly body: Uint8Array
  readonly contentType?: string | undefined
  /** Where answers are to go. */
  readonly replyTo?: string | undefined
  /** Headers, application properties, user properties: what the protocol has of these. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** In place of the driver's own: of these, what messages have each for itself. */
  readonly settings?: DriveSettings | undefined
}

/** A message encoded in advance, its driver's own. It fits any driver of the same options, if they have its destination. */
export interface Plate {
  readonly bytes: Uint8Array
  /** Where the body begins in `bytes`. */
  readonly bodyAt: number
}

/** `accepted`: the peer took it over. `refused`: it said that it did not. `unroutable`: it took it, for nobody. */
export type Answer = 'accepted' | 'refused' | 'unroutable'

/** `accept` it; `reject` it for good; give it back, for anybody to have it (`release`). */
export type Settlement = 'accept' | 'reject' | 'release'

/** A message that came. The same object each time, and of the bytes only until the listener returns. */
export interface Delivery {
  /** What `settle` is told. */
  readonly id: number
  readonly bytes: Uint8Array
  /** The front of the body: all of it, or as much as came with its first frame. */
  readonly start: number
  readonly end: number
  /** Of the whole body, in bytes. */
  readonly size: number
  /** The peer says that it was delivered before. */
  readonly redelivered: boolean
  /** Which of the sources it is from; -1: it is an answer to a request, which is not to be settled. */
  readonly source: number
  readonly replyTo: string | undefined
}

/** Told at once, within `hear`, `start` and `publish`; while it logs in, also when something was worked out. */
export interface DriverListener {
  /** All that was asked for is agreed: it can publish, and is delivered to. */
  ready(): void
  answered(slot: number, answer: Answer): void
  /** A message of ours that nobody wanted came back; its front. It is answered besides. */
  returned(bytes: Uint8Array, start: number, end: number): void
  delivered(delivery: Delivery): void
  /** It asked for a message, and there was none. */
  empty(): void
  /** This stays when all are gone, and was not there before. */
  made(made: Made): void
  /** One of those that it was to take away: it is gone, or stays, and why. */
  removed(made: Made, why: string | undefined): void
  /** The peer asks to publish nothing for now; and again, that one may. */
  blocked(reason: string): void
  unblocked(): void
  /** The peer refused or ended the connection, in its own words: nothing more comes of it. */
  failed(reason: string): void
  /** What `leave` began is done: the connection may be ended. */
  left(): void
  /** There is something in the outbox, whoever was called. */
  wrote(): void
}

/**
 * A client of a protocol, minus the socket: what comes goes into `hear`, what is to be sent is in its outbox after each
 * call. No I/O and no clock.
 */
export interface Driver<C = unknown> {
  /** The first bytes: to be called once, when connected. */
  start(): void
  /** A packet of the peer's. */
  hear(packet: Packet<C>): void
  /** Once it is ready: what is encoded depends on what was agreed. */
  plate(message: Outgoing): Plate
  /** How many more messages may be published now: slots, and what the peer grants. Infinity without either. */
  readonly room: number
  /** Only while there is room. The slot by which it will be answered; -1 where no answer comes. */
  publish(plate: Plate): number
  /** A delivery, and with `upTo` all before it that are not settled, of whatever source. */
  settle(id: number, how: Settlement, upTo: boolean): void
  /** Milliseconds between keep-alives that are due; undefined for never. Known when ready. */
  readonly keepAlive: number | undefined
  /** Nothing was sent for as long: says that we are there. */
  alive(): void
  /**
   * Time passed, at `now` in milliseconds of any clock: what must be sent again. Answers with when to be called next;
   * whenever something was heard or published before, it may be sooner.
   */
  readonly tick?: ((now: number) => number | undefined) | undefined
  /** The token that it logged in with is followed by another, which the peer is told, where the protocol can. */
  renew?(token: string): void
  /** Where answers to requests of this connection come, once it is ready; undefined where it did not ask for any. */
  readonly replyTo: string | undefined
  /** Ends the conversation in order. */
  leave(): void
}

/** Where a client publishes to, and the settings that this needs. */
export interface Target {
  readonly destination: string
  readonly settings: DriveSettings
}

/** How a protocol's clients can be driven. */
export interface Drive<C = unknown> {
  /** The versions that can be asked for, the usual one first; none where there is only one. */
  readonly versions: readonly string[]
  readonly options: Readonly<Record<string, DriveOption>>
  /** What a peer grants to who publishes, in the protocol's words; without it, nothing but slots limits `room`. */
  readonly grants?: string
  open(options: DriveOptions): Driver<C>
  /**
   * How many messages a client should have under way at most, where nobody says: a peer that takes fewer, and has no way
   * to say so, loses the others. Undefined for no such limit.
   */
  usualInFlight?(version: string | undefined, settings: DriveSettings): number | undefined
  /**
   * How a message is published to where another went, by its `destination`: where to, and what a client must have set for
   * that. Undefined where nothing tells. Without it, the message's address says all.
   */
  target?(destination: Readonly<Record<string, unknown>>): Target | undefined
  /** Whether consumers of one source share what comes (a queue), or each get all of it (a topic). */
  shares(source: string, settings: DriveSettings): boolean
  /** Whether what is published to `destination` comes to who consumes `source`. */
  reaches(destination: string, source: string, settings: DriveSettings): boolean
  /** What clients may leave behind that no client can take away, in words. */
  stays?(settings: DriveSettings): string | undefined
}
