import { Exchange, type Exchanges, type Packet, type Pending, type Tracked } from '../../core/index.ts'
import type { CommandFrame } from '../frames.ts'

/** Subscriptions of a connection that are followed; of more, the oldest is forgotten. */
const MOST_SUBSCRIPTIONS = 4096

export interface Subscription {
  /** Its `id`; in STOMP 1.0, where it has none, its destination. */
  readonly key: string
  readonly destination: string | undefined
  /** Undefined where its SUBSCRIBE was not seen. */
  readonly mode: string | undefined
  /** The receipt that its SUBSCRIBE asks for. */
  readonly receipt: string | undefined
  /** Deliveries that must be acknowledged, by what their acknowledgement names. */
  readonly unacknowledged: Pending<string>
}

/** What an ACK or NACK says of deliveries. */
export interface Verdict {
  readonly subscription: Subscription
  readonly id: string
  readonly ok: boolean
  readonly outcome: string
}

/** The subscriptions of one connection, with the deliveries that wait for an acknowledgement. */
export class Subscriptions {
  readonly #out: Tracked
  readonly #exchanges: Exchanges
  readonly #byKey = new Map<string, Subscription>()
  readonly #byDelivery = new Map<string, Subscription>()

  constructor(out: Tracked, exchanges: Exchanges) {
    this.#out = out
    this.#exchanges = exchanges
  }

  add({ id, destination, ack, receipt, headers }: CommandFrame, packet: Packet, number: number): void {
    const key = id ?? destination ?? ''
    this.#open(key, destination, ack ?? 'auto', receipt, packet.time)
    const details = { ...headers.toJSON() }
    delete details.destination
    const name = destination ?? ''
    this.#out.topology({ action: 'add', kind: 'subscription', name, details, frame: number, time: packet.time })
  }

  remove({ id, destination }: CommandFrame, packet: Packet, number: number): void {
    const subscription = this.#byKey.get(id ?? destination ?? '')
    if (subscription !== undefined) this.#end(subscription, packet, number, 'unsubscribed')
  }

  /** The SUBSCRIBE that asked for this receipt got an ERROR. */
  refuse(receipt: string, packet: Packet, number: number): void {
    for (const subscription of this.#byKey.values()) {
      if (subscription.receipt === receipt) this.#end(subscription, packet, number, 'not subscribed')
    }
  }

  deliver(frame: CommandFrame, packet: Packet, number: number): void {
    const subscription = this.#of(frame, packet)
    const { ack, messageId, destination } = frame
    const id = ack ?? messageId
    // What it is, where its SUBSCRIBE was not seen, an `ack` header tells: what needs none has none [1.2, MESSAGE].
    const { mode = ack === undefined ? 'auto' : 'client-individual', key, unacknowledged } = subscription
    if (mode === 'auto' || id === undefined) return
    const exchange = new Exchange(
      { kind: 'deliver-ack', id, scope: `sub=${key}`, address: destination },
      packet,
      number,
    )
    unacknowledged.begin(id, exchange)
    this.#byDelivery.set(id, subscription)
    this.#level(subscription, packet, number)
  }

  /** What an ACK or NACK means; undefined where it names no delivery that waits for one. */
  verdict({ type, id, messageId, subscription: key }: CommandFrame): Verdict | undefined {
    for (const name of [id, messageId]) {
      if (name === undefined) continue
      const subscription = this.#waiting(name, key)
      if (subscription !== undefined) return { subscription, id: name, ok: type === 'ACK', outcome: type }
    }
    return undefined
  }

  /** In mode `client` an acknowledgement is of all that were sent before, too [STOMP 1.2, SUBSCRIBE ack Header]. */
  settle({ subscription, id, ok, outcome }: Verdict, packet: Packet, number: number): void {
    const { unacknowledged, mode } = subscription
    if (unacknowledged.get(id) === undefined) return
    if (mode === 'client') {
      for (const [earlier] of unacknowledged.entries()) {
        if (earlier === id) break
        unacknowledged.settle(earlier, packet, number, ok, outcome)
      }
    }
    unacknowledged.settle(id, packet, number, ok, outcome)
    this.#level(subscription, packet, number)
  }

  /** Notes an acknowledgement that only counts once its transaction is committed. */
  step({ subscription, id, outcome }: Verdict, packet: Packet, number: number): void {
    subscription.unacknowledged.get(id)?.step(outcome, packet, number)
  }

  #waiting(id: string, key: string | undefined): Subscription | undefined {
    const named = key === undefined ? undefined : this.#byKey.get(key)
    return named?.unacknowledged.get(id) === undefined ? this.#byDelivery.get(id) : named
  }

  /** Whose a MESSAGE is. Before STOMP 1.1 it need not say, and a destination may be a pattern. */
  #of({ subscription: key, destination = '' }: CommandFrame, packet: Packet): Subscription {
    if (key === undefined && !this.#byKey.has(destination) && this.#byKey.size === 1) {
      return this.#byKey.values().next().value as Subscription
    }
    const name = key ?? destination
    return this.#byKey.get(name) ?? this.#open(name, destination, undefined, undefined, packet.time)
  }

  #open(
    key: string,
    destination: string | undefined,
    mode: string | undefined,
    receipt: string | undefined,
    time: number,
  ): Subscription {
    this.#byKey.get(key)?.unacknowledged.close(time, 'superseded')
    this.#byKey.delete(key)
    if (this.#byKey.size >= MOST_SUBSCRIPTIONS) {
      const [oldest] = this.#byKey.values() as Iterable<Subscription>
      this.#forget(oldest as Subscription, time, 'given up')
    }
    const unacknowledged = this.#exchanges.group<string>(id => this.#byDelivery.delete(id))
    const subscription = { key, destination, mode, receipt, unacknowledged }
    this.#byKey.set(key, subscription)
    return subscription
  }

  #end(subscription: Subscription, packet: Packet, number: number, outcome: string): void {
    const { time } = packet
    this.#forget(subscription, time, outcome)
    const name = subscription.destination ?? ''
    this.#out.topology({ action: 'remove', kind: 'subscription', name, frame: number, time })
  }

  #forget({ key, unacknowledged }: Subscription, time: number, outcome: string): void {
    unacknowledged.close(time, outcome)
    this.#byKey.delete(key)
  }

  #level({ key, unacknowledged }: Subscription, packet: Packet, number: number): void {
    this.#out.level(`sub=${key}`, 'unacknowledged', unacknowledged.size, packet, number)
  }
}
