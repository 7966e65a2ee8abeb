import { Exchange, type Exchanges, type Packet, type Pending } from '../../core/index.ts'
import type { MethodOf } from '../frames.ts'
import type { ContentMessage } from './message.ts'
import { within } from './within.ts'

/**
 * A channel's publisher confirms: messages are numbered from 1 as of `confirm.select`, and the broker acknowledges the
 * numbers [RabbitMQ, Publisher Confirms]. A return names no number: it belongs to the oldest mandatory message that was
 * sent to the same place and is not confirmed, as brokers return a message before they confirm it.
 */
export class Confirms {
  readonly #pending: Pending<number>
  readonly #scope: string
  /** Undefined once a message may have been missed: from then on there are no numbers. */
  #next: number | undefined = 1
  /** Numbers of mandatory messages that neither came back nor were confirmed, by address. */
  readonly #mandatory = new Map<string, Set<number>>()
  /** What came back and is not confirmed yet. */
  readonly #returned = new Map<number, string>()

  constructor(exchanges: Exchanges, scope: string) {
    this.#pending = exchanges.group()
    this.#scope = scope
  }

  get size(): number {
    return this.#pending.size
  }

  /** A whole message, of which `packet` was the last. False where its number is not known. */
  published(message: ContentMessage, packet: Packet): boolean {
    if (this.#next === undefined) return false
    const id = this.#next++
    const { address, method, first } = message
    this.#pending.begin(id, new Exchange({ kind: 'publish-confirm', id, scope: this.#scope, address }, packet, first))
    if (method?.type === 'basic.publish' && method.mandatory && address !== undefined) this.#expect(id, address)
    return true
  }

  returned(address: string, outcome: string, packet: Packet, number: number): void {
    const numbers = this.#mandatory.get(address)
    const id = numbers?.values().next().value
    if (id === undefined) return
    this.#forget(id, address)
    this.#pending.get(id)?.step('basic.return', packet, number)
    this.#returned.set(id, outcome)
  }

  confirmed(frame: MethodOf<'basic.ack' | 'basic.nack'>, packet: Packet, number: number): void {
    const { deliveryTag, multiple, type } = frame
    const ok = type === 'basic.ack'
    if (!multiple) this.#settle(Number(deliveryTag), packet, number, ok)
    else for (const id of within(this.#pending, deliveryTag)) this.#settle(id as number, packet, number, ok)
  }

  /** The client's bytes were lost: how many messages were in them, nobody knows. */
  lose(): void {
    this.#next = undefined
  }

  /** The broker's bytes were lost: any of these may have been confirmed in them. */
  abandon(time: number, outcome: string): void {
    for (const [id] of this.#pending.entries()) this.#pending.abandon(id, time, outcome)
    this.#mandatory.clear()
    this.#returned.clear()
  }

  close(time: number, outcome: string): void {
    this.abandon(time, outcome)
    this.#pending.close(time, outcome)
  }

  #settle(id: number, packet: Packet, number: number, ok: boolean): void {
    const returned = this.#returned.get(id)
    const outcome = returned ?? (ok ? 'ack' : 'nack')
    const exchange = this.#pending.settle(id, packet, number, ok && returned === undefined, outcome)
    if (returned !== undefined) this.#returned.delete(id)
    else if (this.#mandatory.size > 0 && exchange?.address !== undefined) this.#forget(id, exchange.address)
  }

  #expect(id: number, address: string): void {
    const numbers = this.#mandatory.get(address)
    if (numbers === undefined) this.#mandatory.set(address, new Set([id]))
    else {
      this.#prune(numbers)
      numbers.add(id)
    }
    if (this.#mandatory.size + this.#returned.size <= this.#pending.size + SLACK) return
    for (const [place, each] of this.#mandatory) {
      this.#prune(each)
      if (each.size === 0) this.#mandatory.delete(place)
    }
    for (const each of this.#returned.keys()) if (this.#pending.get(each) === undefined) this.#returned.delete(each)
  }

  /** Drops the oldest that were given up. */
  #prune(numbers: Set<number>): void {
    for (const id of numbers) {
      if (this.#pending.get(id) !== undefined) return
      numbers.delete(id)
    }
  }

  #forget(id: number, address: string): void {
    const numbers = this.#mandatory.get(address)
    if (numbers?.delete(id) === true && numbers.size === 0) this.#mandatory.delete(address)
  }
}

/** So many of those that were given up for want of room may be remembered. */
const SLACK = 1000
