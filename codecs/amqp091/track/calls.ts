import {
  Exchange,
  type ExchangeOptions,
  type Exchanges,
  other,
  type Packet,
  type Pending,
  type Side,
} from '../../core/index.ts'
import { methods } from '../tables.ts'
import type { Result } from './topology.ts'

/** A synchronous method that waits for its answer [4.2.4]. */
export class Call extends Exchange {
  readonly result: Result | undefined

  constructor(options: ExchangeOptions, packet: Packet, number: number, result: Result | undefined) {
    super(options, packet, number)
    this.result = result
  }
}

/** Which method an answer answers. */
export const ANSWERS: ReadonlyMap<string, string> = new Map([
  ...Object.keys(methods)
    .filter(type => type.endsWith('-ok'))
    .map(type => [type, type.slice(0, -3)] as const),
  ['basic.get-empty', 'basic.get'],
  // The greeting goes on by questions of the server's [2.2.4].
  ['connection.start', 'protocol-header'],
  ['connection.tune', 'connection.start-ok'],
])

/** Every method that is answered. */
export const CALLS: ReadonlySet<string> = new Set(ANSWERS.values())

/** How far ahead of others an answer may come: RabbitMQ's `tx.commit-ok` waits for disks, for one. */
const OVERTAKEN = 64

/** The calls of one channel, or of channel 0, in order. Either side may call: `channel.flow`, `connection.close`. */
export class Calls {
  readonly #exchanges: Exchanges
  #pending: Pending<number> | undefined
  #count = 0

  constructor(exchanges: Exchanges) {
    this.#exchanges = exchanges
  }

  begin(call: Call): void {
    this.#pending ??= this.#exchanges.group()
    this.#pending.begin(++this.#count, call)
  }

  /** Ends the oldest call of this kind that the other side made. */
  settle(kind: string, packet: Packet, number: number, ok: boolean, outcome?: string): Call | undefined {
    const key = this.#find(kind, packet)
    return key === undefined ? undefined : (this.#pending?.settle(key, packet, number, ok, outcome) as Call)
  }

  /** Notes a frame that belongs to the oldest call of this kind. */
  step(kind: string, type: string, packet: Packet, number: number): void {
    const key = this.#find(kind, packet)
    if (key !== undefined) this.#pending?.get(key)?.step(type, packet, number)
  }

  /** Ends all calls of `side` without an answer: it may have come where nobody saw it. */
  abandon(side: Side, time: number, outcome: string): void {
    if (this.#pending === undefined) return
    for (const [key, call] of this.#pending.entries()) {
      if (call.side === side) this.#pending.abandon(key, time, outcome)
    }
  }

  close(time: number, outcome: string): void {
    this.#pending?.close(time, outcome)
    this.#pending = undefined
  }

  #find(kind: string, { side }: Packet): number | undefined {
    if (this.#pending === undefined) return undefined
    let looked = 0
    for (const [key, exchange] of this.#pending.entries()) {
      if (exchange.kind === kind && exchange.side === other(side)) return key
      if (++looked === OVERTAKEN) return undefined
    }
    return undefined
  }
}
