import type { Packet } from './packet.ts'
import { other, type Side } from './side.ts'
import type { Room, Tracked } from './track.ts'

/** One frame more of an exchange that takes several: PUBREC and PUBREL between PUBLISH and PUBCOMP, a retransmission. */
export interface Step {
  readonly type: string
  readonly frame: number
  readonly time: number
}

export interface ExchangeOptions {
  /** What it is: `publish-confirm`, `deliver-ack`, `queue.declare`, `subscribe`. */
  readonly kind: string
  /** What tells it from others of its kind, where there can be several: `3`, a receipt's id. */
  readonly id?: number | string | bigint | undefined
  /** What the id counts in: `ch=1`. */
  readonly scope?: string | undefined
  /** Queue, topic, routing key: what it is about. */
  readonly address?: string | undefined
}

/** A request with its answer, and the time between; or without one, so far. Times are ns since the source's origin. */
export class Exchange {
  readonly kind: string
  readonly id: number | string | bigint | undefined
  readonly scope: string | undefined
  readonly address: string | undefined
  /** Who asked. */
  readonly side: Side
  /** The numbers of the frames; `reply` is 0 while there is none. */
  readonly request: number
  reply = 0
  /** When the request's last byte arrived. */
  readonly started: number
  /** When the answer arrived, or when it was clear that none will. */
  ended = 0
  /** Whether the answer is what was hoped for; undefined while there is none. */
  ok: boolean | undefined
  /** In the protocol's words: `ack`, `nack`, `returned 312 NO_ROUTE`, `requeued`, `channel closed`. */
  outcome: string | undefined
  steps: Step[] | undefined
  /** When each side's bytes were last lost: those of the connection it waits on. */
  #lost: Readonly<Record<Side, number>> | undefined

  constructor({ kind, id, scope, address }: ExchangeOptions, packet: Packet, number: number) {
    this.kind = kind
    this.id = id
    this.scope = scope
    this.address = address
    this.side = packet.side
    this.request = number
    this.started = packet.time
  }

  /** `ch=1 3`. */
  get key(): string {
    const { scope = '', id } = this
    return id === undefined ? scope : scope === '' ? String(id) : `${scope} ${id}`
  }

  /** Since it began, bytes of the other side were lost or made no frame: its answer may have been among them. */
  get missed(): boolean {
    return this.#lost !== undefined && this.#lost[other(this.side)] >= this.started
  }

  wait(lost: Readonly<Record<Side, number>>): void {
    this.#lost = lost
  }

  /** Notes a frame between request and answer. */
  step(type: string, { time }: { readonly time: number }, number: number): void {
    this.steps ??= []
    if (this.steps.length < MOST_STEPS) this.steps.push({ type, frame: number, time })
  }
}

/** More than any protocol needs, and a bound on what a peer that repeats itself can make us keep. */
const MOST_STEPS = 64

/** Whom exchanges are told to. */
type Told = Pick<Tracked, 'began' | 'ended'>

/** The open exchanges of one connection, in groups by what their keys mean: a channel's confirms, its deliveries. */
export class Exchanges {
  readonly #out: Told
  readonly #room: Room
  readonly #groups = new Set<Group>()
  readonly #lost: Record<Side, number> = { client: Number.NEGATIVE_INFINITY, server: Number.NEGATIVE_INFINITY }
  readonly #forget: (group: Group) => void

  constructor(out: Told, room: Room) {
    this.#out = out
    this.#room = room
    this.#forget = group => this.#groups.delete(group)
  }

  /**
   * A new group. `close` it when its keys mean nothing any more. `onEnded` is called after one of it ended, however that
   * came: what else is kept for it can go.
   */
  group<K>(onEnded?: (key: K) => void): Pending<K> {
    const pending = new Pending<K>(this.#out, this.#room, this.#lost, this.#forget, onEnded)
    this.#groups.add(pending)
    return pending
  }

  /** Bytes that `side` sent were not captured, or made no frame: whatever it answered with them was missed. */
  lost(side: Side, time: number): void {
    this.#lost[side] = time
  }

  /** All that are open, group by group. */
  *open(): Iterable<Exchange> {
    for (const group of this.#groups) yield* group.values()
  }

  /** The connection is over: all that wait end without an answer. */
  close(time: number, outcome: string): void {
    for (const group of this.#groups) group.close(time, outcome)
  }

  /** Gives back the room of all that are open: nobody will ask for them any more. */
  release(): void {
    for (const group of this.#groups) group.release()
    this.#groups.clear()
  }
}

type Group = Pick<Pending<unknown>, 'values' | 'release' | 'close'>

/** One that waits, with its neighbours in the order in which they began. */
interface Waiting<K> {
  readonly key: K
  readonly exchange: Exchange
  before: Waiting<K> | undefined
  after: Waiting<K> | undefined
  over: boolean
}

/**
 * Exchanges that wait for an answer, by key, in the order in which they began. Where there is no room for another, the
 * one that waits longest is given up, and told as ended without an answer.
 *
 * The order is kept beside the map: a `Map` that is emptied from its oldest end is walked over all that is gone.
 */
export class Pending<K> {
  readonly #out: Told
  readonly #room: Room
  readonly #lost: Readonly<Record<Side, number>>
  readonly #forget: (group: Group) => void
  readonly #onEnded: ((key: K) => void) | undefined
  /** Made when it is first needed: of a connection's groups most are never used, and there are very many connections. */
  #open: Map<K, Waiting<K>> | undefined
  #first: Waiting<K> | undefined
  #last: Waiting<K> | undefined
  /** How many of them there was no room for. */
  #beyond = 0

  constructor(
    out: Told,
    room: Room,
    lost: Readonly<Record<Side, number>>,
    forget: (group: Group) => void,
    onEnded?: (key: K) => void,
  ) {
    this.#out = out
    this.#room = room
    this.#lost = lost
    this.#forget = forget
    this.#onEnded = onEnded
  }

  get size(): number {
    return this.#open?.size ?? 0
  }

  get(key: K): Exchange | undefined {
    return this.#open?.get(key)?.exchange
  }

  /** The key of the one that waits longest. */
  get oldest(): K | undefined {
    return this.#first?.key
  }

  *values(): Iterable<Exchange> {
    for (let at = this.#first; at !== undefined; at = at.after) if (!at.over) yield at.exchange
  }

  /** Those that end meanwhile are left out, those that begin come last. */
  *entries(): Iterable<[K, Exchange]> {
    for (let at = this.#first; at !== undefined; at = at.after) if (!at.over) yield [at.key, at.exchange]
  }

  /** Begins an exchange. One that waits under the same key will not be answered: it ends as `superseded`. */
  begin(key: K, exchange: Exchange): Exchange {
    this.abandon(key, exchange.started, 'superseded')
    const { exchanges } = this.#room
    if (!exchanges.take()) {
      if (this.#first !== undefined) this.abandon(this.#first.key, exchange.started, GIVEN_UP)
      // Room is shared by all: a group that holds none adds one beyond it.
      if (!exchanges.take()) this.#beyond++
    }
    const last = this.#last
    const waiting: Waiting<K> = { key, exchange, before: last, after: undefined, over: false }
    if (last === undefined) this.#first = waiting
    else last.after = waiting
    this.#last = waiting
    this.#open ??= new Map()
    this.#open.set(key, waiting)
    exchange.wait(this.#lost)
    this.#out.began(exchange)
    return exchange
  }

  /** Ends what waits under `key` with an answer: the frame `number`, at `time`. Undefined where nothing waits. */
  settle(key: K, { time }: { time: number }, number: number, ok: boolean, outcome?: string): Exchange | undefined {
    const exchange = this.#take(key)
    if (exchange === undefined) return undefined
    exchange.reply = number
    exchange.ended = time
    exchange.ok = ok
    exchange.outcome = outcome
    this.#out.ended(exchange)
    this.#onEnded?.(key)
    return exchange
  }

  /** Ends what waits under `key` without an answer, as none can come. */
  abandon(key: K, time: number, outcome: string): Exchange | undefined {
    const exchange = this.#take(key)
    if (exchange === undefined) return undefined
    exchange.ended = time
    exchange.outcome = outcome
    this.#out.ended(exchange)
    this.#onEnded?.(key)
    return exchange
  }

  /** The keys mean nothing any more (a channel closed): all that waits ends without an answer. */
  close(time: number, outcome: string): void {
    for (let at = this.#first; at !== undefined; at = this.#first) this.abandon(at.key, time, outcome)
    this.#forget(this)
  }

  release(): void {
    this.#room.exchanges.give(this.size - this.#beyond)
    this.#open = undefined
    this.#first = undefined
    this.#last = undefined
    this.#beyond = 0
  }

  #take(key: K): Exchange | undefined {
    const waiting = this.#open?.get(key)
    if (waiting === undefined) return undefined
    this.#open?.delete(key)
    const { before, after } = waiting
    if (before === undefined) this.#first = after
    else before.after = after
    if (after === undefined) this.#last = before
    else after.before = before
    waiting.over = true
    if (this.#beyond > 0) this.#beyond--
    else this.#room.exchanges.give()
    return waiting.exchange
  }
}

/** The outcome of an exchange for which there was no room any more. */
export const GIVEN_UP = 'given up'
